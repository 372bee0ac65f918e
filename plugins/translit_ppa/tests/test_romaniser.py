"""The romaniser says what the uroman package says of the whole line, byte for byte."""

from __future__ import annotations

import gzip
import os
import pickle
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uroman import Uroman as Package
from xlt_translit_ppa.romanisation import Uroman, tool
from xlt_translit_ppa.uroman import package, pieces, romaniser
from xlt_translit_ppa.uroman.letters import Letters
from xlt_translit_ppa.uroman.romaniser import Romaniser

from xlt_core.errors import UnavailableError

SHARED = Path(__file__).parents[4] / "shared"
GOLDEN, MONO = SHARED / "golden" / "uroman", SHARED / "data" / "mono"
beside = pytest.mark.skipif(not MONO.is_dir(), reason="../shared is not beside the project")

CONTEXT = {
    "Ethiopic word space before a space becomes a comma": "ሰላም፡ ለዓለም፡፡ በ፡ሰ፡  ተ",
    "Chinese full stop before a space": "你好。 世界， 十五分之三， 百分之五十",
    "no-break, thin and ideographic spaces": "5\u00a0% \u00a0 a\u00a0 b\u2009c\u3000 d",
    "Tibetan syllables": "བོད་ཡིག་གི་སྐད་ཆ། ༄༅།། བཀྲ་ཤིས་བདེ་ལེགས།",
    "Thai o ang after a letter of the word before": "กรก ก่อ 21 ต่อไป เมื่อ ่อ",
    "Thai vowels around their consonant": "ประเทศไทยเรียนภาษาเพื่อเข้าใจโลกของเราอย่างแท้จริง",
    "Greek capitals": "ΘΕΣΣΑΛΟΝΙΚΗ Θεσσαλονίκη THessalonike Ψ",
    "Japanese small letters": "ちょっとまってッカー キャッチ きゃー",
    "Devanagari viramas, nuktas and final vowels": "लड़का क्ष ज्ञान हिन्दी राम् १२.५ ५्3",
    "numbers beside each other": "23½ 1.2.3 一千二百三十四 五万分之一 负三 ២០១៥年",
    "Braille capitals reach over words": "⠠⠠⠓⠑⠇⠇⠕ ⠺⠕⠗⠇⠙ abc ⠼⠁⠃ x",
    "Burmese tone on a Thai letter": "กးก ก့kna",
    "what comes from nowhere": "\x00\t\r\x85\ud800\udfff\ufeff\u200d\U000e0001\U0010ffff\uf8f1\u0378",
}
FAILING = {
    "七分之差": "7fenzhicha",
    "他以七分之差 输了": "tayi7fenzhicha shule",
    "七分之": "7fenzhi",
}


@pytest.fixture(scope="session")
def whole_line() -> Any:
    return Package()


@pytest.fixture(scope="session")
def ours() -> Romaniser:
    return Romaniser()


@pytest.mark.parametrize("line", CONTEXT.values(), ids=CONTEXT)
def test_context_is_kept(line: str, ours: Romaniser, whole_line: Any) -> None:
    expected = whole_line.romanize_string(line)
    assert ours([line]) == [expected]
    assert ours([line]) == [expected]  # and when every word is known


def test_words_said_in_another_place_say_nothing_of_this_one(ours: Romaniser, whole_line: Any) -> None:
    words = [word for line in CONTEXT.values() for word in line.split(" ")]
    for seed in range(60):
        line = " ".join(random.Random(seed).choices(words, k=8))
        assert ours([line]) == [whole_line.romanize_string(line)]


@pytest.mark.parametrize("line", FAILING)
def test_what_the_package_fails_on_stops_nothing_and_is_told(line: str, whole_line: Any) -> None:
    with pytest.raises(AttributeError):
        whole_line.romanize_string(line)
    fresh = Romaniser()
    before, after = "三分之一", "Բարեւ"
    for _ in range(2):
        assert fresh([before, line, after]) == ["1/3", FAILING[line], "Barew"]
    assert [(failure.line, failure.part) for failure in fresh.failures] == 2 * [(line, "七分之")]
    assert "has no attribute 'value'" in fresh.failures[0].error


def letters_of_rules() -> st.SearchStrategy[str]:
    """Letters of one script at a time, of all that rules spell out, and what stands between words."""
    rules = package.package()
    scripts: dict[str, list[str]] = {}
    for key, script in rules.dict_str.items():
        if key[0] == "script" and script:
            scripts.setdefault(script, []).append(key[1])
    spelled = sorted(spelling for spelling in rules.rom_rules if len(spelling) > 1)
    between = st.sampled_from(list("  .,-'’:!?()059½²٣๕一十百分之负・ー\u00a0\u3000\u200d\u0301っゃャ"))
    odd = st.one_of(st.characters(), st.sampled_from(spelled), st.sampled_from(sorted(rules.num_props)))

    def text(script: str) -> st.SearchStrategy[str]:
        of_script = st.sampled_from(sorted(scripts[script]))
        return st.lists(st.one_of(of_script, of_script, of_script, between, odd), max_size=14).map("".join)

    return st.sampled_from(sorted(scripts)).flatmap(text)


@settings(max_examples=250)
@given(line=st.deferred(letters_of_rules))
def test_any_line_is_the_package_s(line: str, ours: Romaniser, whole_line: Any) -> None:
    ours.failures.clear()
    latin = ours([line])
    try:
        expected = whole_line.romanize_string(line)
    except Exception:
        assert ours.failures
    else:
        assert latin == [expected]
        assert not ours.failures


@settings(max_examples=150)
@given(line=st.text(st.sampled_from([chr(code) for code in range(0xE01, 0xE4F)] + list("  1x")), max_size=16))
def test_any_run_of_thai_is_the_package_s(line: str, ours: Romaniser, whole_line: Any) -> None:
    assert ours([line]) == [whole_line.romanize_string(line)]


@beside
def test_the_package_s_own_sample(whole_line: Any) -> None:
    """The reference was made with the language codes that lines begin with, where they do."""
    lines = (GOLDEN / "multi-script.txt").read_text(encoding="utf-8").splitlines()
    reference = (GOLDEN / "multi-script.uroman-ref.txt").read_text(encoding="utf-8").splitlines()
    for line, said in zip(lines, reference, strict=True):
        told = re.match(r"(?:::lcode (?P<code>[a-z]{3}) )?(?P<text>.*)", line)
        assert told
        for code in {None, told["code"]}:
            latin = Romaniser(code)([told["text"]])
            assert latin == [whole_line.romanize_string(told["text"], code)]
        assert Romaniser(told["code"])([told["text"]]) == [said.removeprefix(f"::lcode {told['code']} ")]


@beside
def test_real_lines_of_every_script(ours: Romaniser, whole_line: Any) -> None:
    files = sorted(MONO.glob("*.txt.gz"))
    assert len(files) == 46
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8", newline="\n") as lines:
            sample = [line.rstrip("\n") for line, _ in zip(lines, range(400), strict=False)][::40]
        assert ours(sample) == [whole_line.romanize_string(line) for line in sample], file.name


def test_the_language_is_told_where_it_is_asked_for(whole_line: Any) -> None:
    line = "می‌خواهم کتابی را که او نوشته است بخوانم"
    plain, told = tool(Uroman(), "fas", {}), tool(Uroman(language_code=True), "fas", {})
    forms = [form.text for made in (plain, told) for form in made.forms([line]) if form is not None]
    assert forms == [whole_line.romanize_string(line), whole_line.romanize_string(line, "fas")]
    assert forms[0] != forms[1]
    assert (plain.version, told.version) == (
        "uroman 1.3.1.1, language code none",
        "uroman 1.3.1.1, language code fas",
    )


def test_lines_of_any_length_come_back_in_order(ours: Romaniser) -> None:
    texts = ["", "שלום " * 50_000, " ", "中" * 50_000, "a" * 1_000_000, "ไทย" * 20_000, "", "é"]
    latin = ours(texts)
    assert latin[0] == latin[6] == ""
    assert latin[1:4] == ["shlvm " * 50_000, " ", "zhong" * 50_000]
    assert latin[4] == texts[4]
    assert latin[5].startswith("thaithai") and len(latin[5]) == 4 * 20_000
    assert latin[7] == "e"


def test_a_run_without_a_place_to_cut_is_cut_and_told() -> None:
    fresh = Romaniser()
    digits = "123456789" * 250
    assert fresh([digits, "x"]) == [digits, "x"]
    assert [failure.error for failure in fresh.failures] == ["no place to cut in 2250 characters"]


def test_the_sound_before_thai_o_ang_is_looked_for_far_back(ours: Romaniser, whole_line: Any) -> None:
    def after(dots: int) -> str:
        return f"กน{'.' * dots} ่อก น่อก"

    ours.failures.clear()
    assert ours([after(150)]) == [whole_line.romanize_string(after(150))]
    assert not ours.failures
    assert len(ours([after(3000)])) == 1
    assert "no sound before it" in ours.failures[0].error
    ours.failures.clear()


def test_what_is_forgotten_changes_nothing(monkeypatch: pytest.MonkeyPatch, whole_line: Any) -> None:
    monkeypatch.setattr(pieces, "KEPT", 3)
    monkeypatch.setattr(romaniser, "KEPT", 3)
    forgetful = Romaniser()
    lines = list(CONTEXT.values())
    for _ in range(2):
        assert forgetful(lines) == [whole_line.romanize_string(line) for line in lines]
    assert len(forgetful._inner) <= 3 and len(forgetful._pieces.known) <= 3


def test_it_can_be_sent_to_another_process(ours: Romaniser) -> None:
    sent = pickle.loads(pickle.dumps(Romaniser("fas")))
    assert sent.version == Romaniser("fas").version
    assert sent(["سلام"]) == Romaniser("fas")(["سلام"])
    lines = [line for line in CONTEXT.values() if line.isprintable()]
    code = (
        "import sys; from xlt_translit_ppa.uroman.romaniser import Romaniser\n"
        "sys.stdout.buffer.write('\\n'.join(Romaniser()(sys.argv[1:])).encode())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, *lines], capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": "7"}
    )
    assert run.stdout.decode() == "\n".join(ours(lines))


def told(rules: Any) -> dict[str, Any]:
    """What is in the tables, without the empty answers that look-ups leave in them."""
    spelled = {spelling: [vars(rule) for rule in rules] for spelling, rules in rules.rom_rules.items() if rules}
    scripts = {name: vars(script) for name, script in rules.scripts.items() if script}
    names = ("dict_bool", "dict_str", "dict_int", "dict_num", "num_props", "dict_set", "fraction_connectors")
    tables = {name: {key: value for key, value in getattr(rules, name).items() if value} for name in names}
    return {"rules": spelled, "scripts": scripts, "minus": rules.minus_signs, "plus": rules.plus_signs, **tables}


def test_the_rules_are_loaded_quicker_and_are_the_same(whole_line: Any) -> None:
    loaded = told(package.package())
    assert len(loaded["rules"]) > 40_000
    assert loaded == told(whole_line)


def test_another_release_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for found, said in (("1.2.9", "release 1.2.9 is installed"), ("", "it isn't installed")):
        monkeypatch.setattr(package, "_installed", lambda found=found: found)
        with pytest.raises(UnavailableError, match=said) as refused:
            package.source.__wrapped__()
        assert "pip install uroman==1.3.1.1" in str(refused.value)


def test_the_package_itself_is_left_as_it_is() -> None:
    from uroman import uroman as theirs

    assert theirs.regex.__name__ == "regex" and hasattr(theirs.regex, "fullmatch")
    assert theirs.slot_value_in_double_colon_del_list.__module__ == "uroman.uroman"
    assert not issubclass(package.source().Lattice, theirs.Lattice)


def test_pieces_are_small() -> None:
    """Cuts are worth nothing where there are few: so many letters a piece, a script."""
    fresh = Romaniser()
    for text, longest in (
        ("ប្រទេសកម្ពុជា", 3),
        ("ประเทศไทยเรียนภาษา", 5),
        ("中国人民解放军", 1),
        ("Україна", 1),
        ("ປະເທດລາວ", 1),
    ):
        ends = fresh._pieces._ends(text)
        assert max(end - start for start, end in zip([0, *ends], ends, strict=False)) <= longest, text


def test_deaf_letters_hear_nothing(whole_line: Any) -> None:
    letters = Letters(package.package())
    beside = ["", " ", "a", "B", "я", "ا", "中", "한", "か", "(", "5", "ក", "क", "、"]
    for letter in "яа中国한か力شገა":
        assert letters.deaf(letter)
        for before in beside:
            for after in beside:
                if (before and not letters.cut(before, letter)) or (after and not letters.cut(letter, after)):
                    continue
                rest = whole_line.romanize_string(before), whole_line.romanize_string(after)
                line = whole_line.romanize_string(f"{before}{letter}{after}")
                assert whole_line.romanize_string(letter) in line, (rest, line)

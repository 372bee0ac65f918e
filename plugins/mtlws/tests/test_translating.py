"""Translation by small random models of the three kinds, by a dictionary, and what is refused."""

from __future__ import annotations

import json
import logging
import pickle
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import torch
import transformers
from huggingface_hub.errors import LocalEntryNotFoundError
from hypothesis import given, settings
from hypothesis import strategies as st
from xlt_mtlws import translating
from xlt_mtlws.cutting import cut
from xlt_mtlws.hub_model import model_folder
from xlt_mtlws.model_codes import nllb_code, short_code
from xlt_mtlws.remembered import Remembered
from xlt_mtlws.translation_model import TranslationModel, batches
from xlt_mtlws.word_by_word import Lexicon

from plugins.mtlws.tests.tiny import TEXT, m2m100, nllb, opus
from xlt_core.errors import RefusedError, RunError, UnavailableError

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A model of each kind."""
    place = tmp_path_factory.mktemp("models")
    return {
        "nllb": nllb(place / "nllb"),
        "m2m100": m2m100(place / "m2m100"),
        "opus": opus(place / "opus-mt-en-es", "en", "es"),
        "opus group": opus(place / "opus-mt-en-mul", "en", "mul", ("fra", "spa", "cmn_Hans")),
    }


@cache
def loaded(folder: Path) -> tuple[Any, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    return tokenizer, transformers.AutoModelForSeq2SeqLM.from_pretrained(folder).eval()


def by_the_book(folder: Path, text: str, beams: int) -> str:
    """One sentence, as transformers' own pages say, in a batch of its own."""
    tokenizer, model = loaded(folder)
    asked: dict[str, Any] = {}
    if "nllb" in folder.name:
        tokenizer.src_lang = "eng_Latn"
        asked = {"forced_bos_token_id": tokenizer.convert_tokens_to_ids("spa_Latn")}
    elif "m2m100" in folder.name:
        tokenizer.src_lang = "en"
        asked = {"forced_bos_token_id": tokenizer.get_lang_id("es")}
    elif "mul" in folder.name:
        text = f">>spa<< {text}"
    inputs = tokenizer(text, return_tensors="pt")
    most = min(63, 2 * 32)
    made = model.generate(**inputs, **asked, num_beams=beams, do_sample=False, max_new_tokens=most)
    said: str = tokenizer.decode(made[0], skip_special_tokens=True)
    return said.strip()


@pytest.mark.parametrize("kind", ["nllb", "m2m100", "opus", "opus group"])
@pytest.mark.parametrize("beams", [1, 3])
def test_a_batch_is_translated_as_each_sentence_alone(folders: dict[str, Path], kind: str, beams: int) -> None:
    logging.getLogger("transformers").setLevel(logging.ERROR)
    model = TranslationModel(folders[kind], "eng", "spa", beams, CPU)
    texts = [TEXT[0], TEXT[2], TEXT[4], "a"]
    assert max(model.lengths(texts)) <= 32, "else they would be no batch"
    said = model.translate(texts)
    assert len(set(said)) > 1
    assert said == [by_the_book(folders[kind], text, beams) for text in texts]


def test_the_target_decides_what_is_said(folders: dict[str, Path]) -> None:
    for kind, other in (("nllb", "swa"), ("m2m100", "fra"), ("opus group", "fra")):
        one, two = (TranslationModel(folders[kind], "eng", code, 2, CPU).translate(TEXT[:3]) for code in ("spa", other))
        assert one != two


@pytest.mark.parametrize(
    ("kind", "source", "target", "told"),
    [
        ("nllb", "eng", "khm", "none of its 5 languages is Central Khmer"),
        ("m2m100", "eng", "bod", "is Tibetan"),
        ("opus", "eng", "fra", "its target language is Spanish"),
        ("opus", "deu", "spa", "its source language is English, not German"),
        ("opus group", "eng", "khm", "none of its 3 languages is"),
    ],
)
def test_a_language_that_a_model_lacks_is_refused(
    folders: dict[str, Path], kind: str, source: str, target: str, told: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        TranslationModel(folders[kind], source, target, 2, CPU)
    assert told.replace("Central Khmer", "Khmer") in str(refused.value).replace("Central Khmer", "Khmer")
    assert "mtlws.word_by_word" in str(refused.value)


def test_what_may_hide_programs_is_not_read(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "pickled"
    folder.mkdir()
    for file in folders["nllb"].glob("*.json"):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({}))
    with pytest.raises(RunError, match=r"python -m xlt_core\.model\.convert"):
        TranslationModel(folder, "eng", "spa", 2, CPU)
    (folder / "pytorch_model.bin").unlink()
    with pytest.raises(RunError, match="no weights in safetensors"):
        TranslationModel(folder, "eng", "spa", 2, CPU)
    (folder / "config.json").write_text(json.dumps({"model_type": "t5"}), encoding="utf-8")
    with pytest.raises(RunError, match="of the kind `t5`"):
        TranslationModel(folder, "eng", "spa", 2, CPU)


def test_settings_that_name_code_are_left_out(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "remote"
    folder.mkdir()
    for file in folders["nllb"].iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**settings, "auto_map": {"AutoConfig": "evil.Config"}}))
    (folder / "evil.py").write_text("raise SystemExit('run!')", encoding="utf-8")
    assert TranslationModel(folder, "eng", "spa", 1, CPU).translate(TEXT[:1])


# the part


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "eng").mkdir(parents=True)
    rows = [[f"{word}\tO" for word in text.split()] for text in TEXT[:4]]
    (folder / "eng" / "train.tsv").write_text("".join("\n".join(row) + "\n\n" for row in rows), encoding="utf-8")
    return folder


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """The command line in this process."""
    from xlt_core.cli.main import call as cli

    def asked(*arguments: str) -> tuple[int, str, str]:
        code = cli(list(arguments))
        told = capsys.readouterr()
        return code, told.out, told.err

    return asked


def translate(data: Path, model: Path, *more: str) -> tuple[str, ...]:
    return (
        "data", "translate", str(data), "--to", "spa", "--with", "mtlws.seq2seq", "--set", f"translation.model={model}",
        "--json", *more,
    )  # fmt: skip


def test_each_sentence_is_translated_once(
    folders: dict[str, Path], data: Path, tmp_path: Path, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, _ = call(*translate(data, folders["nllb"], "--out", str(tmp_path / "one")))
    assert code == 0
    told = json.loads(out)["files"][0]
    assert (told["file"], told["sentences"], told["from_memory"]) == ("eng-spa.bitext", 4, 0)
    first = (tmp_path / "one" / "eng-spa.bitext").read_text(encoding="utf-8")
    assert [line.split(" ||| ")[0] for line in first.splitlines()] == TEXT[:4]

    # one sentence more: the stage is another, and only that sentence is translated
    file = data / "eng" / "train.tsv"
    file.write_text(file.read_text(encoding="utf-8") + "she\tO\nsleeps\tO\n\n", encoding="utf-8")
    asked: list[str] = []
    real = TranslationModel.translate
    monkeypatch.setattr(TranslationModel, "translate", lambda self, texts: asked.extend(texts) or real(self, texts))
    code, out, _ = call(*translate(data, folders["nllb"], "--out", str(tmp_path / "two")))
    assert code == 0 and asked == ["she sleeps"]
    assert (tmp_path / "two" / "eng-spa.bitext").read_text(encoding="utf-8").startswith(first)

    # another way to cut is another result, and nothing is translated anew
    monkeypatch.setattr(translating, "TranslationModel", None)
    code, _, _ = call(
        *translate(data, folders["nllb"], "--out", str(tmp_path / "three"), "--set", "translation.cut=spaces")
    )
    assert code == 0


def test_memory_on_is_memory_off(folders: dict[str, Path], data: Path, tmp_path: Path, call: Any) -> None:
    found = []
    for store in ("one", "two"):
        for count in (2, 4) if store == "one" else (4,):
            rows = [[f"{word}\tO" for word in text.split()] for text in TEXT[:count]]
            file = data / "eng" / "train.tsv"
            file.write_text("".join("\n".join(row) + "\n\n" for row in rows), encoding="utf-8")
            out = tmp_path / f"{store}{count}"
            assert call(*translate(data, folders["opus"], "--out", str(out), "--store", str(tmp_path / store)))[0] == 0
        found.append((out / "eng-spa.bitext").read_text(encoding="utf-8"))
    assert found[0] == found[1]


def test_a_sentence_too_long_is_told_and_not_cut_short(
    folders: dict[str, Path], data: Path, tmp_path: Path, call: Any
) -> None:
    file = data / "eng" / "train.tsv"
    file.write_text(file.read_text(encoding="utf-8") + "garden\tO\n" * 80 + "\n", encoding="utf-8")
    code, out, _ = call(*translate(data, folders["nllb"], "--out", str(tmp_path / "out")))
    (told,) = json.loads(out)["files"]
    assert code == 0 and (told["too_long"], told["untranslated_lines"]) == (1, [5])
    asked = ("data", "align", str(tmp_path / "out"), "--to", "spa", "--with", "identity")
    code, _, err = call(*asked)
    assert code == 1 and "eng-spa.bitext:5: " in err and "has no translation" in err


def test_a_language_without_spaces_wants_to_be_cut(
    folders: dict[str, Path], data: Path, tmp_path: Path, call: Any
) -> None:
    asked = [*translate(data, folders["nllb"], "--out", str(tmp_path / "out"))]
    asked[asked.index("spa")] = "zho"
    code, _, err = call(*asked)
    assert code == 3 and "written without spaces" in err and "--set translation.cut=characters" in err
    code, _, _ = call(*asked, "--set", "translation.cut=characters")
    assert code == 0
    words = (tmp_path / "out" / "eng-zho.bitext").read_text(encoding="utf-8").splitlines()[0].split(" ||| ")[1].split()
    assert all(len(word) == 1 for word in words)


def test_a_model_that_is_nowhere_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*asked: Any, **more: Any) -> str:
        raise LocalEntryNotFoundError("it is not in the cache, and outgoing traffic is disabled")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", offline)
    with pytest.raises(UnavailableError, match=r"--set translation\.model=FOLDER") as told:
        model_folder("nobody/nothing", "main", "--set translation.model", "--set translation=file")
    assert "outgoing traffic is disabled" in str(told.value)


# smaller things


def test_codes_of_languages() -> None:
    nllb_names = ["eng_Latn", "zho_Hans", "zho_Hant", "arb_Arab", "ary_Arab", "pes_Arab", "prs_Arab", "swh_Latn"]
    assert [nllb_code(code, nllb_names) for code in ("eng", "zho", "ara", "fas", "swa", "ary")] == [
        "eng_Latn", "zho_Hans", "arb_Arab", "pes_Arab", "swh_Latn", "ary_Arab",
    ]  # fmt: skip
    assert nllb_code("khm", nllb_names) is None
    assert [short_code(code, ["en", "zh", "ceb", "cmn_Hans"]) for code in ("eng", "zho", "ceb", "khm")] == [
        "en", "zh", "ceb", None,
    ]  # fmt: skip
    assert short_code("zho", ["cmn_Hans", "cmn_Hant", "fra"]) == "cmn_Hans"


@given(st.lists(st.integers(1, 50), max_size=30), st.integers(1, 120))
def test_batches_hold_each_text_once_and_keep_within_the_budget(lengths: list[int], budget: int) -> None:
    order = sorted(range(len(lengths)), key=lambda at: lengths[at])
    found = list(batches(order, lengths, budget))
    assert [at for batch in found for at in batch] == order
    assert all(len(batch) == 1 or len(batch) * max(lengths[at] for at in batch) <= budget for batch in found)
    assert all(len({(lengths[at] + 31) // 32 for at in batch}) == 1 for batch in found)


def test_memory_outlives_a_line_that_was_never_finished(tmp_path: Path) -> None:
    tool = {"model": "m"}
    folder = tmp_path / "memory"
    Remembered(folder, tool).add({"a": "b", "line\nbreak": "c\td"})
    (file,) = folder.iterdir()
    with file.open("a", encoding="utf-8") as opened:
        opened.write('["half a li')
    again = Remembered(folder, tool)
    assert again.missing(["a", "line\nbreak", "half a line", "a"]) == ["half a line"]
    again.add({"half a line": "d"})
    assert Remembered(folder, tool)["half a line"] == "d"
    assert Remembered(folder, {"model": "other"}).missing(["a"]) == ["a"]


@settings(max_examples=50)
@given(st.text(max_size=40))
def test_cutting_keeps_every_sign_but_spaces(text: str) -> None:
    for how in ("punctuation", "spaces", "characters"):
        for code in ("eng", "zho"):
            words = cut(text, code, how)  # type: ignore[arg-type]
            assert "".join(words) == "".join(text.split())
            assert all(words) and not any(word.split() != [word] for word in words)


def test_a_dictionary_translates_the_longest_run_first_and_knows_the_links() -> None:
    lexicon = Lexicon({"a little": "un peu", "a": "un", "Cat": "chat", "cat": "chatte"})
    found = lexicon.translate(["A", "little", "cat", "Zoe"], keep=True)
    assert found.words == ("un", "peu", "chatte", "Zoe") and found.unknown == 1
    assert found.links == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 2), (3, 3)]
    assert lexicon.translate(["Zoe", "Cat"], keep=False) == (("chat",), [(1, 0)], 1)

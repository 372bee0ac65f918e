"""The works as stages: tokenizers, first vectors, what they leave beside them, and what they say of bad input."""

from __future__ import annotations

import importlib.resources
import json
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
import torch
import transformers
from xlt_unibridge.embedding import Aligned, Focus
from xlt_unibridge.vocabulary import AlpSearch

from plugins.unibridge.tests.made import Made
from xlt_core import plan
from xlt_core.catalog import load_object
from xlt_core.data.samples import SAMPLES
from xlt_core.errors import RefusedError, RunError, UnavailableError
from xlt_core.graph.store import Store
from xlt_core.mini.meaning import meanings
from xlt_core.mini.world import say
from xlt_core.model.backbone import BackboneModel
from xlt_core.model.load import load_tokenizer
from xlt_core.model.rows import read_rows, read_tokenizer

LETTERS = "abcçdefgğhıijklmnoöprsştuüvyzABCÇDEFGHIİJKLMNOÖPRSŞTUÜVYZ"
SMALL = [f"vocabulary.target.text.{setting}" for setting in ("start=200", "step=100", "largest=400")]
QUICK = ["embedding.target.text.epochs=2", "embedding.target.text.buckets=3000", "embedding.target.text.dim=16"]
SAMPLES_OF = "samples(tur, 16 words, at most 10000)"


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small BERT of random weights whose pieces are letters and a few words, its output matrix not tied."""
    folder = tmp_path_factory.mktemp("bert")
    words = ["bir", "ve", "de", "Ali", "gün", "##de", "##da", "##ler", ".", ",", "'"]
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{letter}" for letter in LETTERS), *words]
    ids = {piece: n for n, piece in enumerate(vocab)}
    transformers.BertTokenizer(vocab=ids, do_lower_case=False).save_pretrained(folder)
    config = transformers.BertConfig(
        vocab_size=len(vocab), hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16,
        tie_word_embeddings=False,
    )  # fmt: skip
    torch.manual_seed(0)
    model = transformers.BertForMaskedLM(config)
    model.cls.predictions.bias.data.normal_()
    model.save_pretrained(folder)
    return folder


def of_turkish(folder: Path, *edits: str) -> Made:
    """A short text of a language that the small backbone knows."""
    text = "".join(say(meaning, "tur").text + "\n" for meaning in islice(meanings("text"), 600))
    return of_text(folder, text, *edits, "embedding.target.text.epochs=5")


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Turkish, which the backbone knows, with pieces of its own and aligned vectors."""
    made = of_turkish(tmp_path_factory.mktemp("mini"))
    made.stage("embedding(tur)")
    return made


def rows_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "row_map.jsonl").read_text(encoding="utf-8").splitlines()]


# the tokenizer


def test_the_tokenizer_cuts_as_sentencepiece_does_in_the_layout_of_the_backbone(mini: Made) -> None:
    made = read_tokenizer(mini.stage("tokenizer(tur)"))
    trace = json.loads((mini.stage("tokenizer(tur)") / "trace.json").read_text())
    assert len(made) == trace["size"] + 2
    assert made.convert_ids_to_tokens([0, 1, 2, 3, len(made) - 1]) == ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    model = sentencepiece.SentencePieceProcessor(str(mini.shared(f"unigram({trace['size']})") / "unigram.model"))
    for line in (mini.stage(SAMPLES_OF) / SAMPLES).read_text(encoding="utf-8").splitlines():
        expected = [n + 1 if n > 2 else 3 for n in model.encode(line)]
        assert made(line, add_special_tokens=False)["input_ids"] == expected


def test_the_trace_tells_the_walk(mini: Made) -> None:
    trace = json.loads((mini.stage("tokenizer(tur)") / "trace.json").read_text())
    sizes = [tried["size"] for tried in trace["tried"]]
    assert sizes == [200, 300, 400][: len(sizes)] and trace["size"] == sizes[-1]
    scores = [tried["alp"] for tried in trace["tried"]]
    assert scores == sorted(scores) and scores[-1] < 0
    assert trace["tried"][1]["gain"] == pytest.approx(scores[1] - scores[0])
    assert trace["words_per_sample"] == 16


def searched(folder: Path, store: Store, threshold: float, threads: int = 1, **asked: Any) -> Path:
    edits = [*SMALL, f"vocabulary.target.text.threshold={threshold}"]
    return Made.of(folder, store, threads, targets="tur", set=edits, **asked).stage("tokenizer(tur)")


def test_a_size_is_trained_once_for_all_thresholds_and_backbones(bert: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    low = searched(tmp_path / "low", store, 1)
    trained = store.known()
    high = searched(tmp_path / "high", store, 1000)
    other = read_tokenizer(searched(tmp_path / "other", store, 1, backbone=str(bert), preset="mini"))
    assert len(trained) == 3 and store.known() == trained
    assert [json.loads((folder / "trace.json").read_text())["size"] for folder in (low, high)] == [400, 300]
    assert other.convert_ids_to_tokens([0, 1, 2, 3, 401]) == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    assert other("a", "b")["token_type_ids"][-1] == 1


def test_the_result_does_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    one, three = (searched(tmp_path / str(n), Store(tmp_path / f"store{n}"), 1, n) for n in (1, 3))
    for name in ("trace.json", "tokenizer.json"):
        assert (one / name).read_bytes() == (three / name).read_bytes()


def test_both_forms_of_a_text_are_learnt_from(tmp_path: Path) -> None:
    edits = [*SMALL, "vocabulary.target.text.views=[text,latin]", "rewriting.latin=mini_latin"]
    losses = ["adaptation.target.losses.mlm_latin={use: mlm, view: latin, weight: 1.0}"]
    made = Made.of(tmp_path, targets="hin", set=[*edits, "representation.latin=subword"], add=losses)
    (stage,) = made.plan.of("tokenizer")
    latin = read_tokenizer(made.stage(stage.id))
    assert stage.gives[0] == "artefact tokenizer:hin:text+latin"
    for ident in [of for of in made.done if of.startswith(("samples(hin", "rewrite(hin"))]:
        lines = (made.stage(ident) / SAMPLES).read_text(encoding="utf-8").splitlines()
        assert latin.unk_token_id not in latin(lines[0], add_special_tokens=False)["input_ids"]


# first vectors


def check_rows(made: Made, model: BackboneModel, target: str = "tur") -> list[dict[str, Any]]:
    """What holds of every initialised vocabulary."""
    folder = made.stage(f"embedding({target})")
    tokenizer, found = read_tokenizer(made.stage(f"tokenizer({target})")), read_rows(folder)
    numbers, rows = json.loads((folder / "statistics.json").read_text()), rows_of(folder)
    assert [row["id"] for row in rows] == list(range(len(tokenizer))) == list(range(len(found.rows)))
    assert numbers["pieces"] == len(rows) == sum(numbers[how] for how in ("copied", "neighbours", "mixtures", "drawn"))
    table = model.words.weight.detach()
    for row in rows:
        mine, of = found.rows[row["id"]], [int(n) for n in row["from"]]
        if row["how"] in ("copied", "neighbour"):
            assert mine.equal(table[of[0]])
        elif row["how"] == "mixture":
            assert sum(row["from"].values()) == pytest.approx(1, abs=1e-4)
            assert (mine >= table[of].min(0).values - 1e-5).all() and (mine <= table[of].max(0).values + 1e-5).all()
    assert found.rows.isfinite().all()
    for role in ("cls_token_id", "sep_token_id", "pad_token_id", "unk_token_id", "mask_token_id"):
        assert rows[getattr(tokenizer, role)]["from"] == {str(getattr(model.tokenizer, role)): 1.0}
    return rows


def test_every_row_has_one_origin(mini: Made) -> None:
    model = BackboneModel.load(mini_folder())
    rows = check_rows(mini, model)
    kinds = {row["how"] for row in rows}
    assert {"copied", "mixture"} <= kinds
    theirs = model.tokenizer.get_vocab()
    assert all(list(row["from"]) == [str(theirs[row["piece"]])] for row in rows if row["how"] == "copied")
    bias = read_rows(mini.stage("embedding(tur)")).bias
    assert bias is not None and bias.isfinite().all() and bias.abs().sum() > 0


def mini_folder() -> Path:
    return Path(str(importlib.resources.files("xlt_core.mini.backbones").joinpath("subword")))


@pytest.mark.parametrize("part", ["unibridge.aligned", "unibridge.focus"])
def test_bert_with_an_output_matrix_of_its_own(bert: Path, tmp_path: Path, part: str) -> None:
    edits = [f"embedding.target.text={part}", *(edit for edit in QUICK), *SMALL]
    common = ["embedding.target.text.words=16", "embedding.target.text.subsample=1", "embedding.target.text.threads=1"]
    made = Made.of(tmp_path, backbone=str(bert), targets="tur", preset="mini", set=[*edits, *common])
    model = BackboneModel.load(bert)
    rows, found = check_rows(made, model), read_rows(made.stage("embedding(tur)"))
    assert found.output is not None
    output = model.model.get_output_embeddings().weight.detach()
    copied = next(row for row in rows if row["how"] == "copied" and row["piece"] == "▁bir")
    assert found.output[copied["id"]].equal(output[int(next(iter(copied["from"])))])
    # marks are written without ## wherever they stand
    mark = next(row for row in rows if row["piece"] == ".")
    assert mark["from"] == {str(model.tokenizer.convert_tokens_to_ids(".")): 1.0}
    assert made.trained.count("static vectors") == (2 if "aligned" in part else 1)


def test_one_thread_gives_the_same_bits_again(mini: Made, tmp_path: Path) -> None:
    again = of_turkish(tmp_path)
    files = {
        "tokenizer(tur)": ("tokenizer.json", "trace.json"),
        "embedding(tur)": ("rows.safetensors", "row_map.jsonl"),
    }
    for stage, names in files.items():
        for name in names:
            assert (mini.stage(stage) / name).read_bytes() == (again.stage(stage) / name).read_bytes()


def test_several_threads_make_an_unrepeatable_stage() -> None:
    for threads, told in (("1", None), ("2", False), ("null", False)):
        made = plan(method="unibridge", backbone="mini", set=[f"embedding.target.text.threads={threads}"])
        assert made["embedding(amh)"].details.get("repeatable") is told
        assert made["tokenizer(amh)"].details.get("repeatable") is None


# bad input


def of_text(tmp_path: Path, text: str, *edits: str, language: str = "tur", **asked: Any) -> Made:
    file = tmp_path / "text.txt"
    file.write_text(text, encoding="utf-8")
    resources = {f"text:{language}": str(file)}
    return Made.of(tmp_path / "made", targets=language, resources=resources, set=[*SMALL, *QUICK, *edits], **asked)


def test_too_little_text_for_one_sample(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="doesn't fill one sample of 16 words") as refused:
        of_text(tmp_path, "Ali geldi.\n").stage("tokenizer(tur)")
    assert "--resource text:tur=FILE" in refused.value.text()


def test_too_little_text_for_the_first_size(tmp_path: Path) -> None:
    made = of_text(tmp_path, "Ali eve geldi ve kapıyı açtı sonra da bir bardak su içip uyudu gitti.\n" * 40)
    trace = json.loads((made.stage("tokenizer(tur)") / "trace.json").read_text())
    (note,) = [note for note in made.notes if "in place of" in note]
    assert trace["size"] < 200 and f"{trace['size']} pieces are taken in place of the 200" in note
    assert len(read_tokenizer(made.stage("tokenizer(tur)"))) == trace["size"] + 2


def test_more_characters_than_pieces(tmp_path: Path) -> None:
    text = "".join(chr(0x4E00 + n % 700) + " " for n in range(5000))
    made = of_text(tmp_path, text, "vocabulary.target.text.start=200")
    with pytest.raises(RunError, match="No size is large enough") as refused:
        made.stage("tokenizer(tur)")
    assert "coverage=0.9995" in refused.value.text() and "and 400 are allowed" in refused.value.text()


def test_samples_longer_than_the_trainer_takes(tmp_path: Path) -> None:
    made = of_text(tmp_path, ("eve geldi " * 8 + "\n") * 30, "vocabulary.target.text.longest_line=20")
    with pytest.raises(RunError, match="longer than 20 bytes"):
        made.stage("tokenizer(tur)")


def test_a_text_whose_blanks_do_not_part_words(tmp_path: Path) -> None:
    made = of_text(tmp_path, "".join("ab" * (n % 20 + 10) + " " for n in range(400)))
    made.stage("tokenizer(tur)")
    assert any("between blanks has" in note for note in made.notes)


def test_no_text_and_a_start_beyond_the_end_are_refused_in_the_plan() -> None:
    with pytest.raises(RefusedError, match="text:hau"):
        plan(method="unibridge", backbone="mini", targets="hau")
    with pytest.raises(RefusedError, match="beyond the largest size"):
        plan(method="unibridge", backbone="mini", set=["vocabulary.target.text.start=2000"])


def test_a_script_that_the_backbone_does_not_know_is_told_before_training(tmp_path: Path) -> None:
    text = tmp_path / "amh.txt"  # without the names that the world's texts have in Latin letters
    text.write_text("".join(f"{say(meaning, 'amh').text}\n" for meaning in islice(meanings("text"), 2000)), "utf-8")
    flags = {"resources": {"text:amh": str(text)}, "set": ["vocabulary.target.text.largest=400", *QUICK]}
    made = Made.of(tmp_path, targets="amh", **flags)
    folder = made.stage("embedding(amh)")
    numbers = json.loads((folder / "statistics.json").read_text())
    assert numbers["unknown_to_the_backbone"] > 0.9
    assert any("unknown to the backbone's tokenizer" in note for note in made.notes)
    assert any("are drawn at random" in note for note in made.notes)
    assert numbers["drawn"] == numbers["pieces"] - numbers["copied"]


def test_without_fasttext_there_is_a_plain_message_before_anything_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fasttext", None)
    for module in ("static", "initialise"):
        monkeypatch.delitem(sys.modules, f"xlt_unibridge.{module}", raising=False)
    with pytest.raises(UnavailableError, match="fastText is missing") as refused:
        load_object("xlt_unibridge.initialise:aligned")
    assert "pip install 'xlt-unibridge[fasttext]'" in refused.value.text()


def test_options_of_the_released_code() -> None:
    made = plan(method="unibridge", backbone="xlm-roberta-base", preset="unibridge-released", targets="amh")
    search, rows = made["tokenizer(amh)"].options, made["embedding(amh)"].options
    assert (search["start"], search["stop"], search["longest_line"]) == (3000, "absolute", 4192)
    changed = {"match": "casefold", "candidates": "all_source", "align": "none", "key": "stripped", "fewest": 1}
    assert {name: rows[name] for name in changed} == changed
    assert AlpSearch().coverage_of("jpn") == 0.9995 and Focus().dim == 300 and Aligned().fewest == 10
    assert load_tokenizer(mini_folder()).pad_token_id == 1

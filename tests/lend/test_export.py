"""What a run trained, in folders that other libraries read: they answer as the run did."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.model.test_shapes import tiny
from xlt_core import run
from xlt_core.cli.main import call
from xlt_core.data.encode import SentenceReader, collate
from xlt_core.data.records import Tagged
from xlt_core.engine.net import assemble
from xlt_core.model.adapterhub import read_adapter, read_head
from xlt_core.model.adapters import LanguageAdapter, TaskAdapter
from xlt_core.model.backbone import BackboneModel
from xlt_core.model.shapes import draw
from xlt_core.running.lent import Asking, Lent
from xlt_core.slots.shapes import SHAPES


def exported(*arguments: object) -> Path:
    assert call(["export", *map(str, arguments)]) == 0
    return Path(str(arguments[1]))


def loaded(folder: Path) -> Any:
    """By the folder's own loader, which must need nothing of ours."""
    assert "xlt_core" not in (folder / "load.py").read_text("utf-8")
    spec = importlib.util.spec_from_file_location("load", folder / "load.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.load(folder)


def sentences(table: Path) -> list[list[list[str]]]:
    blocks = table.read_text("utf-8").removesuffix("\n").split("\n\n")
    return [[line.split("\t") for line in block.split("\n") if line] for block in blocks]


def test_a_fully_trained_tagger_is_transformers_own(runs: Path) -> None:
    from transformers import AutoModelForTokenClassification, AutoTokenizer

    folder = exported(runs / "whole", "plain")
    model = AutoModelForTokenClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert model.config.id2label[1] == "B-PER" and model.config.label2id["O"] == 0
    rows = sentences(runs / "whole/predictions/vie-ner.tsv")[:40]
    said = set()
    lent = Lent.open(runs / "whole", None)
    answering = lent.answering(Asking("vie"))
    folders = {**lent.given(answering), answering.labels.id: Path()}
    net = assemble(lent.inputs(answering.predict, folders), ("vie",)).eval()
    for row in rows:
        coded = tokenizer([word for word, _, _ in row], is_split_into_words=True, return_tensors="pt")
        owners = coded.word_ids(0)
        first = [place for place, word in enumerate(owners) if word is not None and owners[place - 1] != word]
        with torch.inference_mode():
            theirs = model(**coded).logits[0]
            states = net.backbone.states(coded["input_ids"], coded["attention_mask"])["last"]
            ours = net.score(states)[0]
        torch.testing.assert_close(theirs, ours, atol=1e-5, rtol=0)
        tags = [model.config.id2label[int(theirs[place].argmax())] for place in first]
        assert tags == [predicted for _, _, predicted in row]
        said |= set(tags)
    assert len(said) > 1


@pytest.mark.parametrize(("name", "target"), [("swapped", "vie"), ("swapped", "tur"), ("mixed", "vie")])
def test_adapters_answer_by_their_own_loader_as_the_run_did(runs: Path, name: str, target: str) -> None:
    folder = exported(runs / name, f"{name}-{target}", "--target", target)
    rows = sentences(runs / name / f"predictions/{target}-ner.tsv")
    answers = loaded(folder).label([[word for word, _, _ in row] for row in rows])
    assert answers == [[predicted for _, _, predicted in row] for row in rows]
    assert len({tag for tags in answers for tag in tags}) > 1


def test_adapterhubs_folders_hold_the_adapters_and_the_head(runs: Path) -> None:
    folder = exported(runs / "swapped", "hub", "--target", "tur")
    lent = Lent.open(runs / "swapped", None)
    answering = lent.answering(Asking("tur"))
    net = assemble(lent.inputs(answering.predict, {**lent.given(answering), answering.labels.id: Path()}), ("tur",))
    model: BackboneModel = net.backbone
    assert net.task is not None and net.head is not None
    for kind, place, ours in ((LanguageAdapter, "language", net.languages["tur"]), (TaskAdapter, "task", net.task)):
        theirs = read_adapter(kind, folder / place, model)
        assert all(torch.equal(weight, ours.state_dict()[name]) for name, weight in theirs.state_dict().items())
    head = read_head(folder / "task")
    assert torch.equal(head.linear.weight, net.head.weight) and head.labels["B-PER"] == 1  # type: ignore[union-attr,index]


def test_pairs_of_texts_are_read_by_encoder_head_and_loader(runs: Path) -> None:
    folder = exported(runs / "nli", "pairs")
    rows = [line.split("\t") for line in (runs / "nli/predictions/vie-nli.tsv").read_text("utf-8").splitlines()]
    answers = loaded(folder).label([(one.split(), other.split()) for one, other, _, _ in rows])
    assert answers == [[predicted] for *_, predicted in rows]


@pytest.mark.parametrize("pool", ["first", "mean"])
def test_texts_that_are_told_apart_are_told_apart_there_and_a_dense_head_goes_along(
    pool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SHAPES, "bert-base-multilingual-cased", tiny("bert-base-multilingual-cased"))
    draw("bert-base-multilingual-cased", 1, tmp_path / "bert")
    head = ["training.head=dense", f"training.pool={pool}", "training.lr=0.05", "training.max_length=64"]
    asked: dict[str, Any] = {"task": "nli", "data": "mini", "targets": "vie", "sources": "eng", "budget": "6steps"}
    finished = run(method="zero_shot", backbone=str(tmp_path / "bert"), **asked, set=head, out="pairs", threads=1)
    folder = exported(finished.path, "out")
    told = json.loads((folder / "export.json").read_text("utf-8"))
    assert (told["second"], told["pool"]) == (1, pool)
    rows = [line.split("\t") for line in Path("pairs/predictions/vie-nli.tsv").read_text("utf-8").splitlines()][:60]
    tagger = loaded(folder)
    assert tagger.label([(one.split(), other.split()) for one, other, _, _ in rows]) == [[said] for *_, said in rows]
    lent = Lent.open(finished.path, None)
    answering = lent.answering(Asking("vie"))
    net = assemble(lent.inputs(answering.predict, {**lent.given(answering), answering.labels.id: Path()}), ("vie",))
    pair = Tagged("0", "vie", tuple(rows[0][0].split()), (), tuple(rows[0][1].split()))
    batch = collate(SentenceReader(net.tokenizer_of("vie"), 64).stretches([pair]), 0)
    with torch.inference_mode():
        ours = net.eval().answer(batch)[0, 0]
    segments = batch.segments
    assert segments is not None and segments.any()
    torch.testing.assert_close(tagger.logits(batch.ids, batch.attention, segments)[0, 0], ours, atol=1e-5, rtol=0)


def test_a_folder_that_is_there_stays_and_what_is_meant_is_asked_for(
    runs: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("taken").mkdir()
    assert call(["export", str(runs / "whole"), "taken"]) == 2 and not list(Path("taken").iterdir())
    assert "taken is already there" in capfd.readouterr().err
    assert call(["export", str(runs / "swapped"), "new"]) == 2 and not Path("new").exists()
    assert "--target: this run has several targets: vie, tur" in capfd.readouterr().err
    assert call(["export", str(runs / "whole"), "new", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["kind"] == "transformers"
    assert sorted(path.name for path in Path().iterdir()) == ["new", "taken"]

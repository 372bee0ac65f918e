"""UniBridge from beginning to end in the mini world, and what is shared between targets."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
import xlt_unibridge.adaptation
from safetensors.torch import load_file

import xlt_core.engine.train
from xlt_core import load, plan, run
from xlt_core.cli.main import call
from xlt_core.data.samples import SAMPLES
from xlt_core.engine import predict
from xlt_core.engine.net import Net
from xlt_core.engine.update import Update
from xlt_core.errors import StoppedError
from xlt_core.graph.store import Store
from xlt_core.mini.meaning import meanings
from xlt_core.mini.world import say
from xlt_core.model.rows import read_tokenizer
from xlt_core.report.folder import RunFolder
from xlt_core.report.scores import describe_scores

SOURCES = ("eng", "zho", "rus", "ara", "jpn")
SMALL = [
    "vocabulary.target=fixed_size", "vocabulary.target.text.size=300", "vocabulary.target.text.words=8",
    "embedding.target=copy_overlap", "adaptation.source.samples=32", "adaptation.target.samples=32",
    "adaptation.words=8", "adaptation.epochs=1", "training.share=0.2", "training.epochs=2",
]  # fmt: skip


def few(targets: str, sources: Iterable[str] = SOURCES) -> dict[str, str]:
    """Files with a short text of each language and ten pairs for each target: nothing reads more."""
    found = {}
    for language in (*sources, *targets.split(",")):
        count = 150 if language in sources else 600
        found[f"text:{language}"] = [say(meaning, language).text for meaning in islice(meanings("text"), count)]
    for target in targets.split(","):
        for source in sources:
            pairs = ((say(meaning, target).text, say(meaning, source).text) for meaning in islice(meanings("dev"), 10))
            found[f"parallel:{target}-{source}"] = ["\t".join(pair) for pair in pairs]
    for key, lines in found.items():
        Path(key.replace(":", "-")).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {key: str(Path(key.replace(":", "-")).absolute()) for key in found}


def test_from_text_to_mixed_answers() -> None:
    asked: dict[str, Any] = {"sources": "eng,rus", "targets": "amh", "set": SMALL}
    made = run(method="unibridge", backbone="mini", **asked, resources=few("amh", ("eng", "rus")), out="whole")
    stages = {record["stage"]: record["key"] for record in made.scores["stages"]}
    store = Store.at(None)
    weights = json.loads((store.path(stages["weights(amh)"]) / "weights.json").read_text("utf-8"))
    assert set(weights) == {"eng", "rus"} and sum(weights.values()) == pytest.approx(1.0)
    begun = load_file(store.path(stages["embedding(amh)"]) / "rows.safetensors")
    learnt = load_file(store.path(stages["adapt(amh)"]) / "rows.amh.text.safetensors")
    assert begun["rows"].shape == learnt["words"].shape and not torch.equal(begun["rows"], learnt["words"])
    assert not torch.equal(begun["bias"], learnt["bias"])
    events = [json.loads(line) for line in (Path(made.path) / "metrics.jsonl").read_text("utf-8").splitlines()]
    losses = [event for event in events if event["stage"] == "adapt(amh)" and event.get("kind") == "step"]
    assert losses and all(event["unibridge.kl"] >= 0 and event["mlm"] > 0 for event in losses)
    assert not any("unibridge.kl" in event for event in events if event["stage"] == "adapt(eng)")
    assert made.scores["scores"][0]["examples"] == 300


@dataclass
class Counted:
    """Which trainings were really done, and how many examples entered the first layer in each prediction."""

    learnt: Counter[str] = field(default_factory=Counter)
    entered: dict[str, list[int]] = field(default_factory=dict)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    told = Counted()
    for module in (xlt_unibridge.adaptation, xlt_core.engine.train):

        def learn(job: Any, *given: Any, learn: Any = module.learn, **more: Any) -> None:
            told.learnt[job.stage.id] += 1
            learn(job, *given, **more)

        monkeypatch.setattr(module, "learn", learn)
    scored = predict.scored

    def watched(net: Net, reader: Any, rows: Any, *given: Any) -> Any:
        entered: list[int] = []
        handle = net.backbone.layers[0].register_forward_pre_hook(lambda _, states: entered.append(len(states[0])))
        yield from scored(net, reader, rows, *given)
        handle.remove()
        if len(rows) == 300:  # test sentences, and no development ones
            told.entered.setdefault(rows[0].language, []).append(sum(entered))

    monkeypatch.setattr(predict, "scored", watched)
    return told


def row_of(folder: str, target: str = "amh") -> dict[str, Any]:
    (row,) = [row for row in load(folder).scores["scores"] if row["target"] == target]
    return row


def test_sources_are_learnt_once_whatever_the_number_of_targets_ablations_and_runs(counted: Counted) -> None:
    asked: dict[str, Any] = {"method": "unibridge", "backbone": "mini", "sources": ",".join(SOURCES)}
    resources = few("amh,khm,tur")
    command = ["run", "--ablate", "uniform,no_kl", "--targets", "amh,khm", "--out", "study"]
    command += [word for name, value in asked.items() for word in (f"--{name}", value)]
    command += [word for edit in SMALL for word in ("--set", edit)]
    command += [word for key, file in resources.items() if "tur" not in key for word in ("--resource", f"{key}={file}")]
    assert call(command) == 0
    once = {f"adapt({code})" for code in SOURCES} | {f"train({code}, ner)" for code in SOURCES}
    assert counted.learnt == Counter([*once, "adapt(amh)", "adapt(khm)", "adapt(amh)", "adapt(khm)"])
    before = counted.learnt.total()
    alone = ["inference=single", "inference.source=rus"]
    run(**asked, targets="amh", set=[*SMALL, *alone], resources=resources, out="rus")
    run(**asked, targets="amh,khm", set=SMALL, resources=resources, out="again")
    assert counted.learnt.total() == before, "another inference and another run train nothing"
    run(**asked, targets="tur", set=SMALL, resources=resources, out="another")
    assert counted.learnt == Counter([*once, *["adapt(amh)", "adapt(khm)"] * 2, "adapt(tur)"])

    # what stands beside the mix is what runs of their own find, and cost no pass more
    row, alike = row_of("study/full"), row_of("study/uniform")
    assert set(row["weights"]) == {*SOURCES} and sum(row["weights"].values()) == pytest.approx(1.0)
    assert set(row["beside"]) == {*SOURCES, "uniform"}
    assert row["beside"]["uniform"] == alike["values"] and row["beside"]["rus"] == row_of("rus")["values"]
    assert len({value["span_f1"] for value in row["beside"].values()}) > 1
    assert "uniform" not in alike["beside"], "it is the answer itself"
    assert "beside" not in row_of("rus") and row_of("again") == row
    assert len(counted.entered["amh"]) == 4 and len(set(counted.entered["amh"])) == 1, "five sources enter as one does"


def test_the_table_shows_each_source_with_its_weight_and_all_alike() -> None:
    asked: dict[str, Any] = {"backbone": "mini", "sources": "eng,rus", "targets": "amh,khm", "set": SMALL}
    told = describe_scores(run(method="unibridge", **asked, resources=few("amh,khm", ("eng", "rus")), out="two"))
    heads, rows = told.split("\n\n")[1:3]
    assert heads.splitlines()[0].split() == ["target", "span_f1"]
    first, *others = rows.splitlines()
    assert first.split() == ["span_f1", "alone", "(weight)", "eng", "rus", "all", "alike"]
    assert [line.split()[0] for line in others] == ["amh", "khm"] and all(line.count("(0.") == 2 for line in others)
    assert max(map(len, told.splitlines()[:8])) < 100


def test_a_vocabulary_of_two_forms_of_a_text_serves_a_whole_run() -> None:
    """Hindi, its pieces learnt from Devanagari and from Latin: one tokenizer, one table, a run from text to answers."""
    views = ["vocabulary.target.text.views=[text,latin]", "rewriting.latin=mini_latin"]
    search = [f"vocabulary.target.text.{setting}" for setting in ("start=300", "step=100", "largest=500")]
    quick = ["embedding.target.text.epochs=1", "embedding.target.text.dim=8", "embedding.target.text.buckets=2000"]
    learn = ["adaptation.words=8", "adaptation.source.samples=32", "adaptation.target.samples=32", "training.share=0.1"]
    once = ["adaptation.epochs=1", "training.epochs=1"]
    made = run(
        method="unibridge", backbone="mini", sources="eng,rus", targets="hin", out="views",
        set=[*views, *search, *quick, *learn, *once], resources=few("hin", ("eng", "rus")),
    )  # fmt: skip
    folders = {record["stage"]: Store.at(None).path(record["key"]) for record in made.scores["stages"]}
    tokenizer = read_tokenizer(folders["tokenizer(hin, text+latin)"])
    (latin,) = [folder for stage, folder in folders.items() if stage.startswith("rewrite(hin, latin")]
    for folder in (folders["samples(hin, 16 words, at most 10000)"], latin):
        lines = (folder / SAMPLES).read_text(encoding="utf-8").splitlines()[:50]
        coded = tokenizer(lines, add_special_tokens=False)["input_ids"]
        assert not any(tokenizer.unk_token_id in ids for ids in coded)
    whole = {piece for piece in tokenizer.get_vocab() if len(piece.removeprefix("▁")) > 2}
    assert any(piece.isascii() for piece in (own.removeprefix("▁") for own in whole))
    assert any(not piece.removeprefix("▁").isascii() for piece in whole)
    begun = load_file(folders["embedding(hin)"] / "rows.safetensors")["rows"]
    learnt = load_file(folders["adapt(hin)"] / "rows.hin.text+latin.safetensors")["words"]
    assert begun.shape == learnt.shape == (len(tokenizer), 128) and not torch.equal(begun, learnt)
    assert made.scores["scores"][0]["examples"] == 300


def test_what_the_released_code_does_otherwise_runs_too() -> None:
    """Its vocabulary, vectors, random head, joined samples, old table, other formula, bare task adapters."""
    search = [f"vocabulary.target.text.{setting}" for setting in ("start=200", "step=100", "largest=400")]
    quick = ["embedding.target.text.epochs=2", "embedding.target.text.dim=8", "embedding.target.text.buckets=2000"]
    learn = ["adaptation.source.samples=40", "adaptation.target.samples=40", "adaptation.epochs=1"]
    made = run(
        method="unibridge", preset="unibridge-released", backbone="mini", data="mini", sources="eng,rus", targets="tur",
        set=[*search, *quick, "embedding.target.text.subsample=1", *learn, "training.share=0.1", "training.epochs=1"],
        resources=few("tur", ("eng", "rus")), out="released",
    )  # fmt: skip
    events = [json.loads(line) for line in (Path(made.path) / "metrics.jsonl").read_text("utf-8").splitlines()]
    steps = [event for event in events if event["stage"] == "adapt(tur)" and event.get("kind") == "step"]
    assert steps and all(event["unibridge.kl"] > 0 for event in steps)
    assert {row["headline"] for row in made.scores["scores"]} == {"span_f1", "subtoken_f1"}
    assert not [record for record in made.scores["stages"] if "frozen" in record["stage"]], "no states of the text"


def results(finished: RunFolder, store: Store) -> dict[str, dict[str, bytes]]:
    """Every file of every result that isn't data, but the notes of what it cost."""
    found = {}
    for record in finished.scores["stages"]:
        folder = store.path(record["key"])
        if not record["stage"].startswith(("backbone", "text", "labels", "parallel")):
            files = [file for file in folder.rglob("*") if file.is_file() and file.name != "manifest.json"]
            found[record["stage"]] = {str(file.relative_to(folder)): file.read_bytes() for file in sorted(files)}
    return found


STOPS = {"adapt(eng)": 2, "adapt(tur)": 3, "train(rus, ner)": 4}
"""Trainings that are stopped, each before this step."""


def test_stopped_in_every_kind_of_training_and_gone_on_with_it_ends_in_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {
        "method": "unibridge", "backbone": "mini", "sources": "eng,rus", "targets": "tur", "threads": 1,
        "checkpoint": 0.0, "resources": few("tur", ("eng", "rus")),
        "set": [
            "vocabulary.target.text.start=200", "vocabulary.target.text.step=100", "vocabulary.target.text.largest=400",
            "embedding.target.text.epochs=1", "embedding.target.text.dim=8", "embedding.target.text.buckets=2000",
            "adaptation.words=8", "adaptation.source.samples=90", "adaptation.target.samples=90", "adaptation.epochs=1",
            "training.share=0.2", "training.epochs=1",
        ],
    }  # fmt: skip
    stops = dict(STOPS)
    whole = run(**asked, out="whole", store=str(tmp_path / "one"))
    step = Update.__call__
    working: list[str] = []

    def learn(job: Any, *given: Any, inner: Any, **more: Any) -> None:
        working.append(job.stage.id)
        inner(job, *given, **more)

    def stopping(self: Update, contexts: Any, number: int) -> Any:
        if stops.get(working[-1]) == number:
            del stops[working[-1]]
            raise KeyboardInterrupt
        return step(self, contexts, number)

    for module in (xlt_unibridge.adaptation, xlt_core.engine.train):
        monkeypatch.setattr(module, "learn", partial(learn, inner=module.learn))
    monkeypatch.setattr(Update, "__call__", stopping)
    turns = 0
    while stops:
        turns += 1
        with pytest.raises((StoppedError, KeyboardInterrupt)):
            run(**asked, out="again", store=str(tmp_path / "two"), resume=turns > 1)
    again = run(**asked, out="again", store=str(tmp_path / "two"), resume=True)
    assert turns == len(STOPS)
    one, two = results(whole, Store(tmp_path / "one")), results(again, Store(tmp_path / "two"))
    assert one.keys() == two.keys() and {"tokenizer(tur)", "embedding(tur)", "adapt(tur)", "weights(tur)"} <= one.keys()
    for stage, files in one.items():
        assert files.keys() == two[stage].keys()
        assert [name for name, data in files.items() if data != two[stage][name]] == [], stage


def test_no_state_is_computed_twice() -> None:
    made = plan(method="unibridge", backbone="mini", targets="amh,khm")
    harmony = [stage for stage in made.of("encode") if stage.options["model"] == "adapted"]
    told = Counter((stage.languages, stage.options["corpus"]) for stage in harmony)
    assert set(told.values()) == {1} and len(told) == 2 * 3 * 2
    frozen = [stage for stage in made.of("encode") if stage.options["model"] == "frozen"]
    assert [stage.languages for stage in frozen] == [("amh",), ("khm",)]

"""UniBridge from beginning to end in the mini world, and what is shared between targets."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from xlt_core import plan, run
from xlt_core.graph.store import Store

EDITS = [
    "vocabulary.target=fixed_size", "vocabulary.target.text.size=300", "vocabulary.target.text.words=8",
    "embedding.target=copy_overlap", "adaptation.source.samples=100", "adaptation.target.samples=100",
    "adaptation.epochs=1", "training.epochs=1",
]  # fmt: skip


def test_from_text_to_mixed_answers() -> None:
    made = run(method="unibridge", backbone="mini", sources="eng,rus", targets="amh", set=EDITS, out="whole")
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


def test_sources_are_adapted_and_trained_once_whatever_the_number_of_targets() -> None:
    one, many = (plan(method="unibridge", backbone="mini", targets=targets) for targets in ("amh", "amh,khm,swh"))
    for verb in ("adapt", "train"):
        keys = [{s.key for s in made.of(verb) if set(s.languages) <= {"eng", "rus", "ara"}} for made in (one, many)]
        assert keys[0] == keys[1] and len(keys[0]) == 3
    assert len(many.of("adapt")) == 3 + 3 and len(many.of("train")) == 3


def test_no_state_is_computed_twice() -> None:
    made = plan(method="unibridge", backbone="mini", targets="amh,khm")
    harmony = [stage for stage in made.of("encode") if stage.options["model"] == "adapted"]
    told = Counter((stage.languages, stage.options["corpus"]) for stage in harmony)
    assert set(told.values()) == {1} and len(told) == 2 * 3 * 2
    frozen = [stage for stage in made.of("encode") if stage.options["model"] == "frozen"]
    assert [stage.languages for stage in frozen] == [("amh",), ("khm",)]

"""Weights by the distances of states."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from xlt_unibridge.inference import Harmony
from xlt_unibridge.weights import harmony, harmony_weights, mean_distance

from xlt_core.example import example_site
from xlt_core.facts import States

OURS = torch.tensor([[0.0, 0.0], [1.0, 1.0]])
SOURCES = {
    "eng": torch.tensor([[3.0, 4.0], [1.0, 1.0]]),
    "zho": torch.tensor([[0.0, 1.0], [1.0, 0.0]]),
    "rus": torch.tensor([[0.0, 2.0], [1.0, 3.0]]),
}


def test_the_sheets_numbers() -> None:
    distances = {source: mean_distance(OURS, states) for source, states in SOURCES.items()}
    assert list(distances.values()) == pytest.approx([2.5, 1.0, 2.0])
    assert [*harmony_weights(distances).values()] == pytest.approx([0.2546285, 0.4639634, 0.2814080], abs=1e-6)
    two = harmony_weights({source: distances[source] for source in ("eng", "rus")})
    assert [*two.values()] == pytest.approx([0.4750208, 0.5249792], abs=1e-6)


@given(st.lists(st.floats(0.01, 50), min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_weights_sum_to_one_and_move_with_their_sources(distances: list[float], draw: Any) -> None:
    named = {str(n): distance for n, distance in enumerate(distances)}
    weights = harmony_weights(named)
    assert sum(weights.values()) == pytest.approx(1.0)
    order = list(named)
    draw.shuffle(order)
    moved = harmony_weights({name: named[name] for name in order})
    assert moved == pytest.approx({name: weights[name] for name in order})


def test_no_distance_is_as_near_as_can_be() -> None:
    assert harmony_weights({"a": 0.0, "b": 3.0, "c": 1.0}) == pytest.approx({"a": 1.0, "b": 0.0, "c": 0.0})
    assert harmony_weights({"a": 0.0, "b": 0.0, "c": 1.0}) == pytest.approx({"a": 0.5, "b": 0.5, "c": 0.0})
    flat = harmony_weights({"a": 10.0, "b": 30.0})
    assert 0.5 < flat["a"] < harmony_weights({"a": 1.0, "b": 3.0})["a"]  # it is no ratio


@pytest.mark.parametrize(("point", "layer"), [("last_hidden", "last"), ("invertible", 0)])
def test_states_of_both_sides_of_each_pair_are_needed_once(point: Any, layer: Any) -> None:
    needs = list(Harmony(point=point, pairs=7).needs(example_site("inference")))
    states = [fact for fact in needs if isinstance(fact, States)]
    assert [(s.language, s.corpus.of[0]) for s in states] == [
        ("amh", "amh-eng"), ("eng", "amh-eng"), ("amh", "amh-zho"), ("zho", "amh-zho"),
    ]  # fmt: skip
    assert {(s.model, s.layer, s.pooling, s.most) for s in states} == {("adapted", layer, "mean+specials", 7)}


def test_the_work_reads_each_pair_from_its_own_states(tmp_path: Path) -> None:
    inputs = {}
    for source, states in SOURCES.items():
        for language, own in (("amh", OURS), (source, states)):
            folder = tmp_path / f"{source}-{language}"
            folder.mkdir()
            save_file({"states": own}, folder / "states.safetensors")
            (folder / "states.json").write_text("{}", encoding="utf-8")
            fact = f"artefact states:adapted:{language}:text:parallel:amh-{source}:layer-last:mean+specials:first 10"
            inputs[fact] = folder
    stage = SimpleNamespace(languages=("amh",), options={"models": [*SOURCES]})
    job: Any = SimpleNamespace(stage=stage, inputs=inputs, out=tmp_path, report=lambda event: None)
    harmony(job)
    found = json.loads((tmp_path / "weights.json").read_text("utf-8"))
    assert found == pytest.approx({"eng": 0.2546285, "zho": 0.4639634, "rus": 0.2814080}, abs=1e-6)

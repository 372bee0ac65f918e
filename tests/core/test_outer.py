"""Outer updates over inner loops."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.core.letters import NUMBERS, Letters, corpus, feed, tagger
from xlt_core.data.encode import SubwordReader
from xlt_core.engine.checkpoint import Checkpoint
from xlt_core.engine.loop import Event, train_steps
from xlt_core.engine.losses import task
from xlt_core.engine.outer import Outer, Rule, drawn, rounds
from xlt_core.engine.update import Term
from xlt_core.slots.losses import TaskLoss
from xlt_core.slots.schedule import Finetune


class Point(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.at = torch.nn.Parameter(torch.zeros(2))


AIMS = {"a": torch.tensor([2.0, 0.0]), "b": torch.tensor([0.0, 4.0])}


def moved(rule: Rule, steps: int = 2) -> list[float]:
    """½‖θ − c‖² for each language, inner steps of plain gradients with β = 0.5."""
    point = Point()

    def inner(number: int, language: str, checkpoint: Checkpoint | None) -> Iterator[Event]:
        for step in range(steps):
            with torch.no_grad():
                point.at -= 0.5 * (point.at - AIMS[language])
            yield Event("step", step, 0.0, 0, {})

    for _ in rounds(Outer(point, list(AIMS), rule), inner):
        pass
    found: list[float] = point.at.tolist()
    return found


@pytest.mark.parametrize(
    ("rule", "steps", "found"),
    [
        (Rule(1, 0.1, anneal=False), 2, [0.075, 0.15]),
        (Rule(2, 0.1, anneal=False), 2, [0.144375, 0.28875]),
        (Rule(1, 1.0, anneal=False), 2, [0.75, 1.5]),
        (Rule(1, 0.1, anneal=False), 1, [0.05, 0.1]),
        (Rule(1, 0.1, kind="adam", anneal=False), 2, [0.1, 0.1]),
        (Rule(3, 0.0), 2, [0.0, 0.0]),
        (Rule(0, 0.5), 2, [0.0, 0.0]),
    ],
)
def test_the_shared_weights_move_as_the_equations_say(rule: Rule, steps: int, found: list[float]) -> None:
    assert moved(rule, steps) == pytest.approx(found, abs=1e-7)


def test_a_language_that_stands_twice_changes_nothing() -> None:
    point = Point()
    outer = Outer(point, ["a", "a"], Rule(1, 0.5, anneal=False))

    def inner(number: int, language: str, checkpoint: Checkpoint | None) -> Iterator[Event]:
        with torch.no_grad():
            point.at += 1
        yield Event("step", 1, 0.0, 0, {})

    list(rounds(outer, inner))
    assert point.at.tolist() == [0.5, 0.5]


def test_examples_are_all_read_before_one_is_read_again() -> None:
    pieces = SubwordReader(Letters(), 32).stretches(corpus([2] * 7), NUMBERS)
    read = [piece.sentence for number in range(7) for piece in drawn(pieces, 3, 1, number, "amh", True)]
    assert sorted(read) == sorted([*range(7)] * 3)
    assert all(sorted(read[start : start + 7]) == list(range(7)) for start in (0, 7, 14))
    fixed = [[piece.sentence for piece in drawn(pieces, 3, 1, number, "amh", False)] for number in range(3)]
    assert fixed[0] == fixed[1] == fixed[2]
    assert len(drawn(pieces, 20, 1, 0, "amh", False)) == 20, "fewer than asked for are read again"


def warmed(folder: Path, stop_after: int | None, kind: Any = "interpolate") -> torch.Tensor | None:
    """Three rounds over two languages of three steps each; the weights, or None where it was stopped before."""
    model = tagger()
    model.dropout.p = 0.2
    pieces = SubwordReader(Letters(), 32).stretches(corpus([1, 7, 3, 2, 5, 6, 4, 3]), NUMBERS)
    terms = [Term("task", TaskLoss(), task)]
    options = Finetune(batch=2, steps=3, lr=1e-2, lr_schedule="constant")
    outer = Outer(model, ["amh", "khm"], Rule(3, 0.01 if kind == "adam" else 0.5, kind=kind))

    def inner(number: int, language: str, checkpoint: Checkpoint | None) -> Iterator[Event]:
        own = drawn(pieces, 6, 1, number, language, True)
        yield from train_steps(model, terms, own, feed(model), options, number * 10 + len(language), None, checkpoint)

    steps = 0
    for _, _, event in rounds(outer, inner, Checkpoint(folder, every=0.0)):
        steps += event.kind == "step"
        if steps == stop_after:
            return None
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


@pytest.mark.parametrize("kind", ["interpolate", "adam"])
@pytest.mark.parametrize("stop_after", [2, 4, 8, 16])
def test_stopped_inside_a_round_it_ends_in_the_same_bits(stop_after: int, kind: str, tmp_path: Path) -> None:
    whole = warmed(tmp_path / "whole", None, kind)
    assert warmed(tmp_path / "cut", stop_after, kind) is None
    again = warmed(tmp_path / "cut", None, kind)
    assert whole is not None and again is not None and torch.equal(again, whole)

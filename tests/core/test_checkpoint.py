"""A training that was stopped goes on to the same bits."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.core.letters import NUMBERS, Letters, corpus, feed, tagger
from xlt_core.data.encode import SubwordReader
from xlt_core.engine.checkpoint import Checkpoint
from xlt_core.engine.loop import Event, train_steps
from xlt_core.engine.losses import task
from xlt_core.engine.update import Term
from xlt_core.errors import RunError
from xlt_core.slots.losses import TaskLoss
from xlt_core.slots.schedule import Finetune

OPTIONS = Finetune(batch=3, epochs=3, lr=1e-2)


class Carried:
    """Something beside the model: how many epochs were seen."""

    def __init__(self) -> None:
        self.seen = 0

    def state_dict(self) -> dict[str, Any]:
        return {"seen": self.seen}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.seen = state["seen"]


def training(folder: Path | None, every: float = 0.0, dropout: float = 0.2) -> tuple[Any, Any, Carried]:
    model, rows = tagger(), corpus([1, 7, 3, 2, 5, 6, 4, 3])
    model.dropout.p = dropout
    carried = Carried()
    checkpoint = Checkpoint(folder, every, {"carried": carried}) if folder else None
    pieces = SubwordReader(Letters(), 32).stretches(rows, NUMBERS)
    terms = [Term("task", TaskLoss(), task)]
    return model, train_steps(model, terms, pieces, feed(model), OPTIONS, 1, None, checkpoint), carried


def weights(model: Any) -> torch.Tensor:
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


def finish(events: Any, carried: Carried) -> list[Event]:
    found = []
    for event in events:
        carried.seen += event.kind == "epoch"
        found.append(event)
    return found


@pytest.mark.parametrize("stop_after", [1, 2, 3, 4, 6, 8, 11])
def test_stopped_anywhere_it_ends_in_the_same_bits(stop_after: int, tmp_path: Path) -> None:
    whole, events, counted = training(None)
    steps = [event for event in finish(events, counted) if event.kind == "step"]
    _, events, carried = training(tmp_path / "kept")
    for n, event in enumerate(events, 1):
        carried.seen += event.kind == "epoch"
        if n == stop_after:
            break  # killed: what came after the last checkpoint is lost
    events.close()
    again, events, carried = training(tmp_path / "kept")
    rest = [event for event in finish(events, carried) if event.kind == "step"]
    assert torch.equal(weights(again), weights(whole))
    assert rest == steps[len(steps) - len(rest) :] and len(rest) < len(steps) + (stop_after == 1)
    assert carried.seen == counted.seen == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_waits_for_the_end_of_the_step_and_saves(number: int, tmp_path: Path) -> None:
    whole, events, counted = training(None)
    finish(events, counted)
    before = signal.getsignal(number)
    _, events, _ = training(tmp_path / "kept", every=1e9)
    next(events)
    os.kill(os.getpid(), number)
    with pytest.raises(KeyboardInterrupt):
        next(events)
    assert signal.getsignal(number) is before
    assert (tmp_path / "kept" / "checkpoint.pt").is_file()
    again, events, carried = training(tmp_path / "kept")
    finish(events, carried)
    assert torch.equal(weights(again), weights(whole))


def test_a_full_disk_is_told_and_the_last_checkpoint_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, events, _ = training(tmp_path / "kept")
    next(events), next(events), next(events)
    good = (tmp_path / "kept" / "checkpoint.pt").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("xlt_core.engine.checkpoint.torch.save", full)
    with pytest.raises(RunError, match=r"(?s)No space left.*the last checkpoint is whole"):
        next(events)
    assert (tmp_path / "kept" / "checkpoint.pt").read_bytes() == good
    assert [file.name for file in (tmp_path / "kept").iterdir()] == ["checkpoint.pt"]

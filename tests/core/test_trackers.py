"""What stages report goes to where a team already looks."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from accelerate.tracking import LOGGER_TYPE_TO_CLASS

from xlt_core.errors import UsageError
from xlt_core.report.trackers import FOLDER, Trackers, refuse_absent

Run = Callable[..., "subprocess.CompletedProcess[str]"]


class Noted:
    requires_logging_directory = False
    said: list[Any] = []

    def __init__(self, name: str) -> None:
        self.said.append(name)

    def start(self) -> None:
        self.said.append("start")

    def store_init_configuration(self, values: dict[str, Any]) -> None:
        self.said.append(values)

    def log(self, values: dict[str, Any], step: int) -> None:
        self.said.append((step, values))

    def finish(self) -> None:
        self.said.append("end")


def test_numbers_of_steps_and_checks_are_told_under_their_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LOGGER_TYPE_TO_CLASS, "noted", Noted)
    Noted.said.clear()
    trackers = Trackers(["noted"], Path("runs/a"), {"method": "madx", "targets": ["vie"]})
    trackers.tell("train", {"kind": "step", "step": 3, "share": 0.1, "task": 0.5})
    trackers.tell("train", {"kind": "note", "text": "for people"})
    trackers.close()
    assert Noted.said == ["a", "start", {"method": "madx", "targets": "['vie']"}, (3, {"train/task": 0.5}), "end"]


def test_a_tracker_that_is_not_known_or_not_here_is_refused() -> None:
    with pytest.raises(UsageError, match="did you mean `tensorboard`"):
        refuse_absent(["tensorbord"])
    with pytest.raises(UsageError, match="pip install swanlab"):
        refuse_absent(["swanlab"])


def test_a_run_is_told_to_tensorboard(xlt: Run) -> None:
    pytest.importorskip("tensorboard")
    asked = ("--method", "zero_shot", "--backbone", "mini", "--targets", "vie", "--budget", "2steps", "--threads", "1")
    done = xlt("run", *asked, "--out", "a", "--track", "tensorboard")
    assert done.returncode == 0, done.stderr
    assert list(Path("a", FOLDER).rglob("events.out.tfevents*"))

"""What stages report, sent to where a team already looks: TensorBoard, or whatever else Accelerate names."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from xlt_core.errors import Problem, UsageError, did_you_mean

FOLDER = "tracked"
LIBRARIES = {"tensorboard": ("tensorboard", "tensorboardX"), "comet_ml": ("comet_ml",), "dvclive": ("dvclive",)}
"""What must be installed for a tracker, where it isn't called as the tracker is."""
UNTOLD = ("kind", "step", "share")


class Trackers:
    """The trackers of one run, each begun when there is something to tell.

    >>> trackers = Trackers(["tensorboard"], Path("runs/a"), {"method": "madx"})        # doctest: +SKIP
    >>> trackers.tell("train(eng, ner)", {"step": 1, "task": 0.3}); trackers.close()    # doctest: +SKIP
    """

    def __init__(self, names: Iterable[str], run: Path, config: Mapping[str, Any]) -> None:
        self.names, self.run, self.config = tuple(names), run, config
        self._begun: list[Any] = []

    def tell(self, stage: str, event: Mapping[str, Any]) -> None:
        """Numbers of a step or a check; other events are for people."""
        numbers = {
            f"{stage}/{name}": value
            for name, value in event.items()
            if name not in UNTOLD and isinstance(value, int | float)
        }
        if self.names and numbers and "step" in event:
            for tracker in self._all():
                tracker.log(numbers, step=int(event["step"]))

    def close(self) -> None:
        """All that was told is written."""
        for tracker in self._begun:
            tracker.finish()
        self._begun.clear()

    def _all(self) -> list[Any]:
        if not self._begun:
            for name in self.names:
                tracker = _begin(name, self.run)
                tracker.start()
                tracker.store_init_configuration(_plain(self.config))
                self._begun.append(tracker)
        return self._begun


def refuse_absent(names: Iterable[str]) -> None:
    """Raise where a tracker isn't known, or its library isn't here: before anything is begun."""
    problems = []
    for name in names:
        known = _known()
        if name not in known:
            there = did_you_mean(name, known) or f"; there are {', '.join(known)}"
            problems.append(Problem(f"no tracker is called `{name}`{there}", "--track"))
        elif not any(importlib.util.find_spec(library) for library in LIBRARIES.get(name, (name,))):
            library = LIBRARIES.get(name, (name,))[0]
            problems.append(Problem(f"{name} is not installed", "--track", f"pip install {library}"))
    if problems:
        raise UsageError("Nothing was begun.", problems)


def _known() -> list[str]:
    from accelerate.tracking import LOGGER_TYPE_TO_CLASS

    return [str(name) for name in LOGGER_TYPE_TO_CLASS]


def _begin(name: str, run: Path) -> Any:
    from accelerate import PartialState
    from accelerate.tracking import LOGGER_TYPE_TO_CLASS

    PartialState()
    declared: Any = LOGGER_TYPE_TO_CLASS[name]
    if not declared.requires_logging_directory:
        return declared(run.name)
    folder = run / FOLDER
    folder.mkdir(exist_ok=True)
    return declared(run.name, logging_dir=folder)


def _plain(config: Mapping[str, Any]) -> dict[str, Any]:
    """Settings in a form that every tracker takes: one level, words and numbers."""
    return {key: value if isinstance(value, int | float | str) else str(value) for key, value in config.items()}

"""How a run is told while it goes on, on stderr: bars on a terminal, elsewhere a line a minute; nothing is a result."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TextIO

from xlt_core.report.tables import duration

EVERY = {0: 60.0, 1: 2.0}
"""Seconds between two lines of a stage; with -v."""
QUIET, USUAL, VERBOSE = -1, 0, 1
UNTOLD = ("kind", "share")


@dataclass
class Course:
    """How far a stage is, from what it reports.

    >>> course = Course(begun=0.0); course.hear({"tokens": 600, "share": 0.25, "mlm": 2.0}, now=3.0)
    >>> course.speed, course.left, course.told()
    (200.0, 9.0, 'mlm 2, 200 tokens/s, 9 s left')
    """

    begun: float = field(default_factory=time.monotonic)
    share: float = 0.0
    first: tuple[float, float] | None = None
    """Share and time of the first report: one that goes on from a checkpoint doesn't begin at nothing."""
    tokens: tuple[int, float, int, float] | None = None
    speed: float = 0.0
    left: float | None = None
    values: dict[str, Any] = field(default_factory=dict)

    def hear(self, event: dict[str, Any], now: float) -> None:
        """Take in what was reported."""
        if "share" in event:
            self.share = float(event["share"])
            self.first = self.first or ((self.share, now) if event.get("resumed") else (0.0, self.begun))
            share, since = self.first
            if self.share > share:
                self.left = (1 - self.share) * (now - since) / (self.share - share)
        if "tokens" in event:
            self._count(int(event["tokens"]), now)
        numbers = {key: value for key, value in event.items() if isinstance(value, int | float)}
        self.values = {k: v for k, v in numbers.items() if k not in (*UNTOLD, "step", "epoch", "tokens")}

    def _count(self, tokens: int, now: float) -> None:
        start, since = (self.tokens[0], self.tokens[1]) if self.tokens else (0, self.begun)
        self.tokens = (start, since, tokens, now)
        self.speed = (tokens - start) / (now - since) if now > since else 0.0

    def told(self) -> str:
        """`task 0.31, 2100 tokens/s, 40 s left`."""
        said = [f"{name} {_short(value)}" for name, value in self.values.items()]
        said += [f"{self.speed:.0f} tokens/s"] if self.speed else []
        said += [f"{duration(self.left)} left"] if self.left is not None and self.share < 1 else []
        return ", ".join(said)


class Shown(Protocol):
    """How a stage's course is shown."""

    def begun(self, key: str, label: str) -> None: ...
    def event(self, key: str, label: str, course: Course, event: dict[str, Any]) -> None: ...
    def done(self, key: str, label: str, how: str) -> None: ...
    def line(self, text: str) -> None: ...
    def close(self) -> None: ...


class Progress:
    """What goes on, stage by stage; several may be at work.

    >>> with Progress({"ab12": "[1/1] train(eng)"}, stream=sys.stdout) as progress:
    ...     progress.begun("ab12"); progress.done("ab12", kept=True, seconds=0.0)
    [1/1] train(eng): in store
    """

    def __init__(self, labels: Mapping[str, str], loudness: int = USUAL, stream: TextIO | None = None) -> None:
        self.labels, self.loudness = labels, loudness
        stream = stream or sys.stderr
        bars = stream.isatty() and loudness != QUIET
        self._shown: Shown = _Bars(stream) if bars else _Lines(stream, loudness)
        self._courses: dict[str, Course] = {}

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        self._shown.close()

    def assumed(self, assumed: Sequence[str]) -> None:
        if assumed:
            self.say("assumed: " + "; ".join(assumed))

    def begun(self, key: str) -> None:
        self._courses[key] = Course()
        self._shown.begun(key, self.labels[key])

    def event(self, key: str, event: dict[str, Any]) -> None:
        if event.get("kind") == "note":
            self.say(f"{self.labels[key]}: {event['text']}")
            return
        course = self._courses[key]
        course.hear(event, time.monotonic())
        self._shown.event(key, self.labels[key], course, event)

    def done(self, key: str, kept: bool, seconds: float) -> None:
        self._shown.done(key, self.labels[key], "in store" if kept else duration(seconds))

    def say(self, line: str) -> None:
        """A line of its own."""
        if self.loudness != QUIET:
            self._shown.line(line)


class _Lines:
    def __init__(self, stream: TextIO, loudness: int) -> None:
        self.stream, self.quiet = stream, loudness == QUIET
        self.every = EVERY.get(loudness, EVERY[USUAL])
        self._last: dict[str, float] = {}

    def begun(self, key: str, label: str) -> None:
        self._last[key] = time.monotonic()

    def event(self, key: str, label: str, course: Course, event: dict[str, Any]) -> None:
        if time.monotonic() - self._last[key] >= self.every or event.get("kind") == "check":
            self._last[key] = time.monotonic()
            told = [f"{key} {_short(event[key])}" for key in ("step", "epoch") if key in event]
            self.line(f"{label}: {', '.join([*told, course.told()])}")

    def done(self, key: str, label: str, how: str) -> None:
        self.line(f"{label}: {how}")

    def line(self, text: str) -> None:
        if not self.quiet:
            print(text, file=self.stream, flush=True)

    def close(self) -> None:
        """Nothing stands open."""


class _Bars:
    """A bar for each stage at work; what is done stays as a line above them."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Rich

        columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), TextColumn("{task.fields[told]}"))
        self._rich = Rich(*columns, console=Console(file=stream, highlight=False), transient=True)
        self._rich.start()
        self._tasks: dict[str, Any] = {}

    def begun(self, key: str, label: str) -> None:
        from rich.markup import escape

        self._tasks[key] = self._rich.add_task(escape(label), total=None, told="")

    def event(self, key: str, label: str, course: Course, event: dict[str, Any]) -> None:
        if course.share:
            self._rich.update(self._tasks[key], total=1.0, completed=course.share, told=course.told())

    def done(self, key: str, label: str, how: str) -> None:
        self._rich.remove_task(self._tasks.pop(key))
        self.line(f"{label}: {how}")

    def line(self, text: str) -> None:
        from rich.markup import escape

        self._rich.console.print(escape(text), soft_wrap=True)

    def close(self) -> None:
        self._rich.stop()


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)

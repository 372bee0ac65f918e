"""How a run is told while it goes on: on stderr, a line a stage, and one every so often while it trains."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any, TextIO

from xlt_core.graph.stages import Stage

EVERY = 10.0


class Progress:
    """Lines on stderr; nothing here is a result."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self._last = time.monotonic()

    def assumed(self, assumed: Sequence[str]) -> None:
        if assumed:
            self._say("assumed: " + "; ".join(assumed))

    def stage(self, number: int, count: int, stage: Stage) -> None:
        self._prefix = f"[{number}/{count}] {stage.id}"
        self._last = time.monotonic()

    def event(self, stage: Stage, event: dict[str, Any]) -> None:
        if time.monotonic() - self._last >= EVERY or event.get("kind") == "check":
            self._last = time.monotonic()
            told = ", ".join(f"{key} {_short(value)}" for key, value in event.items() if key != "kind")
            self._say(f"{self._prefix}: {told}")

    def done(self, stage: Stage, kept: bool, seconds: float) -> None:
        how = "in store" if kept else f"{seconds:.1f} s"
        self._say(f"{self._prefix}: {how}")

    def _say(self, line: str) -> None:
        print(line, file=self.stream, flush=True)


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)

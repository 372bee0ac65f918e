"""Where and how a run is done."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Threads that spin while they wait cost a factor ten as soon as another program wants a core; it must be
# said before torch is first imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@dataclass(frozen=True, slots=True)
class Machine:
    """Where and how a run is done, none of which changes its results."""

    store: Path | None = None
    offline: bool = False
    resume: bool = False
    jobs: int = 1
    loudness: int = 0
    trackers: tuple[str, ...] = ()

    @classmethod
    def take(cls, asked: dict[str, Any]) -> Machine:
        """Take this class's keys out of keyword arguments."""
        mine = {name: asked.pop(name) for name in cls.__dataclass_fields__ if name in asked}
        if "store" in mine and mine["store"] is not None:
            mine["store"] = Path(mine["store"])
        return cls(**mine)

"""Which of several processes this one is, as `torchrun` says; nothing heavy is imported to know it."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

PATIENCE = timedelta(days=7)
"""How long processes wait for the first one: what they don't compute together it does alone."""


def processes() -> int:
    """How many compute together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """This one's number; the first is 0."""
    return int(os.environ.get("RANK", "0"))


def joined(cpu: bool) -> Any:
    """The group of processes, joined on the first call (`accelerate.PartialState`)."""
    from accelerate import PartialState

    return PartialState(cpu=cpu, timeout=PATIENCE)

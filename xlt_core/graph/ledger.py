"""What stages have cost on this store's machines, and what a stage to come will therefore cost."""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlt_core.graph.stages import Plan, Stage, digest

FILE = "ledger.jsonl"
RECENT = 2000
"""Entries that count: what a machine did long ago says little of what it does now."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a stage will take, by the median of those like it."""

    seconds: float
    peak_mb: float
    like: int
    """How many stages were like it."""
    alike: bool
    """Whether these had its very options; otherwise they share part and backbone alone."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """A file of the store, a line for each stage that was made.

    >>> ledger = Ledger.of(store.root)                                      # doctest: +SKIP
    >>> ledger.expect(plan)["train(eng, ner)"].seconds                      # doctest: +SKIP
    """

    file: Path

    @classmethod
    def of(cls, root: Path) -> Ledger:
        """The ledger of the store in this folder."""
        return cls(root / FILE)

    def note(self, stage: Stage, run: Mapping[str, Any], cost: Mapping[str, float]) -> None:
        """Keep what a stage took. Lines of several processes don't mix: each is one small write at the end."""
        line = json.dumps({**_like(stage, run), "of": _options(stage), **cost}, ensure_ascii=False) + "\n"
        opened = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(opened, line.encode())
        finally:
            os.close(opened)

    def entries(self) -> list[dict[str, Any]]:
        """The latest entries. A line that was cut by a kill is passed over: nothing but a guess hangs on it."""
        try:
            lines = self.file.read_text(encoding="utf-8", errors="replace").splitlines()[-RECENT:]
        except OSError:
            return []
        found = []
        for line in lines:
            try:
                entry = json.loads(line)
                found.append({**entry, "seconds": float(entry["seconds"]), "peak_mb": float(entry["peak_mb"])})
            except (ValueError, KeyError, TypeError):
                continue
        return found

    def expect(self, plan: Plan) -> dict[str, Expected]:
        """What the stages of a plan will take; nothing of one where none like it was made here."""
        entries = self.entries()
        found = {stage.id: _expected(stage, plan.run, entries) for stage in plan} if entries else {}
        return {name: expected for name, expected in found.items() if expected is not None}


def _expected(stage: Stage, run: Mapping[str, Any], entries: list[dict[str, Any]]) -> Expected | None:
    wanted = _like(stage, run)
    near = [entry for entry in entries if all(entry.get(name) == value for name, value in wanted.items())]
    same = [entry for entry in near if entry.get("of") == _options(stage)]
    chosen = same or near
    if not chosen:
        return None
    seconds, peak = (statistics.median(entry[name] for entry in chosen) for name in ("seconds", "peak_mb"))
    return Expected(seconds, peak, len(chosen), bool(same))


def _like(stage: Stage, run: Mapping[str, Any]) -> dict[str, str]:
    wanted = {"verb": stage.verb, "part": stage.part, "backbone": str(run["backbone"])}
    return {**wanted, "device": str(run["device"]), "precision": str(run["precision"])}


def _options(stage: Stage) -> str:
    return digest([stage.options, len(stage.languages)])

"""A batch that makes a loss no number is saved and named, so that it can be looked at."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from xlt_core.data.encode import Piece
from xlt_core.errors import Problem, RunError

FILE = "stopped_at.json"


class Failures:
    """Where the batch is kept: beside the stage's checkpoint, if it has a place for one.

    >>> Failures(folder).refuse({"mlm": float("nan")}, 11, pieces)      # doctest: +SKIP
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def refuse(self, losses: Mapping[str, float], step: int, logical: Sequence[Piece]) -> None:
        """Stop where a value is not finite."""
        bad = [name for name, value in losses.items() if not math.isfinite(value)]
        if not bad:
            return
        where = f"step {step + 1}, sentences {', '.join(str(piece.sentence) for piece in logical[:8])} …"
        fix = "--set training.lr= with a smaller value"
        if self.folder is not None:
            where += f", all of it in {self._saved(losses, step, logical)}"
        problem = Problem(f"{'loss ' if bad != ['the gradient'] else ''}{', '.join(bad)} is not a number", where, fix)
        raise RunError("Training stopped.", [problem])

    def _saved(self, losses: Mapping[str, float], step: int, logical: Sequence[Piece]) -> Path:
        assert self.folder is not None
        self.folder.mkdir(parents=True, exist_ok=True)
        told: list[dict[str, Any]] = [{**asdict(piece), "words": [piece.words.start, piece.words.stop]}
                                      for piece in logical]  # fmt: skip
        batch = {"step": step + 1, "losses": {name: str(value) for name, value in losses.items()}, "batch": told}
        file = self.folder / FILE
        file.write_text(json.dumps(batch, ensure_ascii=False), encoding="utf-8")
        return file

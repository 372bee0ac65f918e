"""The loss of a pretraining over the tokens it has read: python examples/small_backbone/curve.py RUN"""

from __future__ import annotations

import json
import sys
from pathlib import Path

EVERY = 1_000_000


def curve(run: Path) -> list[tuple[float, float]]:
    """Millions of tokens, and the mean loss of the last million before; a step done again counts once."""
    events = map(json.loads, (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines())
    steps = {event["step"]: event for event in events if event.get("kind") == "step"}
    found: dict[int, list[float]] = {}
    for step in steps.values():
        found.setdefault(step["tokens"] // EVERY, []).append(step["mlm"])
    return [(number + 1, sum(losses) / len(losses)) for number, losses in sorted(found.items())]


if __name__ == "__main__":
    for millions, loss in curve(Path(sys.argv[1])):
        print(f"| {millions} | {loss:.2f} |")

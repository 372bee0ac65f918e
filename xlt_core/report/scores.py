"""A run's scores as a table."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from typing import Any

from xlt_core.languages import language
from xlt_core.report.folder import RunFolder
from xlt_core.report.tables import table


def describe_scores(folder: RunFolder) -> str:
    """A row a target, mean ± standard deviation where there are several seeds."""
    scores = folder.scores
    languages = f"{', '.join(scores['sources'])} → {', '.join(scores['targets'])}"
    head = f"{scores['method']} · {scores.get('task')} · {scores['backbone']} · {languages} · {scores['protocol']}"
    rows, measures = _rows(scores["scores"])
    heads = ["target", "", *measures]
    return f"{head}\n\n{table(rows, heads)}\n\n{folder.path}/scores.json"


def _rows(scores: list[dict[str, Any]]) -> tuple[list[list[str]], list[str]]:
    groups: dict[tuple[str, str], dict[str, list[float]]] = {}
    for row in scores:
        cell = groups.setdefault((row["target"], row.get("by") or ""), {})
        for name, value in row["values"].items():
            if name in row.get("shown", [row["headline"]]):
                cell.setdefault(name, []).append(float(value))
    measures = list(dict.fromkeys(name for cell in groups.values() for name in cell))
    rows = [
        [target, _name(target, by), *[_mean(cell.get(name, [])) for name in measures]]
        for (target, by), cell in groups.items()
    ]
    return rows, measures


def _name(target: str, by: str) -> str:
    name = language(target).name.partition(" (")[0] if "," not in target else f"{len(target.split(','))} languages"
    return f"{name} by {by}" if by else name


def _mean(values: Iterable[float]) -> str:
    values = list(values)
    if not values:
        return "-"
    spread = f" ± {statistics.stdev(values):.1f}" if len(values) > 1 else ""
    return f"{statistics.fmean(values):.1f}{spread}"

"""A run's scores as a table, and of mixes what each of their models would have scored alone."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from typing import Any

from xlt_core.languages import language
from xlt_core.report.folder import RunFolder
from xlt_core.report.tables import table
from xlt_core.slots.inference import UNIFORM


def describe_scores(folder: RunFolder) -> str:
    """A row a target, mean ± standard deviation where there are several seeds."""
    scores = folder.scores
    languages = f"{', '.join(scores['sources'])} → {', '.join(scores['targets'])}"
    head = f"{scores['method']} · {scores.get('task')} · {scores['backbone']} · {languages} · {scores['protocol']}"
    rows, measures = _rows(scores["scores"])
    tables = [table(rows, ["target", "", *measures])]
    mixed = [row for row in scores["scores"] if row.get("beside") and row["headline"] == measures[0]]
    if mixed:
        tables.append(_beside(mixed, measures[0]))
    return "\n\n".join((head, *tables, f"{folder.path}/scores.json"))


def _beside(rows: list[dict[str, Any]], measure: str) -> str:
    """A row a target: what each model scored alone with its weight behind it, and what all alike."""
    keys = list(dict.fromkeys(key for row in rows for key in row["weights"]))
    lines = []
    for target in dict.fromkeys(row["target"] for row in rows):
        own = [row for row in rows if row["target"] == target]
        cells = [_mean(row["beside"][key][measure] for row in own) for key in keys]
        weights = [statistics.fmean(row["weights"][key] for row in own) for key in keys]
        alike = [row["beside"].get(UNIFORM, row["values"])[measure] for row in own]
        alone = [f"{cell}  ({weight:.3f})" for cell, weight in zip(cells, weights, strict=True)]
        lines.append([target, *alone, _mean(alike)])
    return table(lines, [f"{measure} alone (weight)", *keys, "all alike"])


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

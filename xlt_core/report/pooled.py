"""Runs that differ in their seeds alone: one run of many seeds that was done in parts, each elsewhere perhaps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path

from xlt_core.report.runs import Replica, Run, Scored

SEEDS = ("seeds", "adaptation_seeds")


class Pooled(Run):
    """Several runs as one: the first one's, with the scores of all.

    >>> Pooled([Run.open(Path("runs/seed-1")), Run.open(Path("runs/seed-2"))]).seeds  # doctest: +SKIP
    [(1, 1), (1, 2)]
    """

    def __init__(self, parts: Sequence[Run], path: Path | None = None) -> None:
        first, *_ = self.parts = tuple(parts)
        seeds = {name: sorted({seed for part in parts for seed in part.config.get(name) or ()}) for name in SEEDS}
        super().__init__(path or first.path, {**first.config, **seeds}, first.plan, first.scores)

    @cached_property
    def scored(self) -> list[Scored]:
        return list(chain.from_iterable(part.scored for part in self.parts))


def pooled(runs: Sequence[Run]) -> list[Run]:
    """The runs, those that differ in their seeds alone as one; what has the same seeds twice, or none, stays apart."""
    groups: dict[str, list[list[Run]]] = {}
    for run in runs:
        alike = groups.setdefault(_but_for_seeds(run), [])
        fitting = (group for group in alike if run.seeds and not {*run.seeds} & _seeds(group))
        group = next(fitting, None)
        if group is None:
            alike.append([run])
        else:
            group.append(run)
    found = [group for alike in groups.values() for group in alike]
    found.sort(key=lambda group: next(n for n, run in enumerate(runs) if run is group[0]))
    return [group[0] if len(group) == 1 else Pooled(group, _folder_of(group, runs)) for group in found]


def _folder_of(group: Sequence[Run], runs: Sequence[Run]) -> Path:
    """The folder that these runs and no others lie in, or else the first one's own."""
    around = group[0].path.parent
    inside = [run for run in runs if run.path.resolve().parent == around.resolve()]
    return around if {*map(id, inside)} == {*map(id, group)} else group[0].path


def _but_for_seeds(run: Run) -> str:
    told = {key: value for key, value in run.config.items() if key not in SEEDS}
    return json.dumps(told, sort_keys=True, default=str)


def _seeds(group: Sequence[Run]) -> set[Replica]:
    return {replica for run in group for replica in run.seeds}

"""A finished run, taken up again: scored on other data or for other targets, with what it trained."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xlt_core.compose.compose import compose
from xlt_core.config.resolve import Request, RunConfig, resolve
from xlt_core.errors import Problem, UnavailableError
from xlt_core.graph.stages import Plan
from xlt_core.graph.store import Store
from xlt_core.report.folder import RunFolder
from xlt_core.running.execute import execute
from xlt_core.running.machine import Machine


def evaluate(run: Path, data: str | None, targets: str | None, out: Path | None, machine: Machine) -> RunFolder:
    """Score a run's models anew; nothing that the run trained is trained again."""
    folder = RunFolder.open(run)
    _ = folder.scores  # a run that didn't end has nothing to score
    asked: dict[str, Any] = {"test_data": data, "targets": targets}
    file = folder.path / "run.yaml"
    config = resolve(Request({key: value for key, value in asked.items() if value is not None}, file))
    _refuse_training(config, folder, Store.at(machine.store))
    return execute(config, out or _next(folder.path), machine)


def _refuse_training(config: RunConfig, folder: RunFolder, store: Store) -> None:
    known = json.loads((folder.path / "plan.json").read_text(encoding="utf-8"))
    keys = {stage["id"]: stage["key"] for stage in known["stages"]}
    problems = list(_retrained(compose(config), keys, store))
    if problems:
        fix = f"xlt run --config {folder.path}/run.yaml --out ANOTHER trains it anew"
        problems.append(Problem("an evaluation trains nothing that the run had trained", fix=fix))
        raise UnavailableError("This run's models can't be had.", problems)


def _retrained(plan: Plan, keys: dict[str, str], store: Store) -> Iterator[Problem]:
    for stage in plan:
        if stage.slot not in ("training", "adaptation") or stage.id not in keys:
            continue
        if stage.key != keys[stage.id]:
            why = f"what it was made from has changed since (xlt store explain {keys[stage.id][:8]})"
            yield Problem(why, stage.id)
        elif not store.has(stage.key):
            yield Problem(f"its result is not in the store {store.root}", stage.id, "--store FOLDER, where it is")


def _next(run: Path) -> Path:
    number = 1
    while (path := run / f"eval-{number}").exists():
        number += 1
    return path

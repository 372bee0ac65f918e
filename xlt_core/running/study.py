"""A study: variants of one run as one plan, in which what they share is done once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from xlt_core.compose.compose import compose
from xlt_core.config.variants import Variant, file_name
from xlt_core.engine.processes import processes
from xlt_core.errors import Problem, RefusedError, RunError, XltError
from xlt_core.graph.stages import Plan, Stage
from xlt_core.graph.store import Store
from xlt_core.report.folder import next_folder
from xlt_core.running.execute import made_folder, refuse_impossible
from xlt_core.running.machine import Machine
from xlt_core.running.together import One, Together

FILE, CHECKED = "study.json", "selected.json"
SOURCE_DEV = "source_dev"


@dataclass(frozen=True, slots=True)
class Study:
    """What a study left: its folder, a run's folder for each variant that was scored, and which one was selected."""

    path: Path
    runs: tuple[Path, ...]
    selected: str = ""
    dev: tuple[tuple[str, float], ...] = ()


def planned(variants: Sequence[Variant]) -> list[Plan]:
    """The plans of all variants; one that can't be composed says whose it is."""
    plans = []
    for variant in variants:
        try:
            plans.append(compose(variant.config))
        except XltError as error:
            raise type(error)(f"{variant.name}: {error.headline}", error.problems) from None
    return plans


def study(variants: Sequence[Variant], out: Path | None, machine: Machine, select: str | None = None) -> Study:
    """Do all variants; with `select` the best by the sources' development data alone meets the test data."""
    if processes() > 1:
        problem = Problem(
            "several processes do one run together, and no study yet", "torchrun", "a run for each variant"
        )
        raise RefusedError("Nothing was begun.", [problem])
    plans = planned(variants)
    if select:
        _refuse_selection(plans, variants)
    for variant, plan in zip(variants, plans, strict=True):
        refuse_impossible(plan, variant.config, machine)
    path = out or next_folder(Path(variants[0].config.settings.method).stem.split("@")[0] + "-study")
    runs = [
        One(
            plan,
            variant.config,
            made_folder(path / file_name(variant.name), variant.config, plan, machine),
            variant.name,
        )
        for variant, plan in zip(variants, plans, strict=True)
    ]
    store = Store.at(machine.store)
    if not select:
        Together(runs, store, machine).do()
        return _told(Study(path, tuple(run.folder.path for run in runs)), variants)
    first = Together(runs, store, machine)
    learning = {stage.key for plan in plans for stage in _learning(plan)}
    first.do(lambda stage: stage.key in learning)
    dev = [(run.name, _dev(run.plan, store)) for run in runs]
    best = max(dev, key=lambda pair: pair[1])[0]
    (chosen,) = (run for run in runs if run.name == best)
    Together([chosen], store, machine).do()
    return _told(Study(path, (chosen.folder.path,), best, tuple(dev)), variants)


def _learning(plan: Plan) -> Iterable[Stage]:
    """The trainings and all that they stand on."""
    for stage in plan:
        if stage.slot == "training":
            yield from plan.before(stage)
            yield stage


def _dev(plan: Plan, store: Store) -> float:
    """The mean of the development scores at which a plan's last trainings were kept."""
    last = [stage for stage in plan if stage.slot == "training"]
    later = {name for stage in last for name in stage.after}
    found = [
        json.loads((store.path(stage.key) / CHECKED).read_text("utf-8")) for stage in last if stage.id not in later
    ]
    return fmean(float(one["score"]) for one in found)


def _refuse_selection(plans: Sequence[Plan], variants: Sequence[Variant]) -> None:
    problems = []
    for plan, variant in zip(plans, variants, strict=True):
        selects = [stage.options["select"] for stage in plan if stage.slot == "training"]
        if not selects or any(one["by"] != "task_dev" or one["keep"] != "best" for one in selects):
            what = f"{variant.name} trains without a look at the sources' development data, so nothing can select it"
            problems.append(Problem(what, "--select", "--set training.select.keep=best"))
    if problems:
        raise RefusedError("Nothing was begun.", problems[:1])


def _told(found: Study, variants: Sequence[Variant]) -> Study:
    """Write down what the study was; the runs' own folders hold the rest."""
    dev = dict(found.dev)
    rows: list[dict[str, Any]] = []
    for variant in variants:
        row: dict[str, Any] = {
            "name": variant.name,
            "folder": file_name(variant.name),
            "differs": variant.change.told(),
        }
        rows.append({**row, "dev": dev[variant.name]} if dev else row)
    told = {"format": 1, "variants": rows, **({"selected": found.selected} if found.selected else {})}
    try:
        (found.path / FILE).write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise RunError("The study's file can't be written.", [Problem(str(error.strerror), str(found.path))]) from None
    return found

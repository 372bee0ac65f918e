"""Doing a plan: what can be known to fail is refused first, then it is done stage by stage."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from xlt_core.compose.compose import compose
from xlt_core.config.resolve import RunConfig
from xlt_core.config.settings import Settings
from xlt_core.cores import cores
from xlt_core.engine.processes import processes, rank
from xlt_core.errors import Problem, RefusedError, RunError, UsageError
from xlt_core.graph.stages import Plan
from xlt_core.graph.store import Store
from xlt_core.report.folder import RunFolder, Unrecorded, next_folder
from xlt_core.report.trackers import refuse_absent
from xlt_core.running.available import refuse_unavailable, refuse_without_libraries
from xlt_core.running.machine import Machine
from xlt_core.running.together import One, Together
from xlt_core.running.torchrun import dismiss
from xlt_core.running.workshop import Workshop, folders_of, load_all


def execute(config: RunConfig, out: Path | None, machine: Machine) -> RunFolder:
    """Do a run and return its folder. Nothing is begun that is known to be impossible."""
    plan = compose(config)
    refuse_impossible(plan, config, machine)
    store = Store.at(machine.store)
    if rank():
        Workshop(plan, config, store).help()
        sys.exit(0)
    path = out or next_folder(Path(config.settings.method).stem.split("@")[0])
    together = Together([One(plan, config, made_folder(path, config, plan, machine))], store, machine)
    together.do()
    dismiss(config.settings.device)
    return together.runs[0].folder


def make(plan: Plan, config: RunConfig, machine: Machine, beside: Path) -> Mapping[str, Path]:
    """Do a plan that isn't a run's, and return each stage's folder; nothing is recorded but in the store.

    `beside` is where its results will be written out: a message about a full disk names both.
    """
    refuse_impossible(plan, config, machine)
    store = Store.at(machine.store)
    Together([One(plan, config, Unrecorded(beside))], store, machine).do()
    return folders_of(plan, store)


def refuse_impossible(plan: Plan, config: RunConfig, machine: Machine) -> None:
    """Raise where a plan can't be done here and now."""
    refuse_unavailable(plan, config.backbone, machine.offline)
    refuse_absent(machine.trackers)
    refuse_crowding(config.settings, machine)
    refuse_unbuilt(plan, config)
    store = Store.at(machine.store)
    refuse_without_libraries(plan, config.catalog, store)
    load_all(plan, store)


def made_folder(path: Path, config: RunConfig, plan: Plan, machine: Machine) -> RunFolder:
    try:
        return RunFolder.create(path, config, plan, machine.resume)
    except OSError as error:
        raise RunError("Nothing was begun.", [Problem(f"{error.strerror}: {error.filename}", "--out")]) from error


def refuse_unbuilt(plan: Plan, config: RunConfig) -> None:
    """A plan may name parts that nothing computes yet; a run of it is refused before it begins."""
    unbuilt = plan.unbuilt()
    problems = [Problem(f"not built yet: {', '.join(unbuilt)}", fix="xlt list shows what is")] if unbuilt else []
    if problems:
        headline = "This run can be planned, and not yet be done; nothing was begun."
        raise RefusedError(headline, problems)


def refuse_crowding(settings: Settings, machine: Machine) -> None:
    """Threads beyond the cores make everything slower, several times over."""
    threads, there = settings.threads or 1, cores()
    if machine.jobs > 1 and processes() > 1:
        what = f"{processes()} processes do one stage together, and {machine.jobs} stages were to be done at once"
        raise UsageError("One or the other.", [Problem(what, "--jobs", "--jobs 1, or without torchrun")])
    if machine.jobs > 1 and machine.jobs * threads > there:
        each = f" of {threads} threads" if settings.threads else ""
        what = f"{machine.jobs} jobs{each} want {machine.jobs * threads} cores, and {there} may be used"
        fix = f"--jobs {max(1, there // threads)}" if threads <= there else f"--threads {there}"
        raise UsageError("Nothing was begun.", [Problem(what, "--jobs", fix)])

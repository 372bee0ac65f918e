"""Doing a plan: what is in the store is taken from there, the rest is done stage by stage."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlt_core.catalog import load_object
from xlt_core.compose.compose import compose
from xlt_core.config.resolve import RunConfig
from xlt_core.errors import Problem, RefusedError, RunError, StoppedError, XltError
from xlt_core.graph.job import Job
from xlt_core.graph.stages import Plan, Stage
from xlt_core.graph.store import Store
from xlt_core.report.folder import RunFolder
from xlt_core.report.progress import Progress
from xlt_core.running.available import refuse_unavailable

# Threads that spin while they wait cost a factor ten as soon as another program wants a core; it must be
# said before torch is first imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@dataclass(frozen=True, slots=True)
class Machine:
    """Where and how a run is done, none of which changes its results."""

    store: Path | None = None
    offline: bool = False
    resume: bool = False
    jobs: int = 1

    @classmethod
    def take(cls, asked: dict[str, Any]) -> Machine:
        """Take this class's keys out of keyword arguments."""
        mine = {name: asked.pop(name) for name in cls.__dataclass_fields__ if name in asked}
        if "store" in mine and mine["store"] is not None:
            mine["store"] = Path(mine["store"])
        return cls(**mine)


@dataclass
class _Done:
    """What became of each stage."""

    folders: dict[str, Path] = field(default_factory=dict)
    records: list[dict[str, Any]] = field(default_factory=list)


def execute(config: RunConfig, out: Path | None, machine: Machine) -> RunFolder:
    """Do a run and return its folder. Nothing is begun that is known to be impossible."""
    plan = compose(config)
    refuse_unavailable(plan, config.backbone, machine.offline)
    refuse_unbuilt(plan, config, machine)
    store = Store.at(machine.store)
    _load_all(plan, store)
    progress = Progress()
    progress.assumed(plan.assumed)
    folder = RunFolder.create(out, config, plan, machine.resume)
    done = _Done()
    try:
        for number, stage in enumerate(plan, 1):
            progress.stage(number, len(plan.stages), stage)
            _do(stage, plan, config, store, folder, done, progress)
    except KeyboardInterrupt:
        finished = f"{len(done.records)} of {len(plan.stages)} stages are finished and kept"
        fix = Problem("the same command goes on from there", fix=f"xlt run --config {folder.path}/run.yaml "
                      f"--out {folder.path} --resume")  # fmt: skip
        raise StoppedError(f"Stopped; {finished}.", [fix]) from None
    folder.finish(plan, done.folders, done.records)
    return folder


def refuse_unbuilt(plan: Plan, config: RunConfig, machine: Machine) -> None:
    """A plan may name parts that nothing computes yet; a run of it is refused before it begins."""
    unbuilt = plan.unbuilt()
    problems = [Problem(f"not built yet: {', '.join(unbuilt)}", fix="xlt list shows what is")] if unbuilt else []
    if config.settings.protocol == "few_shot":
        problems.append(Problem("not built yet: drawing a few shots", "--protocol few_shot"))
    if config.settings.precision == "fp16":
        problems.append(
            Problem("not built yet: fp16, which wants its losses scaled", "--precision", "--precision bf16")
        )
    if machine.jobs > 1:
        problems.append(Problem("not built yet: stages side by side", "--jobs", "--jobs 1"))
    if problems:
        headline = "This run can be planned, and not yet be done; nothing was begun."
        raise RefusedError(headline, problems)


def _load_all(plan: Plan, store: Store) -> None:
    """Import all that will compute, so that a library that isn't there is met before anything is begun."""
    for stage in plan:
        if not store.has(stage.key):
            losses = stage.options.get("losses", {}).values()
            for work in (stage.work, *(loss["work"] for loss in losses)):
                load_object(str(work))


def _do(
    stage: Stage, plan: Plan, config: RunConfig, store: Store, folder: RunFolder, done: _Done, progress: Progress
) -> None:
    started = time.monotonic()
    kept = store.has(stage.key) and not store.check(stage.key)
    if not kept:
        about = {"stage": stage.id, "part": stage.part, "options": stage.options, "needs": stage.needs}
        with store.making(stage.key, about) as out:
            _work(stage)(_job(stage, plan, config, done, out, folder, progress))
    done.folders[stage.id] = store.path(stage.key)
    seconds = time.monotonic() - started
    record = {"stage": stage.id, "key": stage.key, "from_store": kept, "seconds": round(seconds, 3)}
    done.records.append(record)
    progress.done(stage, kept, seconds)


def _work(stage: Stage) -> Callable[[Job], None]:
    assert stage.work is not None, "a plan with parts that aren't built is refused"
    work: Callable[[Job], None] = load_object(stage.work)

    def guarded(job: Job) -> None:
        try:
            work(job)
        except (XltError, KeyboardInterrupt):
            raise
        except OSError as error:
            what = f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
            raise RunError(f"{stage.id} failed.", [Problem(what, stage.id)]) from error

    return guarded


def _job(
    stage: Stage, plan: Plan, config: RunConfig, done: _Done, out: Path, folder: RunFolder, progress: Progress
) -> Job:
    inputs = {}
    for earlier in stage.after:
        for fact in plan[earlier].gives:
            if fact in stage.needs or plan[earlier].slot == "inference":
                inputs[fact] = done.folders[earlier]

    def report(event: dict[str, Any]) -> None:
        folder.log({"stage": stage.id, **event})
        progress.event(stage, event)

    return Job(stage, inputs, out, config.settings, config.backbone, config.task, config.catalog, report)

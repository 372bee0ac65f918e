"""Doing a plan: what is in the store is taken from there, the rest is done stage by stage."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlt_core.catalog import load_object
from xlt_core.compose.compose import compose
from xlt_core.config.resolve import RunConfig
from xlt_core.errors import Problem, RefusedError, RunError, StoppedError, XltError
from xlt_core.graph.job import Job
from xlt_core.graph.stages import Plan, Stage
from xlt_core.graph.store import Store, is_full
from xlt_core.report.folder import RunFolder
from xlt_core.report.progress import Progress
from xlt_core.running.available import refuse_unavailable

# Threads that spin while they wait cost a factor ten as soon as another program wants a core; it must be
# said before torch is first imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)
"""What a system says where one may not write, or where no folder can be."""


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
class _Run:
    """A run that goes on: what it works on, and what became of each stage."""

    plan: Plan
    config: RunConfig
    store: Store
    folder: RunFolder
    progress: Progress
    folders: dict[str, Path] = field(default_factory=dict)
    records: list[dict[str, Any]] = field(default_factory=list)
    unsettled: set[str] = field(default_factory=set)
    """Stages whose result their key doesn't settle, since a part of theirs, or before them, can't repeat itself."""


def execute(config: RunConfig, out: Path | None, machine: Machine) -> RunFolder:
    """Do a run and return its folder. Nothing is begun that is known to be impossible."""
    plan = compose(config)
    refuse_unavailable(plan, config.backbone, machine.offline)
    refuse_unbuilt(plan, config, machine)
    store = Store.at(machine.store)
    _load_all(plan, store)
    progress = Progress()
    progress.assumed(plan.assumed)
    try:
        folder = RunFolder.create(out, config, plan, machine.resume)
    except OSError as error:
        raise RunError("Nothing was begun.", [Problem(f"{error.strerror}: {error.filename}", "--out")]) from error
    run = _Run(plan, config, store, folder, progress)
    with _disk_errors_told(run), store.using([stage.key for stage in plan]):
        try:
            for number, stage in enumerate(plan, 1):
                progress.stage(number, len(plan.stages), stage)
                _do(stage, run)
        except KeyboardInterrupt:
            finished = f"{len(run.records)} of {len(plan.stages)} stages are finished and kept"
            raise StoppedError(f"Stopped; {finished}.", [_go_on(folder)]) from None
        folder.finish(plan, run.folders, run.records)
    return folder


def _go_on(folder: RunFolder) -> Problem:
    return Problem("the same command goes on from there", fix=f"xlt run --config {folder.path}/run.yaml "
                   f"--out {folder.path} --resume")  # fmt: skip


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


def _do(stage: Stage, run: _Run) -> None:
    started = time.monotonic()
    store, key = run.store, stage.key
    read = {input_key: store.manifest(input_key).content for input_key in _unsettled_inputs(stage, run)}

    def say(line: str) -> None:
        print(line, file=run.progress.stream, flush=True)

    with store.claim(key, stage.id, say, read) as mine:
        if mine:
            with store.making(key, {**about(stage, run.plan), "read": read}) as out:
                _work(stage)(_job(stage, run, out))
            shutil.rmtree(store.unfinished(key), ignore_errors=True)
    run.folders[stage.id] = store.path(key)
    seconds = time.monotonic() - started
    run.records.append({"stage": stage.id, "key": key, "from_store": not mine, "seconds": round(seconds, 3)})
    run.progress.done(stage, not mine, seconds)


def _unsettled_inputs(stage: Stage, run: _Run) -> list[str]:
    """The keys of inputs of which there may be several results; a stage that reads one is such a stage, too."""
    found = [name for name in stage.after if name in run.unsettled]
    if found or not stage.details.get("repeatable", True):
        run.unsettled.add(stage.id)
    return [run.plan[name].key for name in found]


def about(stage: Stage, plan: Plan) -> dict[str, Any]:
    """What a result's manifest says of its stage: all that its key was made from, and what it is called."""
    fields = ("verb", "part", "slot", "gives", "needs", "options", "seed")
    return {
        "stage": stage.id,
        **{name: getattr(stage, name) for name in fields},
        **stage.details["key_from"],
        "inputs": {name: plan[name].key for name in stage.after},
        "repeatable": stage.details.get("repeatable", True),
    }


@contextmanager
def _disk_errors_told(run: _Run) -> Iterator[None]:
    """A disk that is full, or not ours to write on, ends a run with a message; what was finished is whole."""
    try:
        yield
    except Exception as error:
        full = is_full(error)
        if not full and not (isinstance(error, OSError) and error.errno in CLOSED):
            raise
        done, stages = len(run.records), run.plan.stages
        at = stages[done].id if done < len(stages) else "the run's folder"
        headline = f"{at} was not kept; {done} of {len(stages)} stages are finished, and whole in the store."
        raise RunError(headline, [_full(run) if full else _closed(error, run.store), _go_on(run.folder)]) from error


def _full(run: _Run) -> Problem:
    """Of the disks of the store and of the run's folder, the one with less room is meant."""
    places = {place: shutil.disk_usage(place).free for place in (run.store.root, run.folder.path) if place.exists()}
    place = min(places, key=lambda place: places[place])
    what = f"there is no room left on this disk, or in the quota on it ({places[place] / 1e6:.1f} MB are free)"
    fix = "xlt store gc --dry-run shows what the store can do without; or --store FOLDER on another disk"
    return Problem(what, str(place), fix)


def _closed(error: Exception, store: Store) -> Problem:
    assert isinstance(error, OSError)
    return Problem(str(error.strerror), str(error.filename or store.root), "--store FOLDER, where you may write")


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


def _job(stage: Stage, run: _Run, out: Path) -> Job:
    inputs = {}
    for earlier in stage.after:
        for fact in run.plan[earlier].gives:
            if fact in stage.needs or run.plan[earlier].slot == "inference":
                inputs[fact] = run.folders[earlier]

    def report(event: dict[str, Any]) -> None:
        run.folder.log({"stage": stage.id, **event})
        run.progress.event(stage, event)

    config, unfinished = run.config, run.store.unfinished(stage.key)
    return Job(stage, inputs, out, config.settings, config.backbone, config.task, config.catalog, report, unfinished)

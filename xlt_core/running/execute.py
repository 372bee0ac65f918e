"""Doing a plan: what is in the store is taken from there, the rest is done stage by stage."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlt_core.compose.compose import compose
from xlt_core.config.resolve import RunConfig
from xlt_core.config.settings import Settings
from xlt_core.errors import Problem, RefusedError, RunError, StoppedError, UsageError
from xlt_core.graph.stages import Plan
from xlt_core.graph.store import Store, is_full
from xlt_core.report.folder import RunFolder
from xlt_core.report.progress import Progress
from xlt_core.running.available import refuse_unavailable
from xlt_core.running.executor import Errand, Executor, Here, carry_out
from xlt_core.running.processes import Processes, cores
from xlt_core.running.workshop import Done, Workshop, folders_of, load_all

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
    loudness: int = 0

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
    records: list[dict[str, Any]] = field(default_factory=list)

    def begun(self, errand: Errand) -> None:
        self.progress.begun(errand.stage)

    def told(self, errand: Errand, event: dict[str, Any]) -> None:
        self.folder.log({"stage": errand.stage.id, **event})
        self.progress.event(errand.stage, event)

    def done(self, errand: Errand, done: Done) -> None:
        stage = errand.stage
        self.records.append({"stage": stage.id, "key": stage.key, "from_store": not done.made, **done.cost.as_data()})
        self.progress.done(stage, not done.made, done.cost.seconds)


def execute(config: RunConfig, out: Path | None, machine: Machine) -> RunFolder:
    """Do a run and return its folder. Nothing is begun that is known to be impossible."""
    plan = compose(config)
    refuse_unavailable(plan, config.backbone, machine.offline)
    refuse_crowding(config.settings, machine)
    refuse_unbuilt(plan, config)
    store = Store.at(machine.store)
    load_all(plan, store)
    progress = Progress(plan, machine.loudness)
    progress.assumed(plan.assumed)
    try:
        folder = RunFolder.create(out, config, plan, machine.resume)
    except OSError as error:
        raise RunError("Nothing was begun.", [Problem(f"{error.strerror}: {error.filename}", "--out")]) from error
    run = _Run(plan, config, store, folder, progress)
    errands = [Errand(folder.path / "run.yaml", stage) for stage in plan]
    with progress, _disk_errors_told(run), store.using([stage.key for stage in plan]):
        try:
            keys = {stage.key: [plan[name].key for name in stage.after] for stage in plan}
            executor = _executor(run, machine)
            carry_out(errands, lambda errand: keys[errand.stage.key], executor, run.begun, run.done)
        except KeyboardInterrupt:
            finished = f"{len(run.records)} of {len(plan.stages)} stages are finished and kept"
            raise StoppedError(f"Stopped; {finished}.", [_go_on(folder)]) from None
        folder.finish(plan, folders_of(plan, store), run.records)
    return folder


def _executor(run: _Run, machine: Machine) -> Executor:
    if machine.jobs > 1:
        threads = run.config.settings.threads or cores() // machine.jobs
        return Processes(machine.jobs, threads, run.store, run.told)
    workshop = Workshop(run.plan, run.config, run.store)
    return Here({run.folder.path / "run.yaml": workshop}, run.told, run.progress.say)


def _go_on(folder: RunFolder) -> Problem:
    return Problem("the same command goes on from there", fix=f"xlt run --config {folder.path}/run.yaml "
                   f"--out {folder.path} --resume")  # fmt: skip


def refuse_unbuilt(plan: Plan, config: RunConfig) -> None:
    """A plan may name parts that nothing computes yet; a run of it is refused before it begins."""
    unbuilt = plan.unbuilt()
    problems = [Problem(f"not built yet: {', '.join(unbuilt)}", fix="xlt list shows what is")] if unbuilt else []
    if config.settings.protocol == "few_shot":
        problems.append(Problem("not built yet: drawing a few shots", "--protocol few_shot"))
    if config.settings.precision == "fp16":
        problems.append(
            Problem("not built yet: fp16, which wants its losses scaled", "--precision", "--precision bf16")
        )
    if problems:
        headline = "This run can be planned, and not yet be done; nothing was begun."
        raise RefusedError(headline, problems)


def refuse_crowding(settings: Settings, machine: Machine) -> None:
    """Threads beyond the cores make everything slower, several times over."""
    threads, there = settings.threads or 1, cores()
    if machine.jobs > 1 and machine.jobs * threads > there:
        each = f" of {threads} threads" if settings.threads else ""
        what = f"{machine.jobs} jobs{each} want {machine.jobs * threads} cores, and {there} may be used"
        fix = f"--jobs {max(1, there // threads)}" if threads <= there else f"--threads {there}"
        raise UsageError("Nothing was begun.", [Problem(what, "--jobs", fix)])


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
        finished = {record["stage"] for record in run.records}
        at = next((stage.id for stage in stages if stage.id not in finished), "the run's folder")
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

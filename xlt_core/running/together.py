"""Doing runs: one, or several whose common stages are done once."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlt_core.config.resolve import RunConfig
from xlt_core.cores import cores
from xlt_core.errors import Problem, RunError, StoppedError
from xlt_core.graph.parts import PARTS, Parts, lent
from xlt_core.graph.stages import Plan, Stage
from xlt_core.graph.store import Store, is_full
from xlt_core.model.load import carry
from xlt_core.report.folder import RunFolder, Unrecorded
from xlt_core.report.progress import Progress
from xlt_core.report.trackers import Trackers
from xlt_core.running.answered import write_answers
from xlt_core.running.executor import Errand, Executor, Here, carry_out
from xlt_core.running.machine import Machine
from xlt_core.running.processes import Processes
from xlt_core.running.workshop import Done, Workshop, folders_of

CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)
"""What a system says where one may not write, or where no folder can be."""


@dataclass
class One:
    """A run that goes on, and what became of its stages so far."""

    plan: Plan
    config: RunConfig
    folder: RunFolder
    name: str = ""
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By the stage's key."""

    @property
    def file(self) -> Path:
        """The file that repeats the run."""
        return self.folder.path / "run.yaml"


class Together:
    """Runs that are done side by side: a stage of several of them is done once, and told of in each."""

    def __init__(self, runs: Sequence[One], store: Store, machine: Machine) -> None:
        self.runs, self.store, self.machine = list(runs), store, machine
        self.stages: dict[str, tuple[One, Stage]] = {}
        for run in self.runs:
            for stage in run.plan:
                self.stages.setdefault(stage.key, (run, stage))
        self.needs = {stage.key: [run.plan[name].key for name in stage.after] for run, stage in self.stages.values()}
        self.progress = Progress(self._labels(), machine.loudness)
        self.trackers = {run.file: Trackers(machine.trackers, run.folder.path, run.plan.run) for run in self.runs}

    def do(self, wanted: Callable[[Stage], bool] = lambda stage: True) -> None:
        """Do the stages that are wanted, then write the folders of those runs that have all of theirs."""
        waiting = self._waiting()
        errands = [Errand(run.file, stage) for run, stage in waiting if wanted(stage)]
        for run in self.runs:
            self.progress.assumed(run.plan.assumed if run is self.runs[0] else ())
        with self.progress, self._disk_errors_told(), self.store.using(list(self.stages)):
            try:
                carry_out(
                    errands, lambda errand: self.needs[errand.stage.key], self._executor(), self._begun, self._done
                )
            except KeyboardInterrupt:
                self._close_trackers()
                finished = f"{self._finished} of {len(self.stages)} stages are finished and kept"
                raise StoppedError(f"Stopped; {finished}.", [self._go_on()]) from None
            self._close_trackers()
            for run in self.runs:
                if len(run.records) == len(run.plan.stages):
                    self._write_out(run)

    def _write_out(self, run: One) -> None:
        folders, records = folders_of(run.plan, self.store), [run.records[stage.key] for stage in run.plan]
        if not isinstance(run.folder, Unrecorded):
            self._lend(run)
            write_answers(run.folder, run.plan, run.config, folders)
        run.folder.finish(run.plan, folders, records)

    def _lend(self, run: One) -> None:
        """Keep in the run's folder what it can be used with, wherever it is carried."""
        parts = Parts(run.folder.path / PARTS)
        for stage in lent(run.plan):
            parts.take(self.store, stage.key, carry if stage.verb == "backbone" else lambda folder: ())

    def _close_trackers(self) -> None:
        for trackers in self.trackers.values():
            trackers.close()

    def _labels(self) -> dict[str, str]:
        """`[3/12] train(eng, ner)`; a stage that the first run hasn't says whose it is."""
        told = {}
        for number, (key, (run, stage)) in enumerate(self.stages.items(), 1):
            whose = f"{run.name}: " if run is not self.runs[0] else ""
            told[key] = f"[{number}/{len(self.stages)}] {whose}{stage.id}"
        return told

    @property
    def _finished(self) -> int:
        return sum(any(key in run.records for run in self.runs) for key in self.stages)

    def _executor(self) -> Executor:
        settings, jobs = self.runs[0].config.settings, self.machine.jobs
        if jobs > 1:
            return Processes(jobs, settings.threads or cores() // jobs, self.store, self._told)
        workshops = {run.file: Workshop(run.plan, run.config, self.store) for run in self.runs}
        return Here(workshops, self._told, self.progress.say)

    # what happens

    def _begun(self, errand: Errand) -> None:
        self.progress.begun(errand.stage.key)

    def _told(self, errand: Errand, event: dict[str, Any]) -> None:
        run = next(run for run in self.runs if run.file == errand.run)
        run.folder.log({"stage": errand.stage.id, **event})
        self.trackers[run.file].tell(errand.stage.id, event)
        self.progress.event(errand.stage.key, event)

    def _done(self, errand: Errand, done: Done) -> None:
        key = errand.stage.key
        for run in self.runs:
            for stage in run.plan:
                if stage.key == key:
                    mine = done.made and run.file == errand.run
                    told = {"stage": stage.id, "key": key, "from_store": not mine}
                    run.records[key] = {**told, **done.cost.as_data()}
        self.progress.done(key, not done.made, done.cost.seconds)

    # what goes wrong

    def _go_on(self) -> Problem:
        if isinstance(self.runs[0].folder, Unrecorded):
            return Problem("the same command goes on from there")
        if len(self.runs) > 1:
            return Problem("the same command with --resume goes on from there")
        return _go_on(self.runs[0].folder)

    @contextmanager
    def _disk_errors_told(self) -> Iterator[None]:
        """A disk that is full, or not ours to write on, ends a run with a message; what was finished is whole."""
        try:
            yield
        except Exception as error:
            full = is_full(error)
            if not full and not (isinstance(error, OSError) and error.errno in CLOSED):
                raise
            waiting = (f"{run.name}: {stage.id}" if run.name else stage.id for run, stage in self._waiting())
            headline = (
                f"{next(waiting, 'a folder')} was not kept; {self._finished} of {len(self.stages)} stages are "
                "finished, and whole in the store."
            )
            why = _full(self.store, self.runs[0].folder) if full else _closed(error, self.store)
            raise RunError(headline, [why, self._go_on()]) from error

    def _waiting(self) -> Iterator[tuple[One, Stage]]:
        for key, (run, stage) in self.stages.items():
            if not any(key in other.records for other in self.runs):
                yield run, stage


def _go_on(folder: RunFolder) -> Problem:
    return Problem("the same command goes on from there", fix=f"xlt run --config {folder.path}/run.yaml "
                   f"--out {folder.path} --resume")  # fmt: skip


def _full(store: Store, folder: RunFolder) -> Problem:
    """Of the disks of the store and of the run's folder, the one with less room is meant."""
    places = {place: shutil.disk_usage(place).free for place in (store.root, folder.path) if place.exists()}
    place = min(places, key=lambda place: places[place])
    what = f"there is no room left on this disk, or in the quota on it ({places[place] / 1e6:.1f} MB are free)"
    fix = "xlt store gc --dry-run shows what the store can do without; or --store FOLDER on another disk"
    return Problem(what, str(place), fix)


def _closed(error: Exception, store: Store) -> Problem:
    assert isinstance(error, OSError)
    return Problem(str(error.strerror), str(error.filename or store.root), "--store FOLDER, where you may write")

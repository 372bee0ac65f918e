"""Doing one stage: under its lock, in a folder of its own, kept when it is whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlt_core.catalog import load_object
from xlt_core.config.resolve import RunConfig
from xlt_core.errors import Problem, RunError, XltError
from xlt_core.graph.job import Job
from xlt_core.graph.ledger import Ledger
from xlt_core.graph.stages import Plan, Stage
from xlt_core.graph.store import Store, is_full
from xlt_core.running.meter import Cost, Meter
from xlt_core.running.torchrun import invitation, invite

Report = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a stage."""

    made: bool
    """Whether it was made now; otherwise the store had it."""
    cost: Cost


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where the stages of one run are done.

    >>> Workshop(plan, config, store).do(plan["train(eng, ner)"], print, print)     # doctest: +SKIP
    """

    plan: Plan
    config: RunConfig
    store: Store

    def do(self, stage: Stage, report: Report, say: Callable[[str], None]) -> Done:
        """Make a stage's result, or find it in the store. What the stage reads must be there."""
        store, key, meter = self.store, stage.key, Meter.start()
        read = {of: store.manifest(of).content for of in self._unsettled_inputs(stage)}
        with store.claim(key, stage.id, say, read) as mine:
            if mine:
                with store.making(key, {**about(stage, self.plan), "read": read}) as out:
                    job = self._job(stage, out, meter.watching(report))
                    invite(stage, job)
                    _work(stage)(job)
                shutil.rmtree(store.unfinished(key), ignore_errors=True)
        cost = meter.read()
        if mine:
            Ledger.of(store.root).note(stage, self.plan.run, cost.as_data())
        return Done(mine, cost)

    def help(self) -> None:
        """Do what the first process is at, as one of the others: train along, and keep nothing."""
        job = self._job(self.plan.stages[0], self.store.root, lambda event: None)
        while (own := invitation(self.plan, job)) is not None:
            try:
                _work(own.stage)(own)
            finally:
                shutil.rmtree(own.out, ignore_errors=True)

    def _unsettled_inputs(self, stage: Stage) -> list[str]:
        """The keys of inputs of which there may be several results, since a part before them can't repeat itself."""
        unsettled = unrepeatable(self.plan)
        return [self.plan[name].key for name in stage.after if name in unsettled]

    def _job(self, stage: Stage, out: Path, report: Report) -> Job:
        inputs = {}
        for earlier in (self.plan[name] for name in stage.after):
            for fact in earlier.gives:
                if fact in stage.needs or earlier.slot == "inference":
                    inputs[fact] = self.store.path(earlier.key)
        config, unfinished = self.config, self.store.unfinished(stage.key)
        backbone, task, catalog = config.backbone, config.task, config.catalog
        return Job(stage, inputs, out, config.settings, backbone, task, catalog, report, unfinished, self.store)


def unrepeatable(plan: Plan) -> set[str]:
    """Stages whose result their key doesn't settle: a part of theirs, or before them, can't repeat itself."""
    found: set[str] = set()
    for stage in plan:
        if not stage.details.get("repeatable", True) or found.intersection(stage.after):
            found.add(stage.id)
    return found


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


def load_all(plan: Plan, store: Store) -> None:
    """Import all that will compute, so that a library that isn't there is met before anything is begun."""
    for stage in plan:
        if not store.has(stage.key):
            losses = stage.options.get("losses", {}).values()
            for work in (stage.work, *(loss["work"] for loss in losses)):
                load_object(str(work))


def _work(stage: Stage) -> Callable[[Job], None]:
    assert stage.work is not None, "a plan with parts that aren't built is refused"
    work: Callable[[Job], None] = load_object(stage.work)

    def guarded(job: Job) -> None:
        try:
            work(job)
        except (XltError, KeyboardInterrupt):
            raise
        except OSError as error:
            if is_full(error):
                raise
            what = f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
            raise RunError(f"{stage.id} failed.", [Problem(what, stage.id)]) from error

    return guarded


def folders_of(plan: Plan, store: Store) -> Mapping[str, Path]:
    """Where each stage's result lies."""
    return {stage.id: store.path(stage.key) for stage in plan}

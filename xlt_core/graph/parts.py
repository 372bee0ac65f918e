"""What a run can be used with: results of its stages, kept in its own folder as KEY/, each with its manifest."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from xlt_core.errors import Problem, RunError
from xlt_core.graph.stages import Plan, Stage
from xlt_core.graph.store import MAKING, Store

PARTS = "parts"
"""The folder of a run that they lie in."""


@dataclass(frozen=True, slots=True)
class Parts(Store):
    """The results in one run's folder: a store that needs no other one, and can be carried elsewhere.

    >>> Parts(run / "parts").take(store, key)          # doctest: +SKIP
    """

    def path(self, key: str) -> Path:
        return self.root / key

    def take(self, store: Store, key: str, complete: Callable[[Path], Collection[str]] = lambda folder: ()) -> None:
        """Have a result of the store here, too. Every byte is read once, and held against the store's checksums.

        `complete` adds to a folder what its files only point at, and returns the names of those that it rewrote.
        """
        if self.has(key) and not self.damage(key):
            return
        shutil.rmtree(self.path(key), ignore_errors=True)
        known = store.manifest(key)
        rewritten: Collection[str] = ()
        with self.making(key, known.about) as folder:
            for name in known.files:
                bring(store.path(key) / name, folder / name)
            rewritten = complete(folder)
        with suppress(OSError):
            (self.root / MAKING).rmdir()
        here = self.manifest(key).files
        changed = [name for name, sum_ in known.files.items() if name not in rewritten and here.get(name) != sum_]
        if changed:
            shutil.rmtree(self.path(key), ignore_errors=True)
            fix = f"xlt store verify {key[:10]} --set-aside, then the same command with --resume"
            problem = Problem(f"{changed[0]} has changed since it was written", str(store.path(key)), fix)
            raise RunError("A result in the store is damaged.", [problem])


def bring(file: Path, to: Path) -> None:
    """The same file in another place: one more name for it where the file system allows that, else a copy."""
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file.resolve(), to)
    except OSError:
        shutil.copyfile(file, to)


@dataclass(frozen=True, slots=True)
class Answering:
    """A prediction of a plan, what it is asked, and what is made of the question before it is answered."""

    predict: Stage
    labels: Stage
    between: tuple[Stage, ...]
    """Stages that read the question, such as one that writes it in other letters; in their order."""

    @classmethod
    def of(cls, plan: Plan, predict: Stage) -> Answering:
        before = plan.before(predict)
        (labels,) = [stage for stage in before if _asked(stage, predict)]
        made = [stage for stage in before if stage.slot not in ("adaptation", "training", "inference")]
        between = tuple(stage for stage in made if any(one.id == labels.id for one in plan.before(stage)))
        return cls(predict, labels, between)

    @property
    def anew(self) -> tuple[Stage, ...]:
        """What is done for every question."""
        return (*self.between, self.predict)

    def given(self) -> list[str]:
        """The stages whose results it reads that no question changes."""
        mine = {self.labels.id, *(stage.id for stage in self.anew)}
        return list(dict.fromkeys(name for stage in self.anew for name in stage.after if name not in mine))


def _asked(stage: Stage, predict: Stage) -> bool:
    (language,), task = predict.languages, predict.options["task"]
    return f"labels {task}:{language}:test" in stage.gives


def lent(plan: Plan) -> Iterator[Stage]:
    """The stages whose results later use needs: what predictions read, and what was trained last."""
    names = {name for predict in plan.of("predict") for name in Answering.of(plan, predict).given()}
    trains = [stage for stage in plan if stage.slot in ("adaptation", "training")]
    read = {name for stage in trains for name in stage.after}
    names |= {stage.id for stage in trains if stage.id not in read}
    names |= {name for stage in trains for name in stage.after if plan[name].verb == "backbone"}
    return (stage for stage in plan if stage.id in names)

"""A finished run, opened to be used: its plan as it was, and the results of its stages wherever they lie."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlt_core.config.resolve import Request, RunConfig, resolve
from xlt_core.errors import Problem, RunError, UnavailableError, UsageError, did_you_mean
from xlt_core.graph.job import Job
from xlt_core.graph.parts import PARTS, Answering, Parts
from xlt_core.graph.stages import FORMAT, Plan, Stage
from xlt_core.graph.store import Store
from xlt_core.languages import UnknownLanguage
from xlt_core.languages import language as language_of
from xlt_core.model.load import MADE
from xlt_core.report.folder import RunFolder


@dataclass(frozen=True, slots=True)
class Asking:
    """Which of a run's models are to answer."""

    language: str | None = None
    seed: int | None = None
    adaptation_seed: int | None = None
    by: str | None = None
    """Whose task model, where several answer apart."""
    flag: str = "--lang"
    """By which the language is given."""


@dataclass(frozen=True, slots=True)
class Lent:
    """`Lent.open(Path("runs/a"), store=None)`; its parts are looked for in its folder, then in the store."""

    folder: RunFolder
    plan: Plan
    config: RunConfig
    parts: Parts
    store: Store

    @classmethod
    def open(cls, run: Path, store: Path | None, device: str | None = None) -> Lent:
        folder = RunFolder.open(run)
        _ = folder.scores  # a run that didn't end has nothing to lend
        plan, parts = _plan(run / "plan.json"), Parts(run / PARTS)
        return cls(folder, plan, _configured(run / "run.yaml", plan, parts, device), parts, Store.at(store))

    def answering(self, asking: Asking) -> Answering:
        """The one prediction that is meant; where several fit, what tells them apart is asked for."""
        self._refuse_without_task()
        language = self._target(asking.language, asking.flag)
        found = [stage for stage in self.plan.of("predict") if stage.languages == (language,)]
        for name, flag, given in (
            ("by", "--from", asking.by),
            ("seed", "--seed", asking.seed),
            ("adaptation_seed", "--adaptation-seed", asking.adaptation_seed),
        ):
            found = self._chosen(found, name, flag, given)
        if not found:
            problem = Problem(f"nothing in it answers for {language}", str(self.folder.path))
            raise UsageError("This run answers nothing.", [problem])
        return Answering.of(self.plan, found[0])

    def _chosen(self, found: Sequence[Stage], name: str, flag: str, given: str | int | None) -> list[Stage]:
        """Of several predictions those that a flag names; one that makes no difference needn't be given."""
        told = {stage.id: _about(stage)[name] for stage in found}
        apart = list(dict.fromkeys(value for value in told.values() if value is not None))
        known = apart or self.plan.run.get(f"{name}s", [])
        listed = ", ".join(map(str, known))
        if given is None and len(apart) > 1:
            raise UsageError("Which model?", [Problem(f"several answer: {listed}", flag, f"{flag} {apart[0]}")])
        if given is not None and given not in known:
            what = f"there is none of {given}; " + (f"there are {listed}" if known else "one model answers")
            raise UsageError("There is no such model.", [Problem(what, flag)])
        return [stage for stage in found if given is None or told[stage.id] in (given, None)]

    def folder_of(self, stage: str) -> Path:
        """Where a stage's result lies, every byte of it read and found to be as it was written."""
        key = self.plan[stage].key
        for place in (self.parts, self.store):
            if not place.has(key):
                continue
            problems = place.damage(key, thorough=True)
            if problems:
                fix = "carry the folder here once more" if place is self.parts else "xlt store verify --set-aside"
                where = str(place.path(key))
                raise RunError(f"{stage} can't be used.", [Problem(what, where, fix) for what in problems[:3]])
            return place.path(key)
        what = f"its result lies neither in {self.parts.root} nor in the store {self.store.root}"
        anew = f"xlt run --config {self.folder.path}/run.yaml --out ANOTHER"
        fix = f"--store FOLDER, where it is; or make it anew: {anew}"
        raise UnavailableError("This run's models can't be had.", [Problem(what, stage, fix)])

    def given(self, answering: Answering) -> dict[str, Path]:
        """Where all lies that no question changes."""
        return {stage: self.folder_of(stage) for stage in answering.given()}

    def inputs(self, stage: Stage, folders: Mapping[str, Path]) -> dict[str, Path]:
        """The facts that a stage reads, each with the folder of the stage that gave it."""
        earlier = [self.plan[name] for name in stage.after]
        return {
            fact: folders[one.id]
            for one in earlier
            for fact in one.gives
            if fact in stage.needs or one.slot == "inference"
        }

    def job(self, stage: Stage, folders: Mapping[str, Path], out: Path) -> Job:
        """The stage once more, reading from these folders; nothing of it is kept."""
        config, inputs = self.config, self.inputs(stage, folders)
        known = (config.settings, config.backbone, config.task, config.catalog)
        return Job(stage, inputs, out, *known, lambda event: None, store=self.store)

    def _refuse_without_task(self) -> None:
        if self.config.task is None or not self.plan.of("predict"):
            problem = Problem("it trained no task, so it has no labels to give", str(self.folder.path))
            raise UsageError("This run answers nothing.", [problem])

    def _target(self, given: str | None, flag: str) -> str:
        targets = [str(target) for target in self.plan.run["targets"]]
        told = ", ".join(targets)
        if given is None:
            if len(targets) == 1:
                return targets[0]
            raise UsageError("Which language?", [Problem(f"this run has several targets: {told}", flag)])
        try:
            code = language_of(given).code
        except UnknownLanguage:
            problem = Problem(f"no language is called `{given}`{did_you_mean(given, targets)}", flag)
            raise UsageError("A flag is off.", [problem]) from None
        if code not in targets:
            fix = f"xlt eval {self.folder.path} --targets {code}, which adds it; then the same with the folder it makes"
            raise UsageError("This run has no model for that.", [
                Problem(f"{code} is no target of this run; its targets are {told}", flag, fix)
            ])  # fmt: skip
        return code


def _about(stage: Stage) -> dict[str, str | int | None]:
    """Whose answers they are; None where the run has but one of that."""
    language, task = stage.languages[0], stage.options["task"]
    by = stage.gives[0].removeprefix(f"artefact predictions:{language}:{task}").removeprefix(":")
    seeds = re.fullmatch(r"[^#]*(?:#a(\d+))?(?:#(\d+))?", stage.id)
    adaptation, seed = (int(one) if one else None for one in seeds.groups()) if seeds else (None, None)
    return {"by": by or None, "seed": seed, "adaptation_seed": adaptation}


def _plan(file: Path) -> Plan:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["format"] == FORMAT:
            return Plan.from_data(data)
        what = f"it is of format {data['format']}, and this is a version that reads {FORMAT}"
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"it can't be read ({type(error).__name__}: {error})"
    raise UnavailableError("This run's plan can't be had.", [Problem(what, str(file))])


def _configured(file: Path, plan: Plan, parts: Parts, device: str | None) -> RunConfig:
    """The run's configuration, without its data: that needn't be on this machine any more."""
    changed: dict[str, Any] = {"data": None, "test_data": None, "resources": {}}
    carried = (parts.path(stage.key) / MADE for stage in plan.of("backbone") if _is_folder(stage))
    for folder in carried:
        if folder.is_dir():
            changed["backbone"] = str(folder)
    if device:
        changed["device"] = device
    return resolve(Request(changed, file))


def _is_folder(stage: Stage) -> bool:
    return str(stage.options["location"]).startswith("folder:")

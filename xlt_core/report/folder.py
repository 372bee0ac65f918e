"""A run's folder: what was asked, what was planned, what came out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlt_core.config.resolve import RunConfig
from xlt_core.data.records import READ
from xlt_core.errors import Problem, UnavailableError, UsageError
from xlt_core.graph.stages import Plan, Stage
from xlt_core.yaml12 import dump, parse

FILES = "files"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """`run.yaml`, `plan.json`, `metrics.jsonl`, `scores.json`, `predictions/`, `parts/`, `files/`, `README.md`."""

    path: Path

    @classmethod
    def create(cls, path: Path, config: RunConfig, plan: Plan, resume: bool) -> RunFolder:
        """A new folder; one that exists is only gone on with when asked."""
        _refuse_taken(path, config, resume)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError("Nothing was begun.", [Problem(f"{error.strerror}: {path}", "--out")]) from None
        folder = cls(path)
        data = config.as_data()
        for file in config.files:
            (path / FILES).mkdir(exist_ok=True)
            if file.resolve() != (path / FILES / file.name).resolve():
                shutil.copy2(file, path / FILES / file.name)
        if "plugins" in data:
            data["plugins"] = [f"{FILES}/{Path(name).name}" for name in data["plugins"]]
        folder._write("run.yaml", dump(data))
        folder._write("plan.json", json.dumps(plan.as_data(), indent=2, ensure_ascii=False, default=str) + "\n")
        return folder

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """A run that is there."""
        if not (path / "run.yaml").is_file():
            problem = Problem(f"{path} is no run: it holds no run.yaml", fix="xlt run … --out DIR makes one")
            raise UnavailableError("This run can't be opened.", [problem])
        return cls(path)

    @property
    def config(self) -> dict[str, Any]:
        return dict(parse((self.path / "run.yaml").read_text(encoding="utf-8"), str(self.path / "run.yaml")).data)

    @property
    def scores(self) -> dict[str, Any]:
        """What `scores.json` holds."""
        file = self.path / "scores.json"
        if not file.is_file():
            problem = Problem(f"{self.path} has no scores: the run didn't end", fix="--resume goes on with it")
            raise UnavailableError("This run has no scores.", [problem])
        return dict(json.loads(file.read_text(encoding="utf-8")))

    def score(self, target: str, measure: str = "") -> float:
        """One target's score, averaged over seeds: `load("runs/a").score("vie")`; by the run's first measure."""
        rows = [row for row in self.scores["scores"] if row["target"] == target]
        wanted = measure or (rows[0]["headline"] if rows else "")
        values = [row["values"][wanted] for row in rows if wanted in row["values"]]
        if not values:
            known = sorted({name for row in self.scores["scores"] for name in (row["target"], *row["values"])})
            problem = Problem(f"{self.path} has no {wanted or 'score'} of {target}; it knows {', '.join(known)}")
            raise UsageError("There is no such score.", [problem])
        return float(sum(values) / len(values))

    def log(self, event: Mapping[str, Any]) -> None:
        with (self.path / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(event, ensure_ascii=False, default=str) + "\n")

    def finish(self, plan: Plan, folders: Mapping[str, Path], records: list[dict[str, Any]]) -> None:
        """Copy what a reader wants out of the store, and write the scores last."""
        for stage in plan.of("predict"):
            (self.path / "predictions").mkdir(exist_ok=True)
            answers = self.path / "predictions" / answers_name(stage.id)
            shutil.copy2(folders[stage.id] / "predictions.tsv", answers)
        rows = [_row(stage, folders[stage.id]) for stage in plan if stage.slot == "evaluation"]
        kept = ("method", "preset", "backbone", "task", "sources", "targets", "protocol", "seeds")
        told = {key: plan.run[key] for key in kept if key in plan.run}
        data = {**told, **_fetched(plan, folders), "selection": _selection(plan), "scores": rows, "stages": records}
        self._write("README.md", _about(plan))
        self._write("scores.json", json.dumps(data, indent=2, ensure_ascii=False) + "\n")

    def _write(self, name: str, text: str) -> None:
        temporary = self.path / f".{name}.tmp"
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(self.path / name)


class Unrecorded(RunFolder):
    """Takes the place of a run's folder where nothing is recorded but in the store."""

    def log(self, event: Mapping[str, Any]) -> None:
        """Events are shown, and that is all."""

    def finish(self, plan: Plan, folders: Mapping[str, Path], records: list[dict[str, Any]]) -> None:
        """What was made is written out by whoever asked for it."""


def answers_name(stage: str) -> str:
    """The file in `predictions/` that a prediction stage's answers lie in.

    >>> answers_name("predict(vie, ner)#1")
    'vie-ner#1.tsv'
    """
    return f"{answers_folder(stage)}.tsv"


def answers_folder(stage: str) -> str:
    """The folder beside it, in which they lie in the format of the data."""
    return stage.removeprefix("predict(").replace(")", "").replace(", ", "-").replace(" ", "-")


def _refuse_taken(path: Path, config: RunConfig, resume: bool) -> None:
    """A folder that exists is gone on with when asked, if it holds this very run, or this run for fewer targets."""
    if not path.exists():
        return
    file = path / "run.yaml"
    problem = Problem(f"{path} is already there", "--out", f"--resume to go on in it, or --out {path}-2")
    if resume and file.is_file():
        kept = parse(file.read_text(encoding="utf-8"), str(file)).data
        now = parse(dump(config.as_data())).data
        more = set(now["targets"]) >= set(kept["targets"])
        if more and all(kept.get(key) == now.get(key) for key in {*kept, *now} - {"plugins", "targets"}):
            return
        problem = Problem(f"{path} holds another run", "--resume", f"--out {path}-2, or --config {file} to go on in it")
    elif resume:
        problem = Problem(f"{path} holds no run to go on with", "--resume", f"--out {path}-2")
    raise UsageError("Nothing was begun.", [problem])


def next_folder(name: str) -> Path:
    """`runs/NAME-1`, or the first number after it that is free."""
    number = 1
    while (path := Path("runs") / f"{name}-{number}").exists():
        number += 1
    return path


def _row(stage: Stage, folder: Path) -> dict[str, Any]:
    measured = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    where = {name: stage.details.get(name) for name in ("by", "seed", "adaptation_seed")}
    return {"evaluator": stage.part, "target": ",".join(stage.languages), **where, **measured}


def _fetched(plan: Plan, folders: Mapping[str, Path]) -> dict[str, Any]:
    """Which commits of the hub were read; nothing where none were."""
    read = {stage.id: folders[stage.id] / READ for stage in plan if stage.offer is not None and stage.offer.remote}
    told = {name: json.loads(file.read_text(encoding="utf-8")) for name, file in read.items() if file.is_file()}
    return {"fetched": told} if told else {}


def _selection(plan: Plan) -> list[str]:
    chosen = [stage.options.get("select", {}).get("by") for stage in plan if stage.slot in ("adaptation", "training")]
    return list(dict.fromkeys(name for name in chosen if name))


def _about(plan: Plan) -> str:
    run = plan.run
    return (
        f"# {run['method']} on {run['backbone']}\n\n"
        f"Task {run.get('task')}, from {', '.join(run['sources'])} to {', '.join(run['targets'])}, "
        f"protocol {run['protocol']}.\n\n"
        "- `run.yaml`: the whole configuration; `xlt run --config run.yaml --out ANOTHER` repeats the run.\n"
        "- `plan.json`: its stages. `metrics.jsonl`: what training reported. `scores.json`: the results.\n"
        "- `predictions/`: word, gold label, predicted label; of whole texts a line each. In the folder of the same "
        "name lies the test set in its own format, with what was predicted where its labels stood.\n"
        "- `parts/`: what was trained, and all that it reads, each with the checksums of its files. With it this "
        "folder can be used wherever it is carried.\n\n"
        + (f"{_use(run['targets'][0])}\n" if plan.of("predict") else "")
        + '```python\nfrom xlt_core import load\nload("THIS FOLDER").scores\n```\n'
    )


def _use(target: str) -> str:
    return (
        f"```sh\nxlt predict THIS-FOLDER --lang {target} TEXT    # `xlt predict --help` says how TEXT is written\n"
        f"xlt export THIS-FOLDER NEW-FOLDER --target {target}    # for other libraries\n```\n"
    )

"""Runs as they lie in their folders: which there are, what each is, what it answered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from xlt_core.engine.score import Tags
from xlt_core.errors import Problem, UnavailableError, XltError
from xlt_core.report.folder import RunFolder, answers_name
from xlt_core.report.scores import describe_scores
from xlt_core.report.statistics import mean_std
from xlt_core.report.tables import table

Replica = tuple[int, int]
"""The seed of adaptation and the seed of task training."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What one evaluator found for one target at one pair of seeds, and where the answers are."""

    measure: str
    target: str
    by: str
    replica: Replica
    headline: str
    values: dict[str, float]
    examples: int
    options: dict[str, Any]
    answers: Path | None


@dataclass(frozen=True, slots=True)
class Answers:
    """What was asked, what is right, and what a model said: one entry a sentence."""

    asked: list[tuple[str, ...]]
    gold: list[Tags]
    predicted: list[Tags]


class Run:
    """A finished run: `Run.open(Path("runs/a")).scored`."""

    def __init__(self, path: Path, config: dict[str, Any], plan: dict[str, Any], scores: dict[str, Any]) -> None:
        self.path, self.config, self.plan, self.scores = path, config, plan, scores

    @classmethod
    def open(cls, path: Path) -> Run:
        """Read a run's folder; one that holds no run, or one that hasn't ended, is told apart."""
        folder = RunFolder.open(path)
        if not (path / "scores.json").is_file():
            fix = f"xlt run --config {path}/run.yaml --out {path} --resume goes on with it"
            raise UnavailableError(
                "This run has no scores.", [Problem(f"{path} has no scores: it didn't end", fix=fix)]
            )
        plan, scores = (_read_json(path / name) for name in ("plan.json", "scores.json"))
        try:
            return cls(path, folder.config, plan, scores)
        except UnicodeDecodeError:
            raise damaged(path / "run.yaml", "this is not UTF-8") from None

    @cached_property
    def scored(self) -> list[Scored]:
        """The scores, in the plan's order, each with its stage's options and the answers that it is of."""
        file = self.path / "scores.json"
        try:
            stages = [stage for stage in self.plan["stages"] if stage["slot"] == "evaluation"]
            rows = self.scores["scores"]
            if [stage["part"] for stage in stages] != [row["evaluator"] for row in rows]:
                raise damaged(file, "its scores aren't those that plan.json plans")
            return [self._scored(stage, row) for stage, row in zip(stages, rows, strict=True)]
        except KeyError as error:
            raise damaged(file, f"a score lacks its {error.args[0]}, or a stage in plan.json does") from None

    def _scored(self, stage: dict[str, Any], row: dict[str, Any]) -> Scored:
        predicted = [name for name in stage.get("after", ()) if name.startswith("predict(")]
        file = self.path / "predictions" / answers_name(predicted[0]) if len(predicted) == 1 else None
        replica = (row.get("adaptation_seed") or 0, row.get("seed") or 0)
        return Scored(
            row["evaluator"], row["target"], row.get("by") or "", replica, row["headline"], row["values"],
            int(row["examples"]), stage.get("options", {}), file,
        )  # fmt: skip

    @property
    def budget(self) -> str:
        """What each training stage was given: the run's own budget, or what its schedules say.

        `200steps`, `50 epochs + 11 epochs`, `500000tokens + 1500000tokens`
        """
        of_all = self.config.get("budget")
        schedules = [*(self.config.get("adaptation") or []), *(self.config.get("training") or [])]
        said = [_length(schedule, of_all) for schedule in schedules]
        if of_all and set(said) <= {of_all}:
            return str(of_all)
        return " + ".join(said) or "nothing trained"

    @property
    def seeds(self) -> list[Replica]:
        return list(dict.fromkeys(row.replica for row in self.scored))

    def headline(self) -> tuple[str, float, float | None] | None:
        """The first measure, averaged over targets that aren't sources too, with its deviation over seeds."""
        if not self.scored:
            return None
        measure = self.scored[0].headline
        rows = [row for row in self.scored if measure in row.values]
        rows = [row for row in rows if row.target not in self.config.get("sources", ())] or rows
        each = [[row.values[measure] for row in rows if row.replica == replica] for replica in self.seeds]
        return measure, *mean_std([sum(values) / len(values) for values in each if values])


def read_answers(file: Path) -> Answers:
    """The answers in a run's folder: of words a line each and an empty one after a sentence, or a line a sentence."""
    try:
        lines = file.read_bytes().decode("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise damaged(file, getattr(error, "strerror", None) or "this is not UTF-8") from None
    if lines.pop():
        raise damaged(file, "its last line doesn't end")
    rows = [line.split("\t") for line in lines]
    short = next((number for number, row in enumerate(rows, 1) if len(row) < 3 and row != [""]), 0)
    if short:
        raise damaged(file, f"line {short} has {len(rows[short - 1])} columns", short)
    groups = list(_sentences(rows)) if rows and rows[-1] == [""] else [[row] for row in rows]
    asked = [tuple(text for row in group for text in row[:-2]) for group in groups]
    gold, predicted = ([[row[column] for row in group] for group in groups] for column in (-2, -1))
    return Answers(asked, list(gold), list(predicted))


def _sentences(rows: Iterable[list[str]]) -> Iterator[list[list[str]]]:
    words: list[list[str]] = []
    for row in rows:
        if row == [""]:
            yield words
            words = []
        else:
            words.append(row)


def damaged(file: Path, what: str, line: int = 0) -> UnavailableError:
    place = f"{file}:{line}" if line else str(file)
    fix = f"xlt run --config {_run_of(file)}/run.yaml --out ANOTHER makes it anew"
    return UnavailableError("This run is damaged.", [Problem(what, place, fix)])


def _run_of(file: Path) -> Path:
    return file.parent.parent if file.parent.name == "predictions" else file.parent


def _read_json(file: Path) -> dict[str, Any]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise damaged(file, error.strerror or str(error)) from None
    except ValueError as error:
        raise damaged(file, f"this is no JSON: {error}") from None
    wanted = "stages" if file.name == "plan.json" else "scores"
    if not isinstance(data, dict) or not isinstance(data.get(wanted), list):
        raise damaged(file, f"it has no {wanted}")
    return data


def _length(schedule: dict[str, Any], of_all: str | None) -> str:
    """How long a schedule trains, where roles differ each role's; `of_all` is the run's own budget."""
    roles = [schedule] if "epochs" in schedule else [own for own in schedule.values() if isinstance(own, dict)]
    return " / ".join(dict.fromkeys(own.get("budget") or of_all or _said(own) for own in roles))


def _said(schedule: dict[str, Any]) -> str:
    return _counted(schedule["steps"], "step") if schedule.get("steps") else _counted(schedule["epochs"], "epoch")


def _counted(count: float, what: str) -> str:
    return f"{count:g} {what}" + ("" if count == 1 else "s")


def find_runs(folder: Path) -> list[Path]:
    """The runs in a folder, oldest first; the folder itself where it is one."""
    if not folder.is_dir():
        fix = "xlt run makes runs in ./runs; xlt runs FOLDER looks elsewhere"
        raise UnavailableError("There are no runs to list.", [Problem(f"there is no folder {folder}", fix=fix)])
    files = [folder / "run.yaml"] if (folder / "run.yaml").is_file() else list(folder.glob("*/run.yaml"))
    return [file.parent for file in sorted(files, key=lambda file: (file.stat().st_mtime, file))]


def about(path: Path) -> dict[str, Any]:
    """A run in one line: what can be told of it, and its state where it has no scores."""
    told: dict[str, Any] = {"folder": str(path), "when": _when(path)}
    try:
        run = Run.open(path)
        found = {"state": "done", **dict(zip(("measure", "mean", "std"), run.headline() or (), strict=False))}
        return told | {key: run.config.get(key) for key in ("method", "backbone", "targets")} | found
    except XltError as error:
        unfinished = not (path / "scores.json").is_file()
        state = "not finished" if unfinished else f"damaged: {error.problems[0].what}"
    config = _config(path)
    return told | {key: config.get(key) for key in ("method", "backbone", "targets")} | {"state": state}


def _config(path: Path) -> dict[str, Any]:
    try:
        return RunFolder.open(path).config
    except (XltError, UnicodeDecodeError):
        return {}


def _when(path: Path) -> str:
    """When a run ended; of one that didn't, when it was begun."""
    file = next(file for file in (path / "scores.json", path / "run.yaml") if file.is_file())
    return datetime.fromtimestamp(file.stat().st_mtime).isoformat(" ", "minutes")


def runs_text(told: Iterable[dict[str, Any]]) -> str:
    rows = [
        [
            run["when"], run["folder"], str(run["method"] or "?"), str(run["backbone"] or "?"),
            _few(run["targets"] or []), _headline(run),
        ]
        for run in told
    ]  # fmt: skip
    return table(rows, ["when", "run", "method", "backbone", "targets", "mean over targets"], indent="")


def _headline(run: dict[str, Any]) -> str:
    if run["state"] != "done":
        return str(run["state"])
    return f"{run['measure']} {plus_minus(run['mean'], run['std'])}" if "measure" in run else "nothing was measured"


def _few(targets: list[str], most: int = 5) -> str:
    return ", ".join(targets[:most]) + (f" and {len(targets) - most} more" if len(targets) > most else "")


def plus_minus(mean: float, std: float | None) -> str:
    return f"{mean:.1f}" + (f" ± {std:.1f}" if std is not None else "")


def describe_run(run: Run) -> dict[str, Any]:
    """What a run is, as plain data."""
    kept = ("method", "preset", "backbone", "task", "data", "sources", "targets", "protocol", "seeds")
    seconds = sum(record["seconds"] for record in run.scores.get("stages", []))
    files = sorted(file.name for file in (run.path / "predictions").glob("*.tsv"))
    return {
        "folder": str(run.path), "when": _when(run.path), **{key: run.config.get(key) for key in kept},
        "adaptation_seeds": run.config.get("adaptation_seeds"), "budget": run.budget,
        "selected_by": run.scores.get("selection", []), "seconds": round(seconds, 1), "predictions": files,
    }  # fmt: skip


def run_text(run: Run) -> str:
    """The same for a person, with the scores."""
    told = describe_run(run)
    told["predictions"] = f"{len(told['predictions'])} files in {run.path / 'predictions'}"
    rows = [
        [key.replace("_", " "), ", ".join(map(str, value)) if isinstance(value, list) else str(value)]
        for key, value in told.items()
        if value not in (None, "", [])
    ]
    again = f"xlt run --config {run.path}/run.yaml --out ANOTHER repeats it."
    return f"{table(rows, indent='')}\n\n{describe_scores(RunFolder(run.path))}\n\n{again}"

"""Whether runs may stand in one table: what forbids it, and what a reader has to be told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from xlt_core.errors import Problem, RefusedError, UnavailableError, UsageError, did_you_mean
from xlt_core.languages import UnknownLanguage, same_language
from xlt_core.report.pooled import Pooled, pooled
from xlt_core.report.runs import Run, Scored


def named(runs: Sequence[Run]) -> dict[str, Run]:
    """Name → run: its folder's name, or where two are called alike the whole path."""
    names = [run.path.resolve().name for run in runs]
    return {name if names.count(name) == 1 else str(run.path): run for name, run in zip(names, runs, strict=True)}


def measured(runs: dict[str, Run], metric: str) -> tuple[str, dict[str, list[Scored]]]:
    """The measure, and of each run the scores that have it; by default the first run's first measure."""
    unscored = [Problem(f"in {name} nothing was measured") for name, run in runs.items() if not run.scored]
    if unscored:
        raise RefusedError("These runs can't be compared.", unscored)
    _refuse_other_tasks(runs)
    metric = metric or next(iter(runs.values())).scored[0].headline
    found = {name: _having(run.scored, metric) for name, run in runs.items()}
    without = [name for name, rows in found.items() if not rows]
    if not without:
        _refuse_other_measures(found, metric)
        return metric, found
    known = {name: list(dict.fromkeys(v for row in run.scored for v in row.values)) for name, run in runs.items()}
    hint = did_you_mean(metric, [value for values in known.values() for value in values])
    problems = [Problem(f"{name} has no `{metric}`; it has {', '.join(known[name])}") for name in without]
    if len(without) == len(runs):
        what = f"no run has `{metric}`{hint or '; they have ' + ', '.join(known[without[0]])}"
        raise UsageError("This measure is not known.", [Problem(what, "--metric")])
    common = [value for value in known[without[0]] if all(value in values for values in known.values())]
    fix = f"--metric {common[0]}" if common else ""
    raise RefusedError("These runs can't be compared.", [*problems[:-1], Problem(problems[-1].what, fix=fix)])


def _having(rows: Sequence[Scored], metric: str) -> list[Scored]:
    """Scores of one evaluator alone: the first that knows the measure."""
    having = [row for row in rows if metric in row.values]
    return [row for row in having if row.measure == having[0].measure]


def _refuse_other_tasks(runs: dict[str, Run]) -> None:
    tasks = {name: str(run.config.get("task") or "none") for name, run in runs.items()}
    if len(set(tasks.values())) > 1:
        raise RefusedError("These runs can't be compared.", [Problem(f"their tasks differ: {_told(tasks)}")])


def _refuse_other_measures(found: dict[str, list[Scored]], metric: str) -> None:
    how = {name: f"{rows[0].measure} {rows[0].options or ''}".strip() for name, rows in found.items()}
    if len(set(how.values())) > 1:
        what = f"{metric} was not measured alike: {_told(how)}"
        raise RefusedError("These runs can't be compared.", [Problem(what, fix="--metric with another measure")])


def chosen_targets(found: dict[str, list[Scored]], asked: Sequence[str]) -> list[str]:
    """The columns: all targets, or those asked for; every run shares one with the first at least."""
    scored = {name: list(dict.fromkeys(row.target for row in rows)) for name, rows in found.items()}
    known = list(dict.fromkeys(target for targets in scored.values() for target in targets))
    unknown = [name for name in asked if not any(_means(name, target) for target in known)]
    if unknown:
        what = f"no run scored {', '.join(unknown)}; they scored {', '.join(known)}"
        raise UsageError("This table can't be made.", [Problem(what, "--targets")])
    columns = [target for target in known if not asked or any(_means(name, target) for name in asked)]
    first, *others = scored
    alone = [name for name in others if not set(scored[first]) & set(scored[name]) & set(columns)]
    problems = [
        Problem(
            f"{name} and {first} have no target in common: {_told({n: ', '.join(scored[n]) for n in (first, name)})}"
        )
        for name in alone
    ]
    if problems:
        raise RefusedError("These runs can't be compared.", problems)
    return columns


def _means(name: str, target: str) -> bool:
    """Whether a language is meant by a name: `sw` and `swa` mean `swh`."""
    try:
        return name == target or same_language(name, target)
    except UnknownLanguage:
        return False


def refuse_other_sentences(first: str, other: dict[str, list[str]], columns: Sequence[str], what: str) -> None:
    """`other`: run → the targets where its test differs from the first run's."""
    problems = []
    for name, targets in other.items():
        left = [target for target in columns if target not in targets]
        fix = f"--targets {','.join(left)} leaves them out" if left else "run both with one --data"
        problems.append(Problem(f"{name} was tested on other {what} than {first}: {', '.join(targets)}", fix=fix))
    if problems:
        raise RefusedError("These runs can't be compared.", problems)


SAID: dict[str, Callable[[Run], Any]] = {
    "data sets": lambda run: run.config.get("data") or "the task's own",
    "protocols": lambda run: run.config.get("protocol"),
    "backbones": lambda run: run.config.get("backbone"),
    "source languages": lambda run: ", ".join(run.config.get("sources") or ()),
    "budgets": lambda run: run.budget,
    "data that selects": lambda run: ", ".join(run.scores.get("selection") or ()),
}
"""What may differ between runs that stand in one table, and is told where it does."""


def remarks(runs: dict[str, Run]) -> Iterator[str]:
    """What a reader of the table has to know of the runs."""
    for name, run in runs.items():
        if isinstance(run, Pooled):
            yield f"{name}: {len(run.parts)} runs that differ in their seeds alone"
    for title, says in SAID.items():
        said = {name: str(says(run)) for name, run in runs.items()}
        if len(set(said.values())) > 1:
            yield f"{title} differ: {_told(said)}"


def _told(said: dict[str, str]) -> str:
    """Runs that say the same are told together."""
    groups: dict[str, list[str]] = {}
    for name, text in said.items():
        groups.setdefault(text, []).append(name)
    return "; ".join(f"{', '.join(names)}: {text or 'none'}" for text, names in groups.items())


def open_all(paths: Sequence[Path], against: Path | None) -> list[Run]:
    """The runs, the one that the others are held against first, those that differ in their seeds alone as one; all
    that can't be opened are told at once."""
    ordered = list(paths)
    if against is not None:
        same = [path for path in ordered if path.resolve() == against.resolve()]
        ordered = [against, *(path for path in ordered if path not in same)]
    problems: list[Problem] = []
    runs: list[Run] = []
    for path in ordered:
        try:
            runs.append(Run.open(path))
        except UnavailableError as error:
            problems += error.problems
    if problems:
        raise UnavailableError("These runs can't be compared.", problems)
    _refuse_twice(runs)
    return pooled(runs)


def _refuse_twice(runs: Sequence[Run]) -> None:
    paths = [run.path.resolve() for run in runs]
    twice = next((run for n, run in enumerate(runs) if paths[n] in paths[:n]), None)
    if twice is not None:
        problem = Problem(f"{twice.path} is given twice", fix="leave one of them out")
        raise UsageError("There is nothing to compare.", [problem])

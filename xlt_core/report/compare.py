"""Runs side by side: mean and deviation over seeds, and whether they differ from the first by more than chance."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from xlt_core.engine.score import Counts, Values, has_counts, sentence_counts
from xlt_core.report.comparable import chosen_targets, measured, named, refuse_other_sentences, remarks
from xlt_core.report.runs import Replica, Run, Scored, damaged, read_answers
from xlt_core.report.statistics import Difference, Sample, apart, holm, mean_of, mean_std, paired, resample

SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Tested:
    """A difference to the first run, with its p corrected over languages; of a mean there is but one."""

    found: Difference
    corrected: float

    @property
    def mark(self) -> int:
        """1 for better, -1 for worse, 0 where it may be chance."""
        return (self.found.value > 0) - (self.found.value < 0) if self.corrected < SIGNIFICANT else 0


@dataclass(slots=True)
class Cell:
    """One run's scores for one language, or their mean over languages: one value a pair of seeds."""

    values: dict[Replica, float]
    examples: int | None = None
    counts: dict[Replica, Counts] = field(default_factory=dict)
    gaps: dict[Replica, float] = field(default_factory=dict)
    """How far the source languages' scores are above these, where the run scored the source."""
    tested: Tested | None = None

    def as_data(self) -> dict[str, Any]:
        mean, std = mean_std(list(self.values.values()))
        told: dict[str, Any] = {"mean": mean, "std": std, "values": list(self.values.values())}
        told |= {"sentences": self.examples} if self.examples is not None else {}
        if self.gaps:
            gap, gap_std = mean_std(list(self.gaps.values()))
            told["gap"] = {"mean": gap, "std": gap_std}
        if self.tested is not None:
            told["difference"] = {**asdict(self.tested.found), "p_holm": self.tested.corrected}
        return told


@dataclass(slots=True)
class Row:
    """A run, or in a run whose models answered apart one of them."""

    name: str
    run: Run
    by: str
    cells: dict[str, Cell]
    mean: Cell | None = None

    @property
    def title(self) -> str:
        return f"{self.name} by {self.by}" if self.by else self.name

    @property
    def replicas(self) -> list[Replica]:
        return sorted({replica for cell in self.cells.values() for replica in cell.values})

    @property
    def outer_seeds(self) -> int:
        """How many results are independent: adaptations where there are several, else seeds."""
        adaptations = {adaptation for adaptation, _ in self.replicas}
        return len(adaptations) if len(adaptations) > 1 else len(self.replicas)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The table: rows of runs, the first is what the others are held against."""

    metric: str
    columns: list[str]
    averaged: list[str]
    """The languages that the mean is over: those that every row scored and nobody trained on."""
    rows: list[Row]
    notes: list[str]
    draws: int
    seed: int

    def as_data(self) -> dict[str, Any]:
        return {
            "metric": self.metric, "against": self.rows[0].title, "columns": self.columns,
            "mean_over": self.averaged, "draws": self.draws, "seed": self.seed,
            "rows": [_row_data(row) for row in self.rows], "notes": self.notes,
        }  # fmt: skip


def _row_data(row: Row) -> dict[str, Any]:
    config = row.run.config
    kept = ("method", "preset", "backbone", "task", "protocol", "sources", "seeds", "adaptation_seeds")
    return {
        "run": row.title, "folder": str(row.run.path), **{key: config.get(key) for key in kept},
        "budget": row.run.budget, "targets": {target: cell.as_data() for target, cell in row.cells.items()},
        "mean": row.mean.as_data() if row.mean else None,
    }  # fmt: skip


def compare(
    runs: Sequence[Run], metric: str = "", targets: Sequence[str] = (), draws: int = 1000, seed: int = 0
) -> Comparison:
    """The runs in one table, each language and the mean tested against the first run.

    >>> compare([Run.open(Path("runs/a")), Run.open(Path("runs/b"))]).rows[1].cells["vie"].tested  # doctest: +SKIP
    """
    by_name = named(runs)
    metric, found = measured(by_name, metric)
    columns = chosen_targets(found, targets)
    rows = [
        Row(name, by_name[name], by, _cells([row for row in scored if row.by == by], metric, columns))
        for name, scored in found.items()
        for by in dict.fromkeys(row.by for row in scored)
    ]
    _count(rows, {name: [row for row in scored if row.target in columns] for name, scored in found.items()}, metric)
    averaged = _averaged(rows, columns)
    for row in rows:
        _add_gaps(row)
        row.mean = _mean(row, averaged)
    _test(rows, columns, averaged, draws, seed)
    notes = [*remarks(by_name), *_notes(rows, columns, averaged, draws)]
    return Comparison(metric, columns, averaged, rows, notes, draws, seed)


def _cells(scored: Sequence[Scored], metric: str, columns: Sequence[str]) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for target in columns:
        own = sorted((row for row in scored if row.target == target), key=lambda row: row.replica)
        if own:
            cells[target] = Cell({row.replica: float(row.values[metric]) for row in own}, own[0].examples)
    return cells


def _count(rows: Sequence[Row], found: dict[str, list[Scored]], metric: str) -> None:
    """Fill in the counts, off the answers in the runs' folders, and refuse tests that aren't the same."""
    first = rows[0].name
    seen: dict[str, tuple[str, str]] = {}
    other: dict[str, dict[str, list[str]]] = {"sentences": {}, "labels": {}}
    cells = {(row.name, row.by): row.cells for row in rows}
    for name, scored in found.items():
        for row in scored:
            asked, gold, counts = _counted(row, metric)
            before = seen.setdefault(row.target, (asked, gold))
            differs = "sentences" if asked != before[0] else "labels" if gold != before[1] else ""
            if differs and row.target not in (told := other[differs].setdefault(name, [])):
                told.append(row.target)
            if counts is not None:
                cells[name, row.by][row.target].counts[row.replica] = counts
    for what, targets in other.items():
        refuse_other_sentences(first, targets, list(seen), what)


def _counted(row: Scored, metric: str) -> tuple[str, str, Counts | None]:
    """What was asked and what is right, hashed, and the counts; of a measure without answers their number."""
    if row.answers is None:
        return str(row.examples), "", None
    answers = read_answers(row.answers)
    asked, gold = (hashlib.sha256(repr(part).encode()).hexdigest() for part in (answers.asked, answers.gold))
    if not has_counts(row.measure, metric):
        return asked, gold, None
    strict = row.options.get("decoding") == "strict"
    counts = sentence_counts(row.measure, answers.gold, answers.predicted, metric, strict)
    if abs(float(counts.value()) - row.values[metric]) > 1e-6:
        what = f"these answers give {metric} {float(counts.value()):.2f}, and scores.json has {row.values[metric]:.2f}"
        raise damaged(row.answers, what)
    return asked, gold, counts


def _averaged(rows: Sequence[Row], columns: Sequence[str]) -> list[str]:
    shared = [target for target in columns if all(target in row.cells for row in rows)]
    sources = {language for row in rows for language in row.run.config.get("sources") or ()}
    return [target for target in shared if target not in sources] or shared


def _add_gaps(row: Row) -> None:
    sources = [target for target in row.cells if target in (row.run.config.get("sources") or ())]
    for target, cell in row.cells.items():
        if target not in sources:
            for replica, value in cell.values.items():
                above = [row.cells[source].values.get(replica) for source in sources]
                if above and None not in above:
                    cell.gaps[replica] = sum(score for score in above if score is not None) / len(above) - value


def _mean(row: Row, averaged: Sequence[str]) -> Cell | None:
    """Over languages, each counting the same, at each pair of seeds that all of them have."""
    cells = [row.cells[target] for target in averaged]
    if not cells:
        return None
    values, gaps = (
        {
            replica: sum(own[replica] for own in each) / len(each)
            for replica in each[0]
            if all(replica in own for own in each)
        }
        for each in ([cell.values for cell in cells], [cell.gaps for cell in cells])
    )
    return Cell(values, gaps=gaps) if values else None


def _test(rows: Sequence[Row], columns: Sequence[str], averaged: Sequence[str], draws: int, seed: int) -> None:
    """Each language of each run against the first one's, corrected over the run's languages; the mean by itself."""
    samples = {target: _samples(rows, target, draws, seed) for target in columns if len(rows) > 1}
    for place, row in enumerate(rows[1:], 1):
        shared = [target for target in columns if 0 in samples[target] and place in samples[target]]
        differences = [_difference(rows[0], row, samples[t][0], samples[t][place], seed) for t in shared]
        corrected = holm([difference.p for difference in differences])
        for target, difference, p in zip(shared, differences, corrected, strict=True):
            row.cells[target].tested = Tested(difference, p)
        if row.mean is not None and len(averaged) > 1 and set(averaged) <= set(shared):
            one, other = (mean_of([samples[target][at] for target in averaged]) for at in (0, place))
            difference = _difference(rows[0], row, one, other, seed)
            row.mean.tested = Tested(difference, difference.p)
        elif row.mean is not None and len(averaged) == 1 and averaged[0] in shared:
            row.mean.tested = row.cells[averaged[0]].tested


def _samples(rows: Sequence[Row], target: str, draws: int, seed: int) -> dict[int, Sample]:
    """Row → its scores on sentences drawn again, the same ones for all rows."""
    counted = {
        place: row.cells[target]
        for place, row in enumerate(rows)
        if target in row.cells and len(row.cells[target].counts) == len(row.cells[target].values)
    }
    if not counted:
        return {}
    drawn = resample([cell.counts[at] for cell in counted.values() for at in sorted(cell.counts)], draws, seed)
    found: dict[int, Sample] = {}
    start = 0
    for place, cell in counted.items():
        columns = drawn[:, start : start + len(cell.counts)]
        start += len(cell.counts)
        found[place] = _by_outer_seed(np.asarray([cell.values[at] for at in sorted(cell.counts)]), columns, cell)
    return found


def _by_outer_seed(values: Values, drawn: Values, cell: Cell) -> Sample:
    """Runs that share an adaptation aren't independent: of several adaptations, each one's mean counts once."""
    outer = [adaptation for adaptation, _ in sorted(cell.counts)]
    if len(set(outer)) == 1:
        return Sample(values, drawn)
    groups = [[n for n, own in enumerate(outer) if own == adaptation] for adaptation in sorted(set(outer))]
    return Sample(
        np.asarray([values[group].mean() for group in groups]),
        np.stack([drawn[:, group].mean(1) for group in groups], axis=1),
    )


def _difference(first: Row, row: Row, one: Sample, other: Sample, seed: int) -> Difference:
    return (paired if first.replicas == row.replicas else apart)(one, other, seed)


def _notes(rows: Sequence[Row], columns: Sequence[str], averaged: Sequence[str], draws: int) -> list[str]:
    """What limits what the table says."""
    notes = []
    if averaged and len(averaged) < len(columns):
        notes.append(f"the mean is over {', '.join(averaged)}: what every run scored and none was trained on")
    if len(rows) == 1:
        return notes
    tested = [cell for row in rows[1:] for cell in row.cells.values() if cell.tested is not None]
    if not tested:
        return [*notes, "no difference was tested: this measure has no counts per sentence"]
    seeds = {row.title: row.outer_seeds for row in rows}
    if set(seeds.values()) == {1}:
        notes.append("one seed each: the test is about these models, not about what other seeds would give")
    elif min(seeds.values()) < 3:
        few = ", ".join(title for title, count in seeds.items() if count < 3)
        notes.append(f"fewer than 3 seeds in {few}: only large differences can be told from chance, 5 seeds tell more")
    if any(row.replicas != rows[0].replicas for row in rows[1:]):
        notes.append("seeds differ, so they vary apart; with the same --seeds differences are taken seed by seed")
    most = max(sum(cell.tested is not None for cell in row.cells.values()) for row in rows[1:])
    if most / (draws + 1) >= SIGNIFICANT:
        notes.append(f"too few draws for {most} languages: nothing can be significant, --draws {40 * most} or more can")
    return notes

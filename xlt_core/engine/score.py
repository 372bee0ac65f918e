"""The core's measures, each from counts of its own; all scores are in per cent.

Of a mix of task models a result has the weights, and `beside` what each would have scored alone, by its key, and all
alike, `uniform`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from xlt_core.data.records import EXAMPLES, READ, UNLABELLED, read_tagged
from xlt_core.data.schemes import Scheme, spans_of
from xlt_core.graph.job import Job

Table = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]
Ratio = Literal["f1", "precision", "recall"]

Tags = Sequence[str]
Span = tuple[int, int, str]


def spans(tags: Tags, strict: bool = False, scheme: Scheme = "iob2") -> set[Span]:
    """The spans of a sequence, ends included. Lenient as conlleval: an I- that nothing began begins one.

    >>> sorted(spans(["B-LOC", "I-LOC", "O", "I-PER"]))
    [(0, 1, 'LOC'), (3, 3, 'PER')]
    """
    if scheme != "iob2":
        return {(one.first, one.last, one.kind) for one in spans_of(tags, scheme) if one.regular or not strict}
    found: set[Span] = set()
    start, kind = -1, ""
    for place, tag in enumerate([*tags, "O"]):
        edge, _, own = tag.partition("-")
        goes_on = edge == "I" and own == kind and start >= 0
        if start >= 0 and not goes_on:
            found.add((start, place - 1, kind))
            start = -1
        if edge == "B" or (edge == "I" and not goes_on and not strict):
            start, kind = place, own
    return found


def scheme_of_gold(gold: Iterable[Tags]) -> Scheme:
    """The scheme in which both sides are read; where no tag begins a span, IO."""
    letters = {tag[:1] for tag in {tag for tags in gold for tag in tags}}
    if letters & {"E", "S"}:
        return "bioes"
    return "oi" if "I" in letters and "B" not in letters else "iob2"


def span_counts(gold: Sequence[Tags], predicted: Sequence[Tags], strict: bool = False) -> Counter[tuple[str, str]]:
    """(type, right | gold | predicted) → how many."""
    counts: Counter[tuple[str, str]] = Counter()
    scheme = scheme_of_gold(gold)
    for one, other in zip(gold, predicted, strict=True):
        true, said = spans(one, strict, scheme), spans(other, strict, scheme)
        for name, group in (("right", true & said), ("gold", true), ("predicted", said)):
            counts.update((kind, name) for _, _, kind in group)
    return counts


def _f1(right: int, gold: int, predicted: int) -> float:
    return 200.0 * right / (gold + predicted) if gold + predicted else 0.0


def measure_spans(gold: Sequence[Tags], predicted: Sequence[Tags], strict: bool = False) -> dict[str, float]:
    """Micro F1, precision, recall, and F1 of each type."""
    counts = span_counts(gold, predicted, strict)
    kinds = sorted({kind for kind, _ in counts})
    right, true, said = (sum(counts[kind, name] for kind in kinds) for name in ("right", "gold", "predicted"))
    each = {f"span_f1:{k}": _f1(*(counts[k, name] for name in ("right", "gold", "predicted"))) for k in kinds}
    return {
        "span_f1": _f1(right, true, said),
        "precision": 100.0 * right / said if said else 0.0,
        "recall": 100.0 * right / true if true else 0.0,
        **each,
    }


def measure_entity_f1_macro(gold: Sequence[Tags], predicted: Sequence[Tags]) -> dict[str, float]:
    """F1 of the spans of each type that occurs on either side, averaged."""
    counts = span_counts(gold, predicted)
    kinds = {kind for kind, _ in counts}
    each = [_f1(*(counts[kind, name] for name in ("right", "gold", "predicted"))) for kind in kinds]
    return {"entity_f1_macro": sum(each) / max(1, len(each))}


def measure_accuracy(gold: Sequence[Tags], predicted: Sequence[Tags]) -> dict[str, float]:
    """Share of words whose tag is right."""
    pairs = [pair for one, other in zip(gold, predicted, strict=True) for pair in zip(one, other, strict=True)]
    return {"accuracy": 100.0 * sum(one == other for one, other in pairs) / max(1, len(pairs))}


def measure_macro_f1(gold: Sequence[Tags], predicted: Sequence[Tags]) -> dict[str, float]:
    """F1 of each label that occurs on either side, averaged."""
    right: Counter[str] = Counter()
    true: Counter[str] = Counter()
    said: Counter[str] = Counter()
    for one, other in zip(gold, predicted, strict=True):
        true.update(one)
        said.update(other)
        right.update(a for a, b in zip(one, other, strict=True) if a == b)
    labels = sorted({*true, *said})
    return {"macro_f1": sum(_f1(right[k], true[k], said[k]) for k in labels) / max(1, len(labels))}


def measure_seqeval_f1(gold: Sequence[Tags], predicted: Sequence[Tags]) -> dict[str, float]:
    """seqeval's own answer, its default mode: a tag's first letter is taken for its prefix, whatever it is."""
    from seqeval.metrics import f1_score

    value = _quietly(f1_score, [list(row) for row in gold], [list(row) for row in predicted], zero_division=0)
    return {"seqeval_f1": 100.0 * float(value)}


def _quietly(function: Callable[..., Any], *given: Any, **options: Any) -> Any:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # seqeval remarks on every tag that has no prefix
        return function(*given, **options)


MEASURES: dict[str, Callable[..., dict[str, float]]] = {
    "span_f1": measure_spans,
    "entity_f1_macro": measure_entity_f1_macro,
    "seqeval_f1": measure_seqeval_f1,
    "accuracy": measure_accuracy,
    "macro_f1": measure_macro_f1,
}


AVERAGED = ("macro_f1", "entity_f1_macro")
"""The measures that are means over labels."""


def measure(name: str, gold: Sequence[Tags], predicted: Sequence[Tags]) -> dict[str, float]:
    """One of the core's measures by name, with its default options."""
    return MEASURES[name](*labelled(gold, predicted))


def labelled(gold: Sequence[Tags], predicted: Sequence[Tags]) -> tuple[Sequence[Tags], Sequence[Tags]]:
    """Both sides without the words of which the data say nothing.

    >>> labelled([["NOUN", "_"]], [["VERB", "X"]])
    ([['NOUN']], [['VERB']])
    """
    if not any(UNLABELLED in tags for tags in gold):
        return gold, predicted
    places = [[place for place, tag in enumerate(tags) if tag != UNLABELLED] for tags in gold]
    one, other = (
        [[tags[place] for place in own] for tags, own in zip(side, places, strict=True)] for side in (gold, predicted)
    )
    return one, other


@dataclass(frozen=True, slots=True)
class Counts:
    """What a measure counts in each sentence; its value is a function of sums over sentences alone.

    >>> counted = sentence_counts("span_f1", [["B-LOC"], ["O"]], [["B-LOC"], ["B-LOC"]])
    >>> counted.table.tolist(), round(float(counted.value()), 1)
    ([[[1, 1, 1]], [[0, 0, 1]]], 66.7)
    """

    table: Table
    """[sentences, labels, 3]: how many were right, are in the gold answers, were predicted."""
    ratio: Ratio = "f1"

    def value(self, sums: npt.NDArray[Any] | None = None) -> Values:
        """Per cent, of sums [..., labels, 3] of other sentences than all: the ratio of each label that
        occurs on either side, averaged."""
        right, gold, predicted = np.moveaxis(self.table.sum(0) if sums is None else sums, -1, 0)
        over = {"f1": gold + predicted, "precision": predicted, "recall": gold}[self.ratio]
        times = 200.0 if self.ratio == "f1" else 100.0
        each = np.divide(times * right, over, out=np.zeros(right.shape), where=over > 0)
        occurring = np.count_nonzero(gold + predicted, axis=-1)
        return np.asarray(each.sum(-1) / np.maximum(1, occurring))


def sentence_counts(
    measure: str, gold: Sequence[Tags], predicted: Sequence[Tags], value: str = "", strict: bool = False
) -> Counts:
    """The counts of one of the core's measures, or of a value beside it: `precision`, `span_f1:PER`."""
    value = value or measure
    if not has_counts(measure, value):
        raise KeyError(f"{measure} has no counts for {value}")
    gold, predicted = labelled(gold, predicted)
    scheme = scheme_of_gold(gold)
    found = list(zip(*(_items(measure, side, strict, scheme) for side in (gold, predicted)), strict=True))
    labels = sorted({label for pair in found for items in pair for _, _, label in items})
    table = _counted(found, {label: place for place, label in enumerate(labels)})
    _, colon, kind = value.partition(":")
    if colon:
        table = table[:, [place for place, label in enumerate(labels) if label == kind]]
    if colon or measure not in AVERAGED:
        table = table.sum(1, keepdims=True)
    ratio: Ratio = "precision" if value == "precision" else "recall" if value == "recall" else "f1"
    return Counts(table, ratio)


def has_counts(measure: str, value: str) -> bool:
    """Whether a value can be had from counts per sentence."""
    beside = measure == "span_f1" and (value in ("precision", "recall") or value.startswith("span_f1:"))
    return measure in MEASURES and (value == measure or beside)


def _items(measure: str, rows: Sequence[Tags], strict: bool, scheme: Scheme) -> list[set[Span]]:
    """What may be right or wrong in each sentence: its spans, or each of its words."""
    if measure in ("span_f1", "entity_f1_macro"):
        return [spans(tags, strict, scheme) for tags in rows]
    if measure == "seqeval_f1":
        return _entities(rows)
    return [{(place, place, tag) for place, tag in enumerate(tags)} for tags in rows]


def _entities(rows: Sequence[Tags]) -> list[set[Span]]:
    """seqeval's entities, each with the sentence in which it ends.

    They are found in all sentences at once, for a tag of one letter, such as X, makes seqeval begin an entity
    where an earlier sentence's began; so what such a tag counts holds for the sentences as they stood.
    """
    from seqeval.metrics.sequence_labeling import get_entities

    found: list[set[Span]] = [set() for _ in rows]
    ends = np.cumsum([len(tags) + 1 for tags in rows])
    entities = _quietly(get_entities, [list(tags) for tags in rows])
    for (kind, first, last), row in zip(
        entities, np.searchsorted(ends, [e[2] for e in entities], "right"), strict=True
    ):
        found[row].add((first, last, kind))
    return found


def _counted(found: Sequence[tuple[set[Span], set[Span]]], place: dict[str, int]) -> Table:
    """[sentences, labels, 3]"""
    size = len(place) * 3
    cells = [
        row * size + place[label] * 3 + column
        for row, (true, said) in enumerate(found)
        for column, items in enumerate((true & said, true, said))
        for _, _, label in items
    ]
    counts = np.bincount(np.asarray(cells, dtype=np.int64), minlength=len(found) * size)
    return counts.astype(np.int64).reshape(len(found), len(place), 3)


def _score(job: Job, name: str, **options: bool) -> None:
    from xlt_core.engine.predict import BESIDE, PREDICTED  # torch stands behind it, and whoever counts can do without
    from xlt_core.engine.weigh import WEIGHTS

    (answers,) = job.inputs_named("artefact predictions").values()
    (labels,) = [folder for fact, folder in job.inputs_named("labels ").items() if fact.endswith(":test")]
    gold = [row.tags for row in read_tagged(labels / EXAMPLES)]

    def measured(file: Path) -> dict[str, float]:
        sides = labelled(gold, [row.tags for row in read_tagged(file)])
        return MEASURES[name](*sides, **options)

    more = unknown_in(labels)
    if others := {file.stem: measured(file) for file in sorted((answers / BESIDE).glob("*.jsonl"))}:
        more |= {"weights": json.loads((answers / WEIGHTS).read_text(encoding="utf-8")), "beside": others}
    write_scores(job.out, name, measured(answers / PREDICTED), len(gold), more)


def unknown_in(labels: Path) -> dict[str, Any]:
    """Labels of a test set that the task doesn't have, and what became of them; nothing where there are none."""
    if not (labels / READ).is_file():
        return {}
    told = json.loads((labels / READ).read_text(encoding="utf-8"))
    return {"unknown_labels": {"policy": told["policy"], "labels": told["unknown"]}} if told.get("unknown") else {}


def write_scores(
    out: Path, headline: str, values: dict[str, float], examples: int, more: dict[str, Any] | None = None
) -> None:
    """A score stage's result: its values, and which of them stands in tables."""
    told = {"headline": headline, "values": values, "examples": examples, **(more or {})}
    (out / "scores.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def span_f1(job: Job) -> None:
    _score(job, "span_f1", strict=job.stage.options.get("decoding") == "strict")


def seqeval_f1(job: Job) -> None:
    _score(job, "seqeval_f1")


def accuracy(job: Job) -> None:
    _score(job, "accuracy")


def entity_f1_macro(job: Job) -> None:
    _score(job, "entity_f1_macro")


def macro_f1(job: Job) -> None:
    _score(job, "macro_f1")

"""Measures over pieces of words, as code that scores what a model reads has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xlt_core.data.records import EXAMPLES, Tagged, read_tagged
from xlt_core.data.schemes import convert, scheme_of
from xlt_core.engine.pieces import NO_WORD, PIECES, Units, inside, read_pieces
from xlt_core.engine.score import Tags, labelled, measure_macro_f1, measure_spans, unknown_in, write_scores
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job

Measure = Callable[[Sequence[Tags], Sequence[Tags]], dict[str, float]]


def subtoken_f1(job: Job) -> None:
    """The work of the evaluator `subtoken_f1`."""
    _score(job, "subtoken_f1", measure_subtokens, specials=False)


def unit_macro_f1(job: Job) -> None:
    """The work of the evaluator `unit_macro_f1`."""
    _score(job, "unit_macro_f1", measure_units, specials=True)


def measure_subtokens(gold: Sequence[Tags], predicted: Sequence[Tags]) -> dict[str, float]:
    """Micro F1 of spans of pieces, as seqeval gives it by default."""
    found = measure_spans(gold, predicted)
    return {"subtoken_f1": found["span_f1"], "precision": found["precision"], "recall": found["recall"]}


def measure_units(gold: Sequence[Tags], predicted: Sequence[Tags]) -> dict[str, float]:
    """F1 of each tag over units, averaged over the tags that occur on either side."""
    return {"unit_macro_f1": measure_macro_f1(gold, predicted)["macro_f1"]}


def in_pieces(words: Sequence[str], units: Units, specials: bool) -> tuple[str, ...]:
    """A sentence's tags as its pieces have them: the first its word's, the others the inside of it, special ones `O`.

    A word that wasn't read is one piece.

    >>> in_pieces(["B-PER", "O", "B-LOC"], Units((-1, 0, 0, 1, -1), ("O",) * 5), specials=False)
    ('B-PER', 'I-PER', 'O', 'B-LOC')
    """
    found, before = [], NO_WORD
    for word in units.of:
        if word == NO_WORD:
            found += ["O"] if specials else []
        else:
            found.append(inside(words[word]) if word == before else words[word])
            before = word
    return (*found, *words[before + 1 :])


def own_tags(units: Units, words: int, specials: bool) -> tuple[str, ...]:
    """What each piece was taken for itself; of words that weren't read, nothing."""
    tags = [tag for word, tag in zip(units.of, units.tags, strict=True) if specials or word != NO_WORD]
    return (*tags, *["O"] * (words - 1 - max(units.of, default=NO_WORD)))


def _score(job: Job, name: str, measure: Measure, specials: bool) -> None:
    (answers,) = job.inputs_named("artefact predictions").values()
    (labels,) = [folder for fact, folder in job.inputs_named("labels ").items() if fact.endswith(":test")]
    if not (answers / PIECES).is_file():
        what = "the task models that answer together read a word in different pieces, so there are none to be scored"
        raise RunError(f"{name} can't be measured.", [Problem(what, job.stage.id, f"--drop evaluation.{name}")])
    units, gold = read_pieces(answers / PIECES), _in_iob2(read_tagged(labels / EXAMPLES))
    truth = [in_pieces(tags, own, specials) for tags, own in zip(gold, units, strict=True)]
    if job.stage.options["answers"] == "own":
        said = [own_tags(own, len(tags), specials) for tags, own in zip(gold, units, strict=True)]
    else:
        from xlt_core.engine.predict import PREDICTED

        words = _in_iob2(read_tagged(answers / PREDICTED))
        said = [in_pieces(tags, own, specials) for tags, own in zip(words, units, strict=True)]
    write_scores(job.out, name, measure(*labelled(truth, said)), len(gold), unknown_in(labels))


def _in_iob2(rows: Sequence[Tagged]) -> list[tuple[str, ...]]:
    """Where the inside of a word can be said; what knows no beginnings stays as it is."""
    scheme = scheme_of(row.tags for row in rows)
    return [convert(row.tags, scheme, "iob2" if scheme == "bioes" else scheme) for row in rows]

"""A finished run answers for new text: what the run did with its test sentences is done with these."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from xlt_core.catalog import load_object
from xlt_core.data.asked import Asked, Numbered, asked, form_of
from xlt_core.data.records import EXAMPLES, read_tagged, write_tagged
from xlt_core.engine.predict import PREDICTED
from xlt_core.errors import Problem, UnavailableError
from xlt_core.graph.parts import Answering
from xlt_core.running.lent import Asking, Lent

AT_ONCE = 4000
"""Examples that are answered together: a model is loaded once for so many, and no more are in memory."""


def predicted(lent: Lent, asking: Asking, lines: Iterable[Numbered], raw: bool, name: str) -> Iterator[str]:
    """The lines with their labels, as fast as they come.

    >>> list(predicted(Lent.open(run, None), Asking("amh"), [(1, "Addis")], False, "-"))    # doctest: +SKIP
    ['Addis\\tB-LOC']
    """
    answering = lent.answering(asking)
    _refuse_without_libraries(answering, lent)
    given, task = lent.given(answering), lent.config.task
    assert task is not None
    questions = asked(lines, form_of(task, raw), name)
    while batch := list(islice(questions, AT_ONCE)):
        tags = iter(_answers(lent, answering, given, [one for one in batch if isinstance(one, Asked)]))
        for one in batch:
            yield from one.answered(next(tags)) if isinstance(one, Asked) else [one]


def _answers(
    lent: Lent, answering: Answering, given: dict[str, Path], questions: Sequence[Asked]
) -> list[tuple[str, ...]]:
    """The stages between a question and its answer, done in a folder that is thrown away."""
    task, language = lent.config.task, answering.predict.languages[0]
    assert task is not None
    if not questions:
        return []
    with tempfile.TemporaryDirectory(prefix="xlt-") as place:
        done = {**given, answering.labels.id: Path(place, "asked")}
        done[answering.labels.id].mkdir()
        rows = (one.row(number, language, task) for number, one in enumerate(questions))
        write_tagged(done[answering.labels.id] / EXAMPLES, rows)
        for number, stage in enumerate(answering.anew):
            done[stage.id] = Path(place, str(number))
            done[stage.id].mkdir()
            load_object(str(stage.work))(lent.job(stage, done, done[stage.id]))
        return [row.tags for row in read_tagged(done[answering.predict.id] / PREDICTED)]


def _refuse_without_libraries(answering: Answering, lent: Lent) -> None:
    from xlt_core.slots.rewriting import Rewriter

    problems: list[Problem] = []
    for stage in answering.between:
        if stage.slot == "rewriting":
            declared: type[Rewriter] = load_object(lent.config.catalog.get("rewriting", stage.part).card.declares)
            problems += declared.model_validate(stage.options).lacks(stage.languages[0])
    if problems:
        raise UnavailableError("This run's text is rewritten by what is not installed here.", problems)

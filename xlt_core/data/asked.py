"""Text that somebody wants labelled: lines in, the same lines with their labels out, blank ones where they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from xlt_core.data.records import UNLABELLED, Tagged
from xlt_core.errors import Problem, RunError
from xlt_core.slots.tasks import Task

Form = Literal["tokens", "sentences", "texts", "pairs"]
"""A token a line with blank lines between sentences; a sentence a line, to be cut at spaces; a text a line; two
texts with a tab between them. Cells after those are carried along."""
Numbered = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """One example, and the lines that get its labels: one each, or one for all."""

    words: tuple[str, ...]
    lines: tuple[str, ...]
    second: tuple[str, ...] = ()
    apart: bool = False
    """Whether a blank line must be put behind it, since the lines aren't the text's own."""

    def row(self, number: int, language: str, task: Task) -> Tagged:
        """The example as a stage reads it. Its tags say nothing; of spans they must still be spans."""
        units = len(self.lines)
        return Tagged(str(number), language, self.words, ("O" if task.unit == "span" else UNLABELLED,) * units,
                      self.second)  # fmt: skip

    def answered(self, tags: Sequence[str]) -> list[str]:
        """The lines, each with its label in one more column."""
        return [f"{line}\t{tag}" for line, tag in zip(self.lines, tags, strict=True)] + [""] * self.apart


def form_of(task: Task, raw: bool) -> Form:
    """How text for a task is written."""
    if task.unit in ("sentence", "pair"):
        return "texts" if task.unit == "sentence" else "pairs"
    return "sentences" if raw else "tokens"


def asked(lines: Iterable[Numbered], form: Form, name: str) -> Iterator[Asked | str]:
    """What is asked, in order; a blank line stands for itself.

    >>> list(asked([(1, "Abebe\\tx"), (2, ""), (3, "na")], "tokens", "-"))[0].words
    ('Abebe',)
    """
    return _sentences(lines, name) if form == "tokens" else (_line(line, form, name) for line in lines)


def _sentences(lines: Iterable[Numbered], name: str) -> Iterator[Asked | str]:
    sentence: list[Numbered] = []
    for number, line in lines:
        if line.strip():
            sentence.append((number, line))
            continue
        if sentence:
            yield _sentence(sentence, name)
            sentence = []
        yield line
    if sentence:
        yield _sentence(sentence, name)


def _sentence(lines: Sequence[Numbered], name: str) -> Asked:
    for number, line in lines:
        if not line.split("\t")[0].strip():
            raise _unreadable("there is no word before the tab", name, number)
    return Asked(tuple(line.split("\t")[0].strip() for _, line in lines), tuple(line for _, line in lines))


def _line(numbered: Numbered, form: Form, name: str) -> Asked | str:
    number, line = numbered
    cells = line.split("\t")
    if not line.strip():
        return line
    if form == "sentences":
        words = tuple(line.split())
        return Asked(words, words, apart=True)
    texts = [tuple(cell.split()) for cell in cells[: 2 if form == "pairs" else 1]]
    if form == "pairs" and len(texts) < 2:
        raise _unreadable("two texts with a tab between them are wanted, and there is no tab", name, number)
    if not all(texts):
        raise _unreadable("there is no text before the tab" if not texts[0] else "the second text is empty",
                          name, number)  # fmt: skip
    return Asked(texts[0], (line,), texts[1] if form == "pairs" else ())


def _unreadable(what: str, name: str, number: int) -> RunError:
    return RunError("This text can't be labelled.", [Problem(what, f"{name}:{number}")])

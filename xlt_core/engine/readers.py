"""Examples of many languages, each read through the tokenizer that serves its language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from xlt_core.data.encode import Piece, WordReader
from xlt_core.data.records import EXAMPLES, Tagged, read_tagged
from xlt_core.data.streams import StreamReader
from xlt_core.engine.net import Net
from xlt_core.graph.job import Job


class Reader(Protocol):
    """What cuts examples into stretches; `SubwordReader` and its kin do it with one tokenizer."""

    def stretches(self, rows: Sequence[Tagged], labels: Mapping[str, int] | None = None) -> list[Piece]: ...
    def units(self, row: Tagged) -> int: ...


class LanguageReaders:
    """A reader for each vocabulary of a net, made when it is first met.

    >>> reader = LanguageReaders(net, lambda tokenizer: SubwordReader(tokenizer, 128))   # doctest: +SKIP
    >>> reader.stretches(rows)                                                           # doctest: +SKIP
    """

    def __init__(self, net: Net, make: Callable[[Any], Reader]) -> None:
        self.net, self.make = net, make
        self._readers: dict[tuple[str | None, ...], Reader] = {}

    def stretches(self, rows: Sequence[Tagged], labels: Mapping[str, int] | None = None) -> list[Piece]:
        """Every example's stretches, in the order of the examples."""
        numbers: dict[tuple[str | None, ...], list[int]] = {}
        for number, row in enumerate(rows):
            numbers.setdefault(self.net.vocabularies_of(row.language), []).append(number)
        found: list[Piece] = []
        for own in numbers.values():
            some = [rows[number] for number in own]
            pieces = self.of(some[0].language).stretches(some, labels)
            found += [replace(piece, sentence=own[piece.sentence]) for piece in pieces]
        return sorted(found, key=lambda piece: piece.sentence)

    def units(self, row: Tagged) -> int:
        return self.of(row.language).units(row)

    def of(self, language: str) -> Reader:
        """The reader of a language."""
        names, net = self.net.vocabularies_of(language), self.net
        if names not in self._readers:
            made = self.make(net.tokenizer_of(language))
            if net.channels:
                assert isinstance(made, WordReader), "several channels are summed in words"
                made = StreamReader.of(made, {name: net.tokenizer_of(language, name) for name in net.channels})
            self._readers[names] = made
        return self._readers[names]


def with_forms(rows: Sequence[Tagged], labels: Path, job: Job) -> list[Tagged]:
    """Labelled sentences with their words in every channel that the stage was given, whose folder is `labels`."""
    (fact,) = [fact for fact, folder in job.inputs_named("labels ").items() if folder == labels]
    of = ":".join(("labels", *fact.removeprefix("labels ").split(":")))
    found = list(rows)
    for name, folder in job.inputs_named("artefact rewritten:").items():
        _, channel, corpus = name.removeprefix("artefact rewritten:").split(":", 2)
        if corpus == of:
            said = read_tagged(folder / EXAMPLES)
            found = [
                replace(row, forms=(*row.forms, (channel, other.words))) for row, other in zip(found, said, strict=True)
            ]
    return found

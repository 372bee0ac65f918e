"""Examples of many languages, each read through the tokenizer that serves its language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from xlt_core.data.encode import Piece
from xlt_core.data.records import Tagged
from xlt_core.engine.net import Net


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
        self._readers: dict[str | None, Reader] = {}

    def stretches(self, rows: Sequence[Tagged], labels: Mapping[str, int] | None = None) -> list[Piece]:
        """Every example's stretches, in the order of the examples."""
        numbers: dict[str | None, list[int]] = {}
        for number, row in enumerate(rows):
            numbers.setdefault(self.net.vocabulary_of(row.language), []).append(number)
        found: list[Piece] = []
        for own in numbers.values():
            some = [rows[number] for number in own]
            pieces = self._reader(some[0].language).stretches(some, labels)
            found += [replace(piece, sentence=own[piece.sentence]) for piece in pieces]
        return sorted(found, key=lambda piece: piece.sentence)

    def units(self, row: Tagged) -> int:
        return self._reader(row.language).units(row)

    def _reader(self, language: str) -> Reader:
        name = self.net.vocabulary_of(language)
        if name not in self._readers:
            self._readers[name] = self.make(self.net.tokenizer_of(language))
        return self._readers[name]

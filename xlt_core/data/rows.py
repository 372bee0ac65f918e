"""Rows of a joint training: lines of text, alone or several in a row, and sentences joined with their translations.

What is read is kept as numbers on disk; a row is put together when it is asked for.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate, permutations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xlt_core.data.encode import Piece, TextReader
from xlt_core.data.kept import Coded, Numbers, Sentences

Small = NDArray[np.int32]


class RowReader(TextReader):
    """Rows of one sentence or several, parted as the tokenizer parts the sentences of a pair.

    Where positions `restart`, each sentence's first piece stands at the same place, and so does its translation's.
    What it reads lies in `folder`.
    """

    def __init__(self, tokenizer: Any, max_length: int, restart: bool = False, folder: Path | None = None) -> None:
        super().__init__(tokenizer, max_length)
        self.restart, self.folder = restart, folder

    def text(self, lines: Iterable[str], language: str, packed: bool = False) -> Rows:
        """A text in rows: each line by itself, or as many whole lines as fit; what is over-long goes on."""
        sentences = Sentences(((ids, begins) for _, ids, begins in self.cut(lines)), self.folder)
        bounds = self._packed(sentences.sizes) if packed else range(len(sentences) + 1)
        return Rows(self, sentences, bounds, language)

    def _packed(self, sizes: Numbers) -> Sequence[int]:
        """Where rows begin and end among sentences of these sizes."""
        bounds, used = array("q", [0]), 0
        for number, size in enumerate(map(int, sizes)):
            gap = len(self.between) if number > bounds[-1] else 0
            if gap and used + gap + size > self.room:
                bounds.append(number)
                used, gap = 0, 0
            used += gap + size
        if len(sizes):
            bounds.append(len(sizes))
        return bounds

    def pair(self, number: int, one: Coded, two: Coded, language: str) -> Piece:
        """Two sentences in one row; of what is too long, the longer one is cut at its end."""
        spare = self.room - len(self.between)
        sizes = [len(one[0]), len(two[0])]
        over = sum(sizes) - spare
        if over > 0:
            level = min(over, abs(sizes[0] - sizes[1]))  # the longer alone until both are as long, then both in turn
            sizes[int(sizes[1] > sizes[0])] -= level
            sizes[0] -= (over - level + 1) // 2
            sizes[1] -= (over - level) // 2
        cut = [(ids[:size], begins[:size]) for (ids, begins), size in zip((one, two), sizes, strict=True)]
        return self.joined(number, cut, language)

    def joined(self, number: int, sentences: Sequence[Coded], language: str) -> Piece:
        """Sentences in one row; a word's number counts through all of them."""
        ids: list[int] = []
        marks: list[int] = []
        words = 0
        for own, begins in sentences:
            gap = self.between if ids else []
            first = [place >= 0 for place in begins]
            ids += [*gap, *own]
            marks += [-1] * len(gap)
            marks += [words + count - 1 if new else -1 for new, count in zip(first, accumulate(first), strict=True)]
            words += sum(first)
        inside = slice(len(self.before), len(self.before) + len(ids))
        front, back = [-1] * len(self.before), [-1] * len(self.after)
        places = self._places([len(own) for own, _ in sentences]) if self.restart else ()
        whole = (*self.before, *ids, *self.after)
        return Piece(number, whole, (*front, *marks, *back), inside, language, places=places)

    def _places(self, sizes: Sequence[int]) -> tuple[int, ...]:
        """Positions: the last token between two sentences opens the second, as the first was opened."""
        front, gap = len(self.before), len(self.between)
        found = list(range(front))
        for number, size in enumerate(sizes):
            closing = len(self.after) if number == len(sizes) - 1 else gap - 1
            found += [*([front - 1] if number else []), *range(front, front + size + closing)]
        return tuple(found)


class Rows(Sequence[Piece]):
    """A text's rows: the sentences from one bound to the next."""

    def __init__(self, reader: RowReader, sentences: Sentences, bounds: Sequence[int], language: str) -> None:
        self.reader, self.sentences, self.bounds, self.language = reader, sentences, bounds, language

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __getitem__(self, at: Any) -> Any:
        first, after = self.bounds[at], self.bounds[at + 1]
        return self.reader.joined(first, [self.sentences[n] for n in range(first, after)], self.language)


class Translations:
    """A table of sentences, a column for each language; what a language lacks is an empty cell.

    Its rows are gone through once for each language.

    >>> table = Translations(reader, ["eng", "fra"], [("two", "deux"), ("red", "")])      # doctest: +SKIP
    >>> len(table.pairs()["eng-fra"])                                                     # doctest: +SKIP
    1
    """

    def __init__(self, reader: RowReader, languages: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        self.reader, self.languages = reader, tuple(languages)
        self.columns = [self._column(rows, n) for n in range(len(languages))]

    def _column(self, rows: Iterable[Sequence[str]], number: int) -> Sentences:
        return Sentences(self.reader.coded(row[number] for row in rows), self.reader.folder)

    def pairs(self) -> dict[str, Joined]:
        """Rows for each two languages, in either order, that have a sentence in common."""
        found = {}
        for one, two in permutations(range(len(self.languages)), 2):
            numbers = np.flatnonzero((self.columns[one].sizes > 0) & (self.columns[two].sizes > 0))
            if len(numbers):
                found[f"{self.languages[one]}-{self.languages[two]}"] = Joined(self, one, two, numbers)
        return found


class Joined(Sequence[Piece]):
    """Sentences of one language, each in a row with its translation into another."""

    def __init__(self, table: Translations, one: int, two: int, numbers: Numbers) -> None:
        self.table, self.one, self.two, self.numbers = table, one, two, numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, at: Any) -> Any:
        number, table = int(self.numbers[at]), self.table
        one, two = table.columns[self.one][number], table.columns[self.two][number]
        return table.reader.pair(number, one, two, table.languages[self.one])


class Chain(Sequence[Piece]):
    """Rows of several sources as one."""

    def __init__(self, sources: Sequence[Sequence[Piece]]) -> None:
        self.sources = list(sources)
        self._source = np.repeat(np.arange(len(sources), dtype=np.int32), [len(source) for source in sources])
        self._row = np.concatenate([np.arange(len(source), dtype=np.int32) for source in sources])

    def __len__(self) -> int:
        return len(self._row)

    def __getitem__(self, at: Any) -> Any:
        return self.sources[self._source[at]][int(self._row[at])]


class Mixture(Chain):
    """Rows of several sources, each as often as its share asks for; none is left out.

    An epoch is as long as it must be for the source that is drawn least, for its size, to be read once; the others
    are read again, whole passes first and then rows drawn at random.

    >>> list(Mixture([["a", "b"], ["c"]], [1.0, 1.0], 0))
    ['a', 'b', 'c', 'c']
    """

    def __init__(self, sources: Sequence[Sequence[Piece]], shares: Sequence[float], seed: int) -> None:
        self.sources = list(sources)
        passes = max(len(source) / share for source, share in zip(sources, shares, strict=True))
        draw = np.random.default_rng(seed)
        counts = [max(len(own), round(passes * share)) for own, share in zip(sources, shares, strict=True)]
        self._source = np.repeat(np.arange(len(sources), dtype=np.int32), counts)
        self._row = np.concatenate([_repeated(len(own), n, draw) for own, n in zip(sources, counts, strict=True)])


def _repeated(rows: int, count: int, draw: np.random.Generator) -> Small:
    whole = np.tile(np.arange(rows, dtype=np.int32), count // rows)
    return np.concatenate([whole, draw.permutation(rows)[: count % rows].astype(np.int32)])

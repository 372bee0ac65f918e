"""Coded text that is read from disk when it is asked for: of a corpus, memory holds where its lines begin.

It is read rather than mapped: pages of a map count as the process's memory for as long as nobody else wants them.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xlt_core.data.encode import Piece, TextReader
from xlt_core.errors import Problem, RunError

Coded = tuple[Sequence[int], Sequence[int]]
"""A sentence's pieces, and for each the word that it begins or -1."""
Numbers = NDArray[np.int64]
BYTES = array("i").itemsize


class Sentences(Sequence[Coded]):
    """Coded sentences in a file without a name, which is gone when they are.

    >>> sentences = Sentences([([7, 8], [0, -1]), ([9], [0])])
    >>> sentences[0], sentences.sizes.tolist()
    (([7, 8], [0, -1]), [2, 1])
    """

    def __init__(self, coded: Iterable[Coded], folder: Path | None = None) -> None:
        starts = array("q", [0])
        try:
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
            self._file = TemporaryFile(dir=folder)  # noqa: SIM115  (it lives as long as they do)
            for ids, begins in coded:
                self._file.write(array("i", ids))
                self._file.write(array("i", begins))
                starts.append(starts[-1] + len(ids))
            self._file.flush()
        except OSError as error:
            where = str(folder or gettempdir())
            raise RunError("A text can't be kept.", [Problem(str(error), where, "make room there")]) from None
        self._starts: Numbers = np.frombuffer(starts, dtype=np.int64)

    @property
    def sizes(self) -> Numbers:
        """How many pieces each has."""
        return np.diff(self._starts)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, at: Any) -> Any:
        start, size = int(self._starts[at]), int(self._starts[at + 1] - self._starts[at])
        both = array("i", os.pread(self._file.fileno(), 2 * BYTES * size, 2 * BYTES * start))
        return both[:size].tolist(), both[size:].tolist()


class Stretches(Sequence[Piece]):
    """A text's stretches as `TextReader.stretches` gives them, each put together when it is asked for.

    >>> Stretches(reader, each_line(folder), "amh", job.unfinished)[0]     # doctest: +SKIP
    """

    def __init__(self, reader: TextReader, lines: Iterable[str], language: str, folder: Path | None = None) -> None:
        self.reader, self.language = reader, language
        self._lines = array("q")
        self.sentences = Sentences(self._cut(lines), folder)

    def _cut(self, lines: Iterable[str]) -> Iterator[Coded]:
        for number, ids, begins in self.reader.cut(lines):
            self._lines.append(number)
            yield ids, begins

    def __len__(self) -> int:
        return len(self.sentences)

    def __getitem__(self, at: Any) -> Any:
        ids, begins = self.sentences[at]
        return self.reader.piece(self._lines[at], ids, begins, self.language)


class Some(Sequence[Piece]):
    """Those of many that have these numbers."""

    def __init__(self, of: Sequence[Piece], numbers: Numbers) -> None:
        self.of, self.numbers = of, numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, at: Any) -> Any:
        return self.of[int(self.numbers[at])]

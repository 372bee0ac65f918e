"""How well pieces suit a text: the average log probability of a sample (equation 1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy
from numpy.typing import NDArray

Counts = NDArray[numpy.int64]


def alp(counts: Counts, samples: int) -> float:
    """Equation 1: the mean over samples of the sum of ln p(piece), p the piece's share of the segmented text.

    Summed piece by piece instead of sample by sample it is −(N/M)·H(p), for N pieces in M samples.

    >>> round(alp(numpy.array([3, 2, 1]), samples=3), 7)
    -2.0228085
    """
    seen = counts[counts > 0].astype(numpy.float64)
    return float((seen * numpy.log(seen / seen.sum())).sum() / samples)


def piece_counts(words: Mapping[str, int], encode: Callable[[Sequence[str]], Sequence[Sequence[int]]]) -> Counts:
    """How often each piece occurs. No piece crosses a blank, so each kind of word is cut once, and counted.

    >>> piece_counts({"ab": 2, "b": 1}, lambda words: [[0, 1], [1]]).tolist()
    [2, 3]
    """
    cut = encode(list(words))
    ids = numpy.fromiter((piece for pieces in cut for piece in pieces), dtype=numpy.int64)
    times = numpy.repeat(numpy.fromiter(words.values(), dtype=numpy.int64), [len(pieces) for pieces in cut])
    counts = numpy.zeros(int(ids.max(initial=-1)) + 1, dtype=numpy.int64)
    numpy.add.at(counts, ids, times)
    return counts

"""Where a word's partner is expected: δ near the diagonal, and how steeply it falls off (λ).

    h(i,j) = −|i/m − j/n|     δ(j|i) = (1 − p0)·exp(λ·h(i,j)) / Z_i     Z_i = Σ_j exp(λ·h(i,j))

for target word i of m and source word j of n, both counted from 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Tension = Literal["compat", "exact", "fixed"]
Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

LEAST, MOST = 0.1, 14.0
"""The bounds of λ."""
STEPS, RATE = 8, 20.0
"""How often and how far λ moves after a pass."""


@dataclass(frozen=True)
class Places:
    """The cells of all shapes (m, n) that occur, target-major, and of each link its cell."""

    cell: NDArray[np.int32]
    h: Floats
    early: Floats
    """h as the public tool takes it from a link: with i − 1 for i."""
    row: Longs
    """Where the cells of each target place begin."""
    i: Longs
    m: Longs
    n: Longs
    """Of each target place: which it is, of how many, beside how many source words."""
    times: Longs
    """How many sentence pairs have each target place."""
    words: int
    """How many target words there are in all."""

    @classmethod
    def of(cls, m: Longs, n: Longs) -> Places:
        """The places of sentence pairs with these lengths."""
        shapes, which, times = np.unique(np.stack([m, n]), axis=1, return_inverse=True, return_counts=True)
        tall, wide = shapes
        i, rows_m, rows_n = _count(tall) + 1, np.repeat(tall, tall), np.repeat(wide, tall)
        row = np.cumsum(rows_n) - rows_n
        j = _count(rows_n) + 1
        across = j / np.repeat(rows_n, rows_n)
        h = -np.abs(np.repeat(i / rows_m, rows_n) - across)
        early = -np.abs(np.repeat((i - 1) / rows_m, rows_n) - across)
        first = np.cumsum(tall * wide) - tall * wide
        cell = np.repeat(first[which.ravel()], m * n) + _count(m * n)
        return cls(cell.astype(np.int32), h, early, row, i, rows_m, rows_n, np.repeat(times, tall), int((m).sum()))

    def heights(self, tension: Tension) -> Floats:
        """h as it is averaged over links."""
        return self.early if tension == "compat" else self.h

    def chances(self, steepness: float, null: float) -> Floats:
        """δ of every cell."""
        weight = np.exp(steepness * self.h)
        weight *= np.repeat((1 - null) / np.add.reduceat(weight, self.row), self.n)
        return weight

    def steeper(self, steepness: float, seen: float, tension: Tension) -> float:
        """λ after a pass: eight steps towards where the model's mean of h is the one that was seen."""
        if tension == "fixed":
            return steepness
        for _ in range(STEPS):
            steepness = min(max(steepness + RATE * (seen - self.expected(steepness, tension)), LEAST), MOST)
        return steepness

    def expected(self, steepness: float, tension: Tension) -> float:
        """The model's mean of h over all target words."""
        weight = np.exp(steepness * self.h)
        total = self._exchanged(steepness) if tension == "compat" else np.add.reduceat(weight, self.row)
        weight *= self.h
        return float((np.add.reduceat(weight, self.row) / total) @ self.times) / self.words

    def _exchanged(self, steepness: float) -> Floats:
        """Z_i as the public tool computes it for λ's gradient: in closed form, m and n exchanged.

        Where ⌊i·m/n⌋ is beyond m, the tool's unsigned m − ⌊i·m/n⌋ is huge and its power of r is 0.
        """
        i, m, n = self.i, self.m, self.n
        floor = np.floor(i * m / n)
        ratio = np.exp(-steepness / m)

        def weight(j: Floats) -> Floats:
            found: Floats = np.exp(-steepness * np.abs(j / m - i / n))
            return found

        above = np.where(floor > m, 1.0, 1 - ratio ** np.maximum(m - floor, 0))
        found: Floats = (weight(floor + 1) * above + weight(floor) * (1 - ratio**floor)) / (1 - ratio)
        return found


def _count(lengths: Longs) -> Longs:
    """0, 1, … anew for each length."""
    found: Longs = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return found

"""Sparse mixtures of known rows for pieces that nothing matches (equations 5 to 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from xlt_unibridge.procrustes import unit

ROWS = 1024
"""Pieces whose similarities are held at once."""
FIRST = 64
"""Greatest similarities that are looked at first; few supports are larger."""


@dataclass(frozen=True)
class Mixtures:
    """Weights over some rows of a table, for one piece after the other; each piece's add up to 1."""

    rows: Tensor
    weights: Tensor
    begins: Tensor
    """Where each piece's own begin."""

    def __len__(self) -> int:
        return len(self.begins)

    def of(self, table: Tensor) -> Tensor:
        """The mixtures of a table's rows, [pieces, width]; of a vector, [pieces]."""
        wide = table.float().reshape(len(table), -1)
        mixed = embedding_bag(self.rows, wide, self.begins, mode="sum", per_sample_weights=self.weights)
        return mixed.reshape(len(self), *table.shape[1:])

    def followed_by(self, others: Mixtures) -> Mixtures:
        """These, and behind them others of the same table."""
        begins = torch.cat([self.begins, others.begins + len(self.rows)])
        return Mixtures(torch.cat([self.rows, others.rows]), torch.cat([self.weights, others.weights]), begins)

    def named(self, which: Tensor) -> Mixtures:
        """The same over other numbers: row n of these is row `which[n]`."""
        return Mixtures(which[self.rows], self.weights, self.begins)


def means(rows: Sequence[Sequence[int]]) -> Mixtures:
    """For each piece the mean of its rows.

    >>> means([[3, 5]]).weights.tolist()
    [0.5, 0.5]
    """
    sizes = torch.tensor([len(own) for own in rows], dtype=torch.long)
    every = torch.tensor([row for own in rows for row in own], dtype=torch.long)
    return Mixtures(every, (1.0 / sizes).repeat_interleave(sizes), sizes.cumsum(0) - sizes)


def sparsemax(scores: Tensor, first: int = FIRST) -> tuple[Tensor, Tensor]:
    """Weights of the rows' greatest entries, and which they are; all others weigh nothing. Martins, Astudillo 2016.

    w = max(z − τ, 0), where τ is such that they add up to 1. Sorting whole rows would be waste: the greatest
    entries are enough if the last of them weighs nothing.

    >>> weights, which = sparsemax(torch.tensor([[0.9, 0.5, 0.1]]))
    >>> weights, which
    (tensor([[0.7000, 0.3000, 0.0000]]), tensor([[0, 1, 2]]))
    """
    count = min(first, scores.shape[1])
    greatest, which = scores.topk(count)
    places = torch.arange(1, count + 1, dtype=scores.dtype)
    sums = greatest.cumsum(1)
    support = (1 + places * greatest > sums).sum(1, keepdim=True)
    threshold = (sums.gather(1, support - 1) - 1) / support
    weights = (greatest - threshold).clamp_min(0)
    if count < scores.shape[1] and bool((short := (support == count)[:, 0]).any()):
        return _widened(weights, which, short, *sparsemax(scores[short], 4 * count))
    return weights, which


def _widened(weights: Tensor, which: Tensor, rows: Tensor, wide: Tensor, wide_which: Tensor) -> tuple[Tensor, Tensor]:
    """Some rows in the place of others, which have fewer columns."""
    size = (len(weights), wide.shape[1])
    all_weights, all_which = weights.new_zeros(size), which.new_zeros(size)
    all_weights[:, : weights.shape[1]], all_which[:, : which.shape[1]] = weights, which
    all_weights[rows], all_which[rows] = wide, wide_which
    return all_weights, all_which


def mixtures(new: Tensor, anchors: Tensor, rows: int = ROWS) -> Mixtures:
    """For each new vector the sparsemax of its cosines to the anchors: no temperature, and all anchors count."""
    new, anchors = unit(new), unit(anchors)
    found: list[tuple[Tensor, Tensor, Tensor]] = []
    for top in range(0, len(new), rows):
        weights, which = sparsemax(new[top : top + rows] @ anchors.T)
        kept = weights > 0
        found.append((which[kept], weights[kept], kept.sum(1)))
    if not found:
        return Mixtures(torch.empty(0, dtype=torch.long), torch.empty(0), torch.empty(0, dtype=torch.long))
    chosen, weights, counts = (torch.cat(parts) for parts in zip(*found, strict=True))
    return Mixtures(chosen, weights, counts.cumsum(0) - counts)

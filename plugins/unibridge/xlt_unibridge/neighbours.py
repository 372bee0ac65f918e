"""Pairs that are each other's nearest (equations 3 and 4), without the matrix of all similarities."""

from __future__ import annotations

import torch
from torch import Tensor

from xlt_unibridge.procrustes import unit

ROWS, COLUMNS = 512, 4096
"""A block of similarities: 8 MB, which a processor keeps at hand while it looks for the maxima."""


class _Best:
    """The greatest similarity of each of many pieces so far, and whose it is: of equals the first."""

    def __init__(self, count: int) -> None:
        self.value = torch.full((count,), -torch.inf)
        self.index = torch.full((count,), -1)

    def see(self, start: int, block: Tensor, offset: int) -> None:
        """Take in the rows of a block, for the pieces from `start` on; its columns are counted from `offset`."""
        mine = slice(start, start + len(block))
        best = block.amax(1)
        better = (best > self.value[mine]).nonzero()[:, 0]
        # where the maximum stands is looked for only in rows that have a new one: few, after the first block
        self.index[mine][better] = block[better].argmax(1) + offset
        self.value[mine] = torch.maximum(self.value[mine], best)


def mutual_nearest(target: Tensor, source: Tensor, rows: int = ROWS, columns: int = COLUMNS) -> Tensor:
    """The pairs (i, j) for which j is i's nearest by cosine and i is j's, [pairs, 2]; of equals the lowest is nearest.

    >>> target = torch.tensor([[1, 0], [0.8, 0.6], [0, 1], [-1, 0.2]])
    >>> source = torch.tensor([[0.9, 0.1], [0.6, 0.8], [0.1, 1], [2, -1], [0.7, 0.7]])
    >>> mutual_nearest(target, source).tolist()
    [[0, 0], [1, 4], [2, 2]]
    """
    target, source = unit(target), unit(source)
    of_target, of_source = _Best(len(target)), _Best(len(source))
    for top in range(0, len(target), rows):
        for left in range(0, len(source), columns):
            block = target[top : top + rows] @ source[left : left + columns].T
            of_target.see(top, block, left)
            of_source.see(left, block.T, top)
    mine = torch.arange(len(target))
    theirs = of_target.index
    mutual = (theirs >= 0) & (of_source.index[theirs] == mine) if len(source) else torch.zeros(0, dtype=torch.bool)
    return torch.stack([mine[mutual], theirs[mutual]], 1) if len(source) else torch.empty(0, 2, dtype=torch.long)

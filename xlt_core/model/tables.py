"""Vectors looked up in large tables: a table's gradient has the rows that were read, until it is asked for whole.

A step with several views reads a table several times. Each reading would leave a gradient as large as the table, zeros
for the most part, and they would be added up: with mBERT's 119,547 pieces that cost more than encoding once more.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch.nn.functional import embedding


def looked_up(words: torch.nn.Embedding | torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """The rows of a table at some ids; of a module as it gives them, padding and scale included.

    >>> table = torch.nn.Parameter(torch.eye(3))
    >>> looked_up(table, torch.tensor([2, 2])).sum().backward()
    >>> table.grad.is_sparse, make_whole([table]), table.grad.sum(1).tolist()
    (True, None, [0.0, 0.0, 6.0])
    """
    sparse = ids.device.type != "mps"  # which has no gradients of this kind
    if isinstance(words, torch.Tensor):
        return embedding(ids, words, sparse=sparse)
    usual, words.sparse = words.sparse, sparse
    try:
        found: torch.Tensor = words(ids)
        return found
    finally:
        words.sparse = usual


def make_whole(weights: Iterable[torch.nn.Parameter]) -> None:
    """Give tables the gradient that everything else reads: one row for each of theirs."""
    for weight in weights:
        if weight.grad is not None and weight.grad.is_sparse:
            weight.grad = weight.grad.coalesce().to_dense()

"""Masking for language modelling, in tensors: what is hidden, and what stands there instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from xlt_core.data.encode import IGNORED
from xlt_core.slots.losses import Mask


@dataclass(frozen=True, slots=True)
class Pieces:
    """What masking must know of a tokenizer: its mask, its size, and the ids that are never masked or drawn."""

    mask: int
    size: int
    special: frozenset[int]

    @classmethod
    def of(cls, tokenizer: object) -> Pieces:
        """Read off a tokenizer of transformers."""
        mask = tokenizer.mask_token_id  # type: ignore[attr-defined]
        if mask is None:
            raise ValueError("this tokenizer has no mask, so nothing can be hidden from its model")
        return cls(int(mask), len(tokenizer), frozenset(tokenizer.all_special_ids))  # type: ignore[arg-type, attr-defined]

    def ordinary(self) -> torch.Tensor:
        """Ids that a hidden piece may be swapped for."""
        there = torch.ones(self.size, dtype=torch.bool)
        there[[n for n in self.special if n < self.size]] = False
        return there.nonzero().flatten()


def mask_rows(
    rows: Sequence[Sequence[int]],
    begins: Sequence[Sequence[int]],
    spec: Mask,
    pieces: Pieces,
    draw: torch.Generator,
) -> list[tuple[list[int], list[int]]]:
    """Masked ids and targets of rows, which `IGNORED` everything that was left alone.

    `begins` has -1 where a piece begins no word. One stream of random numbers serves all rows in their order, so
    that what is masked doesn't depend on how rows are batched afterwards.

    >>> pieces = Pieces(mask=9, size=10, special=frozenset({0, 9}))
    >>> stream = torch.Generator().manual_seed(0)
    >>> mask_rows([[0, 5, 6, 0]], [[-1, 0, 1, -1]], Mask(rate=0.99, replace="mask"), pieces, stream)
    [([0, 9, 9, 0], [-100, 5, 6, -100])]
    """
    lengths = [len(row) for row in rows]
    ids = torch.tensor([piece for row in rows for piece in row])
    maskable = ~torch.isin(ids, torch.tensor(sorted(pieces.special)))
    hidden = _drawn(ids, maskable, begins, spec, draw)
    shown = _replaced(ids, hidden, spec, pieces, draw)
    targets = ids.masked_fill(~hidden, IGNORED)
    both = (torch.split(flat, lengths) for flat in (shown, targets))
    return [(a.tolist(), b.tolist()) for a, b in zip(*both, strict=True)]


def _drawn(
    ids: torch.Tensor, maskable: torch.Tensor, begins: Sequence[Sequence[int]], spec: Mask, draw: torch.Generator
) -> torch.Tensor:
    """Where something is hidden: pieces one by one, or words whole."""
    if spec.unit == "token":
        return (torch.rand(ids.shape, generator=draw) < spec.rate) & maskable
    begin = torch.tensor([place >= 0 for row in begins for place in row])
    word = (begin | ~maskable).cumsum(0) - 1
    chosen = torch.rand(int(word[-1]) + 1, generator=draw) < spec.rate
    return chosen[word.clamp(min=0)] & maskable


def _replaced(
    ids: torch.Tensor, hidden: torch.Tensor, spec: Mask, pieces: Pieces, draw: torch.Generator
) -> torch.Tensor:
    """The mask everywhere; or, as BERT does, the mask (80 %), another piece (10 %) or the piece itself (10 %)."""
    masked = torch.where(hidden, torch.full_like(ids, pieces.mask), ids)
    if spec.replace == "mask":
        return masked
    fate = torch.rand(ids.shape, generator=draw)
    ordinary = pieces.ordinary()
    other = ordinary[torch.randint(len(ordinary), ids.shape, generator=draw)]
    swapped = torch.where(hidden & (fate >= 0.8), other, masked)
    return torch.where(hidden & (fate >= 0.9), ids, swapped)

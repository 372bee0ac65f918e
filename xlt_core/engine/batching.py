"""Which examples count together: a function of seed, epoch and step alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TypeVar

import torch

Item = TypeVar("Item")


def generator(*of: object) -> torch.Generator:
    """A random stream of its own for each purpose: `generator(seed, "order", epoch)`."""
    number = int.from_bytes(hashlib.sha256(repr(of).encode()).digest()[:8], "big") >> 1
    return torch.Generator().manual_seed(number)


def epoch_batches(items: Sequence[Item], size: int, seed: int, epoch: int) -> Iterator[list[Item]]:
    """The logical batches of an epoch, in a fresh order."""
    order = torch.randperm(len(items), generator=generator(seed, "order", epoch)).tolist()
    for start in range(0, len(order), size):
        yield [items[n] for n in order[start : start + size]]


def physical(pieces: Sequence[Item], lengths: Sequence[int], tokens: int) -> Iterator[list[Item]]:
    """One logical batch cut into what runs together: sorted by length, at most `tokens` padded units each."""
    order = sorted(range(len(pieces)), key=lambda n: lengths[n])
    cut: list[int] = []
    for n in order:
        if cut and lengths[n] * (len(cut) + 1) > tokens:
            yield [pieces[k] for k in cut]
            cut = []
        cut.append(n)
    if cut:
        yield [pieces[k] for k in cut]

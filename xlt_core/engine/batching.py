"""Which examples count together: a function of seed, epoch and step alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

import torch

Item = TypeVar("Item")


class Spoken(Protocol):
    """An example of a language."""

    @property
    def language(self) -> str: ...


Order = Callable[[Sequence[Any], int, int, int], Iterator[list[Any]]]
"""The logical batches of an epoch: `order(items, size, seed, epoch)`, a function of these alone."""


def generator(*of: object) -> torch.Generator:
    """A random stream of its own for each purpose: `generator(seed, "order", epoch)`."""
    number = int.from_bytes(hashlib.sha256(repr(of).encode()).digest()[:8], "big") >> 1
    return torch.Generator().manual_seed(number)


def epoch_batches(items: Sequence[Item], size: int, seed: int, epoch: int) -> Iterator[list[Item]]:
    """The logical batches of an epoch, in a fresh order."""
    order = torch.randperm(len(items), generator=generator(seed, "order", epoch))
    for start in range(0, len(order), size):
        yield [items[n] for n in order[start : start + size].tolist()]


Said = TypeVar("Said", bound=Spoken)


def mixed_batches(items: Sequence[Said], size: int, seed: int, epoch: int, power: float) -> Iterator[list[Said]]:
    """The logical batches of an epoch as long as `items`, of which a language has the share nˡᵖ / Σ nˡᵖ.

    A power of 0 gives all languages alike, 1 what they have. A language with less than its share is read again and
    again, one with more in part: another part in another epoch.
    """
    of: dict[str, list[Said]] = {}
    for item in items:
        of.setdefault(item.language, []).append(item)
    drawn: list[Said] = []
    for (language, own), count in zip(of.items(), shares([len(own) for own in of.values()], power), strict=True):
        for turn in range(-(-count // len(own))):
            order = torch.randperm(len(own), generator=generator(seed, "order", epoch, language, turn)).tolist()
            drawn += [own[n] for n in order[: count - turn * len(own)]]
    yield from epoch_batches(drawn, size, seed, epoch)


def shares(counts: Sequence[int], power: float) -> list[int]:
    """Whole numbers with the same sum, as nearly as can be in proportion to a power of each count.

    >>> shares([90, 10], 0.0), shares([90, 10], 0.5), shares([90, 10], 1.0)
    ([50, 50], [75, 25], [90, 10])
    """
    weights = [count**power for count in counts]
    exact = [sum(counts) * weight / sum(weights) for weight in weights]
    found = [int(share) for share in exact]
    largest = sorted(range(len(exact)), key=lambda n: found[n] - exact[n])
    for n in largest[: sum(counts) - sum(found)]:
        found[n] += 1
    return found


ENOUGH, PADDING = 1024, 0.125
"""Units from which on a cut is worth a call of its own, and the share of them that may be padding."""


def physical(pieces: Sequence[Item], lengths: Sequence[int], tokens: int) -> Iterator[list[Item]]:
    """One logical batch cut into what runs together: sorted by length, at most `tokens` padded units each.

    A cut that is large enough ends where one more row would fill too much of it with padding.
    """
    order = sorted(range(len(pieces)), key=lambda n: lengths[n])
    cut: list[int] = []
    real = 0
    for n in order:
        padded = lengths[n] * (len(cut) + 1)
        loose = real >= ENOUGH and padded - real - lengths[n] > PADDING * padded
        if cut and (padded > tokens or loose):
            yield [pieces[k] for k in cut]
            cut, real = [], 0
        cut.append(n)
        real += lengths[n]
    if cut:
        yield [pieces[k] for k in cut]

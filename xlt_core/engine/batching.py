"""Which examples count together, a function of seed, epoch and step alone; and which of them run together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Protocol, TypeVar

import numpy as np
import torch

from xlt_core.data.mix import whole_shares

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
    for (language, own), count in zip(of.items(), whole_shares([len(own) for own in of.values()], power), strict=True):
        for turn in range(-(-count // len(own))):
            order = torch.randperm(len(own), generator=generator(seed, "order", epoch, language, turn)).tolist()
            drawn += [own[n] for n in order[: count - turn * len(own)]]
    yield from epoch_batches(drawn, size, seed, epoch)


A_CALL = {"cpu": 75}
"""Padded units that take as long as one more call: on one core 46 of an XLM-R-base, 75 to 127 of smaller models."""
WEIGHTS_A_UNIT = 1_000_000
"""Weights whose gradients take as long to add as a unit does to learn from: two tables and a base, 1.1 s for 4.3 ms."""
A_CALL_ELSEWHERE = 1024
"""Taken for a GPU, where nobody has measured it."""


def a_call(device: torch.device, trained: int = 0) -> int:
    """What one more call costs on a device, in padded units; on a CPU more where many weights have gradients to add up.

    >>> a_call(torch.device("cpu")), a_call(torch.device("cpu"), 270_000_000)
    (75, 345)
    """
    if device.type not in A_CALL:
        return A_CALL_ELSEWHERE
    return A_CALL[device.type] + trained // WEIGHTS_A_UNIT


def physical(pieces: Sequence[Item], lengths: Sequence[int], tokens: int, call: int) -> Iterator[list[Item]]:
    """One logical batch cut into what runs together: sorted by length, at most `tokens` padded units each.

    Of all such cuts these cost least: Σ (`call` + rows · the longest of them).

    >>> list(physical("abcd", [9, 2, 2, 9], 100, call=4)), list(physical("abcd", [9, 2, 2, 9], 100, call=20))
    ([['b', 'c'], ['a', 'd']], [['b', 'c', 'a', 'd']])
    """
    order = np.argsort(np.asarray(lengths, dtype=np.int64), kind="stable")
    ends = _ends(np.asarray(lengths, dtype=np.int64)[order], tokens, call)
    for begin, end in pairwise([0, *ends]):
        yield [pieces[n] for n in order[begin:end].tolist()]


def _ends(rising: np.ndarray[Any, np.dtype[np.int64]], tokens: int, call: int) -> list[int]:
    """Where the cheapest cuts of a rising row end: the cheapest up to `end` is one cut after the cheapest up to its
    begin."""
    cost, begins = np.zeros(len(rising) + 1, dtype=np.int64), np.zeros(len(rising) + 1, dtype=np.int64)
    for end, longest in enumerate(rising.tolist(), 1):
        first = max(0, end - max(1, tokens // max(longest, 1)))
        costs = cost[first:end] + np.arange(end - first, 0, -1) * longest
        begins[end] = first + int(costs.argmin())
        cost[end] = costs.min() + call
    ends: list[int] = []
    end = len(rising)
    while end:
        ends.append(end)
        end = int(begins[end])
    return ends[::-1]

"""The walk over sizes, and where it ends. It knows nothing of how a size is trained."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from xlt_core.model.unigram import SizeRefused

Stop = Literal["signed", "absolute"]


@dataclass(frozen=True, slots=True)
class Tried:
    """A size, its average log probability, and what it gained over the size before."""

    size: int
    alp: float
    gain: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The sizes in the order in which they were tried, the last of which is the answer, and why it is."""

    tried: tuple[Tried, ...]
    why: str

    @property
    def size(self) -> int:
        return self.tried[-1].size


@dataclass(frozen=True, slots=True)
class Rule:
    """Where to begin, how to go on, when to stop.

    >>> scores = {7000: -1000.0, 8000: -990.0, 9000: -983.0, 10000: -978.5}
    >>> Rule(7000, 1000, 60000, threshold=5.0).walk(scores.__getitem__).size
    10000
    """

    start: int
    step: int
    largest: int
    threshold: float
    stop: Stop = "signed"

    def sizes(self, start: int) -> Iterator[int]:
        """Every size that the walk could come to: the largest is the last, be it a whole step away or not."""
        yield from range(start, self.largest, self.step)
        yield self.largest

    def enough(self, gain: float) -> bool:
        return gain <= self.threshold if self.stop == "signed" else abs(gain) < self.threshold

    def walk(self, alp: Callable[[int], float]) -> Found:
        """Sizes in steps until one gains too little; that one is returned, not the one before.

        `alp` raises `SizeRefused` for a size that can't be had. Too small a first one is raised to a whole number of
        steps, too large a one is lowered to what can be had; too large a later one ends the walk before it.
        """
        start = self.start
        while True:
            try:
                return self._from(start, alp)
            except SizeRefused as refused:
                needed = max(refused.bound, start + 1)
                if refused.too_high or start >= self.largest:
                    raise
                start = min(-(-needed // self.step) * self.step, self.largest)

    def _from(self, start: int, alp: Callable[[int], float]) -> Found:
        tried: list[Tried] = []
        for size in self.sizes(start):
            try:
                score = alp(size)
            except SizeRefused as refused:
                if not refused.too_high:
                    raise
                why = f"the text gives {refused.bound} pieces at most"
                return Found(tuple(tried) or (_bound(refused, alp),), why)
            gain = score - tried[-1].alp if tried else None
            tried.append(Tried(size, score, gain))
            clamped = size == self.largest and (size - start) % self.step
            if gain is not None and not clamped and self.enough(gain):
                return Found(tuple(tried), f"{self.step} more pieces gained {gain:.2f}")
        return Found(tuple(tried), f"{self.largest} is the largest that was allowed")


def _bound(refused: SizeRefused, alp: Callable[[int], float]) -> Tried:
    """The first size can't be had: the largest that can."""
    while True:
        try:
            return Tried(refused.bound, alp(refused.bound))
        except SizeRefused as lower:
            if not lower.too_high or lower.bound >= refused.bound:
                raise
            refused = lower

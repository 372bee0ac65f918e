"""Where a sentence's spans come to stand in its translation (equation 2), and what becomes of those that can't."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from xlt_core.data.schemes import Span
from xlt_mtlws.bitext import SpanToSpan

Link = tuple[int, int]
Partners = Mapping[int, list[int]]
"""A(i): of each source word that has any, the target words that it is linked to."""


class Image(NamedTuple):
    """Where a span stands in the translation, and whether words between its own were filled in."""

    first: int
    last: int
    span: Span
    filled: bool = False

    @property
    def growth(self) -> int:
        """Target width less source width."""
        return (self.last - self.first) - (self.span.last - self.span.first)


class Placed(NamedTuple):
    """The images that stand, and the reasons for which spans have none."""

    images: list[Image]
    lost: Counter[str]


def partners(links: Iterable[Link]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for one, other in links:
        found.setdefault(one, []).append(other)
    return found


def place(spans: Sequence[Span], linked: Partners, options: SpanToSpan, roles: bool) -> Placed:
    """The images of a sentence's spans, left to right, none upon another."""
    lost: Counter[str] = Counter()
    images: list[Image] = []
    for span in spans:
        found = image(span, linked, head=roles and options.roles == "head")
        if found is None:
            lost["unaligned"] += 1
        elif too_wide(found, options.max_width):
            lost["too_wide"] += 1
        else:
            images.append(found)
    standing = _overwritten(images) if options.overlap == "overwrite" else _apart(images, options.overlap)
    lost["overlap"] += len(images) - len({one.span for one in standing})
    return Placed(sorted(standing), +lost)


def image(span: Span, linked: Partners, head: bool = False) -> Image | None:
    """From the first to the last of the partners of a span's words, or the one among them with most links."""
    reached = [to for at in range(span.first, span.last + 1) for to in linked.get(at, ())]
    if not reached:
        return None
    if head:
        count = Counter(reached)
        word = min(count, key=lambda to: (-count[to], to))
        return Image(word, word, span)
    first, last = min(reached), max(reached)
    return Image(first, last, span, len(set(reached)) <= last - first)


def too_wide(found: Image, limit: tuple[float, float] | None) -> bool:
    """Whether an image is wider than a·width + b."""
    if limit is None:
        return False
    times, more = limit
    return found.last - found.first + 1 > times * (found.span.last - found.span.first + 1) + more


def _apart(images: Sequence[Image], overlap: str) -> list[Image]:
    """The images that find their place free, those that grew least first, or in the order of the source."""
    order = sorted(images, key=lambda one: (one.growth, one.span.first)) if overlap == "narrowest" else images
    taken: set[int] = set()
    standing = []
    for one in order:
        cells = range(one.first, one.last + 1)
        if taken.isdisjoint(cells):
            taken.update(cells)
            standing.append(one)
    return standing


def _overwritten(images: Sequence[Image]) -> list[Image]:
    """Each image written over those before it; what is left of each is a span, or several."""
    cells: dict[int, Image] = {}
    for one in images:
        cells.update(dict.fromkeys(range(one.first, one.last + 1), one))
    standing: list[Image] = []
    for at in sorted(cells):
        one, before = cells[at], standing[-1] if standing else None
        if before is not None and before.span == one.span and before.last == at - 1:
            standing[-1] = before._replace(last=at)
        else:
            standing.append(one._replace(first=at, last=at))
    return standing

"""Two directions of links made one set."""

from __future__ import annotations

from collections.abc import Callable, Iterable

Link = tuple[int, int]

AROUND = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))


def symmetric(forward: Iterable[Link], backward: Iterable[Link], how: str) -> list[Link]:
    """The links of both directions, all as (source, target), made one set in order.

    >>> symmetric([(0, 0), (1, 1)], [(0, 0), (1, 2)], "intersect")
    [(0, 0)]
    >>> symmetric([(0, 1), (1, 0)], [(0, 0), (1, 1)], "grow-diag-final-and")
    [(0, 1), (1, 0)]
    """
    ours, theirs = set(forward), set(backward)
    return sorted(_HOW[how](ours, theirs))


def _grown(ours: set[Link], theirs: set[Link]) -> set[Link]:
    """From the intersection outwards: a link of the union that touches the set and brings a word that had none."""
    links = ours & theirs
    left, right = {i for i, _ in links}, {j for _, j in links}
    waiting = sorted((ours | theirs) - links)
    grew = bool(links)
    while grew:
        grew, still = False, []
        for i, j in waiting:
            if i in left and j in right:
                continue  # it will never bring a word again
            if any((i + down, j + across) in links for down, across in AROUND):
                links.add((i, j))
                left.add(i)
                right.add(j)
                grew = True
            else:
                still.append((i, j))
        waiting = still
    return links


def _finished(ours: set[Link], theirs: set[Link], enough: Callable[[bool, bool], bool]) -> set[Link]:
    """Grown, and then the rest of each direction whose words have none yet."""
    links = _grown(ours, theirs)
    left, right = {i for i, _ in links}, {j for _, j in links}
    for direction in (ours, theirs):
        for i, j in sorted(direction - links):
            if enough(i not in left, j not in right):
                links.add((i, j))
                left.add(i)
                right.add(j)
    return links


_HOW: dict[str, Callable[[set[Link], set[Link]], set[Link]]] = {
    "intersect": lambda ours, theirs: ours & theirs,
    "union": lambda ours, theirs: ours | theirs,
    "reverse": lambda ours, theirs: theirs,
    "grow-diag": _grown,
    "grow-diag-final": lambda ours, theirs: _finished(ours, theirs, lambda i, j: i or j),
    "grow-diag-final-and": lambda ours, theirs: _finished(ours, theirs, lambda i, j: i and j),
}

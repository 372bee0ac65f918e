"""Two directions made one: the sheet's cases, and the definition read word by word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlt_mtlws.symmetry import Link, symmetric

Links = list[Link]
HOW = ("intersect", "union", "grow-diag", "grow-diag-final", "grow-diag-final-and")


def read(text: str) -> Links:
    return [(int(one), int(other)) for one, _, other in (link.partition("-") for link in text.split())]


@pytest.mark.parametrize(
    ("forward", "backward", "how", "expected"),
    [
        ("0-0 1-1 2-2", "0-0 1-2 2-2", "grow-diag-final-and", "0-0 1-1 2-2"),
        ("0-0 1-3 2-2", "0-0 2-2 3-4", "grow-diag-final-and", "0-0 1-3 2-2 3-4"),
        ("0-0 1-3 2-2", "0-0 2-2 3-4", "grow-diag", "0-0 1-3 2-2"),
        ("0-1 1-0", "0-0 1-1", "grow-diag-final-and", "0-1 1-0"),
        ("0-1 1-0", "0-0 1-1", "grow-diag", ""),
        ("0-0 1-1 3-3", "0-0 2-1 3-3", "grow-diag-final-and", "0-0 1-1 2-1 3-3"),
    ],
)
def test_the_sheets_cases(forward: str, backward: str, how: str, expected: str) -> None:
    assert symmetric(read(forward), read(backward), how) == read(expected)


def as_defined(forward: Links, backward: Links, how: str) -> Links:
    """Section 13.2, sentence by sentence, without a thought for speed."""
    union = sorted(set(forward) | set(backward))
    current = [link for link in union if link in forward and link in backward]
    if how == "intersect":
        return current
    if how == "union":
        return union

    def has(side: int, word: int) -> bool:
        return any(link[side] == word for link in current)

    added = True
    while added:
        added = False
        for link in union:
            near = any(max(abs(link[0] - i), abs(link[1] - j)) == 1 for i, j in current)
            if link not in current and near and not (has(0, link[0]) and has(1, link[1])):
                current.append(link)
                added = True
    for direction in (forward, backward) if "final" in how else ():
        for link in sorted(direction):
            free = [not has(0, link[0]), not has(1, link[1])]
            if link not in current and (all(free) if how.endswith("and") else any(free)):
                current.append(link)
    return sorted(current)


directions = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12, unique=True)


@given(
    directions,
    directions,
    st.sampled_from(["intersect", "union", "grow-diag", "grow-diag-final", "grow-diag-final-and"]),
)
def test_every_way_is_as_defined(forward: Links, backward: Links, how: str) -> None:
    assert symmetric(forward, backward, how) == as_defined(forward, backward, how)


@given(directions, directions)
def test_each_way_lies_between_the_intersection_and_the_union(forward: Links, backward: Links) -> None:
    found = {how: set(symmetric(forward, backward, how)) for how in ("intersect", "union", "grow-diag", "reverse")}
    for how in HOW[2:]:
        own = set(symmetric(forward, backward, how))
        assert found["intersect"] <= found["grow-diag"] <= own <= found["union"]
    assert found["reverse"] == set(backward)

"""How spans are written as tags: IOB2, IOB1, BIOES and OI, and from each to the others.

The readers are as lenient as conlleval: a tag that nothing began begins a span. In OI, adjacent spans of one type
can't be told apart and become one; every other way there and back gives what was there before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from xlt_core.errors import Problem, RunError

Scheme = Literal["iob2", "iob1", "bioes", "oi"]

EDGES: dict[Scheme, str] = {"iob2": "BI", "iob1": "BI", "bioes": "BIES", "oi": "I"}
"""The letters that a scheme puts before a type, in the order of its labels."""


class Span(NamedTuple):
    """Words `first` to `last`, both inside."""

    first: int
    last: int
    kind: str
    regular: bool = True
    """Whether the scheme allows it as it was written."""


def spans_of(tags: Sequence[str], scheme: Scheme = "iob2") -> list[Span]:
    """The spans of a sentence, whatever their tags lack.

    >>> [tuple(span) for span in spans_of(["S-LOC", "O", "B-PER", "I-PER"], "bioes")]
    [(0, 0, 'LOC', True), (2, 3, 'PER', False)]
    """
    found: list[Span] = []
    start, kind, is_open = 0, "", False
    for place, tag in enumerate([*tags, "O"]):
        edge, _, own = tag.partition("-")
        goes_on = is_open and edge in ("I", "E") and own == kind
        if is_open and not goes_on:
            found.append(_span(tags, start, place - 1, kind, scheme))
            is_open = False
        if edge != "O" and not goes_on:
            start, kind, is_open = place, own, True
        if edge in ("E", "S"):
            found.append(_span(tags, start, place, kind, scheme))
            is_open = False
    return found


def _span(tags: Sequence[str], first: int, last: int, kind: str, scheme: Scheme) -> Span:
    said = "".join(tag[0] for tag in tags[first : last + 1])
    begins = "B" if scheme in ("iob2", "bioes") else said[0]
    return Span(first, last, kind, said == _edges(begins, len(said), scheme))


def _edges(begins: str, length: int, scheme: Scheme) -> str:
    """The letters of one span."""
    if scheme == "bioes":
        return "S" if length == 1 else f"B{'I' * (length - 2)}E"
    return begins + "I" * (length - 1)


def written(spans: Iterable[Span], length: int, scheme: Scheme) -> tuple[str, ...]:
    """The tags of a sentence of so many words.

    In IOB2 an irregular span begins with I-, where it can: lenient scoring counts it and strict scoring doesn't,
    just as in the scheme that it comes from.
    """
    tags = ["O"] * length
    for first, last, kind, regular in spans:
        follows = first > 0 and tags[first - 1].partition("-")[2] == kind
        begins = {"iob2": "B" if regular or follows else "I", "iob1": "B" if follows else "I"}.get(scheme, "I")
        edges = _edges(begins, last - first + 1, scheme)
        tags[first : last + 1] = [f"{edge}-{kind}" for edge in edges]
    return tuple(tags)


def convert(tags: Sequence[str], old: Scheme, new: Scheme) -> tuple[str, ...]:
    """A sentence's tags in another scheme; in the same one they stay as they are, right or wrong.

    >>> convert(("B-PER", "I-PER", "O", "B-LOC"), "iob2", "bioes")
    ('B-PER', 'E-PER', 'O', 'S-LOC')
    """
    return tuple(tags) if old == new else written(spans_of(tags, old), len(tags), new)


def to_scheme(tags: Sequence[str], scheme: Scheme) -> tuple[str, ...]:
    """IOB2 in another scheme."""
    return convert(tags, "iob2", scheme)


def from_scheme(tags: Sequence[str], scheme: Scheme) -> tuple[str, ...]:
    """Another scheme's tags in IOB2.

    >>> from_scheme(("S-LOC", "O", "B-PER", "I-PER"), "bioes")
    ('B-LOC', 'O', 'I-PER', 'I-PER')
    """
    return convert(tags, scheme, "iob2")


def labels_in(scheme: Scheme, labels: Iterable[str]) -> tuple[str, ...]:
    """The labels of the same types in a scheme, `O` first.

    >>> labels_in("bioes", ("O", "B-PER", "I-PER"))
    ('O', 'B-PER', 'I-PER', 'E-PER', 'S-PER')
    """
    kinds = dict.fromkeys(label.partition("-")[2] for label in labels if label != "O")
    return ("O", *(f"{edge}-{kind}" for kind in kinds for edge in EDGES[scheme]))


def scheme_of(rows: Iterable[Sequence[str]]) -> Scheme:
    """The scheme that data is written in, by the letters that occur; IOB2 where there is no span at all.

    >>> scheme_of([("O", "I-A0"), ("I-A1", "O")])
    'oi'
    """
    found = {tag for tags in rows for tag in tags if tag != "O"}
    edges = {tag.partition("-")[0] for tag in found}
    other = sorted(tag for tag in found if tag[:2] not in ("B-", "I-", "E-", "S-") or not tag[2:])
    if other:
        what = f"a span's tag is a letter and a type, such as B-PER; this is none: {', '.join(other[:5])}"
        raise RunError("These tags write no spans.", [Problem(what, fix="--task with another task")])
    if edges & {"E", "S"}:
        return "bioes"
    return "oi" if edges == {"I"} else "iob2"

"""A line cut wherever no rule can tell, each distinct piece romanised once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import compress, count
from operator import add
from typing import Any

from xlt_translit_ppa.uroman.package import package
from xlt_translit_ppa.uroman.tables import tables
from xlt_translit_ppa.uroman.window import AT_START, Left, Piece, Window

KEPT = 1 << 17
"""How many pieces are remembered before all are forgotten."""
KEPT_LENGTH = 40
"""A longer piece won't be met again."""
LONGEST = 2000
"""No real text goes on for longer without a place to cut, and the time of a number grows with its square."""
FARTHEST = 2000
"""So many letters of a line are read again for the sound before a Thai o ang; the package reads on to its start."""
FRACTION = "分之"
UNCUT = re.compile("[\u2800-\u28ff]|[\u0e00-\u0e7f][\u1037\u1038]")
"""Braille's capitals and numbers reach over words; a Burmese tone on a Thai letter makes it read two letters on."""
_FAILS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
_NEW: Any = object()


class Uncut(Exception):
    """What was asked for can't be told without what stands beside it."""


class Pieces:
    """Romanises lines and parts of lines; `failed` lists what Uroman fails on, with the error."""

    def __init__(self, language_code: str | None) -> None:
        self.language_code = language_code
        self.uroman = package()
        self.tables = tables()
        self.deaf: dict[str, Piece] = {}
        self.known: dict[tuple[str, Left, str, str], Piece | None] = {}
        self.failed: list[tuple[str, str]] = []

    def romanise(self, text: str, before: int = 0, after: int = 0) -> str:
        """The text without `before` letters at its start and `after` at its end, which only stand beside it."""
        ends = self._ends(text)
        last = len(text) - after
        if (before and before not in ends) or last not in ends:
            raise Uncut
        behind, ahead = text.translate(self.tables.behind), text.translate(self.tables.ahead)
        deaf, known = self.deaf, self.known
        latin, begun = list[str](), list[tuple[int, Left]]()
        start, left, looked = before, AT_START, 0
        for end in ends[before : len(ends) - after]:
            part = text[start:end]
            piece = deaf.get(part)
            if piece is None:
                key = (behind[start - 1 : start], left, part, ahead[end : end + 1])
                piece = known.get(key, _NEW)
                if piece is _NEW:
                    piece = self._piece(*key)
                pops = 1
                while piece is None:
                    if not begun:
                        raise Uncut
                    start, left = begun[-pops:][0]
                    del begun[-pops:], latin[-pops:]
                    pops *= 2
                    looked += end - start
                    key = (behind[start - 1 : start], left, text[start:end], ahead[end : end + 1])
                    piece = self._piece(*key, settled=looked > FARTHEST)
            latin.append(piece.latin)
            begun.append((start, left))
            start, left = end, piece.left
        return "".join(latin)

    def _ends(self, text: str) -> list[int]:
        """Where its pieces end."""
        if UNCUT.search(text):
            return [len(text)]
        kinds = text.translate(self.tables.kinds)
        return [*compress(count(1), map(self.tables.cuts.__getitem__, map(add, kinds, kinds[1:]))), len(text)]

    def _piece(self, before: str, left: Left, part: str, after: str, settled: bool = False) -> Piece | None:
        if len(part) > LONGEST:
            return self._in_parts(part, f"no place to cut in {len(part)} characters")
        if deaf := len(part) == 1 and self.tables.letters.deaf(part):
            before, left, after = "", AT_START, ""
        try:
            window = Window(before, left, part, after, self.uroman, self.language_code)
            piece = window.romanise(settled)
        except _FAILS as error:
            return self._in_parts(part, f"{type(error).__name__}: {error}")
        if settled and window.needs_more:
            self.failed.append((part, f"no sound before it, in {FARTHEST} characters"))
            return piece
        if len(self.known) >= KEPT:
            self.known.clear()
        if deaf and piece:
            self.deaf[part] = piece
        elif len(part) <= KEPT_LENGTH:
            self.known[before, left, part, after] = piece
        return piece

    def _in_parts(self, part: str, error: str) -> Piece:
        self.failed.append((part, error))
        latin = "".join(map(self._alone, _parts(part)))
        return Piece(latin, Left(part[-1].isalpha() or latin[-1:].isalpha(), False))

    def _alone(self, part: str) -> str:
        try:
            piece = Window("", AT_START, part, "", self.uroman, self.language_code).romanise()
        except _FAILS:
            return "".join(map(self._alone, _parts(part))) if len(part) > 1 else part
        return piece.latin if piece else part


def _parts(part: str) -> Iterator[str]:
    """What stands on both sides of a fraction's sign, or else shorter stretches."""
    before, sign, after = part.rpartition(FRACTION)
    if len(part) <= LONGEST and sign and (before or after):
        yield from filter(None, (before, sign, after))
    else:
        step = LONGEST if len(part) > LONGEST else max(1, len(part) // 2)
        yield from (part[start : start + step] for start in range(0, len(part), step))

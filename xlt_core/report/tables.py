"""Columns for people."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def table(rows: Sequence[Sequence[str]], heads: Sequence[str] = (), indent: str = "  ") -> str:
    """Columns as wide as their widest cell; the last one may be as long as it likes."""
    lines = [list(heads), *map(list, rows)] if heads else [list(row) for row in rows]
    if not lines:
        return ""
    widths = [max(_width(line[n]) for line in lines) for n in range(len(lines[0]) - 1)]
    return "\n".join(
        (
            indent
            + "  ".join([cell + " " * (widths[n] - _width(cell)) for n, cell in enumerate(line[:-1])] + line[-1:])
        ).rstrip()
        for line in lines
    )


def _width(text: str) -> int:
    """Columns on a terminal: East Asian letters take two, combining marks none."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.category(letter) in ("Mn", "Me", "Cf") for letter in text)


def duration(seconds: float) -> str:
    """`8.2 s`, `40 s`, `12 min`, `3 h 5 min`.

    >>> [duration(s) for s in (8.22, 40.0, 720.0, 11100.0)]
    ['8.2 s', '40 s', '12 min', '3 h 5 min']
    """
    if 0.05 <= seconds < 9.95 and seconds != int(seconds):
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"

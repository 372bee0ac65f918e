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

"""Writing a file once more with other labels in it: byte by byte as it was, but for those."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from xlt_core.data.readers.source import BOM, Source, opened

_WORD = re.compile("[^ ]+")
INDENTS = (None, 1, 2, 3, 4, "\t")
COMPACT = (",", ":")


class Unwritable(Exception):
    """A label that a format has no way to hold, and why."""


def rewritten(source: Source, line: Callable[[int, str], str | None]) -> Iterator[bytes]:
    """A file's bytes: every line as `line(number, text)` gives it, with the end that it had, or none where it gives
    nothing. The lines are those of `Source.lines`."""
    for number, mark, text, end in _lines(source):
        new = line(number, text)
        if new is not None:
            yield mark + f"{new}{end}".encode()


def text_of(source: Source) -> tuple[bytes, str]:
    """All of a file: its byte order mark, where it has one, and its text."""
    lines = list(_lines(source))
    return (lines[0][1] if lines else b""), "".join(f"{text}{end}" for _, _, text, end in lines)


def _lines(source: Source) -> Iterator[tuple[int, bytes, str, str]]:
    """Number, byte order mark, text and end of each line."""
    with opened(source.file) as stream:
        for number, raw in enumerate(stream, 1):
            mark = BOM if number == 1 and raw.startswith(BOM) else b""
            whole = raw.removeprefix(mark).decode("utf-8")
            text = whole.removesuffix("\n").rstrip("\r")
            yield number, mark, text, whole[len(text) :]


def with_cell(line: str, place: int, new: str, separator: str) -> str:
    """A line with another text in one of its cells.

    >>> with_cell("Anna  NN B-PER", -1, "O", " "), with_cell("Anna\\tB-PER\\t", 1, "O", "\\t")
    ('Anna  NN O', 'Anna\\tO\\t')
    """
    if separator in new or "\n" in new:
        raise Unwritable(f"`{new}` can't stand in a column of it")
    if separator != " ":
        cells = line.split(separator)
        cells[place] = new
        return separator.join(cells)
    begin, end = [match.span() for match in _WORD.finditer(line)][place]
    return line[:begin] + new + line[end:]


def json_like(text: str, before: Any, after: Any) -> str:
    """JSON of `after`, laid out as `text` lays out `before`; of a list, as it lays out the first member.

    >>> json_like('{"a":1,"b":"x"}', {"a": 1, "b": "x"}, {"a": 2, "b": "y"})
    '{"a":2,"b":"y"}'
    """
    told: dict[str, Any] = {"ensure_ascii": text.isascii()}
    first, whole = (before[:1], False) if isinstance(before, list) else (before, True)
    for indent in INDENTS:
        for separators in (None, COMPACT):
            layout = {**told, "indent": indent, "separators": separators}
            own = json.dumps(first, **layout)
            if text.strip() == own if whole else text.lstrip().startswith(own.removesuffix("]").rstrip()):
                return json.dumps(after, **layout)
    return json.dumps(after, **told)

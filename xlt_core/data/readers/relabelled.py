"""Tables once more, with other labels in one column: TSV, CSV, JSON lines and Parquet."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from xlt_core.data.readers.again import json_like, rewritten, text_of, with_cell
from xlt_core.data.readers.source import BLANK, Source
from xlt_core.data.readers.tables import OBJECTS, Table, class_names, unquoted

CELL = re.compile(r'"(?:[^"]|"")*"|[^,\r\n]*')
"""A cell between commas; in quotation marks it may hold commas and line ends."""
NO_CLASS = -1
"""What stands for a class that isn't known, where classes are numbers."""


def relabelled(source: Source, read: Table, place: int, new: Mapping[int, str]) -> Iterator[bytes]:
    """The rows for which there is a label, by the lines on which they begin, with it in the column at `place`; the
    names of the columns; and nothing else."""
    if source.file.suffix == ".parquet":
        return _parquet(source, read.header[place], new)
    if read.sign == OBJECTS:
        return _json_lines(source, read.header[place], new)
    rows = {line for line, _ in read.rows}
    if read.sign == ",":
        return _commas(source, sorted(rows), place, new)

    def line(number: int, text: str) -> str | None:
        if number in rows:
            return with_cell(text, place, new[number], read.sign) if number in new else None
        return text

    return rewritten(source, line)


def quoted(cell: str) -> str:
    """A cell between tabs that is read as it is written here; the way back is `unquoted`."""
    return cell if unquoted(cell) == cell else '"' + cell.replace('"', '""') + '"'


def _commas(source: Source, starts: list[int], place: int, new: Mapping[int, str]) -> Iterator[bytes]:
    mark, text = text_of(source)
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    yield mark + "".join(lines[: starts[0] - 1] if starts else lines).encode()
    for start, after in pairwise([*starts, len(lines) + 1]):
        if start in new:
            yield _with_comma_cell("".join(lines[start - 1 : after - 1]), place, new[start]).encode()


def _with_comma_cell(record: str, place: int, new: str) -> str:
    """A row with another text in one of its cells.

    >>> _with_comma_cell('1,"a ""b"", c",x', 1, "d")
    '1,"d",x'
    """
    at = len(record) - len(record.lstrip(BLANK + "\n"))
    cells: list[tuple[int, int]] = []
    while (match := CELL.match(record, at)) is not None:
        cells.append(match.span())
        at = match.end() + 1
        if record[match.end() : at] != ",":
            break
    begin, end = cells[place]
    marks = record[begin:end].startswith('"') or any(sign in new for sign in ',"\n')
    return record[:begin] + ('"' + new.replace('"', '""') + '"' if marks else new) + record[end:]


def _json_lines(source: Source, column: str, new: Mapping[int, str]) -> Iterator[bytes]:
    known = _Values()
    for number, line in source.lines():
        if number in new:
            known.add(json.loads(line).get(column))

    def line_of(number: int, line: str) -> str | None:
        if number not in new:
            return None if line.strip(BLANK) else line
        own = json.loads(line)
        return json_like(line, own, {**own, column: known.of(new[number])})

    return rewritten(source, line_of)


class _Values:
    """A column's values by what they are written as: a label that is a number stays one."""

    def __init__(self, like: Callable[[str], Any] = str) -> None:
        self.known: dict[str, Any] = {}
        self.like = like
        """A label that the column doesn't hold yet, as it would hold it."""

    def add(self, value: Any) -> None:
        if value is not None:
            self.known.setdefault(str(value).strip(), value)

    def of(self, label: str) -> Any:
        return self.known[label] if label in self.known else self.like(label)


def _parquet(source: Source, column: str, new: Mapping[int, str]) -> Iterator[bytes]:
    import pyarrow
    import pyarrow.parquet

    whole = pyarrow.parquet.ParquetFile(source.file).read()
    names = class_names(whole.schema.metadata or {}).get(column)
    place = whole.schema.get_field_index(column)
    kind = whole.schema.field(place)
    texts = (pyarrow.types.is_string, pyarrow.types.is_large_string, pyarrow.types.is_dictionary)

    def like(label: str) -> Any:
        if names is not None:
            return names.index(label) if label in names else NO_CLASS
        if pyarrow.types.is_integer(kind.type):
            return int(label) if label.lstrip("-").isdecimal() else NO_CLASS
        return label if any(is_text(kind.type) for is_text in texts) else None

    known = _Values(like)
    for value in () if names is not None else whole.column(place).unique().to_pylist():
        known.add(value)
    kept = whole.take([number - 1 for number in new])
    values = pyarrow.array([known.of(label) for label in new.values()], type=kind.type)
    out = io.BytesIO()
    pyarrow.parquet.write_table(kept.set_column(place, kind, values), out)
    yield out.getvalue()

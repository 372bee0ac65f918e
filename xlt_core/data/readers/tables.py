"""Tables: TSV, CSV, JSON lines and Parquet as a header, where there is one, and numbered rows of texts."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from xlt_core.data.readers.source import BLANK, Source

Separator = Literal["auto", "tab", "space", "comma"]
SIGNS: dict[str, str] = {"tab": "\t", "space": " ", "comma": ","}
OBJECTS = "{"
Row = tuple[int, list[str]]


@dataclass(slots=True)
class Table:
    """The columns' names, or nothing where the first row holds data already; and the rows, each with its line."""

    header: list[str]
    rows: Iterator[Row]
    sign: str = ""
    """What parts its cells: a tab, a space, a comma; `{` in JSON lines, nothing in Parquet."""

    def column(self, name: str | int) -> int | None:
        """A column's place: by its name, whatever the letters' case, or by its number.

        >>> Table(["id", "Text"], iter([])).column("text")
        1
        """
        if isinstance(name, int):
            return name
        lowered = [own.lower() for own in self.header]
        return lowered.index(name.lower()) if name.lower() in lowered else None


def table(source: Source, file: Path, known: Iterable[str], separator: Separator = "auto") -> Table:
    """A file's table. It has a header if one of the `known` names stands in the first row."""
    if file.suffix == ".parquet":
        return _parquet(source, file)
    lines = ((number, line) for number, line in source.lines(file) if line.strip(BLANK))
    first = next(lines, None)
    if first is None:
        return Table([], iter(()))
    whole = chain([first], lines)
    if first[1].lstrip().startswith("{"):
        return _json_lines(source, file, whole)
    sign = SIGNS.get(separator) or _separator(file, first[1])
    rows = _quoted(source, file, whole) if sign == "," else _parted(source, file, whole, sign)
    head = next(rows, (0, []))
    wanted = {name.lower() for name in known}
    if any(cell.lower() in wanted for cell in head[1]):
        return Table(head[1], rows, sign)
    return Table([], chain([head], rows) if head[1] else rows, sign)


def _separator(file: Path, line: str) -> str:
    if "\t" in line:
        return "\t"
    return "," if file.name.removesuffix(".gz").endswith(".csv") else " "


def _parted(source: Source, file: Path, lines: Iterable[tuple[int, str]], sign: str) -> Iterator[Row]:
    width = 0
    for number, line in lines:
        cells = line.split(sign)
        if sign == " ":
            cells = [cell for cell in cells if cell]
        width = width or len(cells)
        if len(cells) != width:
            what = f"the first row has {width} columns, and this one has {len(cells)}: `{line[:80]}`"
            source.findings.mistake(file, number, what, "mend the row; a tab inside a text can't be read")
        else:
            yield number, [unquoted(cell) if '""' in cell else cell for cell in cells]


def unquoted(cell: str) -> str:
    '''A cell as it was before a writer of CSV doubled its quotation marks.

    Such writers quote no cell without need: where no mark is doubled, the outer ones are the text's own.

    >>> unquoted('"""No,"" he said"'), unquoted('"No."')
    ('"No," he said', '"No."')
    '''
    inside = cell[1:-1]
    if len(cell) < 4 or cell[0] != '"' or cell[-1] != '"' or '""' not in inside or '"' in inside.replace('""', ""):
        return cell
    return inside.replace('""', '"')


def _quoted(source: Source, file: Path, lines: Iterable[tuple[int, str]]) -> Iterator[Row]:
    """Commas between cells; a cell in quotation marks may hold commas and line ends."""
    now = 0

    def fed() -> Iterator[str]:
        nonlocal now
        for number, line in lines:
            now = number
            yield line + "\n"

    reader = csv.reader(fed(), strict=True)
    width, begins = 0, 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            source.findings.mistake(file, now, f"this is no CSV: {error}", "a quotation mark may be missing")
            return
        width = width or len(cells)
        if len(cells) != width:
            what = f"the first row has {width} columns, and this one has {len(cells)}"
            source.findings.mistake(file, begins, what, "a text with a comma in it must stand in quotation marks")
        else:
            yield begins, cells
        begins = now + 1


def _json_lines(source: Source, file: Path, lines: Iterable[tuple[int, str]]) -> Table:
    objects = _objects(source, file, lines)
    first = next(objects, None)
    if first is None:
        return Table([], iter(()), OBJECTS)
    header = list(first[1])
    rows = ((number, _cells(own, header)) for number, own in chain([first], objects))
    return Table(header, rows, OBJECTS)


def _objects(source: Source, file: Path, lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in lines:
        try:
            own = json.loads(line)
        except (ValueError, RecursionError) as error:
            source.findings.mistake(file, number, f"this line is no JSON: {error}")
            continue
        if isinstance(own, dict):
            yield number, own
        else:
            source.findings.mistake(file, number, "a line holds one JSON object, between { and }")


def _cells(own: dict[str, Any], header: Sequence[str]) -> list[str]:
    return ["" if (value := own.get(name)) is None else str(value) for name in header]


def _parquet(source: Source, file: Path) -> Table:
    """Columns that hold one value a row; the numbers of classes are written as the classes' names, where told."""
    import pyarrow
    import pyarrow.parquet

    try:
        opened = pyarrow.parquet.ParquetFile(file)
        names = class_names(opened.schema_arrow.metadata or {})
        header = [str(field.name) for field in opened.schema_arrow if not pyarrow.types.is_nested(field.type)]
    except (pyarrow.ArrowException, OSError) as error:
        source.findings.mistake(file, 0, f"this is no Parquet: {error}")
        return Table([], iter(()))

    def rows() -> Iterator[Row]:
        number = 0
        try:
            for batch in opened.iter_batches(columns=header):
                for own in batch.to_pylist():
                    number += 1
                    told = {name: _named(names.get(name), value) for name, value in own.items()}
                    yield number, _cells(told, header)
        except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
            source.findings.mistake(file, number, f"this Parquet is damaged after row {number}: {error}")

    return Table(header, rows())


def class_names(metadata: dict[bytes, bytes]) -> dict[str, list[str]]:
    """Column → names of classes, as the library `datasets` leaves them in a file."""
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}")).get("info", {}).get("features", {})
        return {name: own["names"] for name, own in features.items() if isinstance(own, dict) and "names" in own}
    except (ValueError, AttributeError):
        return {}


def _named(names: Sequence[str] | None, value: Any) -> Any:
    return names[value] if names is not None and isinstance(value, int) and 0 <= value < len(names) else value

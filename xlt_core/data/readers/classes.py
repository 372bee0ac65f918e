"""Sentences, and pairs of them, with one label each, a row of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xlt_core.data.readers.columns import Numbered
from xlt_core.data.readers.source import Source
from xlt_core.data.readers.tables import table
from xlt_core.data.records import Tagged
from xlt_core.slots.reading import Table

COLUMNS = {
    "text": ("premise", "sentence1", "sentence_a", "text", "sentence", "verse"),
    "second": ("hypothesis", "sentence2", "sentence_b"),
    "label": ("gold_label", "label", "entailment_label", "category", "classification", "topic"),
    "id": ("index_id", "pairid", "pair_id", "guid", "id"),
}
"""What data sets call the columns, the likelier name first."""
KNOWN = tuple(name for names in COLUMNS.values() for name in names)


def classes(source: Source, options: Table) -> Iterator[Numbered]:
    """The work of the reader `table`."""
    told = {name: getattr(options, name) for name in COLUMNS}
    named = [name for name in (*told.values(), *options.where) if isinstance(name, str)]
    read = table(source, source.file, (*KNOWN, *named))
    pair = source.task is not None and source.task.unit == "pair"
    places = {name: _place(read, told[name], COLUMNS[name]) for name in COLUMNS}
    if not read.header:
        places = _without_header(told, pair)
    kept = [(read.column(name), value) for name, value in options.where.items()]
    lacks = [name for name in ("text", "label", *(["second"] if pair else [])) if places[name] is None]
    lacks += [name for name, (place, _) in zip(options.where, kept, strict=True) if place is None]
    if lacks:
        columns = ", ".join(read.header) or "columns without names"
        what = f"there is no column for {', '.join(lacks)}; the file has {columns}"
        source.mistake(1, what, " ".join(f"--set reading.labels.{name}=COLUMN" for name in lacks if name in COLUMNS))
        return
    for count, (line, cells) in enumerate(read.rows, 1):
        if all(place is not None and cells[place] == value for place, value in kept):
            row = _row(source, line, count, cells, places, pair)
            if row is not None:
                yield line, row


def _place(read: object, told: str | int | None, names: Iterable[str]) -> int | None:
    from xlt_core.data.readers.tables import Table as Read

    assert isinstance(read, Read)
    if told is not None:
        return read.column(told)
    return next((place for name in names if (place := read.column(name)) is not None), None)


def _without_header(told: dict[str, str | int | None], pair: bool) -> dict[str, int | None]:
    """The text first, or the two texts, and the label last."""
    usual: dict[str, int | None] = {"text": 0, "second": 1 if pair else None, "label": -1, "id": None}
    return {name: place if isinstance(place := told[name], int) else usual[name] for name in usual}


def _row(
    source: Source, line: int, count: int, cells: list[str], places: dict[str, int | None], pair: bool
) -> Tagged | None:
    def cell(name: str) -> str:
        place = places[name]
        return cells[place].strip() if place is not None and -len(cells) <= place < len(cells) else ""

    text, second, label = cell("text"), cell("second") if pair else "", cell("label")
    missing = [name for name, own in (("text", text), ("label", label)) if not own]
    missing += ["second text"] if pair and not second else []
    if missing:
        source.mistake(line, f"the {' and the '.join(missing)} is empty", "fill it in, or take out the row")
        return None
    name = cell("id") or f"{source.stem}-{count}"
    return Tagged(name, source.language, tuple(text.split()), (label,), tuple(second.split()))

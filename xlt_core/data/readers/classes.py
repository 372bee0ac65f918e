"""Sentences, and pairs of them, with one label each, a row of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from xlt_core.data.readers.columns import Answers, Numbered
from xlt_core.data.readers.relabelled import quoted, relabelled
from xlt_core.data.readers.source import Source
from xlt_core.data.readers.tables import Row, Table, table
from xlt_core.data.records import Tagged
from xlt_core.slots.reading import Table as Options

COLUMNS = {
    "text": ("premise", "sentence1", "sentence_a", "text", "sentence", "verse"),
    "second": ("hypothesis", "sentence2", "sentence_b"),
    "label": ("gold_label", "label", "entailment_label", "category", "classification", "topic"),
    "id": ("index_id", "pairid", "pair_id", "guid", "id"),
}
"""What data sets call the columns, the likelier name first."""
KNOWN = tuple(name for names in COLUMNS.values() for name in names)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A table, which of its columns is what, and which of its rows count."""

    table: Table
    places: dict[str, int | None]
    kept: tuple[tuple[int, str], ...]

    @classmethod
    def of(cls, source: Source, options: Options) -> Chosen | None:
        """Nothing, and a mistake told, where a column isn't there."""
        told = {name: getattr(options, name) for name in COLUMNS}
        named = [name for name in (*told.values(), *options.where) if isinstance(name, str)]
        read = table(source, source.file, (*KNOWN, *named))
        pair = _in_pairs(source)
        places = {name: _place(read, told[name], COLUMNS[name]) for name in COLUMNS}
        if not read.header:
            places = _without_header(told, pair)
        kept = [(read.column(name), value) for name, value in options.where.items()]
        lacks = [name for name in ("text", "label", *(["second"] if pair else [])) if places[name] is None]
        lacks += [name for name, (place, _) in zip(options.where, kept, strict=True) if place is None]
        if lacks:
            columns = ", ".join(read.header) or "columns without names"
            what = f"there is no column for {', '.join(lacks)}; the file has {columns}"
            fix = " ".join(f"--set reading.labels.{name}=COLUMN" for name in lacks if name in COLUMNS)
            source.mistake(1, what, fix)
            return None
        return cls(read, places, tuple((place, value) for place, value in kept if place is not None))

    def rows(self) -> Iterator[Row]:
        for line, cells in self.table.rows:
            if all(cells[place] == value for place, value in self.kept):
                yield line, cells


def classes(source: Source, options: Options) -> Iterator[Numbered]:
    """The work of the reader `table`."""
    chosen, pair = Chosen.of(source, options), _in_pairs(source)
    if chosen is None:
        return
    for count, (line, cells) in enumerate(chosen.rows(), 1):
        row = _row(source, line, count, cells, chosen.places, pair)
        if row is not None:
            yield line, row


def classes_answered(source: Source, options: Options, answers: Answers) -> Iterator[bytes]:
    """Writes what the reader `table` reads: the rows that count, with other labels."""
    chosen = Chosen.of(source, options)
    assert chosen is not None, "what was read once has its columns"
    place = chosen.places["label"]
    assert place is not None
    new = {line: label for (line, _), (label,) in zip(classes(source, options), answers, strict=True)}
    return relabelled(source, chosen.table, place, new)


def in_a_table(rows: Iterable[Tagged], pair: bool) -> str:
    """Examples as the reader `table` reads them, where no file holds them yet."""
    found: list[tuple[str, ...]] = [("id", "sentence1", "sentence2", "label") if pair else ("id", "text", "label")]
    for row in rows:
        texts = [" ".join(own) for own in (row.words, row.second)[: 2 if pair else 1]]
        found.append((row.id, *(quoted(text) for text in texts), *row.tags))
    return "".join("\t".join(cells) + "\n" for cells in found)


def _in_pairs(source: Source) -> bool:
    return source.task is not None and source.task.unit == "pair"


def _place(read: Table, told: str | int | None, names: Iterable[str]) -> int | None:
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

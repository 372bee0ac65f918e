"""Which reader fits a file of labels: its ending says, or its first lines do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from xlt_core.catalog import load_object
from xlt_core.data.readers.classes import classes
from xlt_core.data.readers.columns import DOCUMENT, Answers, Numbered, columns, language_before, prefixed, two_columns
from xlt_core.data.readers.conllu import conllu, propositions
from xlt_core.data.readers.findings import Findings
from xlt_core.data.readers.opinions import opinions, opinions_xml
from xlt_core.data.readers.source import BLANK, Source
from xlt_core.slots.reading import (
    Auto,
    Columns,
    Conllu,
    LabelReader,
    Opinions,
    OpinionsXml,
    Prefixed,
    Propositions,
    Table,
    TwoColumns,
)

Choice = tuple[str, dict[str, Any]]
READERS: dict[str, tuple[type[LabelReader], Callable[[Source, Any], Iterator[Numbered]]]] = {
    "two_columns": (TwoColumns, two_columns),
    "columns": (Columns, columns),
    "prefixed": (Prefixed, prefixed),
    "conllu": (Conllu, conllu),
    "propositions": (Propositions, propositions),
    "opinions": (Opinions, opinions),
    "opinions_xml": (OpinionsXml, opinions_xml),
    "table": (Table, classes),
}
"""The readers that are chosen among: those whose files can be told from each other."""

LOOKED_AT = 200
SPAN = ("B-", "I-", "E-", "S-", "L-", "U-", "M-", "W-")


def auto(source: Source, options: Auto) -> Iterator[Numbered]:
    """The work of the reader `auto`: the reader that fits does it, and its name is kept with the findings."""
    name, told = fitting(source)
    source.findings.read_as = " ".join([name, *(f"{option}={value}" for option, value in told.items())])
    declared, read = READERS[name]
    return read(source, declared.model_validate(told))


def auto_answered(source: Source, options: Auto, answers: Answers) -> Iterator[bytes]:
    """Writes what `auto` reads."""
    name, told = fitting(source)
    declared = READERS[name][0]
    write: Callable[[Source, Any, Answers], Iterator[bytes]] = load_object(declared.writes)
    return write(source, declared.model_validate(told), answers)


def fitting(source: Source) -> Choice:
    """The reader that fits a file, and the options with which it does.

    >>> fitting(Source(Path("fr_gsd-ud-dev.conllu"), ("fra",)))
    ('conllu', {})
    """
    unit = source.task.unit if source.task is not None else "word"
    ending = source.file.name.removesuffix(".gz").rpartition(".")[2].lower()
    if unit in ("sentence", "pair"):
        return "table", {}
    if ending == "conllu":
        return ("propositions" if unit == "span" else "conllu"), {}
    if ending == "xml":
        return "opinions_xml", {}
    if ending in ("json", "jsonl"):
        return "opinions", {}
    return _columns(source, spans=unit == "span")


def _columns(source: Source, spans: bool) -> Choice:
    """By the columns of the first lines: an id in front, a language before each word, tags last or second."""
    looked = Source(source.file, source.languages, source.split, source.task, findings=Findings())
    lines = [line for _, line in islice(looked.lines(), LOOKED_AT) if line.strip(BLANK)]
    numbered = [line for line in lines if line[0] != "#"]
    rows = [line.split("\t") for line in numbered if "\t" in line]
    if (
        len(rows) == len(numbered)
        and rows
        and all(row[0].partition("-")[0].replace(".", "").isdecimal() for row in rows)
    ):
        if len(rows[0]) >= 10 and not spans:
            return "conllu", {}
        return "columns", {"word": 1, "tag": 2, "comments": True}
    rows = [line.split("\t") if "\t" in line else line.split() for line in lines if not line.startswith(DOCUMENT)]
    tabs = sum("\t" in line for line in lines) * 2 > len(lines)
    width = max((len(row) for row in rows), key=[len(row) for row in rows].count, default=0)
    if tabs and width == 2:
        has = any(language_before(row[0], source.language) for row in rows)
        return ("prefixed" if has else "two_columns"), {}
    tag = _tag_column([row for row in rows if len(row) == width], source, spans) if width > 1 else None
    return ("columns", {"tag": tag}) if tag is not None else ("two_columns", {})


def _tag_column(rows: list[list[str]], source: Source, spans: bool) -> int | None:
    """The first column behind the word in which every cell may be a tag, nearest the end where several may."""
    known = set(source.task.labels) if source.task is not None else set()

    def may_be(cell: str) -> bool:
        return (cell == "O" or cell.startswith(SPAN)) if spans else cell in known or cell == "CONJ"

    fit = [column for column in range(1, len(rows[0])) if all(may_be(row[column]) for row in rows)]
    return fit[-1] if fit else None

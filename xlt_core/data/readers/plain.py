"""Texts, sentences side by side, dictionaries and word links: no labels, so what is read are cells of a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from xlt_core.data.readers.source import Source
from xlt_core.data.readers.tables import Separator, Table, table
from xlt_core.slots.reading import ById, Lines, Pairs, Pharaoh, Sides, Through

Cells = tuple[int, tuple[str, ...]]
"""A line's number, and what stands in it, one cell a language."""
LINK = re.compile(r"[0-9]+-[0-9]+")


def lines(source: Source, options: Lines) -> Iterator[Cells]:
    """The work of the reader `lines`."""
    return ((number, (line,)) for number, line in source.lines())


def sides(source: Source, options: Sides) -> Iterator[Cells]:
    """The work of the reader `sides`: files with as many lines as each other."""
    files = (source.file, *source.beside)
    if len(files) != len(source.languages):
        what = f"there are {len(files)} files for {', '.join(source.languages)}"
        source.mistake(0, what, "one file a language: --data FOLDER with a file for each")
        return
    for row in zip_longest(*(source.lines(file) for file in files)):
        if None in row:
            ended = [file for file, own in zip(files, row, strict=True) if own is None]
            number = next(own[0] for own in row if own is not None)
            what = f"{' and '.join(map(str, ended))} ends before line {number}, and the other goes on"
            source.mistake(number, what, "line n of each file is the same sentence: mend the shorter one")
            return
        texts = tuple(" ".join(text.split("\t")) for _, text in row)
        if all(text.strip() for text in texts):
            yield row[0][0], texts
        else:
            empty = ", ".join(code for code, text in zip(source.languages, texts, strict=True) if not text.strip())
            source.remark(row[0][0], f"the line is empty in {empty}: the pair is left out")


def pairs(source: Source, options: Pairs) -> Iterator[Cells]:
    """The work of the reader `pairs`."""
    columns = options.columns or tuple(range(len(source.languages)))
    only = 0 if options.columns else len(columns)
    yield from _columns(source, source.file, columns, options.separator, options.unique, only)


def _columns(
    source: Source, file: Path, columns: Sequence[str | int], separator: Separator = "auto", unique: bool = False,
    only: int = 0,
) -> Iterator[Cells]:  # fmt: skip
    """Some columns of a table, rows with fewer than two filled left out; where `only` is told, it has no others."""
    read = table(source, file, [name for name in columns if isinstance(name, str)], separator)
    places = _places(source, file, read, columns)
    seen: set[tuple[str, ...]] = set()
    for number, cells in read.rows if places else ():
        if max(places) >= len(cells) or (only and len(cells) != only):
            what = f"the reader asks for column {max(places)}, counted from 0, and the row has {len(cells)}"
            if only:
                what = f"the row has {len(cells)} columns, and nothing says which {only} of them are meant"
            source.findings.mistake(file, number, what, "--set reading.dictionary.columns=[0,1]")
            return
        texts = tuple(" ".join(cells[place].split()) for place in places)
        if sum(map(bool, texts)) < 2:
            source.findings.remark(file, number, "a cell is empty: the row is left out")
        elif not unique or texts not in seen:
            if unique:
                seen.add(texts)
            yield number, texts


def _places(source: Source, file: Path, read: Table, columns: Sequence[str | int]) -> list[int]:
    found = [read.column(name) for name in columns]
    lacks = [str(name) for name, place in zip(columns, found, strict=True) if place is None]
    if lacks:
        known = ", ".join(read.header) or "no names in its first row"
        source.findings.mistake(file, 1, f"there is no column {', '.join(lacks)}; the file has {known}")
        return []
    return [place for place in found if place is not None]


def by_id(source: Source, options: ById) -> Iterator[Cells]:
    """The work of the reader `by_id`: sentences that all files have, in the first one's order."""
    files = (source.file, *source.beside)
    held = [dict(_keyed(source, file, options)) for file in files]
    missing = 0
    for name, (number, text) in held[0].items():
        others = [own.get(name) for own in held[1:]]
        if None in others:
            missing += 1
            continue
        yield number, (text, *(own[1] for own in others if own is not None))
    if missing:
        source.remark(0, f"{missing} of its {len(held[0])} sentences aren't in all of the files: left out")


def _keyed(source: Source, file: Path, options: ById) -> Iterator[tuple[str, tuple[int, str]]]:
    seen: set[str] = set()
    for number, (name, text) in _columns(source, file, (options.id, options.text)):
        if name in seen:
            source.findings.mistake(file, number, f"the sentence {name} stands twice", "numbers must be unique")
        seen.add(name)
        yield name, (number, text)


def through(source: Source, options: Through) -> Iterator[Cells]:
    """The work of the reader `through`: words that translate the same word of the shared language are a pair."""
    if len(source.beside) != 1:
        source.mistake(0, f"two dictionaries are joined, and there are {1 + len(source.beside)}")
        return
    theirs: dict[str, list[str]] = {}
    for _, (shared, word) in _columns(source, source.beside[0], options.columns):
        theirs.setdefault(shared, []).append(word)
    seen: set[tuple[str, str]] = set()
    for number, (shared, word) in _columns(source, source.file, options.columns):
        for other in theirs.get(shared, ()):
            if (word, other) not in seen:
                seen.add((word, other))
                yield number, (word, other)


def pharaoh(source: Source, options: Pharaoh) -> Iterator[Cells]:
    """The work of the reader `pharaoh`; a sentence without links is an empty line, and stays one."""
    for number, line in source.lines():
        links = line.split()
        wrong = next((link for link in links if not LINK.fullmatch(link)), None)
        if wrong is not None:
            what = f"`{wrong[:20]}` is no link: two numbers from 0 with a - between, such as 0-1"
            source.mistake(number, what, "mend the line; sure and possible links (0?1) aren't told apart")
            continue
        yield number, (" ".join(links),)

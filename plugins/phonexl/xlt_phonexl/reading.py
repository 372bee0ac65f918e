"""The release's files of four columns: words with labels and sounds, and word pairs with theirs."""

from __future__ import annotations

from collections.abc import Iterator

from xlt_core.data.readers.again import with_cell
from xlt_core.data.readers.columns import Answers, Numbered, answered, sentences
from xlt_core.data.readers.columns import Cells as Words
from xlt_core.data.readers.source import BLANK, Source
from xlt_phonexl.readers import Bidict4, PhoneticTsv

Cells = tuple[int, tuple[str, ...]]


def phonetic_tsv(source: Source, options: PhoneticTsv) -> Iterator[Numbered]:
    """The work of the reader: words and labels; the other two columns are `phonetic_rows`'."""
    return sentences(source, _word_and_label(source))


def phonetic_tsv_answered(source: Source, options: PhoneticTsv, answers: Answers) -> Iterator[bytes]:
    """Writes what the reader reads."""
    return answered(source, _word_and_label(source), answers, lambda line, tag: with_cell(line, 1, tag, "\t"))


def _word_and_label(source: Source) -> Words:
    def cells(number: int, line: str) -> tuple[str, str] | None:
        row = _four(source, number, line)
        return None if row is None else (row[0], row[1])

    return cells


def phonetic_rows(source: Source) -> Iterator[tuple[str, str, str, str]]:
    """Word, label, IPA and romanised form of every line that has a word, as the file writes them."""
    for number, line in source.lines():
        if line.strip(BLANK) and (row := _four(source, number, line)) is not None:
            yield row


def _four(source: Source, number: int, line: str) -> tuple[str, str, str, str] | None:
    """The cells of a line; its IPA may be empty, so a line is not stripped before it is cut."""
    row = line.split("\t")
    if len(row) != 4 or not row[0] or not row[1]:
        what = f"a line holds a word, its label, its IPA and its romanised form, and this one has {len(row)} columns"
        source.mistake(number, f"{what}: `{line[:80]}`", "mend the line; an empty line ends a sentence")
        return None
    return row[0], row[1], row[2], row[3]


def bidict4(source: Source, options: Bidict4) -> Iterator[Cells]:
    """The work of the reader: source word, its IPA, target word, its IPA, in the order that the run asks for."""
    seen: set[tuple[str, ...]] = set()
    for number, line in source.lines():
        if not line.strip(BLANK):
            continue
        row = line.split("\t")
        if len(row) != 4 or not row[0] or not row[2]:
            what = f"a line holds a word, its IPA, a translation and its IPA, and this one has {len(row)} columns"
            source.mistake(number, f"{what}: `{line[:80]}`", "mend the line")
            continue
        cells = (row[0], row[1], row[2], row[3])
        if not options.unique or cells not in seen:
            seen.add(cells)
            yield number, cells

"""CoNLL-U: sentences of ten columns, and of more where semantic roles stand beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from xlt_core.data.readers.again import rewritten, with_cell
from xlt_core.data.readers.columns import Answers, Numbered, cell
from xlt_core.data.readers.source import BLANK, Source
from xlt_core.data.records import Tagged
from xlt_core.slots.reading import Conllu, Propositions

FORM, UPOS = 1, 3
RANGE = re.compile(r"[0-9]+[-.][0-9]+")
SHORT = re.compile(r"(R-|C-|)A([0-9A]|M(?=-|$))(.*)")
"""A role's short name: what stands before it, and what follows the A of `ARG`."""


@dataclass(slots=True)
class Sentence:
    """A sentence's words; ranges (`4-5`, what is written together) and empty nodes (`4.1`) are no words."""

    line: int
    id: str = ""
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


def sentences(source: Source, least: int = 10) -> Iterator[Sentence]:
    """Sentences in order, their words numbered from 1 without a gap."""
    now = Sentence(0)
    for number, line in source.lines():
        if not line or not line.strip(BLANK):
            if now.rows:
                yield now
            now = Sentence(0)
        elif line[0] == "#" and not now.rows:
            if line.startswith("# sent_id"):
                now.id = line.partition("=")[2].strip()
        else:
            cells = line.split("\t")
            if _is_word(source, number, cells, least, len(now.rows) + 1):
                now.line = now.line or number
                now.rows.append(cells)
                now.lines.append(number)
    if now.rows:
        yield now


def _is_word(source: Source, number: int, cells: list[str], least: int, expected: int) -> bool:
    """Whether a row is a word's. One that can't be read is reported, and counts where its number is clear."""
    place = cells[0]
    if place == str(expected) and len(cells) >= least and cells[FORM]:
        return True
    if len(cells) < least:
        line = "\t".join(cells)[:80]
        what = f"a word has {least} columns or more, parted by tabs, and this one has {len(cells)}: `{line}`"
        source.mistake(number, what, "mend the line; a blank line ends a sentence")
        return False
    if not RANGE.fullmatch(place) and not place.isdecimal():
        what = f"`{place[:20]}` is no number of a word (1), of a range (1-2) or of an empty node (1.1)"
        source.mistake(number, what)
    elif place.isdecimal() and place != str(expected):
        what = f"this word has the number {place}, and word {expected} of the sentence would stand here"
        source.mistake(number, what, "a line, or the empty line between two sentences, is missing")
        return True
    elif place.isdecimal():
        source.mistake(number, "the word is missing")
    return False


def conllu(source: Source, options: Conllu) -> Iterator[Numbered]:
    """The work of the reader `conllu`."""
    for count, sentence in enumerate(sentences(source), 1):
        words, tags = (tuple(row[column] for row in sentence.rows) for column in (FORM, UPOS))
        yield sentence.line, Tagged(sentence.id or f"{source.stem}-{count}", source.language, words, tags)


def conllu_answered(source: Source, options: Conllu, answers: Answers) -> Iterator[bytes]:
    """Writes what `conllu` reads."""
    new = {
        line: tag
        for sentence, tags in zip(sentences(source), answers, strict=True)
        for line, tag in zip(sentence.lines, tags, strict=True)
    }
    return rewritten(source, lambda number, line: with_cell(line, UPOS, new[number], "\t") if number in new else line)


@dataclass(frozen=True, slots=True)
class Predicate:
    """A predicate of a sentence: its word, and the column in which its roles stand."""

    word: int
    column: int

    def roles(self, sentence: Sentence) -> list[str]:
        return [row[self.column] for row in sentence.rows]


def predicates(source: Source) -> Iterator[tuple[int, Sentence, list[Predicate]]]:
    """Sentences with their numbers and predicates: after the senses there is a column for each predicate."""
    for count, sentence in enumerate(sentences(source, least=10), 1):
        sense = _sense_column(sentence)
        marked = [place for place, row in enumerate(sentence.rows) if len(row) > sense and row[sense] not in ("_", "")]
        columns = list(zip(*(row[sense + 1 :] for row in sentence.rows), strict=False))
        even = len({len(row) for row in sentence.rows}) == 1
        if not even or len(columns) < len(marked) or any({*own} - {"_", ""} for own in columns[len(marked) :]):
            what = f"this sentence marks {len(marked)} predicates, and has {len(columns)} columns of roles"
            source.mistake(sentence.line, what, "a row is longer or shorter than the others, or a column is missing")
            continue
        yield count, sentence, [Predicate(word, column) for column, word in enumerate(marked, sense + 1)]


def propositions(source: Source, options: Propositions) -> Iterator[Numbered]:
    """The work of the reader `propositions`."""
    for count, sentence, found in predicates(source):
        name = sentence.id or f"{source.stem}-{count}"
        words, upos = (tuple(row[column] for row in sentence.rows) for column in (FORM, UPOS))
        for own in found:
            tags = tuple(_tag(cell, options) for cell in own.roles(sentence))
            row = Tagged(f"{name}:{own.word + 1}", source.language, words, tags, marked=own.word, upos=upos)
            yield sentence.line, row


def propositions_answered(source: Source, options: Propositions, answers: Answers) -> Iterator[bytes]:
    """Writes what `propositions` reads: a role as the file calls it. A cell that says no role, such as a predicate's
    own `V`, stays as it is where none is answered."""
    given = iter(answers)
    new: dict[int, dict[int, str]] = {}
    called: dict[str, set[str]] = {}
    for _, sentence, found in predicates(source):
        for own in found:
            for line, old, tag in zip(sentence.lines, own.roles(sentence), next(given), strict=True):
                before = _tag(old, options)
                called.setdefault(before[2:], set()).add(old)
                if (before, tag) != ("O", "O"):
                    new.setdefault(line, {})[own.column] = tag
    assert next(given, None) is None, "there are as many answers as examples"
    names = _Names(called)

    def put(number: int, line: str) -> str:
        for column, tag in new.get(number, {}).items():
            line = with_cell(line, column, names.cell(tag), "\t")
        return line

    return rewritten(source, put)


class _Names:
    """What a file calls its roles, by the names that they are read as."""

    def __init__(self, called: dict[str, set[str]]) -> None:
        self.known = {name: min(cells) for name, cells in called.items() if name and len(cells) == 1}
        self.long = any("ARG" in cell for cells in called.values() for cell in cells)

    def cell(self, tag: str) -> str:
        if tag == "O":
            return "_"
        name = tag[2:]
        short = SHORT.fullmatch(name) if self.long else None
        return self.known.get(name) or (f"{short[1]}ARG{short[2]}{short[3]}" if short else name)


def in_propositions(rows: Iterable[Tagged]) -> str:
    """Examples as `propositions` reads them, a sentence for each, where no file holds them yet."""
    return "".join(_proposition(row) for row in rows)


def _proposition(row: Tagged) -> str:
    lines = [f"# sent_id = {row.id}"]
    for place, (word, tag) in enumerate(zip(row.words, row.tags, strict=True)):
        upos, sense = row.upos[place] if row.upos else "_", "Y" if place == row.marked else "_"
        lines.append("\t".join((str(place + 1), cell(word), "_", upos, *"____", sense, sense, tag[2:] or "_")))
    return "\n".join(lines) + "\n\n"


def _sense_column(sentence: Sentence) -> int:
    """Behind a flag in the ninth column in older files, behind all ten columns in newer ones."""
    return 9 if all(row[8] in ("_", "Y") for row in sentence.rows) else 10


def _tag(cell: str, options: Propositions) -> str:
    """A role as a tag of its word.

    >>> _tag("R-ARGM-TMP", Propositions()), _tag("V", Propositions()), _tag("_", Propositions())
    ('I-R-AM-TMP', 'O', 'O')
    """
    if cell in ("_", "") or (cell == "V" and not options.keep_predicate):
        return "O"
    if options.inventory == "as_written":
        return f"I-{cell}"
    before, arg, role = cell.partition("ARG")
    return f"I-{before}A{role}" if arg and before in ("", "R-", "C-") else f"I-{cell}"

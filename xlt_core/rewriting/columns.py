"""Labelled words in four columns: word, label, IPA, Latin letters. Made from any tagged file, and mined for forms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, NamedTuple

from xlt_core.errors import Problem, RunError
from xlt_core.rewriting.once import Once
from xlt_core.rewriting.stream import Lines

AT_ONCE = 5000
"""Sentences that are rewritten together."""
CONLLU, WITH_NUMBERS = 10, 5
"""Columns of CoNLL-U, and of its cousin with a tag in the third."""
_NUMBER = re.compile(r"\d+([-.]\d+)?")


class Word(NamedTuple):
    text: str
    label: str


def rewrite_tagged(source: Lines, ipa: Once, latin: Once, out: BinaryIO) -> int:
    """A tagged file as four columns; how many sentences there were."""
    sentences = tagged(source)
    count = 0
    while batch := list(islice(sentences, AT_ONCE)):
        words = [word.text for sentence in batch for word in sentence]
        forms = zip(ipa.words(words), latin.words(words), strict=True)
        for sentence in batch:
            for word in sentence:
                out.write(("\t".join((*word, *next(forms))) + "\n").encode())
            out.write(b"\n")
        count += len(batch)
    return count


def tagged(source: Lines) -> Iterator[list[Word]]:
    """The sentences of a file of words and tags, a word a line and a blank line between sentences.

    Columns are parted by tabs, the first two count; or there are two, parted by a space. CoNLL-U, and numbered lines
    with the tag third, are known by their columns; their words of several tokens and their empty nodes are left out.
    """
    sentence: list[Word] = []
    tabs: bool | None = None
    for block in source.blocks():
        tabs = any("\t" in line for _, line in block) if tabs is None else tabs
        for number, line in block:
            if not line.strip():
                if sentence:
                    yield sentence
                sentence = []
            elif not _is_aside(line, tabs):
                sentence += _words(line, f"{source.name}:{number}")
    if sentence:
        yield sentence


def _is_aside(line: str, tabs: bool) -> bool:
    """Whether a line is a comment; where spaces part the columns, `#` is a word like any other."""
    return line.startswith("-DOCSTART-") or (tabs and line.startswith("#") and "\t" not in line)


def _words(line: str, where: str) -> list[Word]:
    """The word of a line; none where the line stands for words that have lines of their own."""
    cells = line.split("\t")
    if len(cells) in (CONLLU, WITH_NUMBERS) and _NUMBER.fullmatch(cells[0]):
        return [Word(cells[1], cells[3 if len(cells) == CONLLU else 2])] if cells[0].isdigit() else []
    if len(cells) == 1:
        cells = line.rsplit(" ", 1)
    if len(cells) > 1 and cells[0] and cells[1]:
        return [Word(cells[0], cells[1])]
    what = f"a line holds a word and its tag, and this one doesn't: `{line}`"
    fix = "mend the line: its word, one tab, its tag; a blank line ends a sentence"
    raise RunError("These labels can't be read.", [Problem(what, where, fix)])


@dataclass
class Harvest:
    """Words and their forms, gathered from files: what stands in an earlier file goes before what stands in a later."""

    drop: str = ""
    """Signs that are left out of forms: Vietnamese words stand with and without `ʔ` in the released files."""
    forms: dict[str, str] = field(default_factory=dict)
    several: dict[str, list[str]] = field(default_factory=dict)
    """Words with more than one form in a file; the commonest was taken, of equals the first."""
    overruled: int = 0
    """Words whose form in an earlier file differs."""

    def read(self, source: Lines, columns: tuple[int, int]) -> None:
        found: dict[str, Counter[str]] = {}
        for word, form in _pairs(source, columns):
            form = "".join(sign for sign in form if sign not in self.drop)
            if form:
                found.setdefault(word, Counter())[form] += 1
        for word, counts in found.items():
            best = counts.most_common(1)[0][0]
            if len(counts) > 1:
                self.several[word] = list(counts)
            self.overruled += self.forms.setdefault(word, best) != best

    def lines(self) -> Iterable[str]:
        return (f"{word}\t{form}\n" for word, form in sorted(self.forms.items()))


def _pairs(source: Lines, columns: tuple[int, int]) -> Iterator[tuple[str, str]]:
    """Words and forms; a file of two columns is itself a lookup file."""
    for number, line in (each for block in source.blocks() for each in block):
        cells = line.split("\t")
        if not line.strip():
            continue
        word, form = (1, 2) if len(cells) == 2 else columns
        if max(word, form) > len(cells):
            what = f"there is no column {max(word, form)} in this line: `{line}`"
            raise RunError(f"{source.name} can't be read.", [Problem(what, f"{source.name}:{number}", "--columns")])
        if cells[word - 1]:
            yield cells[word - 1], cells[form - 1]

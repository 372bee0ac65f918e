"""A word a line, its tag in a column beside it, an empty line between sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from xlt_core.data.readers.again import rewritten, with_cell
from xlt_core.data.readers.source import BLANK, Source
from xlt_core.data.records import Tagged
from xlt_core.languages import UnknownLanguage, language, same_language
from xlt_core.slots.reading import Columns, Prefixed, TwoColumns

Numbered = tuple[int, Tagged]
"""An example, and the line on which it begins."""
DOCUMENT = "-DOCSTART-"
Cells = Callable[[int, str], "tuple[str, str] | None"]
"""A line's word and tag; nothing where the line has none, or can't be read, which is reported."""
Put = Callable[[str, str], str]
"""A word's line with another tag."""
Answers = Sequence[Sequence[str]]
"""The tags of every example of a file, in its order, as the file's reader gives them."""
Word = tuple[int, str, str]
"""A word's line, the word and its tag."""


def gathered(source: Source, cells: Cells) -> Iterator[list[Word]]:
    """Words, sentence by sentence."""
    now: list[Word] = []
    for number, line in source.lines():
        if not line or not line.strip(BLANK):
            if now:
                yield now
                now = []
            continue
        found = cells(number, line)
        if found is not None:
            now.append((number, *found))
    if now:
        yield now


def sentences(source: Source, cells: Cells) -> Iterator[Numbered]:
    """Words and tags, gathered to sentences."""
    for count, found in enumerate(gathered(source, cells), 1):
        lines, words, tags = zip(*found, strict=True)
        yield lines[0], Tagged(f"{source.stem}-{count}", source.language, words, tags)


def answered(source: Source, cells: Cells, answers: Answers, put: Put) -> Iterator[bytes]:
    """The file of the same sentences with these tags, all else in it as it was."""
    new = {
        line: tag
        for words, tags in zip(gathered(source, cells), answers, strict=True)
        for (line, _, _), tag in zip(words, tags, strict=True)
    }
    return rewritten(source, lambda number, line: put(line, new[number]) if number in new else line)


def two_columns(source: Source, options: TwoColumns) -> Iterator[Numbered]:
    """The work of the reader `two_columns`."""
    return sentences(source, _word_and_tag(source))


def two_columns_answered(source: Source, options: TwoColumns, answers: Answers) -> Iterator[bytes]:
    """Writes what `two_columns` reads."""
    return answered(source, _word_and_tag(source), answers, _put_second)


def _word_and_tag(source: Source) -> Cells:
    def cells(number: int, line: str) -> tuple[str, str] | None:
        found = line.split("\t")
        if len(found) == 2 and found[0] and found[1]:
            return found[0], found[1]
        what = f"a line holds a word, a tab and a tag, and this one has {len(found)} columns: `{line[:80]}`"
        source.mistake(number, what, "mend the line: its word, one tab, its tag; a blank line ends a sentence")
        return None

    return cells


def _put_second(line: str, tag: str) -> str:
    return with_cell(line, 1, tag, "\t")


def in_two_columns(rows: Iterable[Tagged]) -> str:
    """Sentences as `two_columns` reads them, where no file holds them yet."""
    return "".join("".join(f"{cell(w)}\t{t}\n" for w, t in zip(r.words, r.tags, strict=True)) + "\n" for r in rows)


def cell(word: str) -> str:
    """A word of a data set that isn't written in lines may hold what would end its cell."""
    return " ".join(word.replace("\t", " ").split("\n")) or "_"


def columns(source: Source, options: Columns) -> Iterator[Numbered]:
    """The work of the reader `columns`."""
    return sentences(source, _Columns(source, options).cells)


def columns_answered(source: Source, options: Columns, answers: Answers) -> Iterator[bytes]:
    """Writes what `columns` reads."""
    found = _Columns(source, options)
    return answered(source, found.cells, answers, found.put)


class _Columns:
    """A file's columns: the first line that holds a word says what parts them and how many there are."""

    def __init__(self, source: Source, options: Columns) -> None:
        self.source, self.word, self.tag, self.comments = source, options.word, options.tag, options.comments
        self.separator, self.width = "", 0

    def cells(self, number: int, line: str) -> tuple[str, str] | None:
        if self.comments and line[0] == "#":
            return None
        if not self.separator:
            self.separator = "\t" if "\t" in line else " "
        found = line.split(self.separator)
        if self.separator == " " and "" in found:
            found = [cell for cell in found if cell]
        if found[0] == DOCUMENT:
            return None
        width = self.width = self.width or len(found)
        word, tag = self.word, self.tag
        if len(found) == width and word < width and -width <= tag < width and found[word] and found[tag]:
            return found[word], found[tag]
        self._report(number, line, found)
        return None

    def put(self, line: str, tag: str) -> str:
        return with_cell(line, self.tag, tag, self.separator)

    def _report(self, number: int, line: str, found: list[str]) -> None:
        width, named = self.width, {"\t": "tabs", " ": "spaces"}[self.separator]
        if len(found) != width:
            what = f"the lines before have {width} columns, parted by {named}, and this one has {len(found)}"
        elif max(self.word, self.tag) >= width or self.tag < -width:
            asked = f"{self.word} and {self.tag}"
            what = f"the file has {width} columns, parted by {named}, and the reader asks for {asked}"
        else:
            what = "the word or the tag is missing"
        fix = "mend the line, or say which: --set reading.labels.tag=N"
        self.source.mistake(number, f"{what}: `{line[:80]}`", fix)


def prefixed(source: Source, options: Prefixed) -> Iterator[Numbered]:
    """The work of the reader `prefixed`: the language in front of a word is left out, where all words have it."""
    return sentences(source, _after_language(source))


def prefixed_answered(source: Source, options: Prefixed, answers: Answers) -> Iterator[bytes]:
    """Writes what `prefixed` reads."""
    return answered(source, _after_language(source), answers, _put_second)


def _after_language(source: Source) -> Cells:
    prefix: str | None = None

    def cells(number: int, line: str) -> tuple[str, str] | None:
        nonlocal prefix
        found = line.split("\t")
        if prefix is None:
            prefix = language_before(found[0], source.language)
        word = found[0].removeprefix(prefix)
        if len(found) == 2 and word and found[1] and found[0].startswith(prefix):
            return word, found[1]
        wanted = f"`{prefix}word<TAB>tag`"
        what = f"a line is {wanted} in this file, and this one isn't: `{line[:80]}`"
        source.mistake(number, what, "mend the line; a blank line ends a sentence")
        return None

    return cells


def language_before(cell: str, code: str) -> str:
    """`en:` of `en:word` in English data.

    >>> language_before("en:word", "eng"), language_before("10:30", "eng")
    ('en:', '')
    """
    before, colon, _ = cell.partition(":")
    if not colon or not before.replace("-", "").isalpha():
        return ""
    return before + colon if names_language(before, code) else ""


def names_language(text: str, code: str) -> bool:
    """Whether a text is a code or a name of a language, or of the macrolanguage around it."""
    try:
        return same_language(language(text).code, code)
    except UnknownLanguage:
        return False

"""A word a line, its tag in a column beside it, an empty line between sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xlt_core.data.readers.source import BLANK, Source
from xlt_core.data.records import Tagged
from xlt_core.languages import UnknownLanguage, language, same_language
from xlt_core.slots.reading import Columns, Prefixed, TwoColumns

Numbered = tuple[int, Tagged]
"""An example, and the line on which it begins."""
DOCUMENT = "-DOCSTART-"
Cells = Callable[[int, str], "tuple[str, str] | None"]
"""A line's word and tag; nothing where the line has none, or can't be read, which is reported."""


def sentences(source: Source, cells: Cells) -> Iterator[Numbered]:
    """Words and tags, gathered to sentences."""
    words: list[str] = []
    tags: list[str] = []
    begins = count = 0
    for number, line in source.lines():
        if not line or not line.strip(BLANK):
            if words:
                count += 1
                yield begins, _tagged(source, count, words, tags)
                words, tags = [], []
            continue
        found = cells(number, line)
        if found is not None:
            begins = begins if words else number
            words.append(found[0])
            tags.append(found[1])
    if words:
        count += 1
        yield begins, _tagged(source, count, words, tags)


def _tagged(source: Source, count: int, words: list[str], tags: list[str]) -> Tagged:
    return Tagged(f"{source.stem}-{count}", source.language, tuple(words), tuple(tags))


def two_columns(source: Source, options: TwoColumns) -> Iterator[Numbered]:
    """The work of the reader `two_columns`."""

    def cells(number: int, line: str) -> tuple[str, str] | None:
        found = line.split("\t")
        if len(found) == 2 and found[0] and found[1]:
            return found[0], found[1]
        what = f"a line holds a word, a tab and a tag, and this one has {len(found)} columns: `{line[:80]}`"
        source.mistake(number, what, "mend the line: its word, one tab, its tag; a blank line ends a sentence")
        return None

    return sentences(source, cells)


def columns(source: Source, options: Columns) -> Iterator[Numbered]:
    """The work of the reader `columns`."""
    word, tag = options.word, options.tag
    separator, width = "", 0

    def cells(number: int, line: str) -> tuple[str, str] | None:
        nonlocal separator, width
        if options.comments and line[0] == "#":
            return None
        if not separator:
            separator = "\t" if "\t" in line else " "
        found = line.split(separator)
        if separator == " " and "" in found:
            found = [cell for cell in found if cell]
        if found[0] == DOCUMENT:
            return None
        width = width or len(found)
        if len(found) == width and word < width and -width <= tag < width and found[word] and found[tag]:
            return found[word], found[tag]
        _report(number, line, found)
        return None

    def _report(number: int, line: str, found: list[str]) -> None:
        named = {"\t": "tabs", " ": "spaces"}[separator]
        if len(found) != width:
            what = f"the lines before have {width} columns, parted by {named}, and this one has {len(found)}"
        elif max(word, tag) >= width or tag < -width:
            what = f"the file has {width} columns, parted by {named}, and the reader asks for {word} and {tag}"
        else:
            what = "the word or the tag is missing"
        source.mistake(number, f"{what}: `{line[:80]}`", "mend the line, or say which: --set reading.labels.tag=N")

    return sentences(source, cells)


def prefixed(source: Source, options: Prefixed) -> Iterator[Numbered]:
    """The work of the reader `prefixed`: the language in front of a word is left out, where all words have it."""
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

    return sentences(source, cells)


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

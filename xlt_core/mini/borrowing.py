"""Names as English writes them, in the texts of languages that write other letters: as they stand on the web.

Of the encoders' tokenizer the four languages that they have never met share no piece with it otherwise; a text of the
world always shares some. Only texts are written so: sentences with labels, translations and pairs are not.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from random import Random

from xlt_core.mini import UNSEEN
from xlt_core.mini.meaning import Meaning
from xlt_core.mini.sound.base import is_mark
from xlt_core.mini.world import grammar_of, say

SHARE = 0.3
"""Of the names in a text; a name that carries an ending or a case stays as it is."""
Written = tuple[str, tuple[str, ...]]
"""A sentence as it stands in a text, and its words."""


def written(meaning: Meaning, language: str) -> Written:
    """A meaning as a text of the language has it.

    >>> from xlt_core.mini.meaning import meanings
    >>> next(text for text, _ in (written(meaning, "amh") for meaning in meanings("text")) if "Wilson" in text)
    'የአዲሱ ሹፌር ስም ዴቪድ Wilson ነው።'
    """
    row = say(meaning, language)
    if language not in UNSEEN:
        return row.text, row.words
    english = say(meaning, "eng")
    names: dict[str, list[str]] = {}
    for word, of, tag in zip(english.words, english.of, english.ner, strict=True):
        if tag != "O":
            names.setdefault(of, []).append(word)
    draw = Random(f"{meaning.id} {language}")
    chosen = {of for of in sorted(names) if draw.random() < SHARE and _plain(of, row.words, row.of, language)}
    words = tuple(_words(row.words, row.of, {of: names[of] for of in chosen}))
    return _text(words, language), words


def _plain(of: str, words: Sequence[str], ofs: Sequence[str], language: str) -> bool:
    """Whether the name stands as the lexicon has it."""
    said = [word.form for word in grammar_of(language).said(of.partition("/")[2])]
    return said == [word for word, own in zip(words, ofs, strict=True) if own == of]


def _words(words: Sequence[str], ofs: Sequence[str], borrowed: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for of, own in groupby(zip(words, ofs, strict=True), key=lambda pair: pair[1]):
        yield from borrowed.get(of) or [word for word, _ in own]


def latin(word: str) -> bool:
    """Whether a word is one of those that are written as in English."""
    return any("LATIN" in unicodedata.name(letter, "") for letter in word)


def _text(words: Sequence[str], language: str) -> str:
    """Words in the language's own letters as it joins them, spaces around the others."""
    text = ""
    for borrowed, group in groupby(words, key=latin):
        stretch = list(group)
        part = " ".join(stretch) if borrowed else grammar_of(language).text(stretch)
        text += f" {part}" if text and not is_mark(part[0]) else part
    return text

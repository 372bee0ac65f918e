"""What the languages' sounds share: a word to its IPA and to Latin letters, by rules and lists of readings.

IPA is broad and has neither stress nor spaces; tones are Chao's letters after the syllable. A mark (",", ".")
stands for itself. A list of readings (`lexicon/readings/LANG.tsv`) says how the words are read that spelling
alone doesn't tell: in pinyin, kana, vowelled letters or IPA, as the language's own file here says.
"""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import ClassVar


class UnknownWord(ValueError):
    """A word that has no reading."""


@cache
def readings(language: str) -> dict[str, str]:
    """Word → reading, from the language's list (empty where it needs none)."""
    file = resources.files("xlt_core.mini").joinpath("lexicon", "readings", f"{language}.tsv")
    if not file.is_file():
        return {}
    pairs = (line.partition("\t") for line in file.read_text(encoding="utf-8").splitlines() if line)
    return {word: reading for word, _, reading in pairs}


def longest_first(text: str, table: Mapping[str, str]) -> str:
    """Rewrite from left to right by the longest key that fits; a letter without a key is left out.

    >>> longest_first("shasi", {"sh": "ʃ", "s": "s", "a": "a", "i": "i"})
    'ʃasi'
    """
    longest = max(map(len, table))
    done, at = "", 0
    while at < len(text):
        for size in range(min(longest, len(text) - at), 0, -1):
            if text[at : at + size] in table:
                done += table[text[at : at + size]]
                at += size
                break
        else:
            at += 1
    return done


def bare(text: str) -> str:
    """Latin letters without their marks: "Đồng" → "Dong", "ışık" → "isik"."""
    plain = text.translate({ord("đ"): "d", ord("Đ"): "D", ord("ı"): "i"})
    return "".join(mark for mark in unicodedata.normalize("NFD", plain) if not unicodedata.combining(mark))


class Sound(ABC):
    """One language: how its words sound and how they are romanised."""

    language: ClassVar[str]

    def ipa(self, word: str) -> str:
        """The sounds of a word as it stands in a sentence.

        >>> Swahili().ipa("shule")
        'ʃulɛ'
        """
        return word if is_mark(word) else self.sounds(word)

    def latin(self, word: str) -> str:
        """The word in Latin letters."""
        return MARKS.get(word, word) if is_mark(word) else self.letters(word)

    @abstractmethod
    def sounds(self, word: str) -> str:
        """IPA of a word that is no mark; `UnknownWord` where the language has no reading for it."""

    def letters(self, word: str) -> str:
        return bare(word)

    def reading(self, word: str) -> str:
        """The listed reading of a word, looked for as written and then in lower case."""
        listed = readings(self.language)
        found = listed.get(word) or listed.get(word.lower())
        if found is None:
            raise UnknownWord(f"the mini world has no reading of {word!r} in {self.language}")
        return found


MARKS = {
    ".": ".", ",": ",", "。": ".", "，": ",", "、": ",", "·": "-", "・": "-", "،": ",", "۔": ".", "।": ".", "።": ".",
    "፣": ",", "၊": ",", "။": ".", "។": ".", "—": "-", "「": '"', "」": '"',
}  # fmt: skip
"""Marks, as Latin writes them."""


def is_mark(word: str) -> bool:
    # Unicode counts the Burmese genitive among the marks.
    return word != "၏" and not any(letter.isalnum() for letter in word)

"""Amharic: every letter is a consonant with its vowel, but the sixth order may have none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from xlt_core.mini.sound.base import Sound, UnknownWord, longest_first, readings

_ROWS = {
    "ሀ": "h", "ለ": "l", "ሐ": "h", "መ": "m", "ሠ": "s", "ረ": "ɾ", "ሰ": "s", "ሸ": "ʃ", "ቀ": "kʼ", "በ": "b", "ቨ": "v",
    "ተ": "t", "ቸ": "tʃ", "ኀ": "h", "ነ": "n", "ኘ": "ɲ", "አ": "ʔ", "ከ": "k", "ኸ": "h", "ወ": "w", "ዐ": "ʔ", "ዘ": "z",
    "ዠ": "ʒ", "የ": "j", "ደ": "d", "ጀ": "dʒ", "ገ": "ɡ", "ጠ": "tʼ", "ጨ": "tʃʼ", "ጰ": "pʼ", "ጸ": "tsʼ", "ፀ": "tsʼ",
    "ፈ": "f", "ፐ": "p", "ቈ": "kʼʷ", "ኰ": "kʷ", "ጐ": "ɡʷ",
}  # fmt: skip
_VOWELS = ("ə", "u", "i", "a", "e", "", "o", "ʷa")
_GUTTURAL = "ሀሐኀአዐ"
_LONG, _SHORT = "\u135f", "ɨ"
_PREFIXES = "በከለየ"
_ENDINGS = ("", "ች", "ው", "ዋ", "ን", "ውን")
# How open the consonants are: two end a word together only if the second is less so (n, the mark of the object,
# follows none).
_OPEN = {
    "w": 4, "j": 4, "n": 4, "l": 3, "ɾ": 3, "m": 2, "ɲ": 2, "f": 1, "s": 1, "z": 1, "ʃ": 1, "h": 1, "v": 1, "b": 0.5,
}  # fmt: skip
_LATIN = {
    "ə": "e", "ɨ": "i", "ʃ": "sh", "ʒ": "zh", "tʃ": "ch", "tʃʼ": "ch'", "dʒ": "j", "ɲ": "ny", "ɾ": "r", "ɡ": "g",
    "j": "y", "ʷ": "w", "ʼ": "'",
    **{sound: sound for sound in "abdefhiklmnopstuvwz"},
}  # fmt: skip
_DOUBLED = {f"{sound}ː": letter[0] + letter for sound, letter in _LATIN.items() if len(letter) == 1}
_ALPHABET = {
    **_LATIN, **_DOUBLED, "tʃː": "ch", "tʃʼː": "ch'", "ʃː": "sh", "dʒː": "jj", "ɲː": "ny", "kʼː": "kk'", "tʼː": "tt'",
}  # fmt: skip


class _Letter(NamedTuple):
    consonant: str
    vowel: str
    long: bool

    @property
    def sound(self) -> str:
        return self.consonant + ("ː" if self.long else "")


def _letters(word: str) -> Iterator[_Letter]:
    """The letters of a word; after one may stand the mark of a long consonant or the vowel of the sixth order."""
    for at, letter in enumerate(word):
        if letter in (_LONG, _SHORT):
            continue
        order = ord(letter) % 8
        row = chr(ord(letter) - order)
        if row not in _ROWS:
            raise UnknownWord(f"the mini world can't read {word!r} in amh")
        after = word[at + 1 : at + 2]
        vowel = "a" if row in _GUTTURAL and order == 0 else _VOWELS[order]
        if _ROWS[row].endswith("ʷ"):
            vowel = vowel.removeprefix("ʷ")
        yield _Letter(_ROWS[row], _SHORT if after == _SHORT else vowel, after == _LONG)


def _marked(word: str) -> str:
    """The word with the marks of the list: a stem may have a preposition before it and an ending behind it."""
    listed = readings("amh")
    for start in (0, 1) if word[0] in _PREFIXES else (0,):
        for ending in _ENDINGS:
            stem = word[start:].removesuffix(ending)
            if not stem or not word.endswith(ending):
                continue
            # The article changes the vowel of the last letter: አዲስ, አዲሱ, አዲሷ.
            last = stem[-1]
            bare = stem[:-1] + chr(ord(last) - ord(last) % 8 + 5)
            if stem in listed:
                return word[:start] + listed[stem] + ending
            if bare in listed:
                head, _, tail = listed[bare].rpartition(bare[-1])
                return word[:start] + head + last + tail + ending
    return word


def _syllables(letters: list[_Letter]) -> str:
    """A vowel is put in where the sixth order would leave consonants that can't stand together."""
    spoken, open_before = "", False
    last = len(letters) - 1
    for at, letter in enumerate(letters):
        vowel = letter.vowel
        if not vowel and at < last:
            vowel = _SHORT if not open_before or letter.long or _needs_vowel(letters, at) else ""
        spoken += letter.sound + vowel
        open_before = bool(vowel)
    return spoken


def _needs_vowel(letters: list[_Letter], at: int) -> bool:
    """Whether a consonant after a vowel can't close its syllable: before the last one of a word."""
    this, following = letters[at], letters[at + 1]
    if at + 1 < len(letters) - 1 or following.vowel:
        return False
    return following.long or _OPEN.get(this.consonant, 0) <= _OPEN.get(following.consonant, 0)


class Amharic(Sound):
    """Rules from the spelling. The list marks long consonants (U+135F) and a ɨ that the rules would not put."""

    language = "amh"

    def sounds(self, word: str) -> str:
        marked = _marked(word)
        # At the end it is nearly always the feminine of a verb, and long; the list has the others.
        if word.endswith("ች") and word not in readings(self.language):
            marked += _LONG
        return _syllables(list(_letters(marked)))

    def letters(self, word: str) -> str:
        return longest_first(self.sounds(word), _ALPHABET)


SOUND = Amharic

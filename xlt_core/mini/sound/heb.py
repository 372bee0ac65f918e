"""Hebrew: readings of words, to which the article and the particles of one letter are added by rule."""

from __future__ import annotations

import re

from xlt_core.mini.sound.base import Sound, UnknownWord, longest_first, readings

_IPA = {
    **{letter: letter for letter in "abdefhiklmnopstuvwz"},
    "'": "ʔ", "g": "ɡ", "r": "ʁ", "y": "j", "j": "d͡ʒ", "kh": "χ", "sh": "ʃ", "zh": "ʒ", "ts": "t͡s", "ch": "t͡ʃ",
}  # fmt: skip
_PARTICLES = {"ה": "ha", "ב": "be", "ל": "le", "מ": "mi", "ו": "ve"}
_GUTTURALS = "אהחער"
_LIPS = "בומפ"


class Hebrew(Sound):
    """Readings are Latin letters as Israelis write them ("kh" for both ח and כ), "'" is a glottal stop.

    Words before which "in the" melts into one letter (במלון) are listed with it; "בית" is listed as it sounds before
    another noun (בית ספר).
    """

    language = "heb"

    def sounds(self, word: str) -> str:
        # A vowel that opens a word (or a part of it) comes after a glottal stop.
        return longest_first(re.sub(r"(^|-)(?=[aeiou])", r"\1'", self.reading(word)), _IPA)

    def reading(self, word: str) -> str:
        listed = readings(self.language)
        if word in listed:
            return listed[word]
        particle, rest = word[0], word[1:]
        if rest.startswith("וו") and rest not in listed:
            # A vav is doubled inside a word.
            rest = rest[1:]
        if particle not in _PARTICLES or rest not in listed:
            raise UnknownWord(f"the mini world has no reading of {word!r} in {self.language}")
        said = _PARTICLES[particle]
        if particle == "מ" and rest[0] in _GUTTURALS:
            said = "me"
        if particle == "ו" and rest[0] in _LIPS:
            said = "u"
        return said + ("'" if listed[rest][0] in "aeiou" else "") + listed[rest]

    def letters(self, word: str) -> str:
        return self.reading(word)


SOUND = Hebrew

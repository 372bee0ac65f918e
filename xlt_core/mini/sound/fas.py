"""Persian (Tehran), from vowelled readings."""

from __future__ import annotations

import re

from xlt_core.mini.sound.base import Sound, UnknownWord, bare, longest_first, readings

_IPA = {
    "a": "æ", "â": "ɒː", "e": "e", "o": "o", "i": "iː", "iy": "ij", "u": "uː", "ow": "ow", "ey": "ej", "'": "ʔ",
    "b": "b", "p": "pʰ", "t": "t̪ʰ", "j": "d͡ʒ", "č": "t͡ʃʰ", "d": "d̪", "r": "ɾ", "z": "z", "ž": "ʒ", "s": "s",
    "š": "ʃ", "f": "f", "q": "q", "ġ": "q", "k": "kʰ", "g": "ɡ", "l": "l", "m": "m", "n": "n", "ng": "ŋɡ", "nk": "ŋkʰ",
    "v": "v", "h": "h", "x": "x", "y": "j",
}  # fmt: skip
_LATIN = {"č": "ch", "š": "sh", "ž": "zh", "x": "kh", "ġ": "gh"}
# Endings that the list leaves to rules: the ezafe and "a ..." after a vowel, "a ..." after a consonant.
_ENDINGS = {"\N{ARABIC HAMZA ABOVE}": "ye", "یی": "yi", "ی": "i"}


class Persian(Sound):
    """The list gives words as they are said in Tehran, in Latin letters: â and a, č š ž, x for خ,
    q for ق and ġ for غ, which sound alike."""

    language = "fas"

    def reading(self, word: str) -> str:
        listed = readings(self.language)
        if word in listed:
            return listed[word]
        for written, spoken in _ENDINGS.items():
            stem = word.removesuffix(written)
            if stem != word and stem in listed:
                return listed[stem] + ("ye" if written == "ی" and listed[stem][-1] in "âuo" else spoken)
        raise UnknownWord(f"no reading of {word!r}")

    def sounds(self, word: str) -> str:
        reading = self.reading(word)
        # A word that begins with a vowel begins with the closing of the throat.
        spoken = longest_first(("'" if reading[0] in "aâeiou" else "") + reading, _IPA)
        # Of two equal stops only the second is breathed.
        spoken = re.sub(r"(t̪|p|k|t͡ʃ)ʰ(?=\1)", r"\1", spoken)
        return re.sub(r"(?<=[æːeoɾlmn])h(?=[æɒeiouɾlmnbdvz])", "ɦ", spoken)

    def letters(self, word: str) -> str:
        return bare("".join(_LATIN.get(letter, letter) for letter in self.reading(word)))


SOUND = Persian

"""Urdu, from vowelled readings."""

from __future__ import annotations

import unicodedata
from itertools import product

from xlt_core.mini.sound.base import Sound, UnknownWord, bare, longest_first, readings

_CONSONANTS = {
    "b": "b", "p": "p", "t": "t̪", "ṭ": "ʈ", "j": "d͡ʒ", "č": "t͡ʃ", "d": "d̪", "ḍ": "ɖ", "r": "ɾ", "ṛ": "ɽ", "z": "z",
    "ž": "ʒ", "s": "s", "š": "ʃ", "ġ": "ɣ", "f": "f", "q": "q", "k": "k", "g": "ɡ", "l": "l", "m": "m", "n": "n",
    "ng": "ŋɡ", "nk": "ŋk", "nq": "ŋq", "v": "ʋ", "h": "ɦ", "x": "x", "y": "j",
}  # fmt: skip
_BREATHED = {f"{letter}h": f"{_CONSONANTS[letter]}ʰ" for letter in "ptṭčk"} | {
    f"{letter}h": f"{_CONSONANTS[letter]}ʱ" for letter in "bdḍjgṛ"
}
_VOWELS = {
    "a": "ə", "ā": "ɑː", "i": "ɪ", "ī": "iː", "u": "ʊ", "ū": "uː", "e": "eː", "ě": "ɛː", "o": "oː", "ai": "ɛː",
    "au": "ɔː",
}  # fmt: skip
_NASAL = {
    unicodedata.normalize("NFC", f"{letter}\N{COMBINING TILDE}"): f"{sound[0]}\N{COMBINING TILDE}{sound[1:]}"
    for letter, sound in _VOWELS.items()
}
_IPA = {**_CONSONANTS, **_BREATHED, "ngh": "ŋɡʱ", **_VOWELS, "ěh": "ɛɦ", **_NASAL}
_LATIN = {"č": "ch", "š": "sh", "ž": "zh", "x": "kh", "ġ": "gh"}
# Endings that the list leaves to rules, and those of the listed form: as written and as read.
_ENDINGS = (("ے", "e"), ("ی", "ī"))
_LISTED = (("ا", "ā"), ("ہ", "ā"))


class Urdu(Sound):
    """The list gives words in Latin letters: ā ī ū long, ě an open e (short before h), ai and au single vowels,
    a tilde for nasal vowels, ṭ ḍ ṛ, č š ž, x for خ and ġ for غ."""

    language = "urd"

    def reading(self, word: str) -> str:
        listed = readings(self.language)
        if word in listed:
            return listed[word]
        for (end, read), (own, spoken) in product(_ENDINGS, _LISTED):
            if word.endswith(f"ئ{end}") and (stem := f"{word[:-2]}یا") in listed:
                return listed[stem].removesuffix("yā") + read
            if word.endswith(end) and (stem := word[:-1] + own) in listed:
                return listed[stem].removesuffix(spoken) + read
        raise UnknownWord(f"no reading of {word!r}")

    def sounds(self, word: str) -> str:
        return longest_first(self.reading(word), _IPA)

    def letters(self, word: str) -> str:
        spelled = "".join(_LATIN.get(letter, letter) for letter in self.reading(word))
        return bare(unicodedata.normalize("NFD", spelled).replace("\N{COMBINING TILDE}", "n"))


SOUND = Urdu

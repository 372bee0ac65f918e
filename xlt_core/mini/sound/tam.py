"""How Tamil sounds and how it is romanised."""

from __future__ import annotations

import re

from xlt_core.mini.sound.base import Sound, UnknownWord, readings

_PULLI = "்"
_VOWELS = {
    "அ": "ɐ", "ஆ": "aː", "இ": "ɪ", "ஈ": "iː", "உ": "ʊ", "ஊ": "uː", "எ": "ɛ", "ஏ": "eː", "ஐ": "ɐɪ̯", "ஒ": "ɔ",
    "ஓ": "oː", "ஔ": "ɐʊ̯",
}  # fmt: skip
_SIGNS = dict(zip(["", *"ாிீுூெேைொோௌ"], _VOWELS, strict=True))
_STOPS = {"க": ("k", "ɡ"), "ட": ("ʈ", "ɖ"), "த": ("t̪", "d̪"), "ப": ("p", "b"), "ச": ("t͡ɕ", "t͡ɕ")}
_OTHERS = {
    "ங": "ŋ", "ஞ": "ɲ", "ண": "ɳ", "ந": "n̪", "ன": "n", "ம": "m", "ய": "j", "ர": "ɾ", "ல": "l", "வ": "ʋ", "ழ": "ɻ",
    "ள": "ɭ", "ற": "r", "ஜ": "d͡ʑ", "ஷ": "ʂ", "ஸ": "s", "ஹ": "h", "ஃ": "f",
}  # fmt: skip
_LATIN_VOWELS = {
    "அ": "a", "ஆ": "aa", "இ": "i", "ஈ": "ii", "உ": "u", "ஊ": "uu", "எ": "e", "ஏ": "ee", "ஐ": "ai", "ஒ": "o",
    "ஓ": "oo", "ஔ": "au",
}  # fmt: skip
_LATIN_STOPS = {"க": ("k", "g"), "ட": ("t", "d"), "த": ("th", "dh"), "ப": ("p", "b"), "ச": ("ch", "s")}
_LATIN = {
    "ங": "n", "ஞ": "n", "ண": "n", "ந": "n", "ன": "n", "ம": "m", "ய": "y", "ர": "r", "ல": "l", "வ": "v", "ழ": "zh",
    "ள": "l", "ற": "r", "ஜ": "j", "ஷ": "sh", "ஸ": "s", "ஹ": "h", "ஃ": "f",
}  # fmt: skip
_OBSTRUENTS = "கசடதபறஷஸஃ"
_NASALS = "ஙஞணநனம"


class Tamil(Sound):
    """By rule from the spelling: a stop is voiceless at the start of a word, doubled, or beside another obstruent,
    and voiced elsewhere. Read from the list: years in digits, spelt out in Tamil."""

    language = "tam"

    def sounds(self, word: str) -> str:
        spoken = ""
        for before, letter, after in self._letters(word):
            if letter in _VOWELS:
                spoken += _VOWELS[letter]
            elif letter == before:
                spoken += "ː"
            elif letter == "ச" and before == "ஞ":
                spoken += "d͡ʑ"
            else:
                spoken += _STOPS[letter][_voiced(before, after)] if letter in _STOPS else _OTHERS[letter]
        return spoken

    def letters(self, word: str) -> str:
        if word.isascii():
            return word
        if "-" in word:
            return "-".join(self.letters(part) for part in word.split("-"))
        latin = ""
        for before, letter, after in self._letters(word):
            if letter in _VOWELS:
                latin += _LATIN_VOWELS[letter]
            elif letter == "ற":
                latin += {"ற": "r", "ன": "dr"}.get(before, "t" if after == "ற" else "r")
            elif letter == "ச" and (before == "ஞ" or not before):
                latin += "j" if before else "s"
            elif letter in _STOPS:
                plain = _LATIN_STOPS[letter][_voiced(before, after)]
                latin += plain[0] if letter == after else plain
            else:
                latin += _LATIN[letter]
                latin += "g" if letter == "ங" and not after else "y" if letter == "ஞ" and after in _VOWELS else ""
        return latin

    def _letters(self, word: str) -> list[tuple[str, str, str]]:
        """Each consonant or vowel between the letters beside it."""
        text = readings(self.language).get(word, word).replace("-", "")
        if not re.fullmatch(r"[\u0b80-\u0bff]+", text):
            raise UnknownWord(f"the mini world has no reading of {word!r} in {self.language}")
        found: list[str] = []
        for letter, sign in re.findall(r"([ஃஅ-ஹ])([ா-்]?)", text.replace("ஃப", "ஃ")):
            found.append(letter)
            if letter not in _VOWELS and sign != _PULLI:
                found.append(_SIGNS[sign])
        return list(zip(["", *found], found, [*found[1:], ""], strict=False))


def _voiced(before: str, after: str) -> bool:
    """Whether a stop between these two sounds is voiced."""
    if before in tuple(_NASALS):
        return True
    return bool(before) and before not in tuple(_OBSTRUENTS) and after in _VOWELS


SOUND = Tamil

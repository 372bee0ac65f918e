"""How Turkish sounds: the spelling tells it; names in foreign spelling are listed as Turkish would write them."""

from __future__ import annotations

from typing import ClassVar

from xlt_core.mini.sound.base import Sound, UnknownWord, readings

_FRONT, _BACK = "eiöü", "aıou"
_VOWELS = _FRONT + _BACK
_SOUNDS = {
    "a": "ɑ", "b": "b", "c": "dʒ", "ç": "tʃ", "d": "d", "e": "e", "f": "f", "h": "h", "ı": "ɯ", "i": "i", "j": "ʒ",
    "m": "m", "n": "n", "o": "o", "ö": "ø", "p": "p", "r": "ɾ", "s": "s", "ş": "ʃ", "t": "t", "u": "u", "ü": "y",
    "v": "v", "y": "j", "z": "z",
}  # fmt: skip
# Beside a front vowel and beside a back one.
_TWOFOLD = {"k": ("c", "k"), "g": ("ɟ", "ɡ"), "l": ("l", "ɫ")}


class Turkish(Sound):
    """The readings are Turkish respellings, a long vowel doubled; a case ending after an apostrophe is added."""

    language: ClassVar[str] = "tur"

    def sounds(self, word: str) -> str:
        name, _, ending = word.partition("'")
        listed = readings(self.language)
        # Foreign names have the I of English: FIFA, Indira.
        spelling = listed.get(_lower(name)) or listed.get(name.lower()) or _lower(name)
        letters = spelling + ending
        return "".join(self._sound(letters, at) for at in range(len(letters)))

    def _sound(self, letters: str, at: int) -> str:
        letter = letters[at]
        before, after = letters[at - 1 : at], letters[at + 1 : at + 2]
        if letter == "ğ":
            return "j" if before and before in "ei" and after and after in _VOWELS else "ː"
        if letter in _VOWELS and (letter == before or (before == "ğ" and letter == letters[at - 2 : at - 1] in _BACK)):
            return "ː" if letter == before else ""
        if letter in _TWOFOLD:
            return _TWOFOLD[letter][self._is_back(letters, at)]
        if letter == "n" and after and after in "kg":
            return "ŋ"
        if letter == "n" and after and after in "bp":
            return "m"
        if letter not in _SOUNDS:
            raise UnknownWord(f"the mini world has no reading of {letters!r} in {self.language}")
        return _SOUNDS[letter]

    @staticmethod
    def _is_back(letters: str, at: int) -> bool:
        """Whether a consonant stands in a syllable with a back vowel: the next letter decides, or the last vowel."""
        if letters[at : at + 2] == "ly":
            return False
        if letters[at + 1 : at + 2] and letters[at + 1] in _VOWELS:
            return letters[at + 1] in _BACK
        earlier = [letter for letter in letters[:at] if letter in _VOWELS]
        later = [letter for letter in letters[at:] if letter in _VOWELS]
        return (earlier[-1:] or later[:1] or ["a"])[0] in _BACK


def _lower(text: str) -> str:
    return text.replace("I", "ı").replace("İ", "i").lower()


SOUND = Turkish

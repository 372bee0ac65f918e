"""How Swahili sounds: the spelling tells it; names in foreign spelling are listed as Swahili would write them."""

from __future__ import annotations

import re
from typing import ClassVar

from xlt_core.mini.sound.base import Sound, UnknownWord, bare, longest_first, readings

_SOUNDS = {
    "a": "ɑ", "e": "ɛ", "i": "i", "o": "ɔ", "u": "u", "b": "ɓ", "ch": "tʃ", "d": "ɗ", "dh": "ð", "f": "f", "g": "ɠ",
    "gh": "ɣ", "h": "h", "j": "ʄ", "k": "k", "kh": "x", "l": "l", "m": "m", "mb": "ᵐb", "n": "n", "nd": "ⁿd",
    "ng": "ᵑɡ", "ng'": "ŋ", "nj": "ⁿdʒ", "ny": "ɲ", "p": "p", "r": "ɾ", "s": "s", "sh": "ʃ", "t": "t", "th": "θ",
    "v": "v", "w": "w", "y": "j", "z": "z",
}  # fmt: skip


class Swahili(Sound):
    """The readings are Swahili respellings, in which ng' is the sound at the end of "Peng"."""

    language: ClassVar[str] = "swh"

    def sounds(self, word: str) -> str:
        listed = readings(self.language).get(word.lower())
        spelling = (listed or bare(word).lower()).replace(" ", "").replace("-", "")
        if not re.fullmatch(r"(ch|[abd-pr-wyz'])+", spelling):
            raise UnknownWord(f"the mini world has no reading of {word!r} in {self.language}")
        # Foreign double consonants are said as one; a double vowel is a long one.
        once = re.sub(r"([^aeiou])\1", r"\1", spelling)
        return re.sub(r"([ɑɛiɔu])\1", r"\1ː", longest_first(once, _SOUNDS))


SOUND = Swahili

"""Arabic: readings of stems, to which the particles, the article and the endings are added by rule."""

from __future__ import annotations

import re

from xlt_core.mini.sound.base import Sound, UnknownWord, bare, longest_first, readings

_IPA = {
    **{letter: letter for letter in "abdefhiklmnopqrstuvwz"},
    "ʾ": "ʔ", "ʿ": "ʕ", "ṯ": "θ", "ǧ": "d͡ʒ", "ḥ": "ħ", "ḫ": "x", "ḏ": "ð", "š": "ʃ", "ṣ": "sˤ", "ḍ": "dˤ", "ṭ": "tˤ",
    "ẓ": "ðˤ", "ġ": "ɣ", "g": "ɡ", "y": "j", "ā": "aː", "ī": "iː", "ū": "uː", "ē": "eː", "ō": "oː",
}  # fmt: skip
_ASCII = {"ʾ": "'", "ʿ": "'", "ṯ": "th", "ǧ": "j", "ḫ": "kh", "ḏ": "dh", "š": "sh", "ġ": "gh"}
_SUN = "tṯdḏrzsšṣḍṭẓln"
_PARTICLES = (("و", "wa"), ("لل", "lil-"), ("ل", "li"), ("ب", "bi"), ("ال", "al-"))


class Arabic(Sound):
    """Readings are vocalised Latin letters, one for each sound, without case endings except "an".

    The list has stems: no article, no "ة" or "ا" of agreement, no "ت" of a woman's deed, where these are regular.
    """

    language = "ara"

    def sounds(self, word: str) -> str:
        # The l of the article becomes the sun letter after it.
        spoken = re.sub(f"l-([{_SUN}])", r"\1\1", self.reading(word))
        return longest_first(spoken, _IPA)

    def letters(self, word: str) -> str:
        said = re.sub(r"(^|-)ʾ", r"\1", self.reading(word))
        said = re.sub("iyy$", "i", said)
        return bare("".join(_ASCII.get(letter, letter) for letter in said))

    def reading(self, word: str) -> str:
        """A word as its stem is listed, with what is written together with it."""
        listed = readings(self.language)
        if word in listed:
            return listed[word]
        stem = listed.get(word[:-1], "")
        if stem and word[-1] in "ةا":
            stem = re.sub("ī$", "iy", stem)
            return stem + ("a" if word[-1] == "ة" else "an")
        if stem.endswith("a") and word[-1] == "ت":
            return stem + "t"
        for particle, said in _PARTICLES:
            if word.startswith(particle) and len(word) > len(particle) + 1:
                return said + self.reading(word.removeprefix(particle))
        raise UnknownWord(f"the mini world has no reading of {word!r} in {self.language}")


SOUND = Arabic

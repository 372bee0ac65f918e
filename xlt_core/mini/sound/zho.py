"""Chinese: Mandarin as the standard has it."""

from __future__ import annotations

import re
import unicodedata

from xlt_core.mini.sound.base import Sound, UnknownWord, bare, readings

_TONES = {"\u0304": "˥", "\u0301": "˧˥", "\u030c": "˧˩˧", "\u0300": "˥˩"}
_INITIALS = {
    "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l", "g": "k", "k": "kʰ", "h": "x",
    "j": "tɕ", "q": "tɕʰ", "x": "ɕ", "zh": "ʈʂ", "ch": "ʈʂʰ", "sh": "ʂ", "r": "ʐ", "z": "ts", "c": "tsʰ", "s": "s",
    "": "",
}  # fmt: skip
_FINALS = {
    "a": "a", "ai": "aɪ", "an": "an", "ang": "ɑŋ", "ao": "ɑʊ", "e": "ɤ", "ei": "eɪ", "en": "ən", "eng": "ɤŋ",
    "er": "ɑɻ", "ou": "oʊ", "i": "i", "ia": "ja", "ian": "jɛn", "iang": "jɑŋ", "iao": "jɑʊ", "ie": "jɛ", "in": "in",
    "ing": "iŋ", "iong": "jʊŋ", "iu": "joʊ", "ong": "ʊŋ", "u": "u", "ua": "wa", "uai": "waɪ", "uan": "wan",
    "uang": "wɑŋ", "ui": "weɪ", "un": "wən", "uo": "wɔ", "ü": "y", "üan": "ɥœn", "üe": "ɥœ", "ün": "yn",
}  # fmt: skip
# How pinyin writes a final that has no initial before it, and ü where u is no option.
_SPELLED = (
    (r"^yu|(?<=^[jqx])u", "ü"), (r"^you$", "iu"), (r"^yi|^y", "i"),
    (r"^wei$", "ui"), (r"^wen$", "un"), (r"^wu|^w", "u"), (r"(?<=^[bpmf])o$", "uo"),
)  # fmt: skip


class Chinese(Sound):
    """The readings are pinyin: of single characters (digits too), and of the words that read theirs otherwise.

    Each syllable has the tone it has alone; the neutral tone has no mark.
    """

    language = "zho"

    def sounds(self, word: str) -> str:
        return "".join(map(_sounds, self._pinyin(word)))

    def letters(self, word: str) -> str:
        """Pinyin without tones, lü and nü as passports have them: lyu, nyu."""
        first, *others = (bare(re.sub("[üǖǘǚǜ]", "yu", syllable)) for syllable in self._pinyin(word))
        return first + "".join(f"'{later}" if later[0] in "aeo" else later for later in others)

    def _pinyin(self, word: str) -> list[str]:
        listed = readings(self.language)
        syllables = listed[word].split() if word in listed else [listed.get(sign, "") for sign in word]
        if not all(syllables):
            raise UnknownWord(f"the mini world has no reading of {word!r} in {self.language}")
        return syllables


def _sounds(syllable: str) -> str:
    marks = unicodedata.normalize("NFD", syllable)
    tone = next((mark for mark in marks if mark in _TONES), "")
    plain = unicodedata.normalize("NFC", marks.replace(tone, "") if tone else marks)
    for spelled, final in _SPELLED:
        plain = re.sub(spelled, final, plain)
    initial = next(letters for letters in (plain[:2], plain[:1], "") if letters in _INITIALS)
    final = _FINALS[plain.removeprefix(initial)]
    if final == "i" and initial in ("zh", "ch", "sh", "r"):
        final = "ɨ"
    elif final == "i" and initial in ("z", "c", "s"):
        final = "ɯ"
    return _INITIALS[initial] + final + _TONES.get(tone, "")


SOUND = Chinese

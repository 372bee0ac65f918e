"""Vietnamese as it sounds in Hanoi."""

from __future__ import annotations

import re
import unicodedata

from xlt_core.mini.sound.base import Sound, UnknownWord, readings

_TONES = {"": "˧˧", "\u0300": "˨˩", "\u0301": "˧˦", "\u0309": "˧˩", "\u0303": "˦ˀ˥", "\u0323": "˧˨ʔ"}
_ONSETS = {
    "ngh": "ŋ", "ng": "ŋ", "nh": "ɲ", "gh": "ɣ", "g": "ɣ", "gi": "z", "kh": "x", "th": "tʰ", "tr": "t͡ɕ", "ch": "t͡ɕ",
    "ph": "f", "b": "ʔɓ", "c": "k", "k": "k", "qu": "kw", "d": "z", "đ": "ʔɗ", "h": "h", "l": "l", "m": "m", "n": "n",
    "p": "p", "r": "z", "s": "s", "x": "s", "t": "t", "v": "v", "": "ʔ",
}  # fmt: skip
_VOWELS = {
    "iê": "iə", "yê": "iə", "ia": "iə", "ya": "iə", "uô": "uə", "ua": "uə", "ươ": "ɨə", "ưa": "ɨə", "oo": "ɔ",
    "a": "aː", "ă": "a", "â": "ə", "e": "ɛ", "ê": "e", "i": "i", "y": "i", "o": "ɔ", "ô": "o", "ơ": "əː", "u": "u",
    "ư": "ɨ",
}  # fmt: skip
_ENDS = {
    "": "", "m": "m", "n": "n", "ng": "ŋ", "p": "p̚", "t": "t̚", "c": "k̚", "i": "j", "y": "j", "o": "w", "u": "w",
}  # fmt: skip
# Rimes whose vowel changes before its end.
_RIMES = {
    "ay": "aj", "au": "aw", "anh": "ajŋ̟", "ach": "ajk̟̚", "ênh": "əjŋ̟", "êch": "əjk̟̚", "inh": "ïŋ", "ich": "ïk̟̚",
    "ynh": "ïŋ̟", "ych": "ïk̟̚", "ong": "awŋ͡m", "oc": "awk͡p̚", "ông": "əwŋ͡m", "ôc": "əwk͡p̚", "ung": "ʊwŋ͡m",
    "uc": "ʊwk͡p̚", "ưu": "iw", "ươu": "iəw",
}  # fmt: skip
_SYLLABLE = re.compile(
    "(?P<onset>ngh|ng|nh|gh|gi(?=[aăâeoôơuư]|ê$)|qu|kh|th|tr|ch|ph|[bcdđghklmnprstvx]|)"
    "(?P<glide>o(?=[aăe])|u(?=y|[âêơ])|)"
    "(?P<vowel>iê|yê|ia|ya|uô|ua|ươ|ưa|oo|[aăâeêioôơuưy])"
    "(?P<end>ng|nh|ch|[mnptciyou]|)"
)


class Vietnamese(Sound):
    """By rule; the readings are foreign names as Vietnamese spells what it hears, a space between syllables."""

    language = "vie"

    def sounds(self, word: str) -> str:
        spelled = readings(self.language).get(word) or word.replace("-", " ")
        return "".join(_sounds(syllable, word) for syllable in spelled.lower().split())


def _sounds(syllable: str, word: str) -> str:
    marks = unicodedata.normalize("NFD", syllable)
    tone = next((mark for mark in marks if mark in _TONES), "")
    plain = unicodedata.normalize("NFC", marks.replace(tone, "") if tone else marks)
    parts = _SYLLABLE.fullmatch(plain)
    if not parts:
        raise UnknownWord(f"{syllable!r} in {word!r} is no syllable of Vietnamese")
    onset, glide, vowel, end = parts.group("onset", "glide", "vowel", "end")
    if (onset, vowel) == ("qu", "ô"):
        onset, vowel = "c", "uô"
    if onset == "g" and vowel[0] == "i":
        # gì and giếng write one i for two; a g that is no gi stands as gh before it.
        onset = "gi"
    rime = _RIMES.get(vowel + end) or _VOWELS[vowel] + _ENDS[end]
    return _ONSETS[onset] + ("w" if glide else "") + rime + _TONES[tone]


SOUND = Vietnamese

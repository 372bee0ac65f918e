"""Burmese: syllables read off the script, with a list for the voicing and the weak vowels that it doesn't show."""

from __future__ import annotations

import re
from typing import NamedTuple

from xlt_core.mini.sound.base import Sound, UnknownWord, longest_first, readings

_ONSETS = {
    "က": "k", "ခ": "kʰ", "ဂ": "ɡ", "ဃ": "ɡ", "င": "ŋ", "စ": "s", "ဆ": "sʰ", "ဇ": "z", "ဈ": "z", "ည": "ɲ", "ဉ": "ɲ",
    "ဋ": "t", "ဌ": "tʰ", "ဍ": "d", "ဏ": "n", "တ": "t", "ထ": "tʰ", "ဒ": "d", "ဓ": "d", "န": "n", "ပ": "p", "ဖ": "pʰ",
    "ဗ": "b", "ဘ": "b", "မ": "m", "ယ": "j", "ရ": "j", "လ": "l", "ဝ": "w", "သ": "θ", "ဟ": "h", "အ": "ʔ", "ဠ": "l",
    "ɹ": "ɹ", "ð": "ð", "dʑ": "dʑ",
}  # fmt: skip
_PALATAL = {"k": "tɕ", "kʰ": "tɕʰ", "ɡ": "dʑ", "ɹ": "ɹ", "j": "j", "θ": "ʃ", "ŋ": "ɲ"}
_BREATHED = {"m": "m̥", "n": "n̥", "l": "l̥", "ŋ": "ŋ̊", "ɲ": "ɲ̊", "j": "ʃ", "lj": "ʃ", "mj": "m̥j", "w": "ʍ", "ɹ": "ʃ"}
# A letter that is a vowel by itself, as the vowel sign that it stands for.
_ALONE = {"ဣ": "ိ", "ဤ": "ီ", "၏": "ိ", "ဥ": "ု", "ဦ": "ူ", "ဧ": "ေ", "ဩ": "ော", "ဪ": "ော်"}
_FINALS = {
    "ကခဂဃ": "K", "စဆဇ": "C", "တထဒဓပဖဗဘဋဌဍ": "T", "င": "G", "ဉ": "Y", "ည": "Ñ", "နမဏံ": "N", "ယ": "J",
}  # fmt: skip
# Vowel signs and the class of the final: the rhyme and its tone where no mark says otherwise (+ low, ' high, ~ creaky).
_RHYMES = {
    "": "a~", "ာ": "a+", "ိ": "i~", "ီ": "i+", "ု": "u~", "ူ": "u+", "ေ": "e+", "ဲ": "ɛ'", "ော": "ɔ'", "ော်": "ɔ+",
    "ို": "o+", "K": "ɛʔ", "ောK": "aʊʔ", "ိုK": "aɪʔ", "ုK": "oʊʔ", "C": "ɪʔ", "T": "aʔ", "ိT": "eɪʔ", "ုT": "oʊʔ",
    "ွT": "ʊʔ", "G": "ɪɴ+", "ောG": "aʊɴ+", "ိုG": "aɪɴ+", "Y": "ɪɴ+", "ာY": "ɪɴ+", "Ñ": "i+", "N": "aɴ+", "ိN": "eɪɴ+",
    "ုN": "oʊɴ+", "ွN": "ʊɴ+", "J": "ɛ+",
}  # fmt: skip
_TONES = {"+": "\u0300", "'": "\u0301", "~": "\u0330"}
_LETTER = "[က-ဪဿ၏ɹð]"
_SYLLABLE = re.compile(
    f"(?P<onset>{_LETTER})(?P<medials>[ျြွှ]*)(?P<weak>ə?)(?P<vowel>[ာါိီုူေဲ]*(?<=[ာါ])်|[ာါိီုူေဲ]*)"
    "(?P<nasal>ံ?)(?P<mark>[့း]?)(?P<finals>(?:[က-ဪ]ှ?့?(?:်္|်|္)း?)*)"
)
_LATIN = {
    "aʊɴ": "aung", "aɪɴ": "aing", "eɪɴ": "ein", "oʊɴ": "on", "ʊɴ": "un", "ɪɴ": "in", "aɴ": "an", "aʊʔ": "auk",
    "aɪʔ": "aik", "eɪʔ": "eik", "oʊʔ": "ok", "ʊʔ": "ut", "ɪʔ": "it", "ɛʔ": "et", "aʔ": "at", "a": "a", "ə": "a",
    "e": "ay", "ɛ": "e", "i": "i", "o": "o", "ɔ": "aw", "u": "u", "tɕ": "ky", "tɕʰ": "ch", "dʑ": "gy", "kʰ": "hk",
    "pʰ": "hp", "sʰ": "hs", "tʰ": "ht", "θ": "th", "ð": "th", "ʃ": "sh", "ŋ": "ng", "ɲ": "ny", "ɹ": "r", "j": "y",
    "ɡ": "g", "ʍ": "hw", "m̥": "hm", "n̥": "hn", "l̥": "hl", "ŋ̊": "hng", "ɲ̊": "hny",
    **{sound: sound for sound in "bdhklmnpstwz"},
}  # fmt: skip


class _Syllable(NamedTuple):
    onset: str
    medials: str
    weak: str
    vowel: str
    nasal: str
    mark: str
    finals: str

    def said(self, last: bool) -> str:
        vowel = self.vowel.replace("ါ", "ာ")
        onset = _ONSETS.get(self.onset, "ʔ")
        if self.onset in _ALONE:
            vowel = _ALONE[self.onset] + vowel
        final = _final(self.nasal or self.finals[:1])
        rounded = "ွ" in self.medials or onset == "w"
        rhyme = "ွ" if rounded and not vowel and final in ("T", "N") else vowel
        glide = "w" if "ွ" in self.medials and rhyme == vowel else ""
        begun = self._begun(onset) + glide
        if self.weak or (not last and not (vowel or final or self.mark)):
            return begun + "ə"
        # A final that the vowel can't take is foreign: of those only s is heard.
        foreign = final if rhyme + final not in _RHYMES else ""
        heard = "s" if foreign == "C" or "စ်" in self.finals[2:] else ""
        return begun + self._toned(_RHYMES[rhyme if foreign else rhyme + final]) + heard

    def _begun(self, onset: str) -> str:
        if "ျ" in self.medials or "ြ" in self.medials:
            onset = _PALATAL.get(onset, onset + "j")
        return _BREATHED.get(onset, onset) if "ှ" in self.medials else onset

    def _toned(self, rhyme: str) -> str:
        if rhyme.endswith("ʔ"):
            return rhyme
        marks = self.mark + self.finals
        tone = "~" if "့" in marks else "'" if "း" in marks else rhyme[-1]
        return rhyme[0] + _TONES[tone] + rhyme[1:-1]


def _final(letter: str) -> str:
    return next((kind for letters, kind in _FINALS.items() if letter and letter in letters), "")


def _syllables(spelled: str) -> list[_Syllable]:
    found, at = [], 0
    while at < len(spelled):
        match = _SYLLABLE.match(spelled, at)
        if match is None:
            raise UnknownWord(f"the mini world can't read {spelled!r} in mya")
        found.append(_Syllable(*match.group("onset", "medials", "weak", "vowel", "nasal", "mark", "finals")))
        at = match.end()
    return found


class Burmese(Sound):
    """Rules from the script. The list respells in it: ə is a weak vowel, ð a voiced သ, ɹ the ရ of foreign words."""

    language = "mya"

    def sounds(self, word: str) -> str:
        return "".join(self._spoken(word))

    def latin(self, word: str) -> str:
        # The genitive is a letter of its own that Unicode counts among the marks.
        return "i" if word == "၏" else super().latin(word)

    def letters(self, word: str) -> str:
        toneless = {ord(tone): None for tone in _TONES.values()}
        return "".join(longest_first(syllable.translate(toneless), _LATIN) for syllable in self._spoken(word))

    def _spoken(self, word: str) -> list[str]:
        found = _syllables(readings(self.language).get(word, word))
        return [syllable.said(last=at == len(found) - 1) for at, syllable in enumerate(found)]


SOUND = Burmese

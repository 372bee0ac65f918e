"""Korean: Hangul to sounds as they meet within a word, and the Revised Romanisation."""

from __future__ import annotations

import re
from typing import ClassVar

from xlt_core.mini.sound.base import Sound, UnknownWord, readings

_ONSETS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_CODAS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
_TWO = {"ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ",
        "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ"}  # fmt: skip
_STRONG = {"ㄱ": "ㅋ", "ㄷ": "ㅌ", "ㅂ": "ㅍ", "ㅈ": "ㅊ"}
_TENSE = {"ㄱ": "ㄲ", "ㄷ": "ㄸ", "ㅂ": "ㅃ", "ㅅ": "ㅆ", "ㅈ": "ㅉ"}
_NASAL = {"ㄱ": "ㅇ", "ㄷ": "ㄴ", "ㅂ": "ㅁ"}
# The seven sounds that a syllable can end in.
_CLOSED = {"ㄲ": "ㄱ", "ㅋ": "ㄱ", "ㄳ": "ㄱ", "ㄺ": "ㄱ", "ㅅ": "ㄷ", "ㅆ": "ㄷ", "ㅈ": "ㄷ", "ㅊ": "ㄷ", "ㅌ": "ㄷ",
           "ㅎ": "ㄷ", "ㄵ": "ㄴ", "ㄶ": "ㄴ", "ㄼ": "ㄹ", "ㄽ": "ㄹ", "ㄾ": "ㄹ", "ㅀ": "ㄹ", "ㄻ": "ㅁ", "ㅍ": "ㅂ",
           "ㅄ": "ㅂ", "ㄿ": "ㅂ"}  # fmt: skip


def _each(letters: str, said: str) -> dict[str, str]:
    return dict(zip(letters, said.split(" "), strict=True))


_IPA_ONSETS = _each(_ONSETS, "k k͈ n t t͈ ɾ m p p͈ sʰ s͈  t͡ɕ t͡ɕ͈ t͡ɕʰ kʰ tʰ pʰ h")
_IPA_VOICED = {"ㄱ": "ɡ", "ㄷ": "d", "ㅂ": "b", "ㅈ": "d͡ʑ", "ㅎ": "ɦ"}
_IPA_VOWELS = _each(_VOWELS, "a̠ e̞ ja̠ je̞ ʌ̹ e̞ jʌ̹ je̞ o̞ wa̠ we̞ we̞ jo u wʌ̹ we̞ ɥi ju ɯ ɰi i")
_IPA_CODAS = {"": "", "ㄱ": "k̚", "ㄷ": "t̚", "ㅂ": "p̚", "ㄴ": "n", "ㅁ": "m", "ㅇ": "ŋ", "ㄹ": "ɭ"}
_BREATHS = {"u": ("ɸʷ", "β"), "w": ("ɸ", "β"), "o": ("ɸʷ", "β"), "ɯ": ("x", "ɣ"), "i": ("ç", "ʝ"), "j": ("ç", "ʝ"),
            "ɥ": ("ɸ", "ɦ")}  # fmt: skip
# What sounds of the palate and breaths make of the sounds beside them.
_TOUCHING = [
    (re.compile(found), made)
    for found, made in (
        ("(?<=[ɕʑʎʝç])([ʰ͈]?)j", r"\1"), ("nj", "ɲ"), ("n(?=t͡ɕ|d͡ʑ)", "ɲ"), ("ɭ(?=t͡ɕ|d͡ʑ|ʎ)", "ʎ"), ("ɭ(?=ɦ)", "ɾ"),
    )
]  # fmt: skip

_RR_ONSETS = _each(_ONSETS, "g kk n d tt r m b pp s ss  j jj ch k t p h")
_RR_VOWELS = _each(_VOWELS, "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")
_RR_CODAS = {"": "", "ㄱ": "k", "ㄷ": "t", "ㅂ": "p", "ㄴ": "n", "ㅁ": "m", "ㅇ": "ng", "ㄹ": "l"}

Syllable = tuple[str, str, str]


def _apart(hangul: str) -> list[Syllable]:
    found = []
    for sign in hangul:
        at = ord(sign) - ord("가")
        if not 0 <= at < 11172:
            raise UnknownWord(f"no Hangul: {sign!r} in {hangul!r}")
        found.append((_ONSETS[at // 588], _VOWELS[at // 28 % 21], _CODAS[at % 28]))
    return found


def _meet(coda: str, onset: str, vowel: str) -> tuple[str, str]:
    """What the end of a syllable and the beginning of the next make of each other: 읽+어 → 일+거."""
    two = _TWO.get(coda, "")
    first, last = two[:1], two[1:] or coda
    if onset == "ㅇ" and coda not in ("", "ㅇ"):
        if last == "ㅎ":
            return ("", first) if first else ("", "ㅇ")
        if vowel == "ㅣ" and last in "ㄷㅌ":
            last = "ㅈ" if last == "ㄷ" else "ㅊ"
        return first, last
    if last == "ㅎ" and onset in (*_STRONG, "ㅅ"):
        return first, _STRONG.get(onset, "ㅆ")
    closed = _CLOSED.get(coda, coda)
    if onset == "ㅎ" and (closed in _NASAL or last in _STRONG):
        return first, _STRONG.get(last, _STRONG[closed])
    return closed, onset


def _adapt(closed: str, onset: str) -> tuple[str, str]:
    """Nasals and ㄹ make the sound before them alike: 국+물 → 궁+물, 신+라 → 실+라."""
    if onset == "ㄹ" and closed in (*_NASAL, "ㅁ", "ㅇ"):
        onset = "ㄴ"
    if onset in ("ㄴ", "ㅁ"):
        closed = _NASAL.get(closed, closed)
    return ("ㄹ", "ㄹ") if {closed, onset} == {"ㄴ", "ㄹ"} else (closed, onset)


def spoken(hangul: str) -> list[Syllable]:
    """The syllables as they are said, tension apart: 작년 → 장년.

    >>> "".join(onset + vowel + coda for onset, vowel, coda in spoken("작년"))
    'ㅈㅏㅇㄴㅕㄴ'
    """
    done = _apart(hangul)
    for at in range(1, len(done)):
        (start, core, coda), (onset, vowel, end) = done[at - 1 : at + 1]
        coda, onset = _adapt(*_meet(coda, onset, vowel))
        done[at - 1 : at + 1] = [(start, core, coda), (onset, vowel, end)]
    start, core, coda = done[-1]
    return [*done[:-1], (start, core, _CLOSED.get(coda, coda))]


class Korean(Sound):
    """The list of readings gives Hangul: of digits and initials, and of words whose sounds spelling hides."""

    language = "kor"
    _foreign: ClassVar = re.compile(r"^[0-9A-Za-z]+")

    def hangul(self, word: str) -> str:
        """A word with all in Hangul, respelt where it isn't said as it is written: NASA를 → 나사를."""
        word = self._foreign.sub(lambda initials: self.reading(initials.group()), word)
        for written, said in readings(self.language).items():
            if word.startswith(written):
                return said + word[len(written) :]
        return word

    def sounds(self, word: str) -> str:
        ipa, before = "", ""
        hangul = self.hangul(word)
        for (onset, vowel, coda), (written, *_) in zip(spoken(hangul), _apart(hangul), strict=True):
            closed = before in _NASAL
            onset = _TENSE.get(onset, onset) if closed else onset
            core = _IPA_VOWELS["ㅣ" if vowel == "ㅢ" and written != "ㅇ" else vowel]
            start = self._onset(onset, core, voiced=bool(ipa) and not closed, after_l=before == "ㄹ")
            ipa, before = ipa + start + core + _IPA_CODAS[coda], coda
        for found, made in _TOUCHING:
            ipa = found.sub(made, ipa)
        return ipa

    def _onset(self, onset: str, core: str, voiced: bool, after_l: bool) -> str:
        soft = core[0] in "ijɥ"
        if onset == "ㄹ" and after_l:
            return "ʎ" if soft else "ɭ"
        if onset in "ㅅㅆ" and soft:
            return "ɕʰ" if onset == "ㅅ" else "ɕ͈"
        if onset == "ㅎ" and core[0] in _BREATHS:
            return _BREATHS[core[0]][voiced]
        if onset == "ㅋ" and core == "ɯ":
            return "kx"
        return _IPA_VOICED.get(onset, _IPA_ONSETS[onset]) if voiced else _IPA_ONSETS[onset]

    def letters(self, word: str) -> str:
        latin, before = "", ""
        for onset, vowel, coda in spoken(self.hangul(word)):
            start = "l" if onset == "ㄹ" and before == "ㄹ" else _RR_ONSETS[onset]
            latin += start + _RR_VOWELS[vowel] + _RR_CODAS[coda]
            before = coda
        return latin


SOUND = Korean

"""Khmer: the series of the consonants decides how a vowel sign is read; words that spelling alone does not tell
(inherent vowels within, Indic words, silent letters) are listed."""

from __future__ import annotations

import re

from xlt_core.mini.sound.base import Sound, UnknownWord, longest_first, readings

# Onset and series.
_CONSONANTS = {
    "ក": ("k", 0), "ខ": ("kʰ", 0), "គ": ("k", 1), "ឃ": ("kʰ", 1), "ង": ("ŋ", 1),
    "ច": ("c", 0), "ឆ": ("cʰ", 0), "ជ": ("c", 1), "ឈ": ("cʰ", 1), "ញ": ("ɲ", 1),
    "ដ": ("ɗ", 0), "ឋ": ("tʰ", 0), "ឌ": ("ɗ", 1), "ឍ": ("tʰ", 1), "ណ": ("n", 0),
    "ត": ("t", 0), "ថ": ("tʰ", 0), "ទ": ("t", 1), "ធ": ("tʰ", 1), "ន": ("n", 1),
    "ប": ("ɓ", 0), "ផ": ("pʰ", 0), "ព": ("p", 1), "ភ": ("pʰ", 1), "ម": ("m", 1),
    "យ": ("j", 1), "រ": ("r", 1), "ល": ("l", 1), "វ": ("ʋ", 1), "ស": ("s", 0), "ហ": ("h", 0), "ឡ": ("l", 0),
    "អ": ("ʔ", 0),
}  # fmt: skip
# Those of the second series: under or after another consonant they take its series.
_SONORANT = "ងញនមយរលវ"
_FINALS = {
    "k": "K", "kʰ": "K", "c": "c", "cʰ": "c", "ɗ": "t", "t": "t", "tʰ": "t", "ɓ": "p", "p": "p", "pʰ": "p", "s": "h",
    "ʋ": "w", "r": "", "ʔ": "",
}  # fmt: skip
_LOAN = {"ហ្គ": "ɡ", "ហ្វ": "f", "ហ្ស": "z"}
# Sign → first and second series; "-" is the inherent vowel, "x" marks a short one.
_VOWELS = {
    "-": ("ɑː", "ɔː"), "-x": ("ɑ", "ŭə"), "ា": ("aː", "iə"), "ាx": ("a", "ŏə"), "ិ": ("e", "ɨ"), "ី": ("əj", "iː"),
    "ឹ": ("ə", "ɨ"), "ឺ": ("əɨ", "ɨː"), "ុ": ("o", "u"), "ូ": ("ou", "uː"), "ួ": ("uə", "uə"), "ើ": ("aə", "əː"),
    "ឿ": ("ɨə", "ɨə"), "ៀ": ("iə", "iə"), "េ": ("eː", "eː"), "ែ": ("ae", "ɛː"), "ៃ": ("aj", "ɨj"),
    "ោ": ("ao", "oː"), "ៅ": ("aw", "ɨw"), "ំ": ("ɑm", "um"), "ុំ": ("om", "um"), "ាំ": ("am", "ŏəm"),
    "ះ": ("ah", "ĕəh"), "ិះ": ("eh", "ih"), "ុះ": ("oh", "uh"), "េះ": ("eh", "ih"), "ោះ": ("ɑh", "ŭəh"), "័": ("a", "ŏə"),
}  # fmt: skip
_CLUSTER = re.compile(r"([ក-អ](?:្[ក-អ])*)([៉៊]?)([ា-ៅំះ័]*)([់៍៌]?)")
_INDEPENDENT = {"ឥ": "អិ", "ឧ": "អ៊ុ", "ឯ": "អែ", "ឱ": "អោ", "ឲ": "អោ"}
_LATIN = {
    "kʰ": "kh", "K": "k", "c": "ch", "cʰ": "chh", "tʰ": "th", "pʰ": "ph", "ŋ": "ng", "ɲ": "nh", "ɗ": "d", "ɓ": "b",
    "ʋ": "v", "j": "y", "w": "v", "ʔ": "", "ɡ": "g", "z": "z", "ɑː": "a", "ɑ": "a", "ɔː": "o", "ɔ": "o", "aː": "a",
    "iə": "ea", "ɨə": "oea", "uə": "uo", "ŭə": "uo", "ŏə": "oa", "ĕə": "ea", "aə": "aeu", "ɛː": "e", "eː": "e",
    "ei": "e", "ɨ": "oe", "ɨː": "oe", "ə": "oe", "əː": "eu", "əɨ": "eu", "əj": "ei", "ɨj": "ey", "aj": "ai",
    "aw": "au", "ɨw": "ov", "iː": "i", "uː": "u", "ou": "o", "oː": "o",
    **{letter: letter for letter in "kptmnlrshfaeiou"},
}  # fmt: skip


class _Cluster:
    """Consonants written together with the signs about them."""

    def __init__(self, letters: str, shift: str, sign: str, mark: str) -> None:
        self.letters = letters
        self.shift, self.sign, self.short = shift, sign, mark == "់"

    @property
    def bare(self) -> bool:
        return not self.sign and not self.shift

    @property
    def loan(self) -> bool:
        return self.letters in _LOAN

    @property
    def parts_in_two(self) -> bool:
        """A nasal or a doubled consonant closes the syllable before; what is under it opens the next."""
        over, *under = self.letters.split("្")
        return bool(under) and (over in "ងញណនម" or over == under[0])

    def onset(self) -> str:
        if self.loan:
            return _LOAN[self.letters]
        said = [_CONSONANTS[letter][0] for letter in self.letters.split("្")]
        if said[0] == "ɓ" and len(said) > 1:
            said[0] = "p"
        if said[-1] == "ɓ" and self.shift == "៉":
            said[-1] = "p"
        if said[1:] == ["n"] and said[0] == "k":
            said[0] = "kʰ"
        return "".join(said)

    def series(self, before: int) -> int:
        if self.shift:
            return int(self.shift == "៊")
        if self.loan:
            return 0
        parts = self.letters.split("្")
        strong = [letter for letter in parts if letter not in _SONORANT]
        return _CONSONANTS[(strong or parts)[-1]][1] if strong or before < 0 else before


def _clusters(word: str) -> list[_Cluster]:
    spelled = "".join(_INDEPENDENT.get(letter, letter) for letter in word)
    found = list(_CLUSTER.finditer(spelled))
    if "".join(match.group() for match in found) != spelled:
        raise UnknownWord(f"{word!r} is no word in Khmer letters")
    # What stands under a toandakhiat or a robat is silent.
    return [_Cluster(*match.groups()) for match in found if match[4] not in ("៍", "៌")]


def _vowel(onset: _Cluster, series: int, short: bool, final: str, place: tuple[bool, bool]) -> str:
    """The vowel of a syllable; place: is it the first one, the last one of the word."""
    sign = onset.sign
    first, last = place
    if not sign or sign == "ា":
        sign = (sign or "-") + ("x" if final and short else "")
    if sign not in _VOWELS:
        raise UnknownWord(f"the sign {sign!r} has no reading in Khmer")
    vowel = _VOWELS[sign][series]
    if not final and sign in ("-", "ិ", "ុ", "េ"):
        if last:
            if sign in "-េ":
                return "ei" if sign == "េ" and first else vowel
            return vowel.replace("ɨ", "i") + "ʔ"
        return {"ɑː": "ɑ", "ɔː": "ɔ", "ɨ": "i"}.get(vowel, vowel)
    if sign == "ី" and (onset.loan or (not (first and last) and len(onset.letters) == 1)):
        # In a longer word a plain one is most often that of a name or a loan.
        return "iː"
    if sign == "ូ" and onset.loan:
        return "uː"
    # What the final does to the vowel.
    special = {
        ("ាx", "K", 1): "ĕə", ("ាx", "ŋ", 1): "ĕə", ("-x", "p", 1): "u", ("-x", "m", 1): "u",
        ("េ", "c", 1): "ɨ", ("េ", "ɲ", 1): "ɨ", ("េ", "ɲ", 0): "e", ("័", "j", 1): "ɨ", ("័", "", 0): "ŏə",
        ("ូ", "w", 0): "ə", ("ូ", "w", 1): "ɨ",
    }  # fmt: skip
    if sign == "ិ" and series == 0 and final:
        return "ə"
    return special.get((sign, final, series), vowel)


def _by_rule(word: str) -> str:
    clusters, said, at, series = _clusters(word), "", 0, -1
    while at < len(clusters):
        onset, first = clusters[at], at == 0
        series = onset.series(series)
        following = clusters[at + 1] if at + 1 < len(clusters) else None
        at += 1
        final, short = "", onset.sign == "័"
        if following and not onset.sign.endswith(("ំ", "ះ")):
            parts = following.letters.split("្")
            if following.bare and (len(parts) == 1 or at + 1 == len(clusters)):
                final, short = parts[0], short or following.short
                at += 1
            elif onset.sign in ("", "ា", "ិ", "ុ", "័") and following.parts_in_two:
                final, short = parts[0], short or not onset.sign
                following.letters = "្".join(parts[1:])
        heard = _CONSONANTS[final][0] if final else ""
        heard = _FINALS.get(heard, heard)
        # រ closes a syllable though it isn't heard.
        vowel = _vowel(onset, series, short, heard or final.replace("រ", ""), (first, at == len(clusters)))
        if final == "រ" and not onset.sign:
            vowel = _VOWELS["-"][series]
        said += onset.onset() + vowel + heard
        if onset.sign == "ាំ" and following and following.bare and following.letters == "ង":
            # ាំង is one sign, for a short vowel before ng.
            said = said.removesuffix("ŏəm").removesuffix("am") + ("a", "ĕə")[series] + "ŋ"
            at += 1
    return said


def _glottal(said: str) -> str:
    return re.sub(r"([aɑɔ]ː?|[ĕŭŏiuɨ]ə)K", r"\1ʔ", said)


class Khmer(Sound):
    """Readings are IPA, in which K is a k that is a glottal stop after open vowels."""

    language = "khm"

    def sounds(self, word: str) -> str:
        return _glottal(self._said(word)).replace("K", "k")

    def letters(self, word: str) -> str:
        return longest_first(self._said(word), _LATIN)

    def _said(self, word: str) -> str:
        return readings(self.language).get(word) or _by_rule(word)


SOUND = Khmer

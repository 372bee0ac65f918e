"""Japanese: kana to sounds and Hepburn; the list of readings gives the kana of what is written with kanji."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from xlt_core.mini.sound.base import Sound, UnknownWord, readings


class Mora(NamedTuple):
    """A mora in Hepburn; n alone is the nasal, q the first half of a long consonant, - a longer vowel."""

    onset: str
    vowel: str = ""


_ROWS = {
    "": "あいうえお", "k": "かきくけこ", "s": "さ すせそ", "t": "た  てと", "n": "なにぬねの", "h": "はひ へほ",
    "m": "まみむめも", "y": "や ゆ よ", "r": "らりるれろ", "w": "わゐ ゑ", "g": "がぎぐげご", "z": "ざ ずぜぞ",
    "d": "だ  でど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ", "sh": " し", "ch": " ち", "ts": "  つ", "f": "  ふ",
    "j": " じ", "v": "  ゔ",
}  # fmt: skip
_KANA = {kana: Mora(onset, "aiueo"[at]) for onset, row in _ROWS.items() for at, kana in enumerate(row) if kana != " "}
_KANA |= {"ぢ": Mora("j", "i"), "づ": Mora("z", "u"), "を": Mora("", "o")}
_HELD_NASAL, _HELD = Mora("n"), Mora("q")
_KANA |= {"ん": _HELD_NASAL, "っ": _HELD, "ー": Mora("-")}
_SMALL = {"ゃ": "ya", "ゅ": "yu", "ょ": "yo", "ぁ": "a", "ぃ": "i", "ぅ": "u", "ぇ": "e", "ぉ": "o"}

_CONSONANTS: Mapping[str, str] = {
    "sh": "ɕ", "ch": "t͡ɕ", "ts": "t͡s", "ny": "ɲ̟", "hy": "ç", "f": "ɸ", "y": "j", "r": "ɾ", "w": "ɰᵝ", "g": "ɡ",
    "j": "ʑ", "v": "b",
}  # fmt: skip
_SOFTENED = ("k", "g", "m", "r", "b", "p", "t", "d", "v")
_VOWELS = {"a": "a̠", "i": "i", "u": "ɯ̟ᵝ", "e": "e̞", "o": "o̞"}
_NASAL = {"a": "ã̠", "i": "ĩ", "u": "ɯ̟̃ᵝ", "e": "ẽ̞", "o": "õ̞"}
_AFTER_SIBILANTS = re.compile(r"(?<=[szɕʑʲ])ɯ̟")
# What the nasal becomes before a sound; before any other it only colours the vowel.
_NASALS = {"kʲ": "ŋʲ", "ɡʲ": "ŋʲ", "k": "ŋ", "ɡ": "ŋ", "p": "m", "b": "m", "m": "m", "t͡ɕ": "ɲ̟", "d͡ʑ": "ɲ̟",
           "ɲ": "ɲ̟", "t": "n", "d": "n", "n": "n", "ɾ": "n"}  # fmt: skip


def morae(kana: str) -> list[Mora]:
    """A word in kana mora by mora: "がっこう" → ga q ko u.

    >>> [onset + vowel for onset, vowel in morae("ジュネーブ")]
    ['ju', 'ne', '-', 'bu']
    """
    found: list[Mora] = []
    # Katakana stand in the same order as hiragana, 0x60 further on.
    for sign in (chr(ord(mark) - 0x60) if "ァ" <= mark <= "ヶ" else mark for mark in kana):
        if sign in _KANA:
            found.append(_KANA[sign])
            continue
        if sign not in _SMALL or not found:
            raise UnknownWord(f"no kana: {sign!r} in {kana!r}")
        small = _SMALL[sign]
        onset, vowel = found.pop()
        if not onset:
            onset = "w" if vowel == "u" else "y"
        elif small[0] == "y" and onset not in ("sh", "ch", "j"):
            onset += "y"
        found.append(Mora(onset, small[-1]))
    return found


def _long(before: str, mora: Mora, native: bool) -> bool:
    """Whether a mora only lengthens the vowel before; names in katakana write every long vowel with a dash."""
    if mora.onset or not native:
        return mora.onset == "-"
    return mora.vowel == before or before + mora.vowel in ("ou", "ei")


class Japanese(Sound):
    """The list of readings gives kana for whole words and, under one or more kanji, for the stems of others."""

    language = "jpn"
    _kana: ClassVar = re.compile("[ぁ-ゖァ-ヺー]+")

    def kana(self, word: str) -> str:
        """A word in kana: 買った → かった."""
        listed = readings(self.language)
        if word in listed:
            return listed[word]
        return re.sub("[^ぁ-ゖァ-ヺー]+", lambda run: self.reading(run.group()), word)

    def sounds(self, word: str) -> str:
        kana = self.kana(word)
        native = not "ァ" <= kana[0] <= "ヺ"
        spoken, vowel, held = "", "", ""
        for mora in morae(kana):
            if held != "n" and _long(vowel, mora, native):
                spoken += "ː"
                continue
            onset = self._onset(mora, first=not spoken or held == "n")
            if held == "n":
                spoken = self._nasal(spoken, vowel, onset)
            elif held == "q":
                # A hiss is held on, a stop is closed first.
                onset = f"{onset}ː" if onset[0] in "sɕɸ" and "͡" not in onset else f"{onset[0]}̚{onset}"
            held = mora.onset if not mora.vowel else ""
            if mora.vowel:
                spoken, vowel = spoken + onset + _VOWELS[mora.vowel], mora.vowel
        if held == "n":
            spoken = self._nasal(spoken, vowel, "")
        return re.sub(r"([nm])\1", r"\1ː", _AFTER_SIBILANTS.sub("ɨ", spoken))

    def _onset(self, mora: Mora, first: bool) -> str:
        onset, vowel = mora
        if first and onset in ("z", "j"):
            return {"z": "d͡z", "j": "d͡ʑ"}[onset]
        soft = vowel == "i" or (onset.endswith("y") and onset != "y")
        if soft and onset[:1] in ("n", "h"):
            return {"n": "ɲ̟", "h": "ç"}[onset[0]]
        plain = onset[:-1] if len(onset) == 2 and onset[1] == "y" else onset
        return _CONSONANTS.get(plain, plain) + ("ʲ" if soft and plain in _SOFTENED else "")

    def _nasal(self, spoken: str, vowel: str, onset: str) -> str:
        """The vowel through the nose and the nasal as the next sound shapes it."""
        stem = spoken.removesuffix(_VOWELS[vowel])
        if stem != spoken:
            spoken = stem + _NASAL[vowel]
        if not onset:
            return spoken + "ɴ"
        fitting = next((nasal for sound, nasal in _NASALS.items() if onset.startswith(sound)), "ɰ̃")
        return spoken + fitting

    def letters(self, word: str) -> str:
        """Hepburn without the bars of long vowels: Tōkyō is Tokyo, as in passports."""
        kana = self.kana(word)
        native = not "ァ" <= kana[0] <= "ヺ"
        latin, before = "", Mora("")
        for mora in morae(kana):
            if mora.onset == "-" or (native and not mora.onset and before.vowel + mora.vowel in ("ou", "oo", "uu")):
                continue
            if before == _HELD_NASAL and (not mora.onset or mora.onset[0] == "y"):
                latin += "'"
            elif before == _HELD:
                latin += "t" if mora.onset == "ch" else mora.onset[:1]
            latin += mora.onset + mora.vowel if mora != _HELD else ""
            before = mora
        return latin


SOUND = Japanese

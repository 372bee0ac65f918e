"""Hindi: Devanagari tells the sounds, but for the inherent vowels that are silent."""

from __future__ import annotations

import unicodedata

from xlt_core.mini.sound.base import Sound, UnknownWord, readings

# Letter → IPA, Latin.
_CONSONANTS = {
    "क": ("k", "k"), "ख": ("kʰ", "kh"), "ग": ("ɡ", "g"), "घ": ("ɡʱ", "gh"), "ङ": ("ŋ", "n"),
    "च": ("t͡ʃ", "ch"), "छ": ("t͡ʃʰ", "chh"), "ज": ("d͡ʒ", "j"), "झ": ("d͡ʒʱ", "jh"), "ञ": ("n", "n"),
    "ट": ("ʈ", "t"), "ठ": ("ʈʰ", "th"), "ड": ("ɖ", "d"), "ढ": ("ɖʱ", "dh"), "ण": ("ɳ", "n"),
    "त": ("t̪", "t"), "थ": ("t̪ʰ", "th"), "द": ("d̪", "d"), "ध": ("d̪ʱ", "dh"), "न": ("n", "n"),
    "प": ("p", "p"), "फ": ("pʰ", "ph"), "ब": ("b", "b"), "भ": ("bʱ", "bh"), "म": ("m", "m"),
    "य": ("j", "y"), "र": ("ɾ", "r"), "ल": ("l", "l"), "व": ("ʋ", "v"), "श": ("ʃ", "sh"), "ष": ("ʂ", "sh"),
    "स": ("s", "s"), "ह": ("ɦ", "h"), "ड़": ("ɽ", "r"), "ढ़": ("ɽʱ", "rh"), "ज़": ("z", "z"), "फ़": ("f", "f"),
}  # fmt: skip
_VOWELS = {
    "अ": ("ə", "a"), "आ": ("ɑː", "a"), "इ": ("ɪ", "i"), "ई": ("iː", "i"), "उ": ("ʊ", "u"), "ऊ": ("uː", "u"),
    "ए": ("eː", "e"), "ऐ": ("ɛː", "ai"), "ओ": ("oː", "o"), "औ": ("ɔː", "au"), "ऑ": ("ɔː", "o"), "ऋ": ("ɾɪ", "ri"),
}  # fmt: skip
_SIGNS = dict(zip("ािीुूेैोौॉृ", "आइईउऊएऐओऔऑऋ", strict=True))
_VIRAMA, _NASALS, _NUQTA = "्", "ंँ", "़"
_SCHWA = "अ"
_CLASSES = (("कखगघ", "ङ"), ("चछजझ", "ञ"), ("टठडढ", "ण"), ("तथदधन", "न"), ("पफबभमव", "म"))


def _letters_of(word: str) -> list[str]:
    """Consonants, vowels (the inherent one as अ) and nasals, each one item."""
    items: list[str] = []
    for mark in unicodedata.normalize("NFD", word):
        if mark == _NUQTA:
            # The inherent vowel of the consonant already stands after it.
            items[-2] += mark
        elif mark == _VIRAMA:
            items.pop()
        elif mark in _SIGNS:
            items[-1] = _SIGNS[mark]
        elif mark in _CONSONANTS:
            items += [mark, _SCHWA]
        elif mark in _VOWELS or mark in _NASALS:
            items.append(mark)
        else:
            raise UnknownWord(f"{mark!r} in {word!r} is no letter of Hindi")
    return items


def _with_nasals(items: list[str]) -> list[str]:
    """A nasal sign as the consonant that the next one asks for; it stays where it nasalises the vowel."""
    done: list[str] = []
    for at, item in enumerate(items):
        following = items[at + 1] if at + 1 < len(items) else ""
        if item in _NASALS and following in _CONSONANTS:
            done.append(next((nasal for group, nasal in _CLASSES if following[0] in group), "न"))
        else:
            done.append(item)
    return done


def _without_silent(items: list[str]) -> list[str]:
    """Leave out the inherent vowels that are not heard: the last, then from the right each in V C _ C V."""
    kept = list(items)
    # A last one is heard after a cluster with य or व (विश्व).
    if kept[-1] == _SCHWA and len(kept) > 2 and not (kept[-2] in "यव" and kept[-3] in _CONSONANTS):
        kept.pop()
    at = len(kept) - 3
    while at > 1:
        around = [item in _CONSONANTS for item in kept[at - 2 : at + 3]]
        if kept[at] == _SCHWA and around == [False, True, False, True, False]:
            del kept[at]
        at -= 1
    return kept


class Hindi(Sound):
    """Readings are Devanagari in which a virama marks every inherent vowel that is silent."""

    language = "hin"

    def sounds(self, word: str) -> str:
        spoken = "".join(self._said(part, 0) for part in word.split("-"))
        return spoken.replace("ːँ", "̃ː").replace("ːं", "̃ː").replace("ँ", "̃").replace("ं", "̃")

    def letters(self, word: str) -> str:
        latin = "-".join(self._said(part, 1) for part in word.split("-"))
        return latin.replace("ँ", "n").replace("ं", "n")

    def _said(self, word: str, column: int) -> str:
        listed = readings(self.language).get(word)
        items = _with_nasals(_letters_of(listed or word))
        if not listed:
            items = _without_silent(items)
        if column == 0 and items[-1] in ("इ", "उ"):
            # A last short vowel is said long (रवि).
            items[-1] = {"इ": "ई", "उ": "ऊ"}[items[-1]]
        table = _CONSONANTS | _VOWELS
        return "".join(table[item][column] if item in table else item for item in items)


SOUND = Hindi

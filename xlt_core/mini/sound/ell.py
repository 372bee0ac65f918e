"""How Greek sounds and how it is romanised (as ELOT 743 does, without marks)."""

from __future__ import annotations

import re
import unicodedata

from xlt_core.mini.sound.base import Sound, UnknownWord, longest_first, readings

_VOICELESS = "θκξπστφχψ"
_VOWELS = {
    **dict.fromkeys("αά", "a"), **dict.fromkeys("εέ", "e"), **dict.fromkeys("οόωώ", "o"),
    **dict.fromkeys("ηήιίϊΐυύϋΰ", "i"), "αι": "e", "αί": "e", "ου": "u", "ού": "u",
    **dict.fromkeys(("ει", "εί", "οι", "οί", "υι", "υί"), "i"),
}  # fmt: skip
_SOUNDS = _VOWELS | {
    "β": "v", "γ": "ɣ", "δ": "ð", "ζ": "z", "θ": "θ", "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "ks", "π": "p",
    "ρ": "ɾ", "σ": "s", "τ": "t", "φ": "f", "χ": "x", "ψ": "ps", "γγ": "ŋɡ", "γκ": "ŋɡ", "νγκ": "ŋɡ", "γχ": "ŋx",
    "γξ": "ŋks", "μπ": "mb", "ντ": "nd", "τζ": "dz", "ντζ": "ndz", "b": "b", "d": "d", "g": "ɡ", "j": "j",
}  # fmt: skip
_LATIN = {
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l",
    "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch",
    "ψ": "ps", "ω": "o", "ου": "ou", "γγ": "ng", "γξ": "nx", "γχ": "nch", "-": "-",
}  # fmt: skip
_PALATAL = {"k": "c", "ɡ": "ɟ", "x": "ç", "ɣ": "ʝ"}
_STOPS = {"μπ": "b", "ντ": "d", "γκ": "g"}
# A glide after a consonant: one sound with it, or the fricative of its voice.
_GLIDES = {"l": "ʎ", "n": "ɲ", "m": "mɲ", "c": "c", "ɟ": "ɟ", "ç": "ç", "ʝ": "ʝ"}


class Greek(Sound):
    """By rule from the spelling. Read from the list: digits, firms written in Latin letters, unstressed ι that is
    a glide (παλιός), and names whose μπ, ντ, γκ are plain stops. Its readings are Greek letters with j for the
    glide and b, d, g for plain stops."""

    language = "ell"

    def sounds(self, word: str) -> str:
        listed = readings(self.language)
        text = (listed.get(word) or listed.get(word.lower()) or word).lower().replace("ς", "σ").replace("-", "")
        if not re.fullmatch(r"[Ͱ-Ͽbdgj]+", unicodedata.normalize("NFC", text)):
            raise UnknownWord(f"the mini world has no reading of {word!r} in {self.language}")
        text = _second_half(text, "β", "φ")
        # At the edges of a word and after a consonant the pairs are stops without a nasal: ντουλάπα, Τζόρνταν.
        text = re.sub(r"(^|(?<=[βγδζθκλξπρστφχψ]))(μπ|ντ|γκ)", lambda pair: _STOPS[pair[2]], text)
        text = re.sub(r"(?<=[αεηιουωάέήίόύώϊϋ])ντ$", "d", text)
        text = re.sub(r"(?<=[γg])(ι|υ|ει)(?=[αεηοωάέήόώ]|[υ]|ου|ού)", "j", text)
        spoken = re.sub(r"([^aeiou])\1", r"\1", longest_first(text, _SOUNDS))
        spoken = re.sub(r"[kɡxɣ](?=[eij])", lambda sound: _PALATAL[sound[0]], spoken)
        spoken = re.sub(r"(.)j", _glide, spoken)
        spoken = re.sub(r"s(?=[vɣðzmnɾbdɡʝɟ])", "z", spoken)
        spoken = re.sub(r"[mn](?=[fv])", "ɱ", spoken)
        return re.sub(r"n(?=[kcɡɟxç])", "ŋ", spoken)

    def letters(self, word: str) -> str:
        if word.isascii():
            return word
        text = _second_half(word.lower().replace("ς", "σ"), "v", "f")
        plain = "".join(mark for mark in unicodedata.normalize("NFD", text) if not unicodedata.combining(mark))
        plain = re.sub(r"^μπ|μπ$", "b", plain)
        latin = longest_first(plain, _LATIN | {letter: letter for letter in "bvf"})
        if word.isupper() and len(word) > 1:
            return latin.upper()
        return latin[0].upper() + latin[1:] if word[0].isupper() else latin


def _second_half(text: str, voiced: str, voiceless: str) -> str:
    """αυ, ευ, ηυ: their υ is a consonant, in the voice of what follows."""
    text = re.sub(rf"(?<=[αεη])[υύ](?=[{_VOICELESS}]|$)", voiceless, text)
    return re.sub(r"(?<=[αεη])[υύ]", voiced, text)


def _glide(pair: re.Match[str]) -> str:
    before = pair[1]
    return _GLIDES.get(before) or before + ("ç" if before in "ptfθs" else "ʝ")


SOUND = Greek

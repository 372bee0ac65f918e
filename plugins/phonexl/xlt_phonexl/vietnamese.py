"""Vietnamese words by Epitran's rules, and their tones by their diacritics."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from xlt_core.rewriting.epitran import Rules
from xlt_core.rewriting.tool import Form, Tool
from xlt_core.rewriting.words import edges

TONES = {
    "\u0300": "˨˩", "\u0301": "˧˥", "\u0309": "˧˩˧", "\u0303": "˧ˀ˥", "\u0323": "˨˩ˀ",
}  # fmt: skip
LEVEL = "˧"
_VOWEL = "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
_CONSONANTS = "bcdđghklmnpqrstvxBCDĐGHKLMNPQRSTVX"
_SYLLABLE = re.compile(
    f"[{_CONSONANTS}]*(?:(?<=[gG])[iI](?=[{_VOWEL}])|(?<=[qQ])[uU](?=[{_VOWEL}]))?[{_VOWEL}]+"
    f"(?:(?:[nN][gGhH]|[cC][hH]|[cmnptCMNPT])(?![{_VOWEL}]))?"
)
"""Consonants between two vowels begin the later syllable, as far as spelling lets them."""


class Untoned(Tool):
    """Epitran's rules without the glottal stop before vowels, as released."""

    name = "epitran"

    def __init__(self) -> None:
        self.rules = Rules("vie-Latn")

    def forms(self, words: Sequence[str]) -> list[Form | None]:
        forms = self.rules.forms(words)
        return [form and form._replace(text=form.text.replace("ʔ", "")) for form in forms]


class Toned(Tool):
    """Each syllable by Epitran's rules with its tone behind it, as its diacritic says."""

    name = "epitran"

    def __init__(self, glottal: bool) -> None:
        self.rules: Tool = Rules("vie-Latn") if glottal else Untoned()

    def forms(self, words: Sequence[str]) -> list[Form | None]:
        return [self._form(word) for word in words]

    def _form(self, word: str) -> Form | None:
        before, core, after = edges(word)
        bare, tones = parted(core)
        found = list(_SYLLABLE.finditer(bare))
        if not found or "".join(match[0] for match in found) != bare.replace(" ", "").replace("-", ""):
            return None
        said = []
        for match, form in zip(found, self.rules.forms([match[0] for match in found]), strict=True):
            if form is None or not form.whole:
                return None
            tone = next((tones[at] for at in range(*match.span()) if at in tones), LEVEL)
            said.append(form.text + tone + (" " if bare[match.end() : match.end() + 1] == " " else ""))
        return Form(before + "".join(said).strip() + after, self.name)


def parted(word: str) -> tuple[str, dict[int, str]]:
    """A word without its tones, and the tone of each letter that bears one.

    >>> parted("Cầu")
    ('Câu', {1: '˨˩'})
    """
    bare: list[str] = []
    tones: dict[int, str] = {}
    for sign in unicodedata.normalize("NFC", word):
        marks = unicodedata.normalize("NFD", sign)
        tone = next((mark for mark in marks if mark in TONES), "")
        if tone:
            tones[len(bare)] = TONES[tone]
        bare.append(unicodedata.normalize("NFC", marks.replace(tone, "")) if tone else sign)
    return "".join(bare), tones

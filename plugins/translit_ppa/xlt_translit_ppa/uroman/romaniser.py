"""Lines to Latin letters: each distinct word between its borders is looked up, and the rest is cut into pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlt_translit_ppa.uroman.package import RELEASE
from xlt_translit_ppa.uroman.pieces import KEPT, KEPT_LENGTH, Pieces, Uncut


@dataclass(frozen=True, slots=True)
class Failure:
    """A part of a line on which Uroman fails, so that it was romanised in smaller parts."""

    line: str
    part: str
    error: str


class _Words(dict[str, str]):
    """Words between two borders, each a space or an end of the line; a space on the right is part of the value."""

    def __init__(self, pieces: Pieces, left: str, right: str) -> None:
        self.pieces, self.left, self.right = pieces, left, right

    def __missing__(self, word: str) -> str:
        text = f"{self.left}{word}{self.right}"
        latin = self.pieces.romanise(text, len(self.left), len(self.right)) + self.right if word else self.right
        if len(word) <= KEPT_LENGTH and not self.pieces.failed:
            if len(self) >= KEPT:
                self.clear()
            self[word] = latin
        return latin


class Romaniser:
    """Uroman's whole-line result for each line, as `Uroman().romanize_string(line, language_code)` gives it.

    Give it whole lines: what stands beside a word can change it. Lines are independent of each other.

    >>> Romaniser()(["Բարեւ", "서울 2024"])
    ['Barew', 'seoul 2024']
    """

    def __init__(self, language_code: str | None = None) -> None:
        self.language_code = language_code
        self.failures: list[Failure] = []
        self._pieces = Pieces(language_code)
        self._only = _Words(self._pieces, "", "")
        self._first = _Words(self._pieces, "", " ")
        self._inner = _Words(self._pieces, " ", " ")
        self._last = _Words(self._pieces, " ", "")

    @property
    def version(self) -> str:
        """What made the result: the tool, its release and what it was told."""
        return f"uroman {RELEASE}, language code {self.language_code or 'none'}"

    def __reduce__(self) -> tuple[type[Romaniser], tuple[str | None]]:
        return Romaniser, (self.language_code,)

    def __call__(self, texts: Sequence[str]) -> list[str]:
        return [self._line(text) for text in texts]

    def _line(self, text: str) -> str:
        try:
            latin = self._word_by_word(text)
        except Uncut:
            self._pieces.failed.clear()
            latin = self._pieces.romanise(text)
        if self._pieces.failed:
            self.failures += (Failure(text, *failed) for failed in self._pieces.failed)
            self._pieces.failed.clear()
        return latin

    def _word_by_word(self, text: str) -> str:
        words = text.split(" ")
        if len(words) == 1:
            return self._only[text]
        first, last = self._first[words[0]], self._last[words[-1]]
        return "".join((first, *map(self._inner.__getitem__, words[1:-1]), last))

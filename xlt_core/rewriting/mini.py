"""The mini world's own words as they sound and in Latin letters; of other text it knows nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

from xlt_core.errors import Problem, RunError
from xlt_core.mini import UNSEEN
from xlt_core.mini.borrowing import latin as latin_letters
from xlt_core.mini.borrowing import written
from xlt_core.mini.meaning import meanings
from xlt_core.mini.sound import sound_of
from xlt_core.mini.sound.base import MARKS, UnknownWord
from xlt_core.mini.world import say
from xlt_core.rewriting.tool import Form, Tool
from xlt_core.slots.rewriting import MiniIpa, MiniLatin

KNOWN = 2000
"""Sentences of its texts and of its pairs whose words are known without spaces between them."""


def ipa(options: MiniIpa, language: str, files: Mapping[str, Path]) -> Tool:
    """The work of the rewriter `mini_ipa`: every word as it sounds."""
    return Mini("mini_ipa", language, sound_of(language).ipa, sound_of("eng").ipa)


def latin(options: MiniLatin, language: str, files: Mapping[str, Path]) -> Tool:
    """The work of the rewriter `mini_latin`: every word in Latin letters."""
    return Mini("mini_latin", language, sound_of(language).latin, sound_of("eng").latin)


class Mini(Tool):
    """One word after the other; running text is cut to the words that its sentences were made of."""

    unit = "line"
    slow = False

    def __init__(self, name: str, language: str, rewrite: Callable[[str], str], borrowed: Callable[[str], str]) -> None:
        self.name, self.language, self.rewrite, self.borrowed = name, language, rewrite, borrowed

    def forms(self, words: Sequence[str]) -> list[Form | None]:
        return [Form(self._of(word), self.name) for word in words]

    def lines(self, lines: Sequence[str]) -> list[Form | None]:
        return [Form(" ".join(self._of(word) for word in words_of(line, self.language)), self.name) for line in lines]

    def _of(self, word: str) -> str:
        try:
            return (self.borrowed if self.language in UNSEEN and latin_letters(word) else self.rewrite)(word)
        except UnknownWord as error:
            problem = Problem(str(error), self.name, "--data mini, or a rewriter for any text: xlt list rewriting")
            raise RunError("The mini world can't rewrite this.", [problem]) from None


def words_of(text: str, language: str) -> Iterator[str]:
    """The words of running text of the mini world: its sentences are known, and so are its words between spaces."""
    known = _known(language)
    if text in known:
        yield from known[text]
        return
    for chunk in text.split():
        if chunk in known:
            yield from known[chunk]
            continue
        word = chunk.rstrip("".join(MARKS))
        stem, owned, end = word.partition("'s") if language == "eng" and word.endswith("'s") else (word, "", "")
        yield from (part for part in (stem, owned, end, *chunk[len(word) :]) if part)


@cache
def _known(language: str) -> Mapping[str, tuple[str, ...]]:
    texts, pairs = list(islice(meanings("text"), KNOWN)), islice(meanings("dev", seed=1), KNOWN)
    rows = (say(meaning, language) for meaning in (*texts, *pairs))
    return {**{row.text: row.words for row in rows}, **dict(written(meaning, language) for meaning in texts)}

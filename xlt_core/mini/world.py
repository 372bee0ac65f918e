"""Labelled sentences of the mini world: the same meanings in every language, from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import islice

from xlt_core.mini.grammar.base import Grammar
from xlt_core.mini.grammar.eng import English
from xlt_core.mini.grammar.rus import Russian
from xlt_core.mini.grammar.swh import Swahili
from xlt_core.mini.grammar.tur import Turkish
from xlt_core.mini.grammar.vie import Vietnamese
from xlt_core.mini.grammar.zho import Chinese
from xlt_core.mini.meaning import Split, meanings

_GRAMMARS: tuple[type[Grammar], ...] = (English, Chinese, Vietnamese, Turkish, Swahili, Russian)

LANGUAGES: tuple[str, ...] = tuple(grammar.language for grammar in _GRAMMARS)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with gold labels; its id is that of its meaning, the same in every language."""

    id: str
    words: tuple[str, ...]
    ner: tuple[str, ...]
    upos: tuple[str, ...]
    text: str


@cache
def _grammar(language: str) -> Grammar:
    for grammar in _GRAMMARS:
        if grammar.language == language:
            return grammar()
    raise ValueError(f"the mini world has no language {language!r}; it has {', '.join(LANGUAGES)}")


def sentences(language: str, split: Split, count: int, seed: int = 0) -> list[Sentence]:
    """The first `count` sentences of a split; row n is the same meaning in every language."""
    grammar = _grammar(language)
    if split not in ("train", "dev", "test", "text"):
        raise ValueError(f"no split {split!r}: train, dev, test or text")
    found = []
    for meaning in islice(meanings(split, seed), count):
        said = grammar.sentence(meaning)
        forms = [word.form for word in said]
        found.append(
            Sentence(
                id=meaning.id,
                words=tuple(forms),
                ner=tuple(word.ner for word in said),
                upos=tuple(word.upos for word in said),
                text=grammar.text(forms),
            )
        )
    if len(found) < count:
        raise ValueError(f"split {split!r} has no {count} meanings")
    return found

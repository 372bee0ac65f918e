"""Labelled sentences of the mini world: the same meanings in every language, from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import islice

from xlt_core.mini import LANGUAGES
from xlt_core.mini.grammar.base import Grammar
from xlt_core.mini.meaning import Meaning, Split, meanings
from xlt_core.mini.said import Labels, labels

SPLITS: tuple[Split, ...] = ("train", "dev", "test", "text")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with gold labels; its id is that of its meaning, the same in every language."""

    id: str
    words: tuple[str, ...]
    ner: tuple[str, ...]
    upos: tuple[str, ...]
    text: str
    of: tuple[str, ...]
    """What each word says: "thing/noun.book", "thing/" where it only marks the slot, "+CCONJ" in the pattern."""
    labels: Labels
    """The labels that follow from the meaning: topic, aspects, predicate and roles."""


@cache
def grammar_of(language: str) -> Grammar:
    if language not in LANGUAGES:
        raise ValueError(f"the mini world has no language {language!r}; it has {', '.join(LANGUAGES)}")
    module = import_module(f"xlt_core.mini.grammar.{language}")
    grammar: Grammar = module.GRAMMAR()
    return grammar


def say(meaning: Meaning, language: str) -> Sentence:
    """One meaning in one language."""
    grammar = grammar_of(language)
    said = grammar.sentence(meaning)
    forms = [word.form for word in said]
    return Sentence(
        id=meaning.id,
        words=tuple(forms),
        ner=tuple(word.ner for word in said),
        upos=tuple(word.upos for word in said),
        text=grammar.text(forms),
        of=tuple(word.of for word in said),
        labels=labels(meaning, said, grammar.head_last),
    )


def sentences(language: str, split: Split, count: int, seed: int = 0) -> list[Sentence]:
    """The first `count` sentences of a split; row n is the same meaning in every language."""
    if split not in SPLITS:
        raise ValueError(f"no split {split!r}: train, dev, test or text")
    grammar_of(language)
    found = [say(meaning, language) for meaning in islice(meanings(split, seed), count)]
    if len(found) < count:
        raise ValueError(f"split {split!r} has no {count} meanings")
    return found

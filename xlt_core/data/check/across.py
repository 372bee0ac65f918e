"""What is seen only between files: sentences that leak between splits, labels that some languages lack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xlt_core.data.check.corpus import Corpus, File, Sentence
from xlt_core.data.check.findings import Found, Level
from xlt_core.data.check.scripts import chinese
from xlt_core.languages import language

MISSED = 20
"""How often a label must be due in a language, at its rate in the others, for its absence to be told."""
HELD_OUT = {"dev": 1, "test": 2}
"""Splits that one scores on: what stands in the second may not be in the first, nor in training data."""


@dataclass(frozen=True, slots=True)
class Held:
    """A file with its sentences by what they are made of, and whose it is."""

    corpus: str
    file: File
    essences: Mapping[str, Sequence[Sentence]]

    @property
    def rank(self) -> int:
        return HELD_OUT.get(self.file.split, 0)


@dataclass(frozen=True, slots=True)
class Leak:
    """Distinct sentences of a held-out file that another file has, too."""

    test: Held
    train: Held
    shared: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.shared)

    def found(self) -> Found:
        one, two = (held.essences[self.shared[0]][0].line for held in (self.test, self.train))
        split = self.test.file.split
        level: Level = "error" if split == "test" and self.test.corpus == self.train.corpus else "warning"
        what = (
            f"{self.count:,} of {len(self.test.essences):,} distinct {split} sentences also stand in "
            f"{self.train.file.path}; this one is on its line {two}"
        )
        name = self.train.file.split or "text"
        fix = f"score on the others, or take them out of {name}"
        return Found("leakage", level, self.test.file.path, one, what, fix)


def leaks(held: Sequence[Held]) -> Iterator[Leak]:
    """Sentences of dev and test data that stand in data of the same language which one may train or select on."""
    for test in held:
        for train in held:
            if train.rank >= test.rank or _family(train.file) != _family(test.file):
                continue
            shared = tuple(bare for bare in test.essences if bare in train.essences)
            if shared:
                yield Leak(test, train, shared)


def _family(file: File) -> str:
    own = language(file.language)
    return own.macro or own.code


def untranslated(held: Sequence[Held]) -> Iterator[Found]:
    """Sentences that two languages' files of one set and split share: in one of them they are in the wrong language."""
    for place, one in enumerate(held):
        for two in held[place + 1 :]:
            same = (one.corpus, one.file.split) == (two.corpus, two.file.split)
            if not same or _family(one.file) == _family(two.file):
                continue
            shared = [bare for bare in one.essences if bare in two.essences]
            if shared:
                here, there = (own.essences[shared[0]][0].line for own in (one, two))
                what = f"sentences that {two.file.path} has, too: {len(shared):,}; this one is on its line {there}"
                yield Found("language", "warning", one.file.path, here, what, "one of the two isn't in its language")


def labels(corpus: Corpus) -> Iterator[Found]:
    """Labels that a language never has, though at their rate in the others it would."""
    counts: dict[str, Counter[str]] = {}
    files: dict[str, File] = {}
    for file in corpus.files:
        if file.kind == "labels":
            own = counts.setdefault(file.language, Counter())
            files.setdefault(file.language, file)
            for one in file.sentences:
                own.update(tag[2:] if tag[:2] in ("B-", "I-") else tag for tag in one.tags)
    whole = sum(counts.values(), Counter[str]())
    for label in sorted(whole):
        for code, own in counts.items():
            others = whole.total() - own.total()
            if own[label] == 0 and others and whole[label] / others * own.total() >= MISSED:
                have = ", ".join(sorted(other for other in counts if counts[other][label]))
                what = f"no `{label}` in {code}; it is in {have}"
                yield Found("labels", "warning", files[code].path, 0, what)


def simplified(corpus: Corpus) -> Iterator[Found]:
    """Chinese files of one set, some in simplified and some in traditional characters."""
    kinds: dict[str, File] = {}
    for file in corpus.files:
        if language(file.language).script not in ("Hans", "Hant"):
            continue
        kind = chinese(Counter(sign for one in file.sentences for word in one.words for sign in word))
        if kind:
            kinds.setdefault(kind, file)
    if len(kinds) == 2:
        one, two = kinds["Hant"], kinds["Hans"]
        what = f"this is in traditional characters, and {two.path} in simplified ones"
        yield Found("script", "warning", one.path, 0, what, "train and score on one of them")

"""Translations of the mini world with gold word links, and with noise of known kind and rate where asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from random import Random

from xlt_core.mini.lexicon import concepts, entries
from xlt_core.mini.links import Link, links
from xlt_core.mini.meaning import Meaning, Split, meanings
from xlt_core.mini.world import SPLITS, Sentence, say

_FARTHEST = 4
"""How far a moved word goes."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Shares of words that a translation loses, moves or gets wrong, and of links that an aligner misses.

    >>> Noise(dropped=0.05, missing=0.1)
    Noise(dropped=0.05, moved=0.0, wrong=0.0, missing=0.1)
    """

    dropped: float = 0.0
    moved: float = 0.0
    wrong: float = 0.0
    missing: float = 0.0


@dataclass(frozen=True, slots=True)
class Translation:
    """A translation as it came out; `came_from` names the word of the faultless one behind each word."""

    words: tuple[str, ...]
    came_from: tuple[int, ...]
    faults: tuple[str, ...]
    """What was done to it: "dropped 3", "wrong 5", "moved 2" (places in the faultless translation)."""


def meaning_of(ident: str) -> Meaning:
    """The meaning behind the id of a sentence among the first 4,000 of a split; `KeyError` where there is none."""
    for reach in (1_000, 4_000):
        if ident in _index(reach):
            return _index(reach)[ident]
    raise KeyError(ident)


@cache
def _index(reach: int) -> Mapping[str, Meaning]:
    return {meaning.id: meaning for split in SPLITS for meaning in islice(meanings(split), reach)}


def translate(meaning: Meaning, source: str, target: str, noise: Noise = Noise(), seed: int = 0) -> Translation:
    """A sentence of the source language in the target language, with its faults."""
    faultless = say(meaning, target)
    rng = Random(f"noise {meaning.id} {source} {target} {seed}")
    kept: list[tuple[str, int]] = []
    faults: list[str] = []
    for at, (word, upos) in enumerate(zip(faultless.words, faultless.upos, strict=True)):
        # One draw a word and a kind, whatever the rates: a higher rate adds faults and takes none away.
        dropped, wrong = rng.random() < noise.dropped, rng.random() < noise.wrong
        pick = rng.random()
        if upos == "PUNCT":
            kept.append((word, at))
        elif dropped:
            faults.append(f"dropped {at}")
        elif wrong:
            others = [other for other in _words_like(target, upos) if other != word]
            kept.append((others[int(pick * len(others))] if others else word, at))
            faults.append(f"wrong {at}")
        else:
            kept.append((word, at))
    _move(kept, faultless, rng, noise.moved, faults)
    return Translation(tuple(word for word, _ in kept), tuple(at for _, at in kept), tuple(faults))


def _move(kept: list[tuple[str, int]], faultless: Sentence, rng: Random, rate: float, faults: list[str]) -> None:
    for at in range(len(faultless.words)):
        moved, way = rng.random() < rate, rng.random()
        place = next((here for here, (_, from_) in enumerate(kept) if from_ == at), None)
        if not moved or place is None or faultless.upos[at] == "PUNCT":
            continue
        step = int(way * 2 * _FARTHEST) - _FARTHEST
        to = min(max(place + (step if step < 0 else step + 1), 0), len(kept) - 2)
        if to != place:
            kept.insert(to, kept.pop(place))
            faults.append(f"moved {at}")


def aligned(
    meaning: Meaning, source: str, target: str, came_from: tuple[int, ...], missing: float = 0.0, seed: int = 0
) -> tuple[Link, ...]:
    """Links between a sentence and a translation of it that may have faults; a share of them is left out.

    A wrong word stands where the right one stood and is linked like it.
    """
    gold = links(say(meaning, source), say(meaning, target))
    stands = {from_: at for at, from_ in enumerate(came_from)}
    rng = Random(f"links {meaning.id} {source} {target} {seed}")
    kept = [link for link in gold if rng.random() >= missing]
    return tuple(sorted((one, stands[other]) for one, other in kept if other in stands))


@cache
def _words_like(language: str, upos: str) -> tuple[str, ...]:
    """Words of a part of speech, in the order in which the text has them."""
    rows = [say(meaning, language) for meaning in islice(meanings("text"), 600)]
    found = (word for row in rows for word, tag in zip(row.words, row.upos, strict=True) if tag == upos)
    return tuple(dict.fromkeys(found))


def dictionary(source: str, target: str) -> Iterator[tuple[str, str]]:
    """Word pairs, as a dictionary lists them: plain forms, each pair once."""
    ours, theirs = entries(source), entries(target)
    pairs = ((_plain(ours[concept].form()), _plain(theirs[concept].form())) for concept in concepts())
    yield from dict.fromkeys((one, other) for one, other in pairs if one and other)


def _plain(form: str) -> str:
    return " ".join(part.partition("/")[0].removesuffix("~") for part in form.split())


def parallel(source: str, target: str, split: Split, count: int, seed: int = 0) -> Iterator[tuple[Sentence, Sentence]]:
    """Sentences beside their translations."""
    for meaning in islice(meanings(split, seed), count):
        yield say(meaning, source), say(meaning, target)

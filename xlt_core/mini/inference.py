"""Pairs of sentences: does the second follow from the first? Read off what the two mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Literal

from xlt_core.mini.lexicon import concepts
from xlt_core.mini.meaning import Filler, Meaning, Split, meanings, with_slots
from xlt_core.mini.world import Sentence, say

Answer = Literal["entailment", "neutral", "contradiction"]
ANSWERS: tuple[Answer, ...] = ("entailment", "neutral", "contradiction")

_OPPOSITES = (
    "verb.love verb.hate", "verb.like verb.dislike", "verb.open verb.close", "verb.praise verb.criticise",
    "adj.good adj.bad", "adj.excellent adj.terrible", "adj.clean adj.dirty", "adj.friendly adj.rude",
    "adj.fast adj.slow",
)  # fmt: skip
_PREMISES = ("like", "judge", "open", "rate", "both")
_SAID_BESIDES = ("time", "where")
"""Slots without which a sentence says the same, only less."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A premise, a hypothesis and what the one makes of the other; the id is the same in every language."""

    id: str
    premise: Sentence
    hypothesis: Sentence
    answer: Answer


@cache
def _opposite() -> dict[str, str]:
    pairs = [pair.split() for pair in _OPPOSITES]
    return {one: other for pair in pairs for one, other in (pair, reversed(pair))}


def hypotheses(premise: Meaning) -> Iterator[tuple[Answer, str, dict[str, Filler]]]:
    """Pattern and slots of what follows, of what may or may not be, and of what can't be when the premise is so.

    Only of premises that allow all three, so that the premise alone gives no answer away.
    """
    slots, pattern = premise.slots, premise.pattern
    rooms = "aspect" in slots and "stay" in concepts()[slots["aspect"][0]]
    if pattern == "both":
        half = {slot: slots[slot] for slot in ("aspect", "quality")}
        if slots["quality"][0] in _opposite():
            where = "spot.hotel" if rooms or int(premise.id, 16) % 2 else "spot.restaurant"
            yield "entailment", "rate", half
            yield "neutral", "rate", half | {"where": (where,)}
            yield "contradiction", "rate", half | {"quality": (_opposite()[slots["quality"][0]],)}
        return
    judged = next((slot for slot in ("do", "quality") if slots.get(slot, ("",))[0] in _opposite()), None)
    besides = [slot for slot in _SAID_BESIDES if slot in slots and not (slot == "where" and rooms)]
    if judged is None or not besides:
        return
    # One candidate for each answer: with more for some, their premises would be longer ones.
    slot = besides[int(premise.id, 16) % len(besides)]
    yield "entailment", pattern, {name: filler for name, filler in slots.items() if name != slot}
    yield "neutral", pattern, slots | {slot: (_another(slots[slot][0], premise.id),)}
    yield "contradiction", pattern, slots | {judged: (_opposite()[slots[judged][0]],)}


def _another(concept: str, seed: str) -> str:
    """Another time or another place, of which the premise says nothing."""
    kind = concept.partition(".")[0]
    others = ["spot.hotel", "spot.restaurant"] if kind == "spot" else [c for c in concepts() if c.startswith("time.")]
    left = [other for other in others if other != concept]
    return left[int(Random(seed).random() * len(left))]


def pairs(language: str, split: Split, count: int, seed: int = 0) -> list[Pair]:
    """The first `count` pairs of a split, the three answers by turns; both sentences belong to the split."""
    return [
        Pair(f"{one.id}-{other.id[:8]}", say(one, language), say(other, language), answer)
        for one, other, answer in _meant(split, count, seed)
    ]


@cache
def _meant(split: Split, count: int, seed: int) -> tuple[tuple[Meaning, Meaning, Answer], ...]:
    found: list[tuple[Meaning, Meaning, Answer]] = []
    for premise in meanings(split, seed, _PREMISES):
        if len(found) == count:
            return tuple(found)
        wanted = ANSWERS[len(found) % 3]
        for answer, pattern, slots in hypotheses(premise):
            hypothesis = with_slots(premise, pattern, slots)
            if answer == wanted and hypothesis.split == split:
                found.append((premise, hypothesis, answer))
                break
    raise ValueError(f"split {split!r} has no {count} pairs")

"""Labels that follow from what a sentence means: its topic, its aspects, its predicate and their roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xlt_core.mini.grammar.base import Word
from xlt_core.mini.lexicon import concepts
from xlt_core.mini.meaning import Meaning

TOPICS = ("business", "culture", "food", "people", "politics", "science", "sports", "travel")
POLARITIES = ("POS", "NEG", "NEU")
ROLES = ("ARG0", "ARG1", "ARG2", "ARGM-LOC", "ARGM-TMP", "ARGM-DIR", "ARGM-GOL")


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of one sentence in one language; `aspects` and `roles` have one tag a word."""

    topic: str | None
    aspects: tuple[str, ...]
    predicate: int | None
    """Which word the roles are roles of; none in a sentence that is said without a verb of its own."""
    roles: tuple[str, ...]
    """The role stands on the head word of each argument, every other word has O."""


_TOPIC_OF_PATTERN = {
    "visit": "travel", "travel": "travel", "town": "travel", "born": "people", "meet": "people", "name": "people",
    "judge": "politics", "appoint": "politics", "send": "politics", "work": "business", "open": "business",
}  # fmt: skip
_TOPIC_OF_DEED = {
    "sports": ("win", "watch"),
    "science": ("study", "discover"),
    "food": ("eat", "cook", "drink"),
    "culture": ("read", "translate"),
    "business": ("buy", "sell"),
}

_ROLE_OF_SLOT: Mapping[str, Mapping[str, str]] = {
    "act": {"who": "ARG0", "thing": "ARG1", "where": "ARGM-LOC"},
    "visit": {"who": "ARG0", "place": "ARG1"},
    "meet": {"who": "ARG0", "whom": "ARG0", "place": "ARGM-LOC"},
    "work": {"who": "ARG0", "org": "ARG2", "place": "ARGM-LOC"},
    "judge": {"who": "ARG0", "org": "ARG1"},
    "open": {"org": "ARG0", "thing": "ARG1", "place": "ARGM-LOC"},
    "travel": {"who": "ARG0", "place": "ARGM-DIR", "goal": "ARGM-GOL"},
    "born": {"who": "ARG1", "place": "ARGM-LOC"},
    "appoint": {"who": "ARG1", "title": "ARG2"},
    "send": {"org": "ARG0", "job": "ARG1", "place": "ARGM-GOL"},
    "like": {"who": "ARG0", "aspect": "ARG1", "where": "ARGM-LOC"},
}
# What is received has a giver, who isn't said; who receives it is its goal.
_RECEIVED = {"who": "ARG2", "thing": "ARG1"}


def topic_of(meaning: Meaning) -> str | None:
    """What a sentence is about, where it is about one thing."""
    if meaning.pattern in ("like", "rate", "both"):
        spoken = [_aspect_topic(meaning.slots[slot][0]) for slot in ("aspect", "other") if slot in meaning.slots]
        return spoken[0] if len(set(spoken)) == 1 else None
    if meaning.pattern == "act":
        verb = meaning.slots["do"][0].removeprefix("verb.")
        return next((topic for topic, verbs in _TOPIC_OF_DEED.items() if verb in verbs), None)
    return _TOPIC_OF_PATTERN.get(meaning.pattern)


def _aspect_topic(aspect: str) -> str:
    return "food" if "dish" in concepts()[aspect] else "travel"


def polarity(concept: str) -> str:
    """What a verb or an adjective says of its aspect."""
    tags = concepts()[concept]
    return "POS" if "pro" in tags else "NEG" if "con" in tags else "NEU"


def labels(meaning: Meaning, said: Sequence[Word], head_last: bool) -> Labels:
    predicate = _place_of(said, f"do/{meaning.slots['do'][0]}", ("VERB",)) if "do" in meaning.slots else None
    roles = ["O"] * len(said)
    if predicate is not None:
        for slot, role in _roles(meaning).items():
            if slot in meaning.slots:
                roles[_head(said, slot, meaning.slots[slot][0], head_last)] = role
    return Labels(topic_of(meaning), _aspects(meaning, said), predicate, tuple(roles))


def _roles(meaning: Meaning) -> Mapping[str, str]:
    roles = dict(_ROLE_OF_SLOT[meaning.pattern])
    if meaning.slots["do"] == ("verb.receive",):
        roles |= _RECEIVED
    return roles | {"time": "ARGM-TMP"}


def _aspects(meaning: Meaning, said: Sequence[Word]) -> tuple[str, ...]:
    """One span for each aspect, with what is thought of it."""
    tags = ["O"] * len(said)
    for slot, judged_by in (("aspect", ("do", "quality")), ("other", ("contrast",))):
        judge = next((meaning.slots[by][0] for by in judged_by if by in meaning.slots), None)
        if slot not in meaning.slots or judge is None:
            continue
        places = [at for at, word in enumerate(said) if word.of == f"{slot}/{meaning.slots[slot][0]}"]
        for at in places:
            tags[at] = f"{'B' if at == places[0] else 'I'}-{polarity(judge)}"
    return tuple(tags)


def _place_of(said: Sequence[Word], of: str, upos: tuple[str, ...]) -> int | None:
    return next((at for at, word in enumerate(said) if word.of == of and word.upos in upos), None)


def _head(said: Sequence[Word], slot: str, concept: str, head_last: bool) -> int:
    """The word on which the others of a slot depend: a noun before any other, of a person the first name."""
    own = [at for at, word in enumerate(said) if word.of == f"{slot}/{concept}"]
    if concept.startswith("given."):
        return min(at for at, word in enumerate(said) if word.of.startswith(f"{slot}/") and word.upos == "PROPN")
    for upos in (("NOUN",), ("PROPN",), ("ADV", "NUM", "ADJ", "VERB")):
        places = [at for at in own if said[at].upos in upos]
        if places:
            return places[-1] if head_last else places[0]
    return own[0]

"""Meanings without a language: who did what, where and when, drawn from a seed.

A meaning belongs to one split for good: the split is read off a digest of what it says, so that no seed
and no count can bring a meaning of one split into another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Literal, TypeVar

from xlt_core.mini.lexicon import concepts

Split = Literal["train", "dev", "test", "text"]
Filler = tuple[str, ...]
"""Concepts that fill one slot: ("given.john", "family.smith"), ("noun.book", "adj.red"), ("place.rome",)."""

T = TypeVar("T")

_TIMED = ("act", "visit", "meet", "judge", "open", "travel", "appoint", "send", "like")

# Of sixteen sixteenths of all meanings: most are plain text, for pretraining.
_SHARES: tuple[tuple[Split, int], ...] = (("text", 9), ("train", 4), ("dev", 1), ("test", 2))

_PATTERNS: tuple[tuple[str, int], ...] = (
    ("act", 6), ("visit", 2), ("meet", 2), ("work", 2), ("judge", 2), ("open", 2), ("travel", 2),
    ("born", 2), ("appoint", 2), ("send", 2), ("name", 1), ("town", 1), ("thing", 1), ("like", 3),
    ("rate", 2), ("both", 2),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Meaning:
    """One pattern with its slots filled; time_first is a matter of style, no part of what is meant."""

    id: str
    pattern: str
    slots: dict[str, Filler]
    time_first: bool
    split: Split


class _Draw:
    """Draws fillers for one split, leaving out the names that the split must not know."""

    def __init__(self, split: Split, rng: Random) -> None:
        self._rng = rng
        self._barred = {"train": ("late", "new"), "dev": ("late", "new"), "text": ("new",), "test": ()}[split]

    def pick(self, options: Sequence[T]) -> T:
        # random() alone is promised to stay the same in every Python version; choice() is not.
        return options[int(self._rng.random() * len(options))]

    def chance(self, share: float) -> bool:
        return self._rng.random() < share

    def one(self, kind: str, *tags: str) -> str:
        """A concept of a kind that has one of the tags (any concept of the kind without tags)."""
        return self.pick(_allowed(kind, tags, self._barred))

    def person(self, *tags: str) -> Filler:
        given = self.one("given", *tags)
        culture = concepts()[given][0]
        if culture not in FULL_NAMES and self.chance(0.2):
            return (given,)
        return (given, self.one("family", culture))

    def role(self, *tags: str) -> Filler:
        role = self.one("role", *tags)
        return (role, self.one("adj", "person")) if self.chance(0.3) else (role,)

    def thing(self, *tags: str, described: float = 0.5) -> Filler:
        noun = self.one("noun", *tags)
        adjectives = _tagged("adj", concepts()[noun])
        return (noun, self.pick(adjectives)) if adjectives and self.chance(described) else (noun,)

    def opinion(self, besides: str = "", unlike: str = "") -> tuple[str, str]:
        """Something guests speak about, and how it was: besides one thing, unlike another quality."""
        aspect = self.one("noun", *ASPECTS)
        while aspect == besides:
            aspect = self.one("noun", *ASPECTS)
        fitting = set(concepts()[aspect])
        said = [adj for adj in _tagged("adj", ("opinion",)) if fitting & set(concepts()[adj])]
        said = [adj for adj in said if not unlike or not _alike(adj, unlike)]
        return aspect, self.pick(said)

    def two_places(self) -> tuple[str, str]:
        """Two towns or two countries: never a town and its own country."""
        first = self.one("place")
        second = first
        while second == first:
            second = self.one("place", *_sort_of(first))
        return first, second


FULL_NAMES = ("chinese", "vietnamese", "korean", "khmer")
"""Cultures whose given names hardly stand alone elsewhere; their family names come first everywhere."""

ASPECTS = ("dish", "care", "people", "stay", "list")
"""Tags of what guests speak about: a dish, the service, the staff, a room, the menu."""


@cache
def _tagged(kind: str, tags: tuple[str, ...]) -> tuple[str, ...]:
    named = [concept for concept in concepts() if concept.startswith(f"{kind}.")]
    return tuple(c for c in named if not tags or any(tag in concepts()[c] for tag in tags))


@cache
def _allowed(kind: str, tags: tuple[str, ...], barred: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(c for c in _tagged(kind, tags) if not set(barred) & set(concepts()[c]))


def _sort_of(place: str) -> tuple[str, ...]:
    return concepts()[place][:1]


def _slots(pattern: str, draw: _Draw) -> dict[str, Filler]:
    """Fill one pattern. The names of the slots are those in the templates of the grammars."""
    slots: dict[str, Filler] = {}
    first, second = draw.two_places()
    if pattern not in ("open", "send", "town", "thing", "rate", "both"):
        roles = pattern == "act" or (pattern in ("visit", "judge", "travel", "like") and draw.chance(0.4))
        slots["who"] = draw.role() if roles and draw.chance(0.6) else draw.person()
    if pattern in _TIMED and draw.chance(0.7):
        slots["time"] = (draw.one("time"),)
    if pattern in ("visit", "meet", "work", "open", "travel", "born", "send", "town"):
        slots["place"] = (first,)
    if pattern in ("travel", "born"):
        slots["goal"] = (second,)
    if pattern in ("work", "judge", "open", "appoint", "send"):
        slots["org"] = (draw.one("org"),)

    if pattern == "act":
        verb = draw.pick(_deeds())
        slots |= {"do": (verb,), "thing": draw.thing(*concepts()[verb])}
        region, nowhere = (tag in concepts()[verb] for tag in ("region", "nowhere"))
        where = draw.pick(("place" if region else "spot", "place", ""))
        if where and not nowhere:
            slots["where"] = (draw.one("spot"),) if where == "spot" else (first,)
    elif pattern in ("like", "rate", "both"):
        slots |= _opinion(pattern, draw)
    elif pattern == "judge":
        slots["do"] = (draw.one("verb", "org"),)
    elif pattern == "open":
        slots |= {"do": (draw.one("verb", "found"),), "thing": draw.thing("building", described=0.3)}
    elif pattern == "meet":
        slots |= {"do": ("verb.meet",), "whom": draw.person()}
    elif pattern == "born":
        slots |= {"do": ("verb.born",), "now": ("verb.live",)}
    elif pattern == "appoint":
        slots |= {"do": ("verb.appoint",), "title": (draw.one("title"),)}
    elif pattern == "send":
        slots |= {"do": ("verb.dispatch",), "job": (draw.one("role", "sent"),)}
    elif pattern == "name":
        gender = "f" if "f" in concepts()[slots["who"][0]] else "m"
        posts = [role for role in _tagged("role", ("post",)) if gender in concepts()[role]]
        slots["role"] = (draw.pick(posts),)
    elif pattern == "town":
        slots["kind"] = (f"noun.{_sort_of(first)[0]}", draw.one("adj", "place"))
    elif pattern == "thing":
        qualities = _tagged("adj", ("said",))
        noun = draw.pick([n for n in _tagged("noun", ()) if _qualities(n, qualities)])
        slots["thing"] = (noun, draw.pick(_qualities(noun, qualities)))
    else:
        slots["do"] = (f"verb.{pattern}",)
    return slots


def _alike(one: str, other: str) -> bool:
    """Both for, both against or both neither: "the soup was good but the rice was fresh" is no contrast."""
    sides = [{"pro", "con"} & set(concepts()[quality]) for quality in (one, other)]
    return sides[0] == sides[1]


def _opinion(pattern: str, draw: _Draw) -> dict[str, Filler]:
    """What a guest says: who likes what, or how something was."""
    if pattern == "like":
        verb = draw.one("verb", "felt")
        kinds = [tag for tag in concepts()[verb] if tag in ASPECTS] or ASPECTS
        slots: dict[str, Filler] = {"do": (verb,), "aspect": (draw.one("noun", *kinds),)}
    else:
        aspect, quality = draw.opinion()
        slots = {"aspect": (aspect,), "quality": (quality,)}
        if pattern == "both":
            other, contrast = draw.opinion(besides=aspect, unlike=quality)
            return slots | {"other": (other,), "contrast": (contrast,)}
    if draw.chance(0.6):
        # Rooms and beds are praised in hotels, not in restaurants.
        hotels = "stay" in concepts()[slots["aspect"][0]]
        slots["where"] = (draw.pick(("spot.hotel",) if hotels else ("spot.hotel", "spot.restaurant")),)
    return slots


@cache
def _deeds() -> tuple[str, ...]:
    """The verbs that say what is done to a thing."""
    tags = {verb: set(concepts()[verb]) for verb in _tagged("verb", ())}
    deeds = [verb for verb in tags if tags[verb] and not {"org", "found", "felt"} & tags[verb]]
    return tuple(verb for verb in deeds for _ in range(4 if "often" in tags[verb] else 1))


def _qualities(noun: str, qualities: tuple[str, ...]) -> list[str]:
    return [adjective for adjective in qualities if set(concepts()[adjective]) & set(concepts()[noun])]


def _split_of(digest: bytes) -> Split:
    bucket = digest[-1] % 16
    for split, share in _SHARES:
        if bucket < share:
            return split
        bucket -= share
    raise AssertionError("the shares make sixteen")


def _meaning(pattern: str, slots: dict[str, Filler], time_first: bool) -> Meaning:
    said = pattern + "".join(f" {slot}={'+'.join(slots[slot])}" for slot in sorted(slots))
    digest = hashlib.sha256(said.encode()).digest()
    return Meaning(digest.hex()[:16], pattern, slots, time_first, _split_of(digest))


def with_slots(meaning: Meaning, pattern: str, slots: dict[str, Filler]) -> Meaning:
    """Another meaning made of one: it belongs to a split of its own."""
    return _meaning(pattern, slots, meaning.time_first)


def meanings(split: Split, seed: int = 0, patterns: Sequence[str] = ()) -> Iterator[Meaning]:
    """The meanings of a split, each once, in an order of the seed; a longer run begins with a shorter."""
    rng = Random(f"mini world {split} {seed}")
    draw = _Draw(split, rng)
    bag = [name for name, weight in _PATTERNS for _ in range(weight) if not patterns or name in patterns]
    seen: set[str] = set()
    misses = 0
    while misses < 100_000:
        pattern = draw.pick(bag)
        slots = _slots(pattern, draw)
        time_first = draw.chance(0.4)
        meaning = _meaning(pattern, slots, time_first)
        if meaning.split != split or meaning.id in seen:
            misses += 1
            continue
        misses = 0
        seen.add(meaning.id)
        yield meaning

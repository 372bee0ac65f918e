"""Words, sentences and running text to pieces, so that what has a label can be found again among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Literal

import torch

from xlt_core.data.records import UNLABELLED, Tagged
from xlt_core.errors import Problem, RunError
from xlt_core.slots.tasks import UPOS

IGNORED = -100
LabelOn = Literal["first", "all", "inside", "continuation"]
SIDE_VALUES: Mapping[str, tuple[str, ...]] = {"pos": UPOS, "predicate": ("no", "yes")}
"""What may stand beside a word, and its values; their numbers begin at 1, and 0 is none of them."""


@dataclass(frozen=True, slots=True)
class Stream:
    """The words of a stretch in another channel: ids, and the unit that each is pooled into."""

    channel: str
    ids: tuple[int, ...]
    unit_of: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sentence that fits the model: its ids, and the word that each first piece begins."""

    sentence: int
    ids: tuple[int, ...]
    first_of: tuple[int, ...]
    """For each id the index of the word it begins, or -1."""
    words: slice
    """Where the words' pieces stand, special tokens left out."""
    language: str = ""
    labels: tuple[int, ...] = ()
    """For each id its label's number, or `IGNORED`; empty where nothing is labelled."""
    targets: tuple[int, ...] = ()
    """For each id what stood there before it was masked, or `IGNORED`; empty where nothing was."""
    side: tuple[tuple[int, ...], ...] = ()
    """For each side feature its number at each id."""
    unit_of: tuple[int, ...] = ()
    """For each id the unit that it is pooled into before the encoder: then all else here goes by units, not by ids.
    Empty where the ids are the units."""
    places: tuple[int, ...] = ()
    """For each unit its position, where it isn't simply counted from 0: with each sentence of a row it begins anew."""
    streams: tuple[Stream, ...] = ()
    """What else is summed in the units: the same words in other channels."""
    spoken: tuple[str, ...] = ()
    """For each unit its language, where that isn't the whole stretch's."""
    hidden: tuple[tuple[int, int], ...] = ()
    """Of masked units each with every piece that stood there; empty where units aren't pooled."""
    answers: tuple[tuple[int, ...], ...] = ()
    """For each unit the pieces that its place predicts where it is masked; empty where they are its own."""
    before: tuple[int, ...] = ()
    """The words that stood there before some were exchanged; empty where none were."""
    segments: tuple[int, ...] = ()
    """For each id which text of a pair it belongs to; empty where that isn't told apart."""
    row: Tagged | None = field(default=None, compare=False, repr=False)
    """The sentence that it is cut from, where words may yet be exchanged."""

    def owners(self) -> list[int]:
        """For each unit the word that it is a piece of, or -1."""
        found, word = [-1] * len(self.first_of), -1
        for place in range(self.words.start, self.words.stop):
            word = self.first_of[place] if self.first_of[place] >= 0 else word
            found[place] = word
        return found


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded ids of stretches, with what is known of each unit."""

    ids: torch.Tensor
    attention: torch.Tensor
    labels: torch.Tensor
    pieces: tuple[Piece, ...] = ()
    targets: torch.Tensor | None = None
    side: torch.Tensor | None = None
    """Numbers of side features, [stretches, features, units]."""
    unit_of: torch.Tensor | None = None
    """The unit that each id is pooled into, -1 for none; only where units are pooled."""
    places: torch.Tensor | None = None
    """Each unit's position, where it isn't simply counted from 0."""
    streams: Mapping[str, tuple[torch.Tensor, torch.Tensor]] = field(default_factory=dict)
    """Ids and units of the channels that are summed in the units, beside the text."""
    hidden: torch.Tensor | None = None
    """What stood at masked units: row, unit and piece, [pieces, 3]."""
    segments: torch.Tensor | None = None
    """Which text of a pair each id belongs to, where that is told apart."""

    @property
    def language(self) -> str:
        """The language of all stretches; what has parts of its own in a model runs apart from others."""
        return self.pieces[0].language if self.pieces else ""

    def to(self, device: torch.device) -> Batch:
        some = (self.targets, self.side, self.unit_of, self.places)
        targets, side, unit_of, places = (None if own is None else own.to(device) for own in some)
        known = (self.ids.to(device), self.attention.to(device), self.labels.to(device))
        streams = {name: (ids.to(device), of.to(device)) for name, (ids, of) in self.streams.items()}
        hidden, segments = (None if own is None else own.to(device) for own in (self.hidden, self.segments))
        return Batch(*known, self.pieces, targets, side, unit_of, places, streams, hidden, segments)


def collate(pieces: Sequence[Piece], pad: int) -> Batch:
    """Stretches as a batch, padded to the longest of them."""

    def padded(rows: Sequence[Sequence[int]], filler: int, longest: int) -> torch.Tensor:
        return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])

    longest, units = (max(len(getattr(piece, name)) for piece in pieces) for name in ("ids", "first_of"))
    masked, pooled = any(piece.targets for piece in pieces), any(piece.unit_of for piece in pieces)
    placed, told_apart = any(piece.places for piece in pieces), any(piece.segments for piece in pieces)
    sides = [padded(rows, 0, units) for rows in zip(*(piece.side for piece in pieces), strict=True)]
    return Batch(
        padded([piece.ids for piece in pieces], pad, longest),
        padded([[1] * len(piece.first_of) for piece in pieces], 0, units),
        padded([piece.labels for piece in pieces], IGNORED, units),
        tuple(pieces),
        padded([piece.targets for piece in pieces], IGNORED, units) if masked else None,
        torch.stack(sides, dim=1) if sides else None,
        padded([piece.unit_of for piece in pieces], -1, longest) if pooled else None,
        padded([piece.places or range(len(piece.first_of)) for piece in pieces], 0, units) if placed else None,
        _streams(pieces, padded),
        _hidden(pieces),
        padded([piece.segments or [0] * len(piece.ids) for piece in pieces], 0, longest) if told_apart else None,
    )


def _streams(
    pieces: Sequence[Piece], padded: Callable[[Sequence[Sequence[int]], int, int], torch.Tensor]
) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    found = {}
    for own in zip(*(piece.streams for piece in pieces), strict=True):
        longest = max(len(stream.ids) for stream in own)
        ids, unit_of = [stream.ids for stream in own], [stream.unit_of for stream in own]
        found[own[0].channel] = (padded(ids, 0, longest), padded(unit_of, -1, longest))
    return found


def _hidden(pieces: Sequence[Piece]) -> torch.Tensor | None:
    found = [(row, unit, number) for row, piece in enumerate(pieces) for unit, number in piece.hidden]
    return torch.tensor(found) if found else None


def stacked(batches: Sequence[Batch]) -> Batch:
    """Batches of one shape as one, to be encoded in one call; what is known of their labels is left out."""
    ids, attention = (torch.cat([getattr(batch, name) for batch in batches]) for name in ("ids", "attention"))
    places = torch.cat([_places(batch) for batch in batches]) if any(b.places is not None for b in batches) else None
    told = [batch.segments if batch.segments is not None else torch.zeros_like(batch.ids) for batch in batches]
    segments = torch.cat(told) if any(batch.segments is not None for batch in batches) else None
    pieces = tuple(piece for batch in batches for piece in batch.pieces)
    return Batch(ids, attention, ids, pieces, places=places, segments=segments)


def _places(batch: Batch) -> torch.Tensor:
    counted = torch.arange(batch.attention.shape[1], device=batch.attention.device)
    return counted.expand_as(batch.attention) if batch.places is None else batch.places


class SubwordReader:
    """Cuts sentences into stretches of at most `max_length` pieces, at words.

    `label_on` says which pieces of a word carry its label: the first, all (what goes on a begun span is inside it), or
    the first while the others carry a class of their own, numbered after the labels. `side` names what is read beside
    the pieces.
    """

    def __init__(
        self,
        tokenizer: Any,
        max_length: int,
        truncate: bool = False,
        label_on: LabelOn = "first",
        side: Sequence[str] = (),
    ) -> None:
        self.tokenizer, self.truncate = tokenizer, truncate
        self.label_on, self.side = label_on, tuple(side)
        self.before, self.after = _specials(tokenizer)
        self.room = max_length - len(self.before) - len(self.after)

    def stretches(self, rows: Sequence[Tagged], labels: Mapping[str, int] | None = None) -> list[Piece]:
        """Every sentence's stretches, in order, labelled where labels are given numbers.

        A word without pieces becomes the unknown piece.
        """
        found: list[Piece] = []
        for number, row in enumerate(rows):
            for stretch in self._cut(self.word_pieces(row.words)):
                found.append(self.told(self._piece(number, stretch), row, labels))
                if self.truncate:
                    break
        return found

    def told(self, piece: Piece, row: Tagged, labels: Mapping[str, int] | None) -> Piece:
        """A stretch with its labels, and what is read beside its pieces."""
        piece = _labelled(piece, row, labels, self.label_on)
        return replace(piece, side=tuple(_beside(piece, row, name) for name in self.side), row=row)

    def units(self, row: Tagged) -> int:
        """How many tags an example has."""
        return len(row.words)

    def word_pieces(self, words: Sequence[str]) -> list[list[int]]:
        """The pieces of each word."""
        coded = self.tokenizer([list(words)], is_split_into_words=True, add_special_tokens=False)
        pieces: list[list[int]] = [[] for _ in words]
        for piece, word in zip(coded["input_ids"][0], coded.word_ids(0), strict=True):
            if word is not None:
                pieces[word].append(piece)
        unknown = self.tokenizer.unk_token_id
        return [ids[: self.room] or [unknown] for ids in pieces]

    def _cut(self, words: list[list[int]]) -> Iterator[list[tuple[int, list[int]]]]:
        stretch: list[tuple[int, list[int]]] = []
        used = 0
        for number, ids in enumerate(words):
            if stretch and used + self._size(ids) > self.room:
                yield stretch
                stretch, used = [], 0
            stretch.append((number, ids))
            used += self._size(ids)
        if stretch:
            yield stretch

    def _size(self, ids: Sequence[int]) -> int:
        """How many units a word takes."""
        return len(ids)

    def _piece(self, sentence: int, stretch: list[tuple[int, list[int]]]) -> Piece:
        ids = [piece for _, pieces in stretch for piece in pieces]
        first = [word if n == 0 else -1 for word, pieces in stretch for n in range(len(pieces))]
        whole = (*self.before, *ids, *self.after)
        marks = (*[-1] * len(self.before), *first, *[-1] * len(self.after))
        return Piece(sentence, whole, marks, slice(len(self.before), len(self.before) + len(ids)))


def _labelled(piece: Piece, row: Tagged, labels: Mapping[str, int] | None, label_on: LabelOn = "first") -> Piece:
    if labels is None:
        return replace(piece, language=row.language)
    words = piece.first_of if label_on == "first" else piece.owners()
    numbers = [_number(row, word, labels) if word >= 0 else IGNORED for word in words]
    goes_on = [first < 0 <= word for first, word in zip(piece.first_of, words, strict=True)]
    if label_on == "inside":
        within = inside_of(labels)
        numbers = [within.get(own, own) if other else own for own, other in zip(numbers, goes_on, strict=True)]
    if label_on == "continuation":
        numbers = [len(labels) if other else own for own, other in zip(numbers, goes_on, strict=True)]
    return replace(piece, language=row.language, labels=tuple(numbers))


def inside_of(labels: Mapping[str, int]) -> dict[int, int]:
    """For each label that begins a span the one that goes on with it.

    >>> inside_of({"O": 0, "B-PER": 1, "I-PER": 2})
    {1: 2}
    """
    begun = ((tag, number) for tag, number in labels.items() if tag.startswith("B-"))
    return {number: labels[f"I-{tag[2:]}"] for tag, number in begun}


def _number(row: Tagged, word: int, labels: Mapping[str, int]) -> int:
    if word >= len(row.tags):
        what = f"it has {len(row.words)} words and {len(row.tags)} tags"
        raise RunError("These labels can't be read.", [Problem(what, f"sentence {row.id} of {row.language}")])
    if row.tags[word] == UNLABELLED:
        return IGNORED
    if row.tags[word] not in labels:
        what = f"the tag {row.tags[word]} isn't one of the labels, {', '.join(labels)}"
        raise RunError("These labels can't be read.", [Problem(what, f"sentence {row.id} of {row.language}")])
    return labels[row.tags[word]]


def _beside(piece: Piece, row: Tagged, name: str) -> tuple[int, ...]:
    """A side feature of a stretch: every piece has its word's number, what is no word's has 0."""
    of_word = _predicate(row) if name == "predicate" else _upos(row)
    return tuple(of_word[word] if word >= 0 else 0 for word in piece.owners())


def _predicate(row: Tagged) -> list[int]:
    if row.marked is None:
        raise _lacks(row, "no word is marked as the predicate", "predicate")
    return [2 if word == row.marked else 1 for word in range(len(row.words))]


def _upos(row: Tagged) -> list[int]:
    if len(row.upos) != len(row.words):
        raise _lacks(row, f"it has {len(row.words)} words and parts of speech of {len(row.upos)}", "pos")
    tags = ["CCONJ" if tag == "CONJ" else tag for tag in row.upos]  # its name before version 2
    unknown = sorted({tag for tag in tags if tag not in UPOS and tag != "_"})
    if unknown:
        raise _lacks(row, f"{', '.join(unknown)} is no universal part of speech", "pos")
    return [0 if tag == "_" else 1 + UPOS.index(tag) for tag in tags]


def _lacks(row: Tagged, what: str, name: str) -> RunError:
    fix = f"--set training.side_features=[] or a list without {name}, or data that says it"
    problem = Problem(what, f"sentence {row.id} of {row.language}", fix)
    return RunError(f"The side feature `{name}` can't be read.", [problem])


class WordReader(SubwordReader):
    """Cuts sentences like `SubwordReader`; a unit is a whole word, whose pieces are pooled before the encoder."""

    def _size(self, ids: Sequence[int]) -> int:
        return 1

    def _piece(self, sentence: int, stretch: list[tuple[int, list[int]]]) -> Piece:
        front, back = len(self.before), len(self.after)
        inside = [front + n for n, (_, pieces) in enumerate(stretch) for _ in pieces]
        unit_of = (*range(front), *inside, *range(front + len(stretch), front + len(stretch) + back))
        ids = (*self.before, *(piece for _, pieces in stretch for piece in pieces), *self.after)
        marks = (*[-1] * front, *(word for word, _ in stretch), *[-1] * back)
        return Piece(sentence, ids, marks, slice(front, front + len(stretch)), unit_of=unit_of)


class SentenceReader(SubwordReader):
    """Whole sentences and pairs of them; the one label stands on the first special token.

    What is too long is cut at its end, of a pair the longer sentence first.
    """

    def __init__(self, tokenizer: Any, max_length: int) -> None:
        super().__init__(tokenizer, max_length)
        self.between = _between(tokenizer, self.before, self.after)
        self.second = second_segment(tokenizer)

    def stretches(self, rows: Sequence[Tagged], labels: Mapping[str, int] | None = None) -> list[Piece]:
        return [_labelled(self._whole(number, row), row, labels) for number, row in enumerate(rows)]

    def units(self, row: Tagged) -> int:
        return 1

    def _whole(self, number: int, row: Tagged) -> Piece:
        parts = [[piece for ids in self.word_pieces(words) for piece in ids] for words in (row.words, row.second)]
        spare = self.room - (len(self.between) if row.second else 0)
        while sum(map(len, parts)) > spare:
            max(parts, key=len).pop()
        second = [*self.between, *parts[1]] if row.second else []
        ids = (*self.before, *parts[0], *second, *self.after)
        inside = slice(len(self.before), len(ids) - len(self.after))
        first = len(self.before) + len(parts[0]) + len(self.between)
        segments = (*[0] * first, *[self.second] * (len(ids) - first)) if second and self.second else ()
        return Piece(number, ids, (0, *[-1] * (len(ids) - 1)), inside, segments=segments)


class TextReader:
    """Running text to stretches that fill the model at most; what is over-long goes on in the next stretch.

    A word is what the tokenizer takes for one (it begins at a space, as a rule).
    """

    def __init__(self, tokenizer: Any, max_length: int) -> None:
        self.tokenizer = tokenizer
        self.before, self.after = _specials(tokenizer)
        self.between = _between(tokenizer, self.before, self.after)
        self.room = max_length - len(self.before) - len(self.after)

    def stretches(self, lines: Iterable[str], language: str) -> list[Piece]:
        """Every line's stretches, in order; empty lines have none."""
        return [self.piece(number, ids, begins, language) for number, ids, begins in self.cut(lines)]

    def cut(self, lines: Iterable[str]) -> Iterator[tuple[int, list[int], list[int]]]:
        """What fits the model at once of every line: the line's number, pieces, and what they begin."""
        for number, (ids, begins) in enumerate(self.coded(lines)):
            for start in range(0, len(ids), self.room):
                yield number, ids[start : start + self.room], begins[start : start + self.room]

    def coded(self, lines: Iterable[str]) -> Iterator[tuple[list[int], list[int]]]:
        """Every line's pieces without special tokens, and for each the word it begins or -1."""
        waiting = iter(lines)
        while some := list(islice(waiting, 1000)):
            coded = self.tokenizer(some, add_special_tokens=False)
            for at, ids in enumerate(coded["input_ids"]):
                yield ids, _begins(coded.word_ids(at))

    def piece(self, line: int, ids: list[int], begins: list[int], language: str) -> Piece:
        """A stretch between its special tokens."""
        marks = (*[-1] * len(self.before), *begins, *[-1] * len(self.after))
        inside = slice(len(self.before), len(self.before) + len(ids))
        return Piece(line, (*self.before, *ids, *self.after), marks, inside, language)


def _begins(owners: list[int | None]) -> list[int]:
    """For each piece the word it begins, or -1."""
    return [-1 if n and owners[n - 1] == own else (own if own is not None else n) for n, own in enumerate(owners)]


def _between(tokenizer: Any, before: list[int], after: list[int]) -> list[int]:
    """The special tokens between the sentences of a pair."""
    bare = tokenizer([["a"]], is_split_into_words=True, add_special_tokens=False)["input_ids"][0]
    whole = tokenizer([["a"]], [["a"]], is_split_into_words=True)["input_ids"][0]
    return list(whole[len(before) + len(bare) : len(whole) - len(after) - len(bare)])


def second_segment(tokenizer: Any) -> int:
    """The number by which a tokenizer tells the second text of a pair from the first; 0 where it doesn't."""
    told = dict(tokenizer([["a"]], [["a"]], is_split_into_words=True))
    return int(told.get("token_type_ids", [[0]])[0][-1])


def reader_for(
    unit: str,
    tokenizer: Any,
    max_length: int,
    truncate: bool,
    label_on: LabelOn = "first",
    side: Sequence[str] = (),
    reads: str = "subword",
) -> SubwordReader:
    """The reader of a task: words of sentences, in pieces or whole, or sentences as wholes."""
    if unit in ("sentence", "pair"):
        return SentenceReader(tokenizer, max_length)
    reader = WordReader if reads == "word" else SubwordReader
    return reader(tokenizer, max_length, truncate, label_on, side)


def reads_in(details: Mapping[str, Any]) -> str:
    """The unit in which the plan says that a stage reads its text."""
    return str(details.get("reads", {}).get("text", {}).get("unit", "subword"))


def _specials(tokenizer: Any) -> tuple[list[int], list[int]]:
    """The special tokens in front of a sentence and behind it, read off one."""
    bare = tokenizer([["a"]], is_split_into_words=True, add_special_tokens=False)["input_ids"][0]
    whole = tokenizer([["a"]], is_split_into_words=True)["input_ids"][0]
    for start in range(len(whole) - len(bare) + 1):
        if whole[start : start + len(bare)] == bare:
            return whole[:start], whole[start + len(bare) :]
    raise ValueError("this tokenizer changes a sentence's pieces when it adds special tokens")

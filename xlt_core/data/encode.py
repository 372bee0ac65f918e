"""Words, sentences and running text to pieces, so that what has a label can be found again among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from xlt_core.data.records import Tagged

IGNORED = -100


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


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded ids of stretches, with what is known of each unit."""

    ids: torch.Tensor
    attention: torch.Tensor
    labels: torch.Tensor
    pieces: tuple[Piece, ...] = ()
    targets: torch.Tensor | None = None

    @property
    def language(self) -> str:
        """The language of all stretches; what has parts of its own in a model runs apart from others."""
        return self.pieces[0].language if self.pieces else ""

    def to(self, device: torch.device) -> Batch:
        targets = None if self.targets is None else self.targets.to(device)
        return Batch(self.ids.to(device), self.attention.to(device), self.labels.to(device), self.pieces, targets)


def collate(pieces: Sequence[Piece], pad: int) -> Batch:
    """Stretches as a batch, padded to the longest of them."""
    longest = max(len(piece.ids) for piece in pieces)

    def padded(rows: Sequence[Sequence[int]], filler: int) -> torch.Tensor:
        return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])

    return Batch(
        padded([piece.ids for piece in pieces], pad),
        padded([[1] * len(piece.ids) for piece in pieces], 0),
        padded([piece.labels for piece in pieces], IGNORED),
        tuple(pieces),
        padded([piece.targets for piece in pieces], IGNORED) if any(piece.targets for piece in pieces) else None,
    )


class SubwordReader:
    """Cuts sentences into stretches of at most `max_length` pieces, at words."""

    def __init__(self, tokenizer: Any, max_length: int, truncate: bool = False) -> None:
        self.tokenizer, self.truncate = tokenizer, truncate
        self.before, self.after = _specials(tokenizer)
        self.room = max_length - len(self.before) - len(self.after)

    def stretches(self, rows: Sequence[Tagged], labels: Mapping[str, int] | None = None) -> list[Piece]:
        """Every sentence's stretches, in order, labelled where labels are given numbers.

        A word without pieces becomes the unknown piece.
        """
        found: list[Piece] = []
        for number, row in enumerate(rows):
            for stretch in self._cut(self.word_pieces(row.words)):
                found.append(_labelled(self._piece(number, stretch), row, labels))
                if self.truncate:
                    break
        return found

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
            if stretch and used + len(ids) > self.room:
                yield stretch
                stretch, used = [], 0
            stretch.append((number, ids))
            used += len(ids)
        if stretch:
            yield stretch

    def _piece(self, sentence: int, stretch: list[tuple[int, list[int]]]) -> Piece:
        ids = [piece for _, pieces in stretch for piece in pieces]
        first = [word if n == 0 else -1 for word, pieces in stretch for n in range(len(pieces))]
        whole = (*self.before, *ids, *self.after)
        marks = (*[-1] * len(self.before), *first, *[-1] * len(self.after))
        return Piece(sentence, whole, marks, slice(len(self.before), len(self.before) + len(ids)))


def _labelled(piece: Piece, row: Tagged, labels: Mapping[str, int] | None) -> Piece:
    if labels is None:
        return replace(piece, language=row.language)
    numbers = tuple(labels[row.tags[place]] if place >= 0 else IGNORED for place in piece.first_of)
    return replace(piece, language=row.language, labels=numbers)


class SentenceReader(SubwordReader):
    """Whole sentences and pairs of them; the one label stands on the first special token.

    What is too long is cut at its end, of a pair the longer sentence first.
    """

    def __init__(self, tokenizer: Any, max_length: int) -> None:
        super().__init__(tokenizer, max_length)
        self.between = _between(tokenizer, self.before, self.after)

    def stretches(self, rows: Sequence[Tagged], labels: Mapping[str, int] | None = None) -> list[Piece]:
        return [_labelled(self._whole(number, row), row, labels) for number, row in enumerate(rows)]

    def _whole(self, number: int, row: Tagged) -> Piece:
        parts = [[piece for ids in self.word_pieces(words) for piece in ids] for words in (row.words, row.second)]
        spare = self.room - (len(self.between) if row.second else 0)
        while sum(map(len, parts)) > spare:
            max(parts, key=len).pop()
        second = [*self.between, *parts[1]] if row.second else []
        ids = (*self.before, *parts[0], *second, *self.after)
        inside = slice(len(self.before), len(ids) - len(self.after))
        return Piece(number, ids, (0, *[-1] * (len(ids) - 1)), inside)


class TextReader:
    """Running text to stretches that fill the model at most; what is over-long goes on in the next stretch.

    A word is what the tokenizer takes for one (it begins at a space, as a rule).
    """

    def __init__(self, tokenizer: Any, max_length: int) -> None:
        self.tokenizer = tokenizer
        self.before, self.after = _specials(tokenizer)
        self.room = max_length - len(self.before) - len(self.after)

    def stretches(self, lines: Sequence[str], language: str) -> list[Piece]:
        """Every line's stretches, in order; empty lines have none."""
        found: list[Piece] = []
        for start in range(0, len(lines), 1000):
            coded = self.tokenizer(list(lines[start : start + 1000]), add_special_tokens=False)
            for at, ids in enumerate(coded["input_ids"]):
                begins = _begins(coded.word_ids(at))
                for cut in range(0, len(ids), self.room):
                    part = slice(cut, cut + self.room)
                    found.append(self._piece(start + at, ids[part], begins[part], language))
        return found

    def _piece(self, line: int, ids: list[int], begins: list[int], language: str) -> Piece:
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


def reader_for(unit: str, tokenizer: Any, max_length: int, truncate: bool) -> SubwordReader:
    """The reader of a task: words of sentences, or sentences as wholes."""
    if unit in ("sentence", "pair"):
        return SentenceReader(tokenizer, max_length)
    return SubwordReader(tokenizer, max_length, truncate)


def _specials(tokenizer: Any) -> tuple[list[int], list[int]]:
    """The special tokens in front of a sentence and behind it, read off one."""
    bare = tokenizer([["a"]], is_split_into_words=True, add_special_tokens=False)["input_ids"][0]
    whole = tokenizer([["a"]], is_split_into_words=True)["input_ids"][0]
    for start in range(len(whole) - len(bare) + 1):
        if whole[start : start + len(bare)] == bare:
            return whole[:start], whole[start + len(bare) :]
    raise ValueError("this tokenizer changes a sentence's pieces when it adds special tokens")

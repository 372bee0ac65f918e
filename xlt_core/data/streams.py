"""Sentences whose words are read in several channels at once: a word's pieces of each, pooled before the encoder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from xlt_core.data.encode import LabelOn, Piece, Stream, SubwordReader, WordReader
from xlt_core.data.records import Tagged
from xlt_core.errors import Problem, RunError

Word = tuple[int, Sequence[Sequence[int]]]
"""A word's number, and its pieces in every channel, the text's first."""


class StreamReader(WordReader):
    """Cuts sentences at words, so that no channel of a stretch has more than `max_length` pieces.

    >>> reader = StreamReader(tokenizer, {"phonemes": other}, 128)      # doctest: +SKIP
    >>> reader.stretches([replace(row, forms=(("phonemes", said),))])   # doctest: +SKIP
    """

    def __init__(
        self,
        tokenizer: Any,
        besides: Mapping[str, Any],
        max_length: int,
        truncate: bool = False,
        label_on: LabelOn = "first",
        side: Sequence[str] = (),
    ) -> None:
        super().__init__(tokenizer, max_length, truncate, label_on, side)
        self.besides = {channel: SubwordReader(own, max_length) for channel, own in besides.items()}

    @classmethod
    def of(cls, reader: WordReader, besides: Mapping[str, Any]) -> StreamReader:
        """A reader of words that reads these channels, too."""
        length = reader.room + len(reader.before) + len(reader.after)
        return cls(reader.tokenizer, besides, length, reader.truncate, reader.label_on, reader.side)

    def stretches(self, rows: Sequence[Tagged], labels: Mapping[str, int] | None = None) -> list[Piece]:
        found: list[Piece] = []
        for number, row in enumerate(rows):
            cut = self._stretches(self._words(row.words, dict(row.forms), row))
            for stretch in islice(cut, 1 if self.truncate else None):
                found.append(self.told(self._whole(number, stretch), row, labels))
        return found

    def again(
        self,
        piece: Piece,
        units: Sequence[int],
        words: Sequence[str],
        forms: Mapping[str, Sequence[str]],
        spoken: Sequence[str],
    ) -> Piece:
        """A stretch with other words in it, as many as fit: `units` are the numbers of the words that they stand for,
        `spoken` their languages."""
        assert piece.row is not None, "only asked of stretches that this reader made"
        coded = (columns for _, columns in self._words(words, forms, piece.row))
        stretch = next(self._stretches(zip(units, coded, strict=True)))
        made = self._whole(piece.sentence, stretch)
        before, after = len(self.before), len(self.after)
        tongues = (*[piece.language] * before, *spoken[: len(stretch)], *[piece.language] * after)
        stood = piece.before or piece.first_of[piece.words]
        return replace(made, language=piece.language, row=piece.row, spoken=tongues, before=stood)

    def _words(self, words: Sequence[str], forms: Mapping[str, Sequence[str]], row: Tagged) -> Iterator[Word]:
        """Each word's pieces in every channel; one without any is the unknown piece."""
        for channel in self.besides:
            said = len(forms.get(channel, ()))
            if said != len(words):
                what = f"it has {len(words)} words, and {said} of them in the channel {channel}"
                problem = Problem(what, f"sentence {row.id} of {row.language}", f"--set rewriting.{channel}=NAME")
                raise RunError("A sentence can't be read in all its channels.", [problem])
        columns = [self.word_pieces(words)]
        columns += [reader.word_pieces(forms[channel]) for channel, reader in self.besides.items()]
        yield from enumerate(zip(*columns, strict=True))

    def _stretches(self, words: Iterable[Word]) -> Iterator[list[Word]]:
        rooms = [self.room, *(reader.room for reader in self.besides.values())]
        stretch: list[Word] = []
        used = [0] * len(rooms)
        for number, columns in words:
            sizes = [len(ids) for ids in columns]
            if stretch and any(had + size > room for had, size, room in zip(used, sizes, rooms, strict=True)):
                yield stretch
                stretch, used = [], [0] * len(rooms)
            stretch.append((number, columns))
            used = [had + size for had, size in zip(used, sizes, strict=True)]
        if stretch:
            yield stretch

    def _whole(self, sentence: int, stretch: Sequence[Word]) -> Piece:
        piece = self._piece(sentence, [(number, list(columns[0])) for number, columns in stretch])
        columns = zip(*(columns[1:] for _, columns in stretch), strict=True)
        streams = [_stream(*own, piece) for own in zip(self.besides.items(), columns, strict=True)]
        return replace(piece, streams=tuple(streams))


def _stream(of: tuple[str, SubwordReader], words: Sequence[Sequence[int]], piece: Piece) -> Stream:
    """A channel's pieces for the units of a stretch; its special tokens join the text's."""
    channel, reader = of
    inside = [piece.words.start + n for n, ids in enumerate(words) for _ in ids]
    last = len(piece.first_of) - 1
    front = [min(n, piece.words.start - 1) for n in range(len(reader.before))]
    back = [min(piece.words.stop + n, last) for n in range(len(reader.after))]
    ids = (*reader.before, *(number for own in words for number in own), *reader.after)
    return Stream(channel, ids, (*front, *inside, *back))

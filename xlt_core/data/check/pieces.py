"""How a backbone's tokenizer reads data: pieces a word, what it doesn't know, what is longer than it may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from xlt_core.data.check.corpus import File
from xlt_core.data.check.findings import Found

AT_ONCE = 1_000
UNKNOWN = 0.01
"""Of the pieces: more that are unknown are a finding."""
Pieces = Callable[[Sequence[tuple[str, ...]]], Iterator[tuple[int, int]]]
"""Takes sentences; of each it gives the number of pieces, special ones among them, and how many are unknown."""


@dataclass(slots=True)
class Read:
    """How a tokenizer read one file."""

    words: int = 0
    pieces: int = 0
    unknown: int = 0
    longest: int = 0
    too_long: int = 0

    def as_data(self) -> dict[str, Any]:
        return {
            "fertility": round(self.pieces / self.words, 3) if self.words else None,
            "unknown": round(self.unknown / self.pieces, 5) if self.pieces else None,
            "longest": self.longest, "too_long": self.too_long,
        }  # fmt: skip


def pieces_of(tokenizer: Any) -> Pieces:
    """How a tokenizer of transformers cuts sentences whose words are told."""
    fast = bool(getattr(tokenizer, "is_fast", False))
    unknown = tokenizer.unk_token_id

    def cut(sentences: Sequence[tuple[str, ...]]) -> Iterator[tuple[int, int]]:
        if fast:
            all_ids = tokenizer([list(words) for words in sentences], is_split_into_words=True)["input_ids"]
        else:
            all_ids = [tokenizer(" ".join(words))["input_ids"] for words in sentences]
        for ids in all_ids:
            yield len(ids), sum(one == unknown for one in ids) if unknown is not None else 0

    return cut


def read(file: File, cut: Pieces, specials: int, limit: int) -> tuple[Read, list[Found]]:
    """What became of a file's sentences, and what is off about it."""
    told, found = Read(), []
    sentences = [one for one in file.sentences if one.words]
    for start in range(0, len(sentences), AT_ONCE):
        some = sentences[start : start + AT_ONCE]
        for one, (count, unknown) in zip(some, cut([one.words for one in some]), strict=True):
            told.words += len(one.words)
            told.pieces += count - specials
            told.unknown += unknown
            told.longest = max(told.longest, count)
            if count > limit:
                told.too_long += 1
                what = f"{count} pieces, and the backbone reads {limit}"
                found.append(Found("length", "warning", file.path, one.line, what))
    if told.pieces and told.unknown > UNKNOWN * told.pieces:
        what = f"{told.unknown:,} of {told.pieces:,} pieces are unknown to the tokenizer"
        found.append(Found("unknown", "warning", file.path, 0, what, "another backbone, or an adapted vocabulary"))
    return told, found

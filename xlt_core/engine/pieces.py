"""What each piece of a word was taken for: the answers of a model unit by unit, as they lie in the store."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from xlt_core.data.encode import Piece

PIECES = "pieces.jsonl"
Scored = tuple[Piece, torch.Tensor]
"""A stretch, and the logits of its units."""
NO_WORD = -1
"""Stands for the word of a special token."""


@dataclass(frozen=True, slots=True)
class Units:
    """A sentence's units as a model read them, special tokens too."""

    of: tuple[int, ...]
    """Whose word each is a piece of, or `NO_WORD`."""
    tags: tuple[str, ...]
    """The label that scored highest at each."""


def units_of(read: Iterable[Scored], sentences: int, labels: Sequence[str]) -> list[Units]:
    """The units of each sentence, its stretches one after the other.

    A piece that is taken for one that goes on a word is inside of what the piece before it is.
    """
    stretches: list[list[tuple[list[int], list[str]]]] = [[] for _ in range(sentences)]
    for piece, scores in read:
        of = piece.owners()
        tags: list[str] = []
        for number, word, first in zip(scores.argmax(-1).tolist(), of, piece.first_of, strict=True):
            goes_on = number >= len(labels)
            tags.append((inside(tags[-1]) if first < 0 <= word else "O") if goes_on else labels[number])
        stretches[piece.sentence].append((of, tags))
    return [_joined(own) for own in stretches]


def _joined(stretches: list[tuple[list[int], list[str]]]) -> Units:
    ordered = sorted(stretches, key=lambda own: max(own[0]))
    of, tags = ([item for own in ordered for item in own[side]] for side in (0, 1))
    return Units(tuple(of), tuple(str(tag) for tag in tags))  # type: ignore[arg-type]


def beside_each_other(models: Sequence[Sequence[Scored]]) -> list[Scored] | None:
    """The logits of several models, [units, models, classes]; nothing where they read other pieces."""
    owners = [[(piece.sentence, piece.owners()) for piece, _ in read] for read in models]
    if any(own != owners[0] for own in owners):
        return None
    return [(read[0][0], torch.stack([scores for _, scores in read], dim=1)) for read in zip(*models, strict=True)]


def inside(tag: str) -> str:
    """The tag of a piece that goes on a word of this tag.

    >>> inside("B-PER"), inside("O")
    ('I-PER', 'O')
    """
    return f"I-{tag[2:]}" if tag[1:2] == "-" else tag


def write_pieces(file: Path, rows: Iterable[Units]) -> None:
    with file.open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps({"of": row.of, "tags": row.tags}, ensure_ascii=False) + "\n")


def read_pieces(file: Path) -> list[Units]:
    rows = (json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line)
    return [Units(tuple(row["of"]), tuple(row["tags"])) for row in rows]

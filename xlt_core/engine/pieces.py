"""Answers for every piece of a word, for papers whose scores count pieces. Words are what spans are made of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import torch

from xlt_core.data.encode import Piece
from xlt_core.data.records import Tagged
from xlt_core.data.schemes import convert, scheme_of
from xlt_core.engine.mixing import Mix

PIECES = "pieces.jsonl"
"""Of spans the tags of every piece, right and predicted, a line a sentence; where the head decides piece by piece."""
Every = list[list[tuple[int, torch.Tensor]]]
"""For each sentence its words' pieces: the word, and the logits."""


def note(every: Every, piece: Piece, logits: torch.Tensor) -> None:
    """Keep what was said of a stretch's pieces."""
    every[piece.sentence] += [(word, logits[n]) for n, word in enumerate(piece.owners()) if word >= 0]


def beside_each_other(each: Sequence[Every]) -> Every:
    """What several models said of the same pieces, each piece's logits [models, classes]; nothing where they cut words
    otherwise."""
    first, *others = [[[word for word, _ in pieces] for pieces in one] for one in each]
    if any(words != first for words in others):
        return []
    return [
        [(pieces[0][0], torch.stack([logits for _, logits in pieces])) for pieces in zip(*sentence, strict=True)]
        for sentence in zip(*each, strict=True)
    ]


def write_pieces(file: Path, mix: Mix, every: Every, rows: Sequence[Tagged]) -> None:
    """The tags of all pieces. What goes on a word that begins a span is inside it."""
    scheme, labels = scheme_of(row.tags for row in rows), mix.head.spec.labels
    with file.open("w", encoding="utf-8") as out:
        for row, pieces in zip(rows, every, strict=True):
            tags = convert(row.tags, scheme, "iob2")
            ordered = sorted(pieces, key=lambda piece: piece[0])
            words = [word for word, _ in ordered]
            right = [inside(tags[word]) if n and words[n - 1] == word else tags[word] for n, word in enumerate(words)]
            logits = torch.stack([mix.of(own.unsqueeze(0))[0] for _, own in ordered]) if ordered else torch.empty(0, 1)
            best = mix.head.best(logits.unsqueeze(0), torch.ones(1, len(ordered)))[0] if ordered else []
            told = {"gold": right, "said": [labels[number] for number in best]}
            out.write(json.dumps(told, ensure_ascii=False) + "\n")


def inside(tag: str) -> str:
    """The tag of what goes on a word.

    >>> inside("B-PER"), inside("I-PER"), inside("O")
    ('I-PER', 'I-PER', 'O')
    """
    return f"I{tag[1:]}" if tag.startswith("B") else tag

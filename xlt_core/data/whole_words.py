"""Whole words hidden where a word is one unit, whatever its pieces: what stood there is all that its place predicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from xlt_core.data.encode import Piece
from xlt_core.data.masking import Pieces
from xlt_core.slots.losses import Mask


def drawn(words: Sequence[int], rate: float, draw: torch.Generator) -> set[int]:
    """Each word with the same chance; if none, one at random.

    >>> drawn([4, 5, 6], 0.99, torch.Generator().manual_seed(0))
    {4, 5, 6}
    """
    chances = torch.rand(len(words), generator=draw)
    lonely = int(torch.randint(max(1, len(words)), (1,), generator=draw))
    chosen = {word for word, chance in zip(words, chances.tolist(), strict=True) if chance < rate}
    return chosen or set(words[lonely : lonely + 1])


def mask_words(piece: Piece, chosen: set[int], spec: Mask, pieces: Pieces, draw: torch.Generator) -> Piece:
    """A stretch of pooled units with some words hidden in its text, and not in its other channels."""
    units = {unit for unit, word in enumerate(piece.first_of) if word in chosen}
    if not units:  # what was chosen is no word of this stretch any more: words were exchanged or cut off
        inside = range(len(piece.first_of))[piece.words]
        units = {inside[int(torch.randint(len(inside), (1,), generator=draw))]}
    ids = list(piece.ids)
    places = [place for place, unit in enumerate(piece.unit_of) if unit in units]
    hidden = [(piece.unit_of[place], ids[place]) for place in places]
    if piece.answers:
        hidden = [(unit, number) for unit in sorted(units) for number in piece.answers[unit]]
    fates = torch.rand(len(places), generator=draw).tolist() if spec.replace == "bert" else [0.0] * len(places)
    for place, fate in zip(places, fates, strict=True):
        if fate < 0.8:
            ids[place] = pieces.mask
        elif fate < 0.9:
            ordinary = pieces.ordinary()
            ids[place] = int(ordinary[int(torch.randint(len(ordinary), (1,), generator=draw))])
    return replace(piece, ids=tuple(ids), hidden=tuple(hidden))

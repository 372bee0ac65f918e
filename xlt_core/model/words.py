"""From pieces to words before the encoder: every word's vector is the mean of its pieces', streams are summed."""

from __future__ import annotations

from collections.abc import Sequence

import torch


def pool_words(vectors: torch.Tensor, word: torch.Tensor, words: int) -> torch.Tensor:
    """v_w = (1/|w|) Σ_{p ∈ w} v_p for each sentence, [sentences, words, width].

    `vectors` are [sentences, pieces, width]; `word` says which word each piece belongs to, −1 for none. A word
    without pieces is zero.

    >>> vectors = torch.tensor([[[1.0], [3.0], [5.0]]])
    >>> pool_words(vectors, torch.tensor([[0, 0, 1]]), 2).tolist()
    [[[2.0], [5.0]]]
    """
    sentences, _, width = vectors.shape
    place = torch.where(word >= 0, word, torch.full_like(word, words))  # a place of its own for what is no word's
    rows = (place + (words + 1) * torch.arange(sentences, device=word.device).unsqueeze(1)).flatten()
    size = sentences * (words + 1)
    sums = vectors.new_zeros(size, width).index_add(0, rows, vectors.reshape(-1, width))  # whole rows, not numbers
    counts = torch.bincount(rows, minlength=size).clamp(min=1).to(vectors.dtype)
    return (sums / counts.unsqueeze(1)).view(sentences, words + 1, width)[:, :words]


def sum_streams(streams: Sequence[tuple[torch.Tensor, torch.Tensor]], words: int) -> torch.Tensor:
    """x_w = Σ_s v_w^s: the same words read in several ways, each given as (vectors, word).

    >>> one = (torch.ones(1, 2, 1), torch.tensor([[0, 1]]))
    >>> sum_streams([one, one], 2).tolist()
    [[[2.0], [2.0]]]
    """
    pooled = [pool_words(vectors, word, words) for vectors, word in streams]
    return torch.stack(pooled).sum(0)

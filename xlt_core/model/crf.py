"""A linear-chain conditional random field over the words of sentences, exact and for whole batches at once."""

from __future__ import annotations

import torch
from torch import nn


class Crf(nn.Module):
    """p(y|x) ∝ exp(start[y₁] + Σ emission[t, y_t] + Σ step[y_{t−1}, y_t] + end[y_T])

    Emissions are [sentences, words, labels]; `mask` says which words there are, [sentences, words]. Words that
    are missing may stand anywhere: a sentence's chain is made of the words that are there, in order.

    >>> crf = Crf(3)
    >>> total, count = crf.loss(torch.zeros(1, 2, 3), torch.tensor([[0, 1]]), torch.ones(1, 2, dtype=torch.bool))
    >>> round(float(total), 4), int(count)
    (2.1972, 1)
    """

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.start = nn.Parameter(torch.zeros(labels))
        self.step = nn.Parameter(torch.zeros(labels, labels))
        self.end = nn.Parameter(torch.zeros(labels))

    def loss(
        self, emissions: torch.Tensor, gold: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """−Σ ln p(gold|x) over sentences that have a word, and how many those are."""
        emissions, gold, mask = _packed(emissions, mask, gold)
        there = mask[:, 0]
        if not bool(there.any()):
            return emissions.sum() * 0.0, there.sum()
        emissions, gold, mask = emissions[there], gold[there], mask[there]
        losses = self._normaliser(emissions, mask) - self._score(emissions, gold, mask)
        return losses.sum(), there.sum()

    def _score(self, emissions: torch.Tensor, gold: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The exponent of the gold labels, for each sentence."""
        said = emissions.gather(2, gold.unsqueeze(2)).squeeze(2)
        steps = self.step[gold[:, :-1], gold[:, 1:]]
        last = gold.gather(1, (mask.sum(1) - 1).unsqueeze(1)).squeeze(1)
        inside = (said * mask).sum(1) + (steps * mask[:, 1:]).sum(1)
        return self.start[gold[:, 0]] + inside + self.end[last]

    def _normaliser(self, emissions: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """ln Σ_y exp(...), by the forward recursion."""
        alpha = self.start + emissions[:, 0]
        for t in range(1, emissions.shape[1]):
            further = torch.logsumexp(alpha.unsqueeze(2) + self.step, dim=1) + emissions[:, t]
            alpha = torch.where(mask[:, t].unsqueeze(1), further, alpha)
        return torch.logsumexp(alpha + self.end, dim=1)

    @torch.no_grad()
    def best(self, emissions: torch.Tensor, mask: torch.Tensor) -> list[list[int]]:
        """The most probable labels of each sentence's words; of equals the one with the lower numbers."""
        lengths = mask.sum(1).tolist()
        packed, mask = _packed(emissions, mask)
        score = self.start + packed[:, 0]
        came: list[torch.Tensor] = []
        for t in range(1, packed.shape[1]):
            value, before = (score.unsqueeze(2) + self.step).max(dim=1)
            here = mask[:, t].unsqueeze(1)
            came.append(before)
            score = torch.where(here, value + packed[:, t], score)
        final = (score + self.end).argmax(1).tolist()
        return [
            _walk_back(n, int(length), label, came)
            for n, (length, label) in enumerate(zip(lengths, final, strict=True))
        ]


def _walk_back(sentence: int, length: int, label: int, came: list[torch.Tensor]) -> list[int]:
    path = [label] if length else []
    for t in range(length - 1, 0, -1):
        label = int(came[t - 1][sentence, label])
        path.append(label)
    return path[::-1]


def _packed(emissions: torch.Tensor, mask: torch.Tensor, *others: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Bring the words that are there to the front, in order. Returns emissions, the others, and the mask."""
    mask = mask.bool()
    order = torch.argsort((~mask).to(torch.int8), dim=1, stable=True)
    longest = max(1, int(mask.sum(1).max()))
    order = order[:, :longest]
    front = mask.gather(1, order)
    emissions = emissions.gather(1, order.unsqueeze(2).expand(-1, -1, emissions.shape[2]))
    moved = [torch.where(front, other.gather(1, order), torch.zeros_like(order)) for other in others]
    return (emissions, *moved, front)

"""Output layers: from states to a task's labels, what they cost, and the labels that they give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from xlt_core.model.crf import Crf

Kind = Literal["softmax", "crf", "pooled", "dense"]
Pool = Literal["first", "mean"]
Reduction = Literal["token_mean", "sentence_mean"]
Loss = tuple[torch.Tensor, torch.Tensor]

IGNORED = -100
"""The label of a unit that has none."""
SIDE_WIDTH = 16
"""Width of a side feature's vectors."""


@dataclass(frozen=True, slots=True)
class HeadSpec:
    """What a head is, as it stands in the store.

    >>> HeadSpec.read({"labels": ["O", "B-PER", "I-PER"]}).kind
    'softmax'
    """

    labels: tuple[str, ...]
    kind: Kind = "softmax"
    scheme: Literal["iob2", "bioes", "oi"] = "iob2"
    """How the labels write spans, where they do."""
    continued: bool = False
    """Whether there is one more class, of the pieces that go on a word."""
    side: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What is read beside the states, each with its values; number 0 is none of them."""
    pool: Pool = "first"
    """Which state speaks for a sentence."""

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> HeadSpec:
        """The spec in a file; what an older file doesn't say had one way to be."""
        side = {name: tuple(values) for name, values in told.get("side", {}).items()}
        return cls(**{**told, "labels": tuple(told["labels"]), "side": side})

    def told(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def classes(self) -> int:
        return len(self.labels) + self.continued


class Head(nn.Linear):
    """A linear layer over states [sentences, units, width] and what stands beside them.

    scores = W·[h; e(side₁); e(side₂) …] + b
    """

    def __init__(self, width: int, spec: HeadSpec, draw: torch.Generator) -> None:
        super().__init__(width + SIDE_WIDTH * len(spec.side), spec.classes)
        self.spec = spec
        with torch.no_grad():
            self.weight.normal_(0.0, 0.02, generator=draw)
            self.bias.zero_()
        self.beside = nn.ModuleList([nn.Embedding(len(values) + 1, SIDE_WIDTH) for values in spec.side.values()])
        for table in self.beside:
            assert isinstance(table, nn.Embedding)
            with torch.no_grad():
                # As large as a state's own numbers, which come out of a normalisation.
                table.weight.normal_(0.0, 1.0, generator=draw)

    def scores(
        self, states: torch.Tensor, side: torch.Tensor | None = None, attention: torch.Tensor | None = None
    ) -> torch.Tensor:
        """[sentences, units, classes]; `side` holds numbers, [sentences, features, units], `attention` has 0 for
        padding."""
        given = 0 if side is None else side.shape[1]
        if given != len(self.beside):
            told = ", ".join(self.spec.side) or "nothing"
            raise ValueError(f"this head reads {told} beside the states, and was given {given} features")
        if side is None:
            return self(states)  # type: ignore[no-any-return]
        vectors = [table(side[:, n]).to(states.dtype) for n, table in enumerate(self.beside)]
        return self(torch.cat([states, *vectors], dim=-1))  # type: ignore[no-any-return]

    def loss(self, scores: torch.Tensor, labels: torch.Tensor, reduction: Reduction) -> Loss:
        """The summed loss and what it is to be divided by."""
        raise NotImplementedError

    @torch.no_grad()
    def best(self, scores: torch.Tensor, there: torch.Tensor) -> list[list[int]]:
        """The label numbers of each sentence's units that are `there`, [sentences, units]; never the extra class."""
        raise NotImplementedError


class SoftmaxHead(Head):
    """Each unit for itself: p(y|x, t) = softmax(scores[t])."""

    def loss(self, scores: torch.Tensor, labels: torch.Tensor, reduction: Reduction) -> Loss:
        return cross_entropies(scores, labels, reduction)

    @torch.no_grad()
    def best(self, scores: torch.Tensor, there: torch.Tensor) -> list[list[int]]:
        said = scores[..., : len(self.spec.labels)].argmax(-1)
        return [own[mask].tolist() for own, mask in zip(said, there.bool(), strict=True)]


class PooledHead(SoftmaxHead):
    """For sentences and pairs: the one unit with a label is the first, whose state speaks for all, or stands for their
    mean."""

    def scores(
        self, states: torch.Tensor, side: torch.Tensor | None = None, attention: torch.Tensor | None = None
    ) -> torch.Tensor:
        if self.spec.pool == "first":
            return super().scores(states, side)
        assert attention is not None, "padding isn't part of a mean"
        there = attention.unsqueeze(-1).to(states.dtype)
        mean = (states * there).sum(1, keepdim=True) / there.sum(1, keepdim=True)
        return super().scores(mean, side).expand(-1, states.shape[1], -1)


class DenseHead(PooledHead):
    """The same with a layer before: W₂·dropout(tanh(W₁·h + b₁)) + b₂, as published encoders have it."""

    def __init__(self, width: int, spec: HeadSpec, draw: torch.Generator) -> None:
        super().__init__(width, spec, draw)
        self.dense = nn.Linear(width, width)
        self.dropout = nn.Dropout(0.0)
        """As much of it as the backbone has: whoever puts the head on one says so."""
        with torch.no_grad():
            self.dense.weight.normal_(0.0, 0.02, generator=draw)
            self.dense.bias.zero_()

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        return super().forward(self.dropout(torch.tanh(self.dense(states))))


class CrfHead(Head):
    """A linear-chain conditional random field over the words of a sentence.

    `token_mean` is −Σ ln p(y|x) over the number of words, so that the loss is as large as a softmax's;
    `sentence_mean` is −Σ ln p(y|x) over the number of sentences.
    """

    def __init__(self, width: int, spec: HeadSpec, draw: torch.Generator) -> None:
        if spec.continued:
            raise ValueError("a conditional random field is a chain of words: it has no class for pieces inside them")
        super().__init__(width, spec, draw)
        self.crf = Crf(spec.classes)
        with torch.no_grad():
            for weight in self.crf.parameters():
                weight.uniform_(-0.1, 0.1, generator=draw)

    def loss(self, scores: torch.Tensor, labels: torch.Tensor, reduction: Reduction) -> Loss:
        there = labels != IGNORED
        total, sentences = self.crf.loss(self._exact(scores), labels.clamp(min=0), there)
        return total, (there.sum() if reduction == "token_mean" else sentences).to(total.dtype)

    @torch.no_grad()
    def best(self, scores: torch.Tensor, there: torch.Tensor) -> list[list[int]]:
        if not scores.shape[1]:
            return [[] for _ in scores]
        device = self.crf.start.device
        return self.crf.best(self._exact(scores).to(device), there.bool().to(device))

    def _exact(self, scores: torch.Tensor) -> torch.Tensor:
        """Sums over whole sentences in the weights' own precision."""
        return scores.to(self.crf.start.dtype)


HEADS: Mapping[Kind, type[Head]] = {
    "softmax": SoftmaxHead, "crf": CrfHead, "pooled": PooledHead, "dense": DenseHead,
}  # fmt: skip


def head_of(width: int, spec: HeadSpec, draw: torch.Generator) -> Head:
    """A new head as its spec says."""
    return HEADS[spec.kind](width, spec, draw)


def cross_entropies(scores: torch.Tensor, labels: torch.Tensor, reduction: Reduction) -> Loss:
    """One mean over all labelled units, or a mean over sentences of their means."""
    each = cross_entropy(scores.transpose(1, 2), labels, ignore_index=IGNORED, reduction="none")
    counted = (labels != IGNORED).to(each.dtype)
    if reduction == "token_mean":
        return each.sum(), counted.sum()
    per_sentence = each.sum(1) / counted.sum(1).clamp(min=1)
    return per_sentence.sum(), (counted.sum(1) > 0).to(each.dtype).sum()


def mixed(heads: Sequence[Head], weights: Sequence[float]) -> Head:
    """The head that reads Σ w·scores of several: of fields, the steps between labels are mixed alike.

    Σ w·(exponent of a path) is itself such an exponent, so its best path is that of the mix.
    """
    first, *others = heads
    if any(other.spec != first.spec for other in others):
        raise ValueError("only heads of one kind and with the same labels can be mixed")
    if not isinstance(first, CrfHead):
        return first
    made = deepcopy(first)
    with torch.no_grad():
        for name, weight in made.crf.named_parameters():
            parts = [own.crf.get_parameter(name).to(weight.device) for own in heads if isinstance(own, CrfHead)]
            weight.copy_(sum(w * part for w, part in zip(weights, parts, strict=True)))  # type: ignore[arg-type]
    return made

"""What losses read in a step: each distinct view is encoded once, however many of them ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import torch

from xlt_core.data.encode import IGNORED, Batch
from xlt_core.facts import Layer, View
from xlt_core.model.heads import Reduction, cross_entropies

States = Mapping[Layer, torch.Tensor]
Encode = Callable[[Batch, frozenset[Layer]], States]
Score = Callable[..., torch.Tensor]
HeadLoss = Callable[[torch.Tensor, torch.Tensor, Reduction], tuple[torch.Tensor, torch.Tensor]]


@dataclass
class Context:
    """Tensors of one step. `wanted` are the layers that somebody will read: no others are kept."""

    batches: Mapping[View, Batch]
    encode: Encode
    head: Score | None = None
    vocabulary: Callable[[Batch, torch.Tensor], torch.Tensor] | None = None
    wanted: Mapping[View, frozenset[Layer]] = field(default_factory=dict)
    head_loss: HeadLoss = cross_entropies
    vectors: Callable[[Batch], torch.Tensor] | None = None
    passes: int = 0
    _states: dict[View, dict[Layer, torch.Tensor]] = field(default_factory=dict)

    def hidden(self, view: View, layer: Layer = "last") -> torch.Tensor:
        """States of a view, [examples, units, width]; layer 0 is what enters the first layer."""
        known = self._states.setdefault(view, {})
        if layer not in known:
            known.update(self.encode(self.batches[view], self.wanted.get(view, frozenset()) | {layer}))
            self.passes += 1
        return known[layer]

    def mask(self, view: View) -> torch.Tensor:
        """1 where a view has a unit, 0 where it is padding."""
        return self.batches[view].attention

    def pooled(self, view: View, layer: Layer, *, include_specials: bool) -> torch.Tensor:
        """The mean state of each example, [examples, width]; papers differ on the special tokens."""
        batch = self.batches[view]
        keep = batch.attention.bool()
        if not include_specials:
            keep = torch.zeros_like(keep)
            for n, piece in enumerate(batch.pieces):
                keep[n, piece.words] = True
        states = self.hidden(view, layer)
        weights = keep.unsqueeze(-1).to(states.dtype)
        return (states * weights).sum(1) / weights.sum(1).clamp(min=1)

    def task_scores(self, view: View) -> torch.Tensor:
        """The task head's scores for every unit of a view."""
        assert self.head is not None, "only asked by losses with the role `task`"
        states, side = self.hidden(view), self.batches[view].side
        return self.head(states) if side is None else self.head(states, side)

    def task_loss(self, view: View, reduction: Reduction) -> tuple[torch.Tensor, torch.Tensor]:
        """What the head's scores of a view cost, summed, and what that is to be divided by."""
        return self.head_loss(self.task_scores(view), self.labels(view), reduction)

    def embeddings(self, view: View) -> torch.Tensor:
        """What a view puts into the encoder, [examples, units, width]: vectors of pieces, or of words."""
        assert self.vectors is not None, "only asked where the model has a vocabulary"
        return self.vectors(self.batches[view])

    def labels(self, view: View) -> torch.Tensor:
        return self.batches[view].labels

    def logits(self, view: View) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores of every piece at a view's masked places, [places, pieces], and what stood there."""
        assert self.vocabulary is not None, "only asked where the model has a language-model head"
        batch = self.batches[view]
        if batch.targets is None:
            states = self.hidden(view)[:0, 0]
            return self.vocabulary(batch, states), batch.ids[:0, 0]
        places = batch.targets != IGNORED
        return self.vocabulary(batch, self.hidden(view)[places]), batch.targets[places]

    def fresh(self) -> Context:
        """The same step, nothing encoded yet."""
        return replace(self, passes=0, _states={})

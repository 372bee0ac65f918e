"""What losses read in a step: each distinct view is encoded once, however many of them ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from xlt_core.data.encode import Batch
from xlt_core.facts import Layer, View

Encode = Callable[[Batch], tuple[torch.Tensor, ...]]


@dataclass
class Context:
    """Tensors of one step. `hidden_states[0]` are the embeddings' output, as in transformers."""

    batches: dict[View, Batch]
    encode: Encode
    head: Callable[[torch.Tensor], torch.Tensor] | None = None
    passes: int = 0
    _states: dict[View, tuple[torch.Tensor, ...]] = field(default_factory=dict)

    def hidden(self, view: View, layer: Layer = "last") -> torch.Tensor:
        """States of a view, [examples, units, width]."""
        if view not in self._states:
            self._states[view] = self.encode(self.batches[view])
            self.passes += 1
        return self._states[view][-1 if layer == "last" else layer]

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
        return self.head(self.hidden(view))

    def labels(self, view: View) -> torch.Tensor:
        return self.batches[view].labels

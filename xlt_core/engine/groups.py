"""Examples that are compared with each other and don't run at once: what a loss over all of them reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields, replace

import torch

from xlt_core.data.encode import IGNORED, Batch
from xlt_core.engine.context import Context, States
from xlt_core.engine.device import Machine
from xlt_core.facts import Layer, View

FILLERS = {"labels": IGNORED, "targets": IGNORED, "unit_of": -1}


def merged(cuts: Sequence[Context]) -> Context:
    """The cuts as one context, their examples one after the other, padded to the longest; nothing encoded yet."""
    batches = {view: _merged([cut.batches[view] for cut in cuts]) for view in cuts[0].batches}
    return replace(cuts[0].fresh(), batches=batches, begin=None)


def _merged(batches: Sequence[Batch]) -> Batch:
    def column(name: str) -> torch.Tensor | None:
        tensors = [getattr(batch, name) for batch in batches]
        if any(tensor is None for tensor in tensors):
            return None
        longest = max(tensor.shape[-1] for tensor in tensors)
        filler = FILLERS.get(name, 0)
        pad = torch.nn.functional.pad
        return torch.cat([pad(tensor, (0, longest - tensor.shape[-1]), value=filler) for tensor in tensors])

    pieces = tuple(piece for batch in batches for piece in batch.pieces)
    ids, attention, labels = (column(name) for name in ("ids", "attention", "labels"))
    assert ids is not None and attention is not None and labels is not None
    known = (column("targets"), column("side"), column("unit_of"), None, _streams(batches), _hidden(batches))
    return Batch(ids, attention, labels, pieces, *known)


def _streams(batches: Sequence[Batch]) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    found = {}
    for channel in batches[0].streams:
        ids, unit_of = zip(*(batch.streams[channel] for batch in batches), strict=True)
        found[channel] = (_padded(ids, 0), _padded(unit_of, -1))
    return found


def _padded(tensors: Sequence[torch.Tensor], filler: int) -> torch.Tensor:
    longest = max(tensor.shape[1] for tensor in tensors)
    return torch.cat([torch.nn.functional.pad(own, (0, longest - own.shape[1]), value=filler) for own in tensors])


def _hidden(batches: Sequence[Batch]) -> torch.Tensor | None:
    """What stood at masked units, each row counted from the first batch on."""
    found, rows = [], 0
    for batch in batches:
        if batch.hidden is not None:
            found.append(batch.hidden + torch.tensor([rows, 0, 0], device=batch.hidden.device))
        rows += len(batch.attention)
    return torch.cat(found) if found else None


def blank(ctx: Context) -> Context:
    """The same step with states of nothing: enough to see what a loss counts, and made without the model."""

    def encode(batch: Batch, layers: frozenset[Layer]) -> States:
        nothing = torch.zeros((), device=batch.ids.device)
        return dict.fromkeys(layers, nothing.expand(*batch.attention.shape, ctx.width))

    def vocabulary(batch: Batch, states: torch.Tensor) -> torch.Tensor:
        assert ctx.vocabulary is not None
        scores = ctx.vocabulary(batch, torch.zeros(1, ctx.width, device=states.device))
        return scores.expand(len(states), -1)

    known = vocabulary if ctx.vocabulary is not None else None
    return replace(ctx.fresh(), encode=encode, vocabulary=known, begin=None)


@dataclass
class Joined(Context):
    """A group in several cuts, of several processes. Its states are made cut by cut without gradients, and each asks
    for one: `backward` leaves it there, and `onwards` says where each cut goes on from."""

    cuts: Sequence[Context] = ()
    machine: Machine = field(default_factory=Machine)
    guard: Callable[[], AbstractContextManager[None]] | None = None
    leaves: dict[tuple[View, Layer], torch.Tensor] = field(default_factory=dict)

    @classmethod
    def of(cls, cuts: Sequence[Context], machine: Machine, guard: Callable[[], AbstractContextManager[None]]) -> Joined:
        whole = merged(cuts)
        known = {f.name: getattr(whole, f.name) for f in fields(Context)}
        return cls(**known, cuts=[cut.fresh() for cut in cuts], machine=machine, guard=guard)

    def hidden(self, view: View, layer: Layer = "last") -> torch.Tensor:
        if (view, layer) not in self.leaves:
            self.leaves[view, layer] = self._gathered(view, layer).requires_grad_()
        return self.leaves[view, layer]

    def embeddings(self, view: View, stream: str = "text") -> torch.Tensor:
        """Of each cut by itself: languages may have tables of their own."""
        found = [cut.embeddings(view, stream) for cut in self.cuts]
        longest = max(vectors.shape[1] for vectors in found)
        return torch.cat([torch.nn.functional.pad(own, (0, 0, 0, longest - own.shape[1])) for own in found])

    def _gathered(self, view: View, layer: Layer) -> torch.Tensor:
        """The states of all cuts, each from the process that it belongs to."""
        assert self.guard is not None
        attention = self.batches[view].attention
        found = torch.zeros(*attention.shape, self.width, device=attention.device)
        for rows, cut in zip(self._rows(view), self.cuts, strict=True):
            if cut.rank == self.machine.rank:
                with self.guard(), torch.no_grad():
                    states = cut.hidden(view, layer)
                    found[rows, : states.shape[1]] = states.float()
        torch.clear_autocast_cache()  # its copies of weights were made without gradients
        return self.machine.sum(found)

    def _rows(self, view: View) -> list[slice]:
        """Where each cut's examples stand."""
        rows, start = [], 0
        for cut in self.cuts:
            size = len(cut.batches[view].attention)
            rows.append(slice(start, start + size))
            start += size
        return rows

    def backward(self, loss: torch.Tensor) -> None:
        """Gradients at the states, in every process; those of the loss's own weights in the first alone, since they
        are added up afterwards."""
        asked = list(self.leaves.values())
        if self.machine.rank == 0:
            if loss.requires_grad:
                self.machine.backward([loss])
            return
        if not asked:
            return
        found = torch.autograd.grad(self.machine.scaler.scale(loss), asked, allow_unused=True)
        for leaf, gradient in zip(asked, found, strict=True):
            leaf.grad = gradient

    def onwards(self, ctx: Context) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """A cut's states, made with gradients now, and the gradient of the group's loss at each."""
        number = next(n for n, cut in enumerate(self.cuts) if cut.batches is ctx.batches)
        states, gradients = [], []
        for (view, layer), leaf in self.leaves.items():
            own = ctx.hidden(view, layer)
            if own.requires_grad and leaf.grad is not None:
                states.append(own)
                gradients.append(leaf.grad[self._rows(view)[number], : own.shape[1]].to(own.dtype))
        return states, gradients

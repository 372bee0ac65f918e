"""One update: the gradient of Σ weight · Σ sum / Σ count over a logical batch, however that is cut."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

import torch

from xlt_core.engine.context import Context
from xlt_core.engine.device import Machine
from xlt_core.engine.dropout import reseed
from xlt_core.engine.groups import Joined, blank, merged
from xlt_core.errors import Problem, RunError
from xlt_core.model.tables import make_whole
from xlt_core.slots.losses import Loss

LossWork = Callable[[Context, Any], tuple[torch.Tensor, torch.Tensor]]


@dataclass(frozen=True, slots=True)
class Term:
    """One loss of the sum: its name in the run, its options, and its equation."""

    name: str
    options: Loss
    work: LossWork

    @property
    def compares(self) -> bool:
        """Whether its examples must stand together in groups."""
        return self.options is not None and self.options.group() is not None


class Update:
    """Leaves the gradient of a logical batch in the weights and returns its losses.

    Each process works on its own cuts. Losses that compare examples are computed over a whole group: where it doesn't
    run at once, its states are made without gradients first, then again with them, cut by cut, each going on from the
    gradient that the group's loss has at its states (gradient caching).
    """

    def __init__(self, model: torch.nn.Module, terms: Sequence[Term], machine: Machine, seed: int) -> None:
        self.model, self.terms, self.machine, self.seed = model, list(terms), machine, seed
        self.comparing = [n for n, term in enumerate(self.terms) if term.compares]
        self.others = [n for n, term in enumerate(self.terms) if not term.compares]
        self.divisors: list[float] | None = None
        self.found: list[tuple[torch.Tensor, torch.Tensor]] = []
        self.failed: torch.OutOfMemoryError | None = None

    def __call__(self, contexts: Sequence[Context], step: int) -> dict[str, float]:
        self.model.train()
        zero = torch.zeros((), device=self.machine.device)
        self.found, self.failed = [(zero, zero) for _ in self.terms], None
        for number, ctx in enumerate(contexts):
            ctx.begin = partial(reseed, self.seed, step, number)
        groups = [list(cuts) for _, cuts in groupby(contexts, key=lambda ctx: ctx.group)]
        self.divisors = self._divisors(contexts, groups)
        with self.machine.arithmetic():  # anew for each update: autocast keeps its copies of weights until it ends
            for number, cuts in enumerate(groups):
                reseed(self.seed, step, "group", number)
                self._group(cuts)
        if self.machine.any(self.failed is not None):
            raise self.failed or torch.OutOfMemoryError("memory ran out in another process")
        self.machine.sum_gradients(self.model.parameters())
        return self._losses()

    def _divisors(self, contexts: Sequence[Context], groups: Sequence[list[Context]]) -> list[float] | None:
        """What each loss counts in the whole batch, found on empty states. None where a batch isn't cut, and counts
        for itself; one loss in several cuts is divided afterwards, by 1 until then."""
        if len(contexts) == 1 and self.machine.ranks == 1:
            return None
        if len(self.terms) == 1 and not self.comparing:
            return [1.0]
        with torch.no_grad(), self.machine.arithmetic():
            whole = [merged(cuts) for cuts in groups]
            return [sum(float(t.work(blank(ctx), t.options)[1]) for ctx in (whole if t.compares else contexts))
                    for t in self.terms]  # fmt: skip

    def _group(self, cuts: list[Context]) -> None:
        mine = [ctx for ctx in cuts if ctx.rank == self.machine.rank]
        if not self.comparing or (len(cuts) == 1 and self.machine.ranks == 1):
            for ctx in mine if self.failed is None else ():
                with self._out_of_memory_noted():
                    self._backward(ctx, range(len(self.terms)))
            return
        joined = Joined.of(cuts, self.machine, self._out_of_memory_noted)
        joined.backward(self._sum(joined, self.comparing, told=self.machine.rank == 0))
        make_whole(self.model.parameters())
        for ctx in mine if self.failed is None else ():
            with self._out_of_memory_noted():
                self._backward(ctx, self.others, *joined.onwards(ctx))

    @contextmanager
    def _out_of_memory_noted(self) -> Iterator[None]:
        """A process that has no memory left goes on with what it can, so that the others don't wait for it for ever."""
        try:
            yield
        except torch.OutOfMemoryError as error:
            self.failed = self.failed or error

    def _backward(
        self,
        ctx: Context,
        which: Sequence[int],
        states: Sequence[torch.Tensor] = (),
        gradients: Sequence[torch.Tensor] = (),
    ) -> None:
        """Through some losses of a cut, and onwards from states that have a gradient already."""
        losses = [self._sum(ctx, which)] if which else []
        losses = [loss for loss in losses if loss.requires_grad]
        if losses or states:
            self.machine.backward([*losses, *states], [*[None] * len(losses), *gradients])
            make_whole(self.model.parameters())

    def _sum(self, ctx: Context, which: Sequence[int], told: bool = True) -> torch.Tensor:
        """Σ weight · sum / count of some losses."""
        parts = []
        for n in which:
            term = self.terms[n]
            value, count = term.work(ctx, term.options)
            value = value.reshape(())
            if told:
                sums, counts = self.found[n]
                self.found[n] = (sums + value.detach().float(), counts + count.detach().float())
            divisor = count.clamp(min=1) if self.divisors is None else max(self.divisors[n], 1.0)
            parts.append(term.options.weight * value / divisor)
        return torch.stack([part.float() for part in parts]).sum()

    def _losses(self) -> dict[str, float]:
        """The losses of all cuts of all processes; what waited for its count is divided by it now."""
        totals = self.machine.sum(torch.stack([torch.stack(own) for own in self.found]))
        sums, counts = totals.T.tolist()
        if self.divisors is not None and len(self.terms) == 1 and not self.comparing:
            for weight in self.model.parameters():
                if weight.grad is not None:
                    weight.grad.div_(max(counts[0], 1.0))
        elif self.divisors is not None:
            self._refuse_other_counts(counts)
        return {t.name: value / max(count, 1.0) for t, value, count in zip(self.terms, sums, counts, strict=True)}

    def _refuse_other_counts(self, counts: Sequence[float]) -> None:
        assert self.divisors is not None
        for term, told, count in zip(self.terms, self.divisors, counts, strict=True):
            if not math.isclose(told, count, rel_tol=1e-6):
                what = f"it counts {count:g} by the model's states, and {told:g} without them"
                fix = "a loss's count may depend on the batch alone, not on what the model makes of it"
                raise RunError(f"The loss {term.name} can't be cut.", [Problem(what, term.name, fix)])

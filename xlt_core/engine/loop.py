"""The training loop. It yields what happens; callers log it, show it, choose and save."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import torch

from xlt_core.config.settings import Budget
from xlt_core.data.encode import Piece
from xlt_core.engine.batching import epoch_batches
from xlt_core.engine.checkpoint import Checkpoint, Progress
from xlt_core.engine.context import Context
from xlt_core.engine.optimise import optimiser, rate
from xlt_core.errors import Problem, RunError
from xlt_core.slots.losses import Loss
from xlt_core.slots.schedule import Schedule

LossWork = Callable[[Context, Any], tuple[torch.Tensor, torch.Tensor]]


@dataclass(frozen=True, slots=True)
class Term:
    """One loss of the sum: its name in the run, its options, and its equation."""

    name: str
    options: Loss
    work: LossWork


@dataclass(frozen=True, slots=True)
class Event:
    """`step` with the losses of a logical batch, or `epoch` when one is over."""

    kind: str
    step: int
    epoch: float
    tokens: int
    losses: dict[str, float]


def train_steps(
    model: torch.nn.Module,
    terms: Sequence[Term],
    pieces: Sequence[Piece],
    contexts: Callable[[Sequence[Piece], int], Sequence[Context]],
    options: Schedule,
    seed: int,
    budget: Budget | None,
    checkpoint: Checkpoint | None = None,
) -> Iterator[Event]:
    """Train until the schedule's end or the budget's; from a checkpoint on, where there is one.

    Each loss is summed over a logical batch and divided by the batch's own count, so that how the batch
    was cut into physical ones changes nothing.
    """
    optim = optimiser(model, options)
    per_epoch = math.ceil(len(pieces) / options.batch)
    torch.manual_seed(seed)  # dropout
    at = (checkpoint.restore(model, optim) if checkpoint else None) or Progress()
    limit = _Limit(options, budget, per_epoch, at.seconds)
    with checkpoint.stops() if checkpoint else nullcontext():
        while not limit.over(at):
            for logical in islice(epoch_batches(pieces, options.batch, seed, at.epoch), at.within, None):
                for group in optim.param_groups:
                    group["lr"] = options.lr * rate(options, limit.done(at))
                losses = _update(model, optim, terms, contexts(logical, at.step), options, at.step, logical)
                at = replace(at.further(sum(len(piece.ids) for piece in logical)), seconds=limit.seconds())
                yield Event("step", at.step, at.step / per_epoch, at.tokens, losses)
                if checkpoint:
                    checkpoint.between_steps(model, optim, at)
                if limit.over(at):
                    break
            at = at.next_epoch()
            yield Event("epoch", at.step, at.step / per_epoch, at.tokens, {})
            if checkpoint:
                checkpoint.between_steps(model, optim, at)


def _update(
    model: torch.nn.Module,
    optim: torch.optim.Optimizer,
    terms: Sequence[Term],
    contexts: Sequence[Context],
    options: Schedule,
    step: int,
    logical: Sequence[Piece],
) -> dict[str, float]:
    """One step on a logical batch; its losses."""
    model.train()
    losses = _accumulate(model, terms, contexts)
    _refuse_nan(losses, step, logical)
    if options.clip:
        torch.nn.utils.clip_grad_norm_(model.parameters(), options.clip)
    optim.step()
    optim.zero_grad(set_to_none=True)
    return losses


def _accumulate(model: torch.nn.Module, terms: Sequence[Term], contexts: Sequence[Context]) -> dict[str, float]:
    """Backward through Σ weight · Σ sum / Σ count, the sums going over all physical batches."""
    return _whole(terms, contexts[0]) if len(contexts) == 1 else _in_cuts(model, terms, contexts)


def _whole(terms: Sequence[Term], ctx: Context) -> dict[str, float]:
    means = {}
    for term in terms:
        value, count = term.work(ctx, term.options)
        means[term.name] = value / count.clamp(min=1)
    weighted = [term.options.weight * means[term.name].reshape(()) for term in terms]
    torch.autograd.backward(torch.stack(weighted).sum())
    return {name: float(mean.detach()) for name, mean in means.items()}


def _in_cuts(model: torch.nn.Module, terms: Sequence[Term], contexts: Sequence[Context]) -> dict[str, float]:
    """Cut by cut, each loss over the whole batch's count. One loss's gradients are divided by it afterwards; where
    there are several, counts must be known before."""
    counts = _counts(terms, contexts) if len(terms) > 1 else [1.0]
    sums, counted = [0.0] * len(terms), [0.0] * len(terms)
    for ctx in contexts:
        made = [term.work(ctx, term.options) for term in terms]
        values = [value.reshape(()) for value, _ in made]
        parts = [t.options.weight * v / max(n, 1.0) for t, v, n in zip(terms, values, counts, strict=True)]
        torch.autograd.backward(torch.stack(parts).sum())
        sums = [old + float(value.detach()) for old, value in zip(sums, values, strict=True)]
        counted = [old + float(count) for old, (_, count) in zip(counted, made, strict=True)]
    if len(terms) == 1:
        for weight in model.parameters():
            if weight.grad is not None:
                weight.grad.div_(max(counted[0], 1.0))
    return {t.name: value / max(count, 1.0) for t, value, count in zip(terms, sums, counted, strict=True)}


def _counts(terms: Sequence[Term], contexts: Sequence[Context]) -> list[float]:
    """How much each loss counts in the whole batch, found without gradients and without using up randomness."""
    with torch.no_grad():
        state = torch.get_rng_state()
        counts = [sum(float(t.work(ctx.fresh(), t.options)[1]) for ctx in contexts) for t in terms]
        torch.set_rng_state(state)
    return counts


def _refuse_nan(losses: dict[str, float], step: int, logical: Sequence[Piece]) -> None:
    bad = [name for name, value in losses.items() if not math.isfinite(value)]
    if bad:
        where = f"step {step + 1}, sentences {', '.join(str(piece.sentence) for piece in logical[:8])} …"
        problem = Problem(f"loss {', '.join(bad)} is not a number", where, "--set training.lr= with a smaller value")
        raise RunError("Training stopped.", [problem])


class _Limit:
    """When training ends, and how far it is."""

    def __init__(self, options: Schedule, budget: Budget | None, per_epoch: int, seconds: float) -> None:
        self.steps = options.steps or math.ceil(options.epochs * per_epoch)
        self.budget, self.started = budget, time.monotonic() - seconds

    def seconds(self) -> float:
        return time.monotonic() - self.started

    def done(self, at: Progress) -> float:
        if self.budget is None:
            return at.step / self.steps
        spent = {"steps": float(at.step), "tokens": float(at.tokens), "minutes": self.seconds() / 60}
        return min(1.0, spent[self.budget.unit] / self.budget.amount)

    def over(self, at: Progress) -> bool:
        return self.done(at) >= 1.0

"""The training loop. It yields what happens; callers log it, show it, choose and save."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Protocol

import torch

from xlt_core.budget import Budget
from xlt_core.data.encode import Piece
from xlt_core.engine.batching import Order, epoch_batches
from xlt_core.engine.checkpoint import Checkpoint, Progress
from xlt_core.engine.context import Context
from xlt_core.engine.device import Machine
from xlt_core.engine.failures import Failures
from xlt_core.engine.optimise import optimiser, rate, set_rates
from xlt_core.engine.update import Term, Update
from xlt_core.errors import Problem, RunError
from xlt_core.slots.schedule import Adaptation, Schedule

Contexts = Callable[[Sequence[Piece], int], Sequence[Context]]
"""What a logical batch is cut into at a step. Where it has `halve()`, it can cut smaller (`xlt_core.engine.feed`)."""


@dataclass(frozen=True, slots=True)
class Event:
    """`step` with the losses of a logical batch, `epoch` when one is over, `end`; `smaller` when memory ran out and
    less runs together from now on."""

    kind: str
    step: int
    epoch: float
    tokens: int
    losses: dict[str, float]
    share: float = 0.0
    """How much of the training is over."""


class Watching(Protocol):
    """What slows a training down, or ends it, by what it sees between steps."""

    @property
    def factor(self) -> float: ...
    @property
    def over(self) -> bool: ...


def train_steps(
    model: torch.nn.Module,
    terms: Sequence[Term],
    pieces: Sequence[Piece],
    contexts: Contexts,
    options: Schedule,
    seed: int,
    budget: Budget | None,
    checkpoint: Checkpoint | None = None,
    watch: Watching | None = None,
    machine: Machine | None = None,
    order: Order = epoch_batches,
    optimise: Callable[[torch.nn.Module, Schedule], torch.optim.Optimizer] = optimiser,
) -> Iterator[Event]:
    """Train until the schedule's end, the budget's, or the watch's; from a checkpoint on, where there is one.

    Each loss is summed over a logical batch and divided by the batch's own count, so that how the batch
    was cut into physical ones, and over how many processes, changes nothing.
    """
    machine = machine or Machine()
    optim = optimise(model, options)
    update = Update(model, terms, machine, seed)
    failures = Failures(checkpoint.folder if checkpoint else None)
    per_epoch = math.ceil(len(pieces) / options.update)
    at = (checkpoint.restore(model, optim, machine) if checkpoint else None) or Progress()
    limit = Limit(options, budget, per_epoch, at.seconds)

    def over() -> bool:
        return limit.over(at) or (watch is not None and watch.over)

    def event(kind: str, losses: dict[str, float] | None = None) -> Event:
        return Event(kind, at.step, at.step / per_epoch, at.tokens, losses or {}, limit.done(at))

    with checkpoint.stops() if checkpoint else nullcontext():
        while not over():
            for logical in islice(order(pieces, options.update, seed, at.epoch), at.within, None):
                set_rates(optim, rate(options, limit.done(at)) * (watch.factor if watch else 1.0))
                while (losses := _or_out_of_memory(update, contexts, logical, at.step, optim, options)) is None:
                    yield event("smaller")
                failures.refuse(losses, at.step, logical)
                if not machine.step(optim, model, options.clip):
                    failures.refuse({"the gradient": math.nan}, at.step, logical)
                at = replace(at.further(sum(len(piece.ids) for piece in logical)), seconds=limit.seconds())
                yield event("step", losses)
                if checkpoint:
                    checkpoint.between_steps(model, optim, at, machine)
                if over():
                    break
            at = at.next_epoch()
            yield event("epoch")
            if checkpoint:
                checkpoint.between_steps(model, optim, at, machine)
        yield event("end")


def _or_out_of_memory(
    update: Update,
    contexts: Contexts,
    logical: Sequence[Piece],
    step: int,
    optim: torch.optim.Optimizer,
    options: Schedule,
) -> dict[str, float] | None:
    """The losses of a logical batch; None where memory ran out and the next try will run less at once."""
    try:
        return update(contexts(logical, step), step)
    except torch.OutOfMemoryError as error:
        optim.zero_grad(set_to_none=True)
        halve: Any = getattr(contexts, "halve", None)
        if halve is None or not halve():
            what = "memory runs out even for one example at a time"
            raise RunError("Training stopped.", [Problem(what, f"step {step + 1}", _smaller(options))]) from error
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return None


def _smaller(options: Schedule) -> str:
    """What to type where one example is too much."""
    slot = "adaptation" if isinstance(options, Adaptation) else "training"
    shorter = f"--set {slot}.max_length= with a number below {options.max_length}"
    return shorter if options.recompute else f"--set {slot}.recompute=true, or {shorter}"


class Limit:
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

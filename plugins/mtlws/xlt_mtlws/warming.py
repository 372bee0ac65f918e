"""The work of the warm start: a little of every language, before the task is learnt from gold labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch

from xlt_core.data.encode import Piece
from xlt_core.engine.batching import generator
from xlt_core.engine.checkpoint import Checkpoint
from xlt_core.engine.device import Machine
from xlt_core.engine.dropout import seed_dropout
from xlt_core.engine.feed import Feed
from xlt_core.engine.loop import Event, train_steps
from xlt_core.engine.optimise import optimiser
from xlt_core.engine.outer import Displacement, Outer, Rule, drawn, rounds
from xlt_core.engine.recompute import recompute
from xlt_core.engine.terms import changes_of, group_of, save_owned, stage_options, terms_of, wanted_views
from xlt_core.engine.train import ready
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job
from xlt_core.slots.schedule import Schedule
from xlt_mtlws.warm_up import WarmStart


def warm(job: Job) -> None:
    """Z rounds: a copy for each language takes K steps, and the shared weights move (equations 7 and 8)."""
    options = stage_options(job, "training")
    assert isinstance(options, WarmStart) and job.stage.seed is not None
    machine, seed = Machine.of(job.settings), job.stage.seed
    net, pieces, _ = ready(job, options)
    terms = terms_of(job, net)
    net.to(machine.device)
    seed_dropout(net)
    if options.recompute:
        recompute(net.backbone)
    of = {language: [piece for piece in pieces if piece.language == language] for language in job.stage.languages}
    _refuse_empty(of, job)
    inner = _inner(options)
    wanted = wanted_views(job, terms)
    changes = changes_of(job, net, terms, wanted)
    feed = Feed(net, wanted, seed, machine.device, group=group_of(terms), ranks=machine.ranks, changes=changes)

    def learn(number: int, language: str, checkpoint: Checkpoint | None) -> Iterator[Event]:
        count = options.inner_steps * options.batch
        own = drawn(of[language], count, seed, number, language, options.subset == "resample")
        fresh = int(torch.randint(2**31, (1,), generator=generator(seed, "copy", number, language)))
        make = optimiser if options.inner == "adamw" else _sgd
        yield from train_steps(
            net, terms, own, feed, inner, fresh, None, checkpoint, machine=machine, optimise=make
        )  # fmt: skip

    before = [weight.detach().clone().float() for weight in net.parameters() if weight.requires_grad]
    rule = Rule(options.rounds, options.outer_rate, options.outer, options.anneal)
    outer = Outer(net, job.stage.languages, rule)
    kept = Checkpoint(job.unfinished, job.settings.checkpoint) if job.unfinished else None
    for number, language, event in rounds(outer, learn, kept):
        if event.kind == "step" and machine.rank == 0:
            share = (number + (outer.number + event.share) / len(of)) / options.rounds
            told = {"round": number + 1, "step": event.step, "share": share}
            job.report({"kind": "step", "language": language, **told, **event.losses})
    if machine.rank == 0:
        _tell(job, Displacement.between(before, outer.shared, inner.lr))
    net.save(job.out)
    save_owned(net, job.out)


def _inner(options: WarmStart) -> WarmStart:
    """What a copy's steps go by: a rate that stays as it is, no check of their own."""
    rate = options.inner_lr or options.lr
    fixed = {"steps": options.inner_steps, "lr": rate, "lr_schedule": "constant", "warm_up": 0.0}
    inner: WarmStart = options.model_copy(update=fixed)
    return inner


def _sgd(model: torch.nn.Module, options: Schedule) -> torch.optim.Optimizer:
    """Plain gradient steps."""
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    group = {"params": weights, "lr": options.lr, "base": options.lr}
    return torch.optim.SGD([group], lr=options.lr, weight_decay=options.weight_decay)


def _refuse_empty(of: Mapping[str, Sequence[Piece]], job: Job) -> None:
    empty = [language for language, pieces in of.items() if not pieces]
    if empty:
        problem = Problem(f"there is no labelled sentence of {', '.join(empty)}", job.stage.id)
        raise RunError("The warm start can't begin.", [problem])


def _tell(job: Job, moved: Displacement) -> None:
    job.report({"kind": "moved", "relative displacement": moved.relative, "equivalent Adam steps": moved.steps})
    if moved.steps < 1:
        text = f"the weights moved by {moved.steps:.2g} of one step of fine-tuning on the mean: too little to count on"
        job.report({"kind": "note", "text": text})

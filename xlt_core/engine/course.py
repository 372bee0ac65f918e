"""A stage's training from beginning to end: within its budget, from its checkpoint, with what happens reported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial

import numpy as np
import torch

from xlt_core.budget import Budget
from xlt_core.data.encode import Piece
from xlt_core.data.kept import Some
from xlt_core.data.mix import power_of
from xlt_core.engine.batching import Order, epoch_batches, generator, mixed_batches
from xlt_core.engine.checkpoint import Checkpoint
from xlt_core.engine.checks import Check, Dev
from xlt_core.engine.device import Machine
from xlt_core.engine.dropout import seed_dropout
from xlt_core.engine.feed import Feed
from xlt_core.engine.loop import Event, train_steps
from xlt_core.engine.net import Net
from xlt_core.engine.recompute import recompute
from xlt_core.engine.states import KeptStates
from xlt_core.engine.terms import changes_of, group_of, save_owned, terms_of, wanted_views
from xlt_core.engine.watch import Watch
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job
from xlt_core.slots.schedule import Adaptation, Schedule

SELECTED = "selected.json"
"""The value at which a training's weights were kept, higher for better."""


def learn(
    job: Job,
    net: Net,
    pieces: Sequence[Piece],
    options: Schedule,
    machine: Machine,
    dev: Dev | None = None,
    order: Order | None = None,
) -> None:
    """Train the net, and leave in it the weights that `select` keeps; batches are drawn by `order`, or by the mix.

    >>> learn(job, net, pieces, options, Machine.of(job.settings)); net.save(job.out)     # doctest: +SKIP
    """
    assert job.stage.seed is not None
    terms = terms_of(job, net)
    net.to(machine.device)
    seed_dropout(net)
    if options.recompute:
        recompute(net.backbone)
    kept, held_out = _parted(job, pieces, options)
    wanted, group, seed = wanted_views(job, terms), group_of(terms), job.stage.seed
    kept_states, changes = KeptStates(job.inputs), changes_of(job, net, terms, wanted)
    feed = Feed(net, wanted, seed, machine.device, group=group, ranks=machine.ranks, kept=kept_states, changes=changes)
    alone = Feed(net, wanted, seed, machine.device, group=group, kept=kept_states, changes=changes)
    check = Check(job, net, machine, options, terms, alone, held_out, dev)
    watch = Watch(net, options, check.value) if options.checks else None
    carried = {"watch": watch} if watch else {}
    budget = Budget.read(options.budget) if options.budget else None
    kept_at = Checkpoint(job.unfinished, job.settings.checkpoint, carried) if job.unfinished else None
    order = order or _order(options, job)
    for event in train_steps(net, terms, kept, feed, options, seed, budget, kept_at, watch, machine, order):
        _tell(job, event, feed, machine)
        value = watch.see(event) if watch else None
        if value is not None and machine.rank == 0:
            told = {check.name: abs(value) if options.select.by == "held_out_loss" else value}
            job.report({"kind": "check", "step": event.step, "epoch": round(event.epoch, 3), **told})
    if watch:
        watch.finish()
        _note(watch, check.name, job)
    save_owned(net, job.out)


def _note(watch: Watch, name: str, job: Job) -> None:
    """Write down the value at which the weights were kept: whoever chooses between trainings looks there."""
    if watch.best is not None:
        told = {"by": name.removeprefix("dev "), "score": watch.best}
        (job.out / SELECTED).write_text(json.dumps(told) + "\n", encoding="utf-8")


def _tell(job: Job, event: Event, feed: Feed, machine: Machine) -> None:
    if machine.rank:
        return
    if event.kind == "step":
        told = {"step": event.step, "epoch": round(event.epoch, 3), "tokens": event.tokens}
        job.report({"kind": "step", **told, "share": event.share, **event.losses})
    elif event.kind == "smaller":
        text = f"memory ran out: from step {event.step + 1} on {feed.tokens_at_once} tokens run at once, not more"
        job.report({"kind": "note", "text": text})


def _order(options: Schedule, job: Job) -> Order:
    if isinstance(options, Adaptation) and options.mix != "natural" and len(job.stage.languages) > 1:
        return partial(mixed_batches, power=power_of(options.mix, options.mix_power))
    return epoch_batches


def _parted(job: Job, pieces: Sequence[Piece], options: Schedule) -> tuple[Sequence[Piece], Sequence[Piece]]:
    """What is learnt from, and what is measured on: a share of every language's texts, whole ones."""
    if not options.checks or options.select.by != "held_out_loss":
        return pieces, ()
    assert job.stage.seed is not None
    names: dict[str, int] = {}
    said = ((names.setdefault(piece.language, len(names)), piece.sentence) for piece in pieces)
    of = np.fromiter(said, dtype=(np.int64, 2))
    out = np.zeros(len(pieces), dtype=bool)
    for language, number in names.items():
        own = of[of[:, 0] == number, 1]
        texts = own[np.sort(np.unique(own, return_index=True)[1])]
        order = torch.randperm(len(texts), generator=generator(job.stage.seed, "held out", language)).numpy()
        chosen = texts[order[: max(1, round(options.held_out * len(texts)))]]
        out |= (of[:, 0] == number) & np.isin(of[:, 1], chosen)
    kept = Some(pieces, np.flatnonzero(~out))
    if not kept:
        problem = Problem(
            "all there is to learn from is held out", job.stage.id, "more text, or --set ….select.keep=last"
        )
        raise RunError("Training can't begin.", [problem])
    return kept, [pieces[n] for n in np.flatnonzero(out).tolist()]

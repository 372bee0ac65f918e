"""A stage's training from beginning to end: within its budget, from its checkpoint, with what happens reported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch

from xlt_core.config.settings import Budget
from xlt_core.data.encode import Piece
from xlt_core.engine.checkpoint import Checkpoint, Stateful
from xlt_core.engine.device import arithmetic
from xlt_core.engine.feed import Feed
from xlt_core.engine.loop import Event, train_steps
from xlt_core.engine.net import Net
from xlt_core.engine.terms import terms_of, wanted_views
from xlt_core.graph.job import Job
from xlt_core.slots.schedule import Schedule


def epochs(
    job: Job,
    net: Net,
    pieces: Sequence[Piece],
    options: Schedule,
    device: torch.device,
    carried: Mapping[str, Stateful] | None = None,
) -> Iterator[Event]:
    """Train, and yield at the end of each epoch; what is `carried` along stands in the checkpoints too."""
    assert job.stage.seed is not None
    terms = terms_of(job)
    feed = Feed(net, wanted_views(job, terms), job.stage.seed, device)
    budget = Budget.read(job.settings.budget) if job.settings.budget else None
    kept_at = Checkpoint(job.unfinished, job.settings.checkpoint, carried or {}) if job.unfinished else None
    with arithmetic(job.settings, device):
        for event in train_steps(net, terms, pieces, feed, options, job.stage.seed, budget, kept_at):
            if event.kind == "epoch":
                yield event
            else:
                told = {"step": event.step, "epoch": round(event.epoch, 3), "tokens": event.tokens}
                job.report({"kind": "step", **told, **event.losses})

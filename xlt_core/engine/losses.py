"""The core's own losses. Each returns (sum, count); the engine divides over the whole logical batch."""

from __future__ import annotations

import torch
from torch.nn.functional import cross_entropy

from xlt_core.data.encode import IGNORED
from xlt_core.engine.context import Context
from xlt_core.facts import View
from xlt_core.slots.losses import Mlm, TaskLoss


def task(ctx: Context, options: TaskLoss) -> tuple[torch.Tensor, torch.Tensor]:
    """Cross-entropy of the labelled units: one mean over all of them, or a mean over sentences of theirs."""
    view = View(options.view)
    labels = ctx.labels(view)
    each = cross_entropy(ctx.task_scores(view).transpose(1, 2), labels, ignore_index=IGNORED, reduction="none")
    counted = (labels != IGNORED).to(each.dtype)
    if options.reduction == "token_mean":
        return each.sum(), counted.sum()
    per_sentence = each.sum(1) / counted.sum(1).clamp(min=1)
    return per_sentence.sum(), (counted.sum(1) > 0).to(each.dtype).sum()


def mlm(ctx: Context, options: Mlm) -> tuple[torch.Tensor, torch.Tensor]:
    """−Σ ln p(piece | masked text) over masked places, and how many there are."""
    logits, targets = ctx.logits(View(options.view, (options.mask.transform(),)))
    return cross_entropy(logits, targets, reduction="sum"), torch.tensor(float(len(targets)), device=logits.device)

"""The core's own losses. Each returns (sum, count); the engine divides over the whole logical batch."""

from __future__ import annotations

import torch
from torch.nn.functional import cross_entropy

from xlt_core.engine.context import Context
from xlt_core.facts import View
from xlt_core.slots.losses import CausalLm, Denoising, Mlm, TaskLoss


def task(ctx: Context, options: TaskLoss) -> tuple[torch.Tensor, torch.Tensor]:
    """What the task's head makes of the labelled units: one mean over all of them, or one over sentences."""
    return ctx.task_loss(View(options.view), options.reduction)


def mlm(ctx: Context, options: Mlm) -> tuple[torch.Tensor, torch.Tensor]:
    """−Σ ln p(piece | masked text) over masked places, and how many there are."""
    logits, targets = ctx.logits(View(options.view, (options.mask.transform(),)))
    return cross_entropy(logits, targets, reduction="sum"), torch.tensor(float(len(targets)), device=logits.device)


def causal_lm(ctx: Context, options: CausalLm) -> tuple[torch.Tensor, torch.Tensor]:
    """−Σ ln p(piece | the pieces before it), over all but a sequence's first, and how many there are."""
    logits, targets = ctx.next_logits(View(options.view))
    return cross_entropy(logits, targets, reduction="sum"), torch.tensor(float(len(targets)), device=logits.device)


def denoising(ctx: Context, options: Denoising) -> tuple[torch.Tensor, torch.Tensor]:
    """−Σ ln p(piece | masked text, the pieces before it) over the whole text, and how many there are."""
    logits, targets = ctx.rebuilt_logits(View(options.view, (options.mask.transform(),)))
    return cross_entropy(logits, targets, reduction="sum"), torch.tensor(float(len(targets)), device=logits.device)

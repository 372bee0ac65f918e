"""AdamW with its learning rate's course."""

from __future__ import annotations

import math

import torch

from xlt_core.slots.schedule import Schedule


def optimiser(model: torch.nn.Module, options: Schedule) -> torch.optim.AdamW:
    """Decay on matrices only: not on biases, not on norms."""
    named = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
    plain = [weight for name, weight in named if weight.ndim < 2]
    decayed = [weight for name, weight in named if weight.ndim >= 2]
    groups = [{"params": decayed, "weight_decay": options.weight_decay}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=options.lr, eps=1e-8)


def rate(options: Schedule, done: float) -> float:
    """The learning rate's factor when a share `done` of the training is over.

    >>> from xlt_core.slots.schedule import Finetune
    >>> rate(Finetune(), 0.25)
    0.75
    """
    if done < options.warm_up:
        return done / options.warm_up
    left = (done - options.warm_up) / (1 - options.warm_up)
    if options.lr_schedule == "linear":
        return max(0.0, 1 - left)
    if options.lr_schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * min(1.0, left)))
    return 1.0

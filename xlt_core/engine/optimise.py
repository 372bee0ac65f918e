"""AdamW with its learning rates and their course."""

from __future__ import annotations

import math

import torch

from xlt_core.slots.schedule import Schedule

FUSED = {"cpu", "cuda"}
"""Devices that have the whole of a step in one go: on a CPU it takes a quarter of the time."""


def optimiser(model: torch.nn.Module, options: Schedule) -> torch.optim.AdamW:
    """Decay on matrices only: not on biases, not on norms. A group for each learning rate, which stands in `base`."""
    groups: dict[tuple[float, bool], list[torch.nn.Parameter]] = {}
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            lr = rate_of(part_of(name), options)
            groups.setdefault((lr, weight.ndim >= 2), []).append(weight)
    told = [
        {"params": weights, "weight_decay": options.weight_decay if decayed else 0.0, "lr": lr, "base": lr}
        for (lr, decayed), weights in groups.items()
    ]
    devices = {weight.device.type for weights in groups.values() for weight in weights}
    return torch.optim.AdamW(told, lr=options.lr, eps=1e-8, fused=devices <= FUSED or None)


OF_PART = {"languages": "adapter", "task": "task_adapter", "rows": "embedding"}


def rate_of(part: str, options: Schedule) -> float:
    """A part's own learning rate; that of all tables where a channel's has none; or the schedule's."""
    return options.lr_of.get(part, options.lr_of.get(part.partition(":")[0], options.lr))


def part_of(name: str) -> str:
    """The part that a weight of a model belongs to, as plans call it.

    >>> part_of("languages.amh.layers.0.up.weight"), part_of("backbone.model.lm_head.dense.bias")
    ('adapter', 'mlm_head')
    >>> part_of("tables.rows.shared:phonemes")
    'embedding:phonemes'
    """
    first, *rest = name.split(".")
    if first == "tables":
        return f"embedding:{rest[-1].rpartition(':')[2]}"
    if "invertible" in rest:
        return "invertible"
    if first == "backbone":
        return "mlm_head" if {"lm_head", "cls", "predictions"}.intersection(rest) else "body"
    return rest[1] if first == "owned" else OF_PART.get(first, first)


def set_rates(optim: torch.optim.Optimizer, factor: float) -> None:
    """Every group's own learning rate, times the factor of this step."""
    for group in optim.param_groups:
        group["lr"] = group["base"] * factor


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

"""Equation 9's second term, and what the released code computes in its place."""

from __future__ import annotations

import torch

from xlt_core.engine.context import Context
from xlt_unibridge.anchor import Kl


def kl(ctx: Context, options: Kl) -> tuple[torch.Tensor, torch.Tensor]:
    """Σ_b D(softmax(h̄_U/T) ‖ softmax(h̄_P/T)), and the number of examples (equation 9)."""
    view = options.compared
    if options.kl_point == "after_inverse":
        ours = ctx.output_pooled(view, include_specials=True)
    else:
        ours = ctx.pooled(view, "last", include_specials=True)
    if options.kl_teacher_reads == "target_ids":
        theirs = ctx.unchanged_pooled(view, "last", include_specials=True)
    else:
        theirs = ctx.kept_states(view, "frozen", "last", "mean+specials")
    form = divergence if options.kl_form == "paper" else released
    return form(ours, theirs, options.kl_temperature).sum(), torch.tensor(float(len(ours)), device=ours.device)


def divergence(ours: torch.Tensor, theirs: torch.Tensor, temperature: float = 1.0) -> torch.Tensor:
    """D_KL(p ‖ q) = Σ_i p_i (ln p_i − ln q_i) of each row, p = softmax(ours/T), q = softmax(theirs/T).

    >>> ours, theirs = torch.tensor([[1.0, 0.0, 0.0]]), torch.tensor([[0.0, 2.0, 0.0]])
    >>> round(float(divergence(ours, theirs)), 6)
    0.840334
    """
    p, q = (torch.log_softmax(states.float() / temperature, -1) for states in (ours, theirs.detach()))
    return (p.exp() * (p - q)).sum(-1)


def released(ours: torch.Tensor, theirs: torch.Tensor, temperature: float = 1.0) -> torch.Tensor:
    """H(q) + ⟨p, q⟩: a KL with a probability where a log-probability is due, negated; least where p avoids q."""
    p = torch.softmax(ours.float() / temperature, -1)
    q = torch.log_softmax(theirs.detach().float() / temperature, -1)
    return (q.exp() * (p - q)).sum(-1)

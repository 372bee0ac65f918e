"""Dropout that is drawn by seed, step and place alone, and costs little on a CPU.

torch draws a CPU's dropout one number at a time from one stream; here sixteen random bits serve a number, sixty-four
of them drawn at once. On other devices torch's own is fast, and is what is used.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

ATTENTION = "xlt_dropout"
LEVELS = 1 << 16


class _Stream:
    """The random bits of this process's dropout."""

    def __init__(self) -> None:
        self.bits: np.random.BitGenerator = np.random.PCG64(0)

    def seed(self, number: int) -> None:
        self.bits = np.random.PCG64(number)

    def kept(self, shape: torch.Size, share: int) -> torch.Tensor:
        """1 where something is kept, with the chance `share` / 65,536, and 0 elsewhere."""
        count = shape.numel()
        raw = self.bits.random_raw((count + 3) // 4).view(np.int16)[:count]
        return torch.from_numpy((raw >= np.int16(LEVELS // 2 - share)).view(np.uint8)).view(shape)


STREAM = _Stream()


def reseed(*of: object) -> None:
    """Begin again all that is drawn in a training step, from what it is drawn for: `reseed(seed, step, cut)`."""
    number = int.from_bytes(hashlib.sha256(repr(of).encode()).digest()[:8], "big") >> 1
    torch.manual_seed(number)
    STREAM.seed(number)


def share_of(rate: float) -> int:
    """How many of the 65,536 draws keep something."""
    return LEVELS - round(rate * LEVELS)


def drop(x: torch.Tensor, rate: float) -> torch.Tensor:
    """Zeros with the chance `rate`, and all else larger, so that the mean stays."""
    share = share_of(rate)
    if share == 0:
        return torch.zeros_like(x)
    return _Dropped.apply(x, STREAM.kept(x.shape, share), LEVELS / share)  # type: ignore[no-any-return, no-untyped-call]


class _Dropped(torch.autograd.Function):
    """x · kept · scale; what stays in memory for the way back is one byte a place."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, kept: torch.Tensor, scale: float) -> torch.Tensor:
        ctx.save_for_backward(kept)
        ctx.scale = scale
        return (x * kept).mul_(scale)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        (kept,) = ctx.saved_tensors
        return (gradient * kept).mul_(ctx.scale), None, None


class SeededDropout(nn.Dropout):
    """`nn.Dropout`, drawn by `reseed`."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        if not self.training or self.p == 0.0 or input.device.type != "cpu":
            return super().forward(input)
        return drop(input, self.p)


def attention(
    module: nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    **more: Any,
) -> tuple[torch.Tensor, None]:
    """transformers' attention over `scaled_dot_product_attention`, the dropout of its weights drawn by `reseed`.

    On a CPU in bf16 two products and a softmax take the place of torch's fused one even without dropout: its way back
    calls a product for each small block, and costs more than all the rest of a small encoder.
    """
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    causal = more.get("is_causal")
    causal = getattr(module, "is_causal", True) and attention_mask is None if causal is None else causal
    plainly = query.device.type == "cpu" and (dropout > 0.0 or query.dtype is torch.bfloat16)
    if not plainly or causal or key.shape[1] != query.shape[1]:
        found: tuple[torch.Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **more
        )
        return found
    scores = torch.matmul(query * (query.shape[-1] ** -0.5 if scaling is None else scaling), key.transpose(-1, -2))
    if attention_mask is not None and attention_mask.dtype == torch.bool:
        scores = scores.masked_fill(~attention_mask, torch.finfo(scores.dtype).min)
    elif attention_mask is not None:
        scores = scores + attention_mask
    weights = F.softmax(scores, dim=-1).to(value.dtype)
    weights = drop(weights, dropout) if dropout > 0.0 else weights
    return torch.matmul(weights, value).transpose(1, 2).contiguous(), None


def seed_dropout(model: nn.Module) -> None:
    """From now on a model's dropout is drawn by `reseed`, that of its attention too."""
    from transformers import AttentionInterface, PreTrainedModel
    from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

    AttentionInterface.register(ATTENTION, attention)
    AttentionMaskInterface.register(ATTENTION, sdpa_mask)
    for module in model.modules():
        if type(module) is nn.Dropout:
            module.__class__ = SeededDropout
        if isinstance(module, PreTrainedModel) and module.config._attn_implementation == "sdpa":
            module.config._attn_implementation = ATTENTION

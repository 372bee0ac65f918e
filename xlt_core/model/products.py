"""Linear maps in fp32 on a CPU, by oneDNN: torch asks MKL, which doesn't use all of some processors.

On an AMD EPYC with AVX-512 one thread multiplied at 102 to 110 billion operations a second instead of 87 to 99, and
scored 250,002 pieces at 102 instead of 61. What is equal up to rounding stays so.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

ENOUGH = 1 << 26
"""Multiplications from which on it pays; a shape that wasn't there before costs half a millisecond."""
THERE = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")  # type: ignore[no-untyped-call]


def linear(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    """W·x + b of every row, as `torch.nn.functional.linear` gives it.

    >>> linear(torch.ones(1, 2), torch.tensor([[1.0, 2.0]]), torch.tensor([0.5]))
    tensor([[3.5000]])
    """
    if not _pays(x, weight):
        return F.linear(x, weight, bias)
    return cast(torch.Tensor, _Linear.apply(x, weight, bias))  # type: ignore[no-untyped-call]


class Linear(nn.Linear):
    """`nn.Linear` by `linear`."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return linear(input, self.weight, self.bias)


def use_products(model: nn.Module) -> None:
    """From now on the linear layers of a model are computed by `linear`."""
    for module in model.modules():
        if type(module) is nn.Linear:
            module.__class__ = Linear


def _pays(x: torch.Tensor, weight: torch.Tensor) -> bool:
    if x.device.type != "cpu" or not x.dtype == weight.dtype == torch.float32 or x.numel() * len(weight) < ENOUGH:
        return False
    return THERE and bool(torch.backends.mkldnn.enabled) and not torch.is_autocast_enabled("cpu")


def _product(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    return cast(torch.Tensor, torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], ""))


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        ctx.save_for_backward(x if ctx.needs_input_grad[1] else None, weight)
        return _product(x, weight, bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """∂x = g·W, ∂W = gᵀ·x, ∂b = Σ g."""
        x, weight = ctx.saved_tensors
        of_x, of_weight, of_bias = ctx.needs_input_grad
        rows = gradient.flatten(0, -2)
        return (
            _product(gradient, weight.t(), None) if of_x else None,
            rows.t() @ x.flatten(0, -2) if of_weight else None,
            rows.sum(0) if of_bias else None,
        )

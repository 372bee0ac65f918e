"""Two spaces made one: the rotation under which what is the same lies nearest to itself."""

from __future__ import annotations

import torch
from torch import Tensor


def unit(vectors: Tensor) -> Tensor:
    """Rows of length 1; a row of zeros stays one."""
    lengths: Tensor = vectors.norm(dim=1, keepdim=True)
    return vectors / lengths.clamp_min(torch.finfo(vectors.dtype).tiny)


def rotation(source: Tensor, target: Tensor) -> Tensor:
    """The orthogonal Q that minimises ‖source·Q − target‖, rows of one being the same things as rows of the other.

    It is UVᵀ of the singular value decomposition of sourceᵀ·target. Rows count alike: they are brought to length 1.
    """
    product = unit(source).double().T @ unit(target).double()
    left, _, right = torch.linalg.svd(product)
    turned: Tensor = left @ right
    return turned.to(source.dtype)

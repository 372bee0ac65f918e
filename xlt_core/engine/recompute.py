"""Less memory for more time: of a layer only what enters it is kept, and the rest computed again on the way back."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack, nullcontext
from functools import partial
from typing import Any

import torch
from torch.utils.checkpoint import checkpoint

from xlt_core.engine.dropout import STREAM
from xlt_core.model.backbone import BackboneModel


def recompute(model: BackboneModel) -> None:
    """From now on the inside of the layers isn't kept for the gradient; the gradient is the same."""
    if hasattr(model.config, "use_cache"):
        model.config.use_cache = False  # a cache would be written to twice
    for layer in (*model.layers, *model.decoder_layers):
        layer.forward = partial(_forward, model, layer.forward)


def _forward(model: BackboneModel, forward: Any, *given: Any, **named: Any) -> Any:
    if not torch.is_grad_enabled():
        return forward(*given, **named)

    def contexts() -> tuple[AbstractContextManager[object], AbstractContextManager[object]]:
        return nullcontext(), AsItWas(model)

    return checkpoint(partial(forward, **named), *given, use_reentrant=False, context_fn=contexts)


class AsItWas:
    """A model as it is now, again: the adapters that act on it, and what its dropout draws next."""

    def __init__(self, model: BackboneModel) -> None:
        self.model, self.acting, self.bits = model, model.acting, STREAM.bits.state

    def __enter__(self) -> None:
        self.left = ExitStack()
        self.left.callback(setattr, STREAM.bits, "state", STREAM.bits.state)
        STREAM.bits.state = self.bits
        if self.model.acting is not self.acting:
            assert self.model.acting is None, "other adapters act on the model than did when it was run"
            self.left.enter_context(self.acting or nullcontext())

    def __exit__(self, *_: object) -> None:
        self.left.close()

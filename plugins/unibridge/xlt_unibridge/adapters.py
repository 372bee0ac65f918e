"""How does the model learn the language? Adapters and new embeddings train, the body doesn't."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from xlt_core.facts import Parts
from xlt_core.site import Site
from xlt_core.slots.base import Ability
from xlt_core.slots.schedule import Adaptation, Per


class LanguageAdapters(Adaptation):
    """A bottleneck adapter in every layer but the last, an invertible one at the embeddings, and a head."""

    leaves = "adapted"

    reduction: int = Field(2, ge=1)
    """Width of the backbone over width of the bottleneck."""
    invertible: bool = True
    """Whether an invertible adapter stands at the embeddings."""
    invertible_reduction: int = Field(2, ge=1)
    """Its half's width over width of its bottleneck."""
    leave_out: tuple[int, ...] = (-1,)
    """Layers without an adapter; -1 is the last."""
    mlm_head: Literal["pretrained", "random"] = "pretrained"
    """Where the head's transform starts; the released code draws it."""
    packing: Literal["sample", "concat"] = "sample"
    """One sample is one example, or samples are joined and cut."""
    losses: dict[str, Any] = {"mlm": 1.0}
    lr: float = Field(5e-4, gt=0)
    epochs: float = Field(50, gt=0)
    lr_schedule: Literal["linear", "constant", "cosine", "plateau"] = "plateau"

    @property
    def joins_texts(self) -> str:
        return "" if self.packing == "sample" else "packing=sample"

    def per(self, at: Site) -> Per:
        return "language"

    def trains(self, at: Site) -> Iterable[Parts]:
        scope = f"language:{at.language}"
        yield Parts("adapter", scope)
        if self.invertible:
            yield Parts("invertible", scope)
        yield Parts("mlm_head", scope)
        yield from at.own_rows(self.leaves)

    def abilities(self, at: Site) -> Iterable[Ability]:
        if not {"mlm", "causal", "denoising"} & at.backbone.abilities:
            yield "mlm"

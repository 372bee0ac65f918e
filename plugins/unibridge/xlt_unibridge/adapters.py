"""How does the model learn the language? Adapters and new embeddings train, the body doesn't."""

from __future__ import annotations

from typing import Literal

from xlt_core.slots.schedule import Madx


class LanguageAdapters(Madx):
    """A bottleneck adapter in every layer but the last, an invertible one at the embeddings, and a head."""

    leaves = "adapted"

    mlm_head: Literal["pretrained", "random"] = "pretrained"
    """Where the head's transform starts; the released code draws it."""
    packing: Literal["sample", "concat"] = "sample"
    """One sample is one example, or samples are joined and cut."""
    lr_schedule: Literal["linear", "constant", "cosine", "plateau"] = "plateau"

    @property
    def joins_texts(self) -> str:
        return "" if self.packing == "sample" else "packing=sample"

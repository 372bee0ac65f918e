"""What pulls a text and its transliteration together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from xlt_core.facts import AnyFact, Hidden, Logits, Transform, View
from xlt_core.site import Site
from xlt_core.slots.base import Ability
from xlt_core.slots.losses import Loss, Mask


class Seq(Loss):
    """Contrast between the mean states of a sentence's two forms, all others of the group as negatives."""

    role = "align"

    views: tuple[str, str] = ("text", "latin")
    """The two channels."""
    layer: int = Field(8, ge=0)
    """Whose states are averaged; 0 is the embeddings' output."""
    temperature: float = Field(1.0, gt=0)
    """Divides the similarities."""
    similarity: Literal["dot", "cosine"] = "dot"
    """How two sentence vectors are compared."""
    pairs: int = Field(64, ge=2)
    """Pairs in a group, whatever the devices and the physical batch."""
    clean_pass: bool = False
    """Read unmasked views of their own instead of those that `mlm` masks."""
    mask: Mask = Mask()
    """The masking it shares with `mlm` where the two are equal."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        for channel in self.views:
            transforms: tuple[Transform, ...] = () if self.clean_pass else (self.mask.transform(),)
            yield Hidden(View(channel, transforms), self.layer)

    def group(self) -> int:
        return self.pairs


class Tlm(Loss):
    """Masked-language modelling over the joined pair, masked anew."""

    role = "align"

    view: str = "pair"
    """The channel that joins the two."""
    mask: Mask = Mask(draw="pair")
    """What is masked."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield Logits(View(self.view, (self.mask.transform(),)), unit="subword")

    def abilities(self, at: Site) -> Iterable[Ability]:
        yield "mlm"

"""What keeps the adapted model near the frozen one (equation 9)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from xlt_core.facts import AnyFact, Hidden, States, View
from xlt_core.site import Site
from xlt_core.slots.losses import Loss, Mask


class Kl(Loss):
    """KL from the model's mean last state, as a distribution over its width, to the frozen model's."""

    role = "adapt"
    streams = frozenset({"unlabelled"})

    view: str = "text"
    """The channel whose masked view is compared."""
    mask: Mask = Mask()
    """The masking that it shares with `mlm` where the two are equal."""
    masked: bool = True
    """Whether the masked text is compared; the text as it is, for models that have no mask."""
    kl_form: Literal["paper", "released"] = "paper"
    """The divergence, or what the released code computes in its place."""
    kl_temperature: float = Field(1.0, gt=0)
    """Raised where one outlier dimension saturates the softmax."""
    kl_point: Literal["last_hidden", "after_inverse"] = "last_hidden"
    """Where the states are taken."""
    kl_teacher_reads: Literal["source_text", "target_ids"] = "source_text"
    """The same text through the frozen model's tokenizer, or, as released, the new ids in its old table."""

    @property
    def reads_unchanged(self) -> bool:
        return self.kl_teacher_reads == "target_ids"

    @property
    def compared(self) -> View:
        """The view whose states are held near the frozen model's."""
        return View(self.view, (self.mask.transform(),) if self.masked else ())

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield Hidden(self.compared, "last")
        for language in at.languages if self.kl_teacher_reads == "source_text" else ():
            yield States("frozen", language, at.read_of(language), pooling="mean+specials")

"""What is minimised? A loss reads tensors of views through a context, never a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from xlt_core.facts import AnyFact, Logits, Parts, Transform, View
from xlt_core.site import Site
from xlt_core.slots.base import Ability, Options

LossRole = Literal["adapt", "align", "task"]
STREAMS = ("unlabelled", "labelled", "parallel")


class Mask(BaseModel):
    """What is hidden from the model, and how."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    rate: float = Field(0.15, gt=0, lt=1)
    """Share of what may be masked."""
    unit: Literal["token", "word"] = "token"
    """Whether pieces are drawn one by one or with the whole word."""
    replace: Literal["bert", "mask"] = "bert"
    """80/10/10 as BERT does, or always the mask."""
    fresh: bool = True
    """Drawn anew in each epoch, or once for each example."""
    draw: str = ""
    """Masks with one draw hit the same words."""

    def transform(self) -> Transform:
        return Transform.of("mask", self.model_dump(exclude={"draw"}), self.draw)


class Loss(Options):
    """Base of losses: what role it has, on which stream it can stand, and its weight."""

    role: ClassVar[LossRole] = "adapt"
    streams: ClassVar[frozenset[str]] = frozenset(STREAMS)
    """The streams it can read; a schedule must feed one of them."""

    transforms: ClassVar[Mapping[str, str]] = {}
    """What its views go through besides masking, by name: `module:function`, called as `make(transform, job, net)` for
    what is to be done to each stretch in a step, `change(piece, step)`."""

    weight: float = Field(1.0, ge=0)
    """Its factor in the sum."""

    @property
    def reads_unchanged(self) -> bool:
        """Whether it reads the body as it came, which then can't be trained."""
        return False

    def owns(self, at: Site) -> Iterable[Parts]:
        """Parameters of its own, created with the stage and trained with it."""
        return ()

    def own(self, at: Site, name: str) -> Parts:
        """A part in this loss's scope: `own(at, "temperature")` is `temperature@loss:INSTANCE`."""
        return Parts(name, f"loss:{at.instance}")

    def group(self) -> int | None:
        """How many examples must stand together, where the loss compares examples."""
        return None


class TaskLoss(Loss):
    """The task's own loss, as its head states it."""

    role = "task"
    streams = frozenset({"labelled"})

    view: str = "text"
    """The channel whose view the head reads."""
    reduction: Literal["token_mean", "sentence_mean"] = "token_mean"
    """One mean over all units of the batch, or a mean over sentences of their means."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield View(self.view)


class Mlm(Loss):
    """Masked-language modelling: cross-entropy at masked positions of a sub-word view."""

    view: str = "text"
    """The channel whose view is masked."""
    mask: Mask = Mask()
    """What is masked."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield Logits(View(self.view, (self.mask.transform(),)), unit="subword")

    def abilities(self, at: Site) -> Iterable[Ability]:
        yield "mlm"


class CausalLm(Loss):
    """Next-token prediction at every position, for models that read left to right."""

    view: str = "text"
    """The channel whose view is read."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield Logits(View(self.view), unit="subword")

    def abilities(self, at: Site) -> Iterable[Ability]:
        yield "causal"


class Denoising(Mlm):
    """The original sequence from the masked one, by an encoder and a decoder."""

    def abilities(self, at: Site) -> Iterable[Ability]:
        yield "denoising"

"""How does it learn the task? First a little of it in every language (equations 7 and 8)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from pydantic import Field

from xlt_core.errors import Problem
from xlt_core.facts import Parts
from xlt_core.site import Role, Site
from xlt_core.slots.schedule import Select, Training


class WarmStart(Training):
    """Each round a copy per language takes inner steps; the shared weights move towards the copies' mean."""

    roles: ClassVar[tuple[Role, ...]] = ("target",)
    leaves = "warm"

    batch: int = Field(8, ge=1)
    weight_decay: float = Field(0.0, ge=0)
    rounds: int = Field(100, ge=0)
    """Z: outer updates."""
    inner_steps: int = Field(20, ge=1)
    """K: steps of each copy."""
    inner: Literal["adamw", "sgd"] = "adamw"
    """The copies' optimiser, fresh for every round and language."""
    inner_lr: float | None = Field(None, gt=0)
    """Its learning rate; the adaptation's by default."""
    outer: Literal["interpolate", "adam"] = "interpolate"
    """How the shared weights move: towards the mean by a share, or by Adam on the difference."""
    outer_rate: float = Field(0.5, gt=0)
    """That share, or Adam's learning rate."""
    anneal: bool = True
    """Whether the share falls to 0 over the rounds."""
    subset: Literal["resample", "fixed"] = "resample"
    """Whether each round draws new sentences."""
    include_source: bool = False
    """Whether the source has a copy too."""
    select: Select = Select(by="held_out_loss", keep="last")

    def learns_from(self, at: Site) -> tuple[str, ...]:
        return (*at.languages, *at.sources) if self.include_source else at.languages

    def trains(self, at: Site) -> Iterable[Parts]:
        """Shared and task parts only: a language's own parts stand in its copy and stay as they are."""
        return super().trains(at)

    def refusals(self, at: Site) -> Iterable[Problem]:
        yield from super().refusals(at)
        if self.budget:
            what = "how long a warm start takes is said by its rounds and inner steps, not by a budget of its own"
            yield Problem(what, fix=f"--set {at.slot}.mtlws.warm_start.rounds={self.rounds}")

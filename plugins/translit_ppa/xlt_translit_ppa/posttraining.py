"""How does the model learn a group of languages? All of it trains, on all of them together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Literal

from pydantic import Field

from xlt_core.facts import Parts
from xlt_core.site import Role, Site
from xlt_core.slots.schedule import Adaptation, Per, SelectInText


class Posttrain(Adaptation):
    """The body trains on the group's texts; the checkpoint that retrieves best is kept."""

    roles: ClassVar[tuple[Role, ...]] = ("adapt",)
    leaves = "posttrained"

    words: int | None = Field(None, ge=1)
    """Words in a sample; none takes sentences as the text's lines have them."""
    share: float = Field(0.1, gt=0, le=1)
    """Share of each language's text that is used."""
    at_least: int = Field(10_000, ge=1)
    """Sentences of a language that are used in any case."""
    accumulate: int = Field(8, ge=1)
    """Groups in one update."""
    precision_of_contrast: Literal["fp32", "as_run"] = "fp32"
    """Arithmetic of pooling and similarities."""
    batch: int = Field(64, ge=2)
    losses: dict[str, Any] = {"mlm": 1.0}
    lr: float = Field(2e-5, gt=0)
    epochs: float = Field(2, gt=0)
    select: SelectInText = SelectInText(by="retrieval", every="2000 steps", keep="best", options={"top": [10]})

    @property
    def update(self) -> int:
        """Groups are put together to an update."""
        return self.batch * self.accumulate

    def per(self, at: Site) -> Per:
        return "joint"

    def trains(self, at: Site) -> Iterable[Parts]:
        yield at.step(at.body, self.leaves)
        yield from (at.step(part, self.leaves) for part in at.owned(*at.languages))
        yield from at.own_rows(self.leaves)

"""What does the model read? Two channels in one sequence."""

from __future__ import annotations

from typing import Literal

from xlt_core.site import Site
from xlt_core.slots.representation import Representation, ViewPlan


class Pairs(Representation):
    """`<s> A </s> B </s>`: a text and a second form of it, in random order."""

    of: tuple[str, str] = ("text", "latin")
    """The two channels."""
    order: Literal["random", "fixed"] = "random"
    """A fair coin for each pair and visit, or as given."""
    positions: Literal["run_on", "reset"] = "run_on"
    """Whether the second part's positions start again."""
    too_long: Literal["right", "balanced"] = "right"
    """Where an over-long pair is cut."""

    def view(self, at: Site) -> ViewPlan:
        return ViewPlan(at.channel, "subword", joins=self.of)

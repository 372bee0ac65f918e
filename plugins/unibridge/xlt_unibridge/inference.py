"""Which source counts how much? The nearer its states of parallel sentences, the more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from xlt_core.errors import Problem
from xlt_core.facts import AnyFact, Layer, States
from xlt_core.site import Site
from xlt_core.slots.inference import Combiner


class Harmony(Combiner):
    """Softmax over sources of one over the mean distance between states of parallel sentences."""

    instead = "--set inference=uniform"

    pairs: int = Field(10, ge=1)
    """Parallel sentences for each (target, source)."""
    point: Literal["last_hidden", "invertible"] = "last_hidden"
    """Where the states are taken: the last layer's, or what enters the first one, out of the invertible adapter."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        for model in at.models:
            for language in (at.language, model.key) if model.key != at.language else ():
                pairs = at.parallel(at.language, model.key)
                layer: Layer = "last" if self.point == "last_hidden" else 0
                yield States("adapted", language, pairs, layer, pooling="mean+specials", most=self.pairs)

    def refusals(self, at: Site) -> Iterable[Problem]:
        yield from super().refusals(at)
        joint = [model.key for model in at.models if model.key not in at.sources]
        if joint and len(at.models) > 1:
            yield Problem("it weighs sources, and task models of other languages stand here", fix="--set inference=own")

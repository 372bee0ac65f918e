"""Which tokens does the language get? The size is searched for (equation 1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from xlt_core.facts import AnyFact, Artefact, Fact
from xlt_core.site import Site
from xlt_core.slots.vocabulary import Vocabulary


class AlpSearch(Vocabulary):
    """Raise the size step by step until the average log-probability gains no more than a threshold."""

    start: int = Field(7000, ge=100)
    """First size; the released code starts at 3000."""
    step: int = Field(1000, ge=1)
    """How much larger each next one is."""
    largest: int = Field(60_000, ge=100)
    """Size at which the search ends in any case."""
    threshold: float = 5.0
    """Gain, in nats per sample, at or below which the search stops."""
    stop: Literal["signed", "absolute"] = "signed"
    """Stop at a gain up to the threshold, or at a change below it in either direction."""
    words: int = Field(128, ge=1)
    """Whitespace words in a sample: the threshold is per sample, so its length matters."""
    samples: int | None = Field(10_000, ge=1)
    """Samples that are used at most."""
    coverage: float = Field(1.0, gt=0.9, le=1.0)
    """Share of characters that get a piece; 0.9995 for languages with thousands of them."""
    longest_line: int = Field(1_048_576, ge=1)
    """Bytes of a sample beyond which the trainer would drop it; the released code has 4192."""
    views: tuple[str, ...] = ("text",)
    """The channels whose text it learns from and serves."""

    def serves(self, at: Site) -> tuple[str, ...]:
        return self.views

    def needs(self, at: Site) -> Iterable[AnyFact]:
        samples = at.samples(words=self.words, most=self.samples)
        yield samples
        yield from (at.rewritten(channel, samples) for channel in self.views if channel != "text")

    def gives(self, at: Site) -> Iterable[Fact]:
        yield self.tokenizer(at)
        yield Artefact("unibridge.trace", at.language)

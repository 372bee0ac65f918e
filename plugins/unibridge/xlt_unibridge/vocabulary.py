"""Which tokens does the language get? The size is searched for (equation 1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from xlt_core.errors import Problem
from xlt_core.facts import AnyFact, Artefact, Fact
from xlt_core.site import Site
from xlt_core.slots.vocabulary import Vocabulary

THOUSANDS = frozenset({"zho", "jpn", "kor", "wuu"})
"""Languages with thousands of characters."""


class AlpSearch(Vocabulary):
    """Raise the size step by step until the average log-probability gains no more than a threshold."""

    libraries = ("sentencepiece", "tokenizers")

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
    coverage: float | None = Field(None, gt=0.9, le=1.0)
    """Share of characters that get a piece: 1, but 0.9995 in zho, jpn, kor, wuu, which have thousands of them."""
    longest_line: int = Field(1_048_576, ge=1)
    """Bytes of a sample beyond which the trainer would drop it; the released code has 4192."""
    views: tuple[str, ...] = ("text",)
    """The channels whose text it learns from and serves."""

    def serves(self, at: Site) -> tuple[str, ...]:
        return self.views

    def coverage_of(self, language: str) -> float:
        """The share that holds for a language.

        >>> AlpSearch().coverage_of("amh"), AlpSearch().coverage_of("jpn")
        (1.0, 0.9995)
        """
        return self.coverage or (0.9995 if language in THOUSANDS else 1.0)

    def refusals(self, at: Site) -> Iterable[Problem]:
        if self.start > self.largest:
            what = f"the search would start at {self.start}, beyond the largest size, {self.largest}"
            yield Problem(what, fix=f"--set vocabulary.{at.role or 'target'}.largest={self.start}")

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield Artefact("tokenizer", "backbone")
        samples = at.samples(words=self.words, most=self.samples)
        if "text" in self.views:
            yield samples
        yield from (at.rewritten(channel, samples) for channel in self.views if channel != "text")

    def gives(self, at: Site) -> Iterable[Fact]:
        yield self.tokenizer(at)
        yield Artefact("unibridge.trace", at.language)

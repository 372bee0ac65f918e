"""Where does a new token's vector start? (equations 2 to 8)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import Field

from xlt_core.facts import AnyFact, Artefact, Fact
from xlt_core.site import Site
from xlt_core.slots.embedding import Embedding


class Focus(Embedding):
    """Rows of shared pieces are copied; each other is a sparsemax mixture of them, by static vectors."""

    draws = True
    libraries = ("fasttext",)

    dim: int = Field(300, ge=2)
    """Width of the static vectors."""
    epochs: int = Field(3, ge=1)
    """Passes of fastText over the text."""
    buckets: int = Field(2_000_000, ge=1)
    """Vectors that letter n-grams share; each takes 4 bytes times `dim` of memory, twice over while two are trained."""
    subsample: float = Field(1e-4, gt=0, le=1)
    """Share of the text above which a piece counts as frequent and is passed over at times; 1 passes over none."""
    threads: int | None = Field(None, ge=1)
    """fastText's threads: 1 repeats to the bit, several don't. Default: the run's."""
    words: int = Field(128, ge=1)
    """Whitespace words in a sample."""
    samples: int | None = Field(10_000, ge=1)
    """Samples that are used at most."""
    match: Literal["exact", "casefold"] = "exact"
    """When two pieces are the same; the released code also folds case."""
    match_symbols: Literal["auto", "strict"] = "auto"
    """Whether punctuation, digits and single Chinese characters match whatever their position."""
    fewest: int = Field(10, ge=1)
    """Pieces known to be the same in both vocabularies below which nothing is inferred from them: rows are drawn."""

    @classmethod
    def repeats(cls, options: Mapping[str, Any]) -> bool:
        return bool(options["threads"] == 1)

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield from super().needs(at)
        samples = at.samples(words=self.words, most=self.samples)
        served = at.tokenizer().of[1:]
        channels = served[0].split("+") if served else ["text"]
        if "text" in channels:
            yield samples
        yield from (at.rewritten(channel, samples) for channel in channels if channel != "text")

    def gives(self, at: Site) -> Iterable[Fact]:
        yield self.rows(at)
        yield Artefact("unibridge.row_map", at.language, at.channel)


class Aligned(Focus):
    """As FOCUS, with rows of mutual nearest neighbours copied in between, the two spaces aligned first."""

    align: Literal["procrustes", "none"] = "procrustes"
    """Whether the two runs of fastText are brought into one space; the released code doesn't."""
    candidates: Literal["unaligned", "observed", "all_source"] = "unaligned"
    """Which source pieces may be a neighbour: those not shared, of these the ones met in the text, or all."""
    anchors: int = Field(50, ge=0)
    """Shared pieces below which frequent words anchor the alignment too."""
    key: Literal["native", "stripped"] = "native"
    """How a source piece is looked up among the static vectors; the released code strips its boundary mark."""

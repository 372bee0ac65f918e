"""Where does a new token's vector start?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from xlt_core.facts import AnyFact, Artefact, Fact
from xlt_core.site import Site
from xlt_core.slots.base import Ability, Options


class Embedding(Options):
    """Base of initialisers: from the channel's tokenizer and the backbone's table to the new rows."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield at.tokenizer()
        yield Artefact("tokenizer", "backbone")
        yield at.body

    def rows(self, at: Site) -> Artefact:
        """The name of the rows: that of the tokenizer whose pieces they belong to."""
        tokenizer = at.tokenizer()
        owner = tokenizer.of[0] if len(tokenizer.of) > 1 else "shared"
        return Artefact("embedding", owner, at.channel)

    def gives(self, at: Site) -> Iterable[Fact]:
        yield self.rows(at)

    def abilities(self, at: Site) -> Iterable[Ability]:
        yield "vocabulary"

    def unbuilt(self, at: Site) -> Iterable[str]:
        if at.channel == "text" and at.tokenizer() == Artefact("tokenizer", "backbone"):
            yield "new vectors for the backbone's own pieces"


class Random(Embedding):
    """Vectors drawn at random, every row, shared pieces too."""

    draws = True

    init: Literal["xavier_normal", "xavier_uniform", "normal"] = "xavier_normal"
    """The distribution; `normal` has the standard deviation of the backbone's own initialiser."""


class Mean(Embedding):
    """Every new row is the mean of the backbone's; rows of pieces it knows are copied."""


class CopyOverlap(Embedding):
    """Rows of pieces that the backbone knows are copied, the others drawn like its own rows."""

    draws = True

    match: Literal["exact", "casefold"] = "exact"
    """When two pieces are the same."""
    draw: Literal["like_table", "normal"] = "like_table"
    """How new rows are drawn: with the table's mean and spread, or with the backbone's own initialiser."""

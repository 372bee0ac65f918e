"""Which tokens does a language (and channel) get?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from pydantic import Field

from xlt_core.facts import AnyFact, Artefact, Fact
from xlt_core.site import Site
from xlt_core.slots.base import Ability, Options


class Vocabulary(Options):
    """Base of vocabularies. `serves` names the channels that read through the tokenizer it makes."""

    keeps: ClassVar[bool] = False
    """True of the one that leaves the backbone's tokenizer in place."""

    def scope(self, at: Site) -> Literal["language", "shared"]:
        """Whether each language gets a tokenizer of its own, or all share one."""
        return "language"

    def serves(self, at: Site) -> tuple[str, ...]:
        return (at.channel,)

    def tokenizer(self, at: Site) -> Artefact:
        """The name of the tokenizer it makes: `tokenizer:amh:text`, `tokenizer:amh:text+latin`."""
        owner = at.language if self.scope(at) == "language" else "shared"
        return Artefact("tokenizer", owner, "+".join(self.serves(at)))

    def abilities(self, at: Site) -> Iterable[Ability]:
        yield "vocabulary"

    def gives(self, at: Site) -> Iterable[Fact]:
        yield self.tokenizer(at)


class Keep(Vocabulary):
    """The backbone's own tokenizer."""

    keeps = True

    def abilities(self, at: Site) -> Iterable[Ability]:
        return ()


class FixedSize(Vocabulary):
    """A unigram tokenizer of a given size, trained by sentencepiece on the language's text."""

    libraries = ("sentencepiece", "tokenizers")

    size: int = Field(10_000, ge=100)
    """Pieces, sentencepiece's three control pieces included; control tokens that only the backbone has come on top."""
    words: int = Field(128, ge=1)
    """Whitespace words in a sample that the text is re-cut to."""
    samples: int | None = Field(None, ge=1)
    """Samples that are used at most."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield at.samples(words=self.words, most=self.samples)
        yield Artefact("tokenizer", "backbone")


class Extend(FixedSize):
    """The backbone's pieces under their ids, and behind them those of a unigram tokenizer that it hasn't."""

    size: int = Field(10_000, ge=100)
    """Pieces of the tokenizer that is trained on the text; those that the backbone has, too, aren't added."""

"""Which tokens do phonemes get? The backbone's, and the IPA symbols it lacks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from xlt_core.facts import AnyFact, Artefact
from xlt_core.site import Site
from xlt_core.slots.vocabulary import Vocabulary


class ExtendIpa(Vocabulary):
    """Symbols that the tokenizer would read as unknown are added to it, and no others."""

    tokenizer_for: Literal["auto", "shared", "own"] = "auto"
    """One tokenizer for spelling and phonemes, or one for phonemes alone; `auto` is own where the
    spelling's is replaced."""

    symbols: tuple[str, ...] = ()
    """Further symbols, where IPA's own aren't all that the transcriber writes."""

    libraries = ("tokenizers",)

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield Artefact("tokenizer", "backbone")

    def scope(self, at: Site) -> Literal["language", "shared"]:
        return "shared"

    def serves(self, at: Site) -> tuple[str, ...]:
        replaced = any(at.run.has_vocabulary(language, "text") for language in (*at.sources, *at.targets))
        own = self.tokenizer_for == "own" or (self.tokenizer_for == "auto" and replaced)
        return (at.channel,) if own else ("text", at.channel)

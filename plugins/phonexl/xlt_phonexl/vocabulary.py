"""Which tokens do phonemes get? The backbone's, and the IPA symbols it lacks."""

from __future__ import annotations

from typing import Literal

from xlt_core.facts import Artefact
from xlt_core.site import Site
from xlt_core.slots.vocabulary import Vocabulary


class ExtendIpa(Vocabulary):
    """Symbols that the tokenizer would read as unknown are added to it, and no others."""

    tokenizer_for: Literal["auto", "shared", "own"] = "auto"
    """One tokenizer for spelling and phonemes, or one for phonemes alone; `auto` is own where the
    spelling's is replaced."""

    def scope(self, at: Site) -> Literal["language", "shared"]:
        return "shared"

    def serves(self, at: Site) -> tuple[str, ...]:
        return (at.channel,)

    def tokenizer(self, at: Site) -> Artefact:
        kind = "shared" if self.tokenizer_for == "auto" and not self._replaced(at) else self.tokenizer_for
        return Artefact("tokenizer", "shared", at.channel if kind != "shared" else f"text+{at.channel}")

    def _replaced(self, at: Site) -> bool:
        """Whether any language reads its spelling through a tokenizer of its own."""
        languages = (*at.sources, *at.targets)
        return any(at.run.tokenizer(language, "text").of[0] == language for language in languages)

"""What does the model read? Phonemes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from xlt_core.facts import AnyFact
from xlt_core.site import Site
from xlt_core.slots.representation import Representation, ViewPlan


class Phonemes(Representation):
    """Words in IPA, cut into segments, `▁` between words: what XPhoneBERT was trained on."""

    unit = "phoneme"
    reads = "phoneme"

    channel_read: str = "phonemes"
    """The channel that holds the transcription."""
    tie: Literal["keep", "strip", "split"] = "keep"
    """What becomes of tie bars."""
    stress: Literal["keep", "strip"] = "keep"
    """What becomes of stress marks."""
    length: Literal["keep", "strip"] = "keep"
    """What becomes of length marks."""

    def view(self, at: Site) -> ViewPlan:
        return ViewPlan(at.channel, "phoneme", streams=(at.channel,), rewritten=(self.channel_read,))

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield at.rewritten(self.channel_read)
        yield at.tokenizer(at.channel)

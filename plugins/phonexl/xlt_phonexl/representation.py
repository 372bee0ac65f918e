"""What does the model read? Words of n streams, summed before the encoder."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from xlt_core.facts import Parts
from xlt_core.site import Site
from xlt_core.slots.base import Ability
from xlt_core.slots.representation import Representation, ViewPlan


class Phonemic(Representation):
    """A word is the mean of its pieces in each stream; streams and a language vector are summed."""

    unit = "word"

    streams: tuple[str, ...] = ("phonemes",)
    """The channels that are added to the spelling, each with a table of its own."""
    language_ids: bool = True
    """Whether a vector for the word's language is added."""
    language_at_test: Literal["auto", "source", "target"] = "auto"
    """Whose vector a target gets: its own if that was ever trained."""
    pool_stage: Literal["input", "output"] = "input"
    """Whether pieces are averaged before the encoder or after it."""

    def view(self, at: Site) -> ViewPlan:
        tables = self.tables(at, at.channel, *self.streams)
        ids = (Parts("language_ids", "shared"),) if self.language_ids else ()
        return ViewPlan(
            at.channel, "word", streams=(at.channel, *self.streams), rewritten=self.streams,
            languages=self.language_at_test if self.language_ids else "", owns=(*tables, *ids),
        )  # fmt: skip

    def unbuilt(self, at: Site) -> Iterable[str]:
        if self.pool_stage == "output":
            yield "pool_stage: output"
        if at.slot == "adaptation":
            yield "an adaptation's text in several channels"
        if at.run.task is not None and at.task.unit in ("sentence", "pair"):
            yield f"words for the task {at.task.name}, which is about whole sentences"

    def abilities(self, at: Site) -> Iterable[Ability]:
        yield "inputs_embeds"

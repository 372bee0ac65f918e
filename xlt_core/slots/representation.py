"""What does the model read? A representation makes the view of one channel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from pydantic import Field

from xlt_core.facts import AnyFact, Parts
from xlt_core.site import Site
from xlt_core.slots.base import Ability, Options

Unit = Literal["subword", "character", "phoneme", "word"]


@dataclass(frozen=True, slots=True)
class ViewPlan:
    """How a channel is read: its unit, the streams summed in it or the channels joined in it."""

    channel: str
    unit: Unit
    streams: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    rewritten: tuple[str, ...] = ()
    languages: Literal["", "auto", "source", "target"] = ""
    """Whose language vector a target's units get, where languages have vectors."""
    owns: tuple[Parts, ...] = field(default=())


class Representation(Options):
    """Base of representations. `reads` is the unit that the backbone must have been trained on."""

    unit: ClassVar[Unit] = "subword"
    reads: ClassVar[str] = "subword"

    def view(self, at: Site) -> ViewPlan:
        """The view that stands at this site's channel."""
        raise TypeError(f"{type(self).__name__} makes no view")

    def tables(self, at: Site, *streams: str) -> tuple[Parts, ...]:
        """The tables that all languages share and that aren't the body's own: one a stream."""
        return tuple(Parts(f"embedding:{stream}", "shared") for stream in streams if at.run.shares_rows(stream))

    def needs(self, at: Site) -> Iterable[AnyFact]:
        """Asked once for every corpus that is read: `at.corpus`, of `at.language`."""
        plan = self.view(at)
        yield from (at.rewritten(channel) for channel in plan.rewritten)
        yield from (at.tokenizer(channel) for channel in plan.streams)


class Subword(Representation):
    """Sub-word pieces, read as they come from the channel's tokenizer."""

    reads_channel: str | None = Field(None, alias="channel")
    """The channel whose text is read, where that isn't the view's own: `phonemes` through a text model."""

    def view(self, at: Site) -> ViewPlan:
        channel = self.reads_channel or at.channel
        rewritten = (channel,) if channel != "text" else ()
        tables = self.tables(at, channel)
        return ViewPlan(at.channel, "subword", streams=(channel,), rewritten=rewritten, owns=tables)


class Character(Representation):
    """Unicode characters, for backbones that were trained on them."""

    unit = "character"
    reads = "character"

    def view(self, at: Site) -> ViewPlan:
        rewritten = (at.channel,) if at.channel != "text" else ()
        return ViewPlan(at.channel, "character", streams=(at.channel,), rewritten=rewritten)

    def unbuilt(self, at: Site) -> Iterable[str]:
        """A model that hashes characters has no pieces to read them by."""
        if "vocabulary" not in at.backbone.abilities:
            yield "characters of a model that hashes them"


class Words(Representation):
    """Words: the vectors of a word's sub-word pieces are averaged before the encoder."""

    unit = "word"

    def view(self, at: Site) -> ViewPlan:
        return ViewPlan(at.channel, "word", streams=(at.channel,), owns=self.tables(at, at.channel))

    def unbuilt(self, at: Site) -> Iterable[str]:
        if at.run.task is not None and at.task.unit in ("sentence", "pair"):
            yield f"words for the task {at.task.name}, which is about whole sentences"

    def abilities(self, at: Site) -> Iterable[Ability]:
        yield "inputs_embeds"

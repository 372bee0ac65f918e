"""A small run around a part, so that what it needs and gives can be shown and tested without a recipe."""

from __future__ import annotations

from collections.abc import Sequence

from xlt_core.facts import Artefact, Fact, Parts, Rewritten
from xlt_core.site import Site, TaskModel
from xlt_core.slots.backbones import XLM_R, Backbone
from xlt_core.slots.representation import ViewPlan
from xlt_core.slots.tasks import NER, Task


class ExampleRun:
    """Named entities from English and Chinese to Amharic, on XLM-R (`xlt_core.site.Surroundings`)."""

    sources: tuple[str, ...] = ("eng", "zho")
    targets: tuple[str, ...] = ("amh",)
    group: tuple[str, ...] = ("eng", "zho", "amh")
    task: Task | None = NER
    backbone: Backbone = XLM_R
    body = Parts("body", "shared")

    def tokenizer(self, language: str, channel: str) -> Artefact:
        return Artefact("tokenizer", language, channel) if language == "amh" else Artefact("tokenizer", "backbone")

    def embedding(self, language: str, channel: str) -> Artefact | None:
        return Artefact("embedding", language, channel) if language == "amh" else None

    def has_vocabulary(self, language: str, channel: str) -> bool:
        return False

    def shares_rows(self, channel: str) -> bool:
        return False

    def view(self, channel: str) -> ViewPlan | None:
        return ViewPlan(channel, "subword", streams=(channel,))

    def streams(self, channels: Sequence[str]) -> tuple[str, ...]:
        return tuple(channels)

    def owned(self, channels: Sequence[str]) -> tuple[Parts, ...]:
        return ()

    def rewritten_before(self, language: str, channel: str, corpus: Fact) -> tuple[Rewritten, ...]:
        return ()

    def trained(self) -> tuple[Parts, ...]:
        return ()

    def language_parts(self, language: str) -> tuple[Parts, ...]:
        return ()

    def models(self) -> tuple[TaskModel, ...]:
        return tuple(
            TaskModel(source, (source,), self.body, (Parts("head:ner", f"source:{source}"),), ("text",))
            for source in self.sources
        )


def example_site(slot: str, name: str = "") -> Site:
    """Where a part of a slot would stand in the example run."""
    run = ExampleRun()
    languages = {"translation": ("eng", "amh"), "alignment": ("eng", "amh"), "projection": ("eng", "amh"),
                 "training": ("eng",), "loss": ("amh",)}.get(slot, ("amh",))  # fmt: skip
    role = "source" if slot == "training" else "target"
    channel = "phonemes" if slot == "rewriting" else "text"
    corpus = Artefact("samples", "amh", "128w")
    reads = tuple((language, corpus) for language in languages)
    return Site(run, slot, role, languages, channel, instance=name, corpus=corpus, reads=reads)  # type: ignore[arg-type]

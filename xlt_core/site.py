"""Where a part stands in a run, and what it may know there when it states its facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from xlt_core.facts import Artefact, Fact, Labels, Parts, Resource, Rewritten

if TYPE_CHECKING:
    from xlt_core.slots.backbones import Backbone
    from xlt_core.slots.representation import ViewPlan
    from xlt_core.slots.tasks import Task

Role = Literal["source", "target", "adapt", ""]


@dataclass(frozen=True, slots=True)
class TaskModel:
    """Parts that together answer for a task: one training stage's result and what it stands on."""

    key: str
    languages: tuple[str, ...]
    body: Parts
    parts: tuple[Parts, ...]
    channels: tuple[str, ...]


class Surroundings(Protocol):
    """What the composer tells a part of the run around it."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    group: tuple[str, ...]
    task: Task | None
    backbone: Backbone

    @property
    def body(self) -> Parts: ...
    def tokenizer(self, language: str, channel: str) -> Artefact: ...
    def embedding(self, language: str, channel: str) -> Artefact | None: ...
    def view(self, channel: str) -> ViewPlan | None: ...
    def has_vocabulary(self, language: str, channel: str) -> bool: ...
    def shares_rows(self, channel: str) -> bool: ...
    def streams(self, channels: Sequence[str]) -> tuple[str, ...]: ...
    def owned(self, channels: Sequence[str]) -> tuple[Parts, ...]: ...
    def rewritten_before(self, language: str, channel: str, corpus: Fact) -> tuple[Rewritten, ...]: ...
    def trained(self) -> tuple[Parts, ...]: ...
    def language_parts(self, language: str) -> tuple[Parts, ...]: ...
    def models(self) -> tuple[TaskModel, ...]: ...


@dataclass(frozen=True, slots=True)
class Site:
    """A part's place: its slot, the languages it works on, and the run around it."""

    run: Surroundings
    slot: str
    role: Role = ""
    languages: tuple[str, ...] = ()
    channel: str = "text"
    channels: tuple[str, ...] = ("text",)
    instance: str = ""
    answer: str = ""
    corpus: Fact | None = None
    reads: tuple[tuple[str, Fact], ...] = ()
    model: TaskModel | None = None

    @property
    def language(self) -> str:
        """The one language of a part that works on one language at a time."""
        (language,) = self.languages
        return language

    @property
    def task(self) -> Task:
        assert self.run.task is not None, "parts that need a task are only asked in runs with one"
        return self.run.task

    @property
    def backbone(self) -> Backbone:
        return self.run.backbone

    @property
    def sources(self) -> tuple[str, ...]:
        return self.run.sources

    @property
    def targets(self) -> tuple[str, ...]:
        return self.run.targets

    @property
    def body(self) -> Parts:
        """The backbone's weights as they are at this point of the run."""
        return self.run.body

    @property
    def models(self) -> tuple[TaskModel, ...]:
        """The task models that training has given so far."""
        return self.run.models()

    def tokenizer(self, channel: str | None = None, language: str | None = None) -> Artefact:
        """The tokenizer that reads a channel of a language: its own, a shared one or the backbone's."""
        return self.run.tokenizer(language or self.language, channel or self.channel)

    def reading(self, *languages: str) -> tuple[Fact, ...]:
        """What a model needs to read these languages here: tokenizers (the backbone's tells how they are laid out),
        and the vectors of new pieces, trained or first."""
        facts: list[Fact] = []
        shared = _by_base((*self.run.trained(), *(self.model.parts if self.model else ())))
        for language in languages:
            own = _by_base(self.run.language_parts(language))
            for channel in self.run.streams(self.channels):
                facts.append(self.run.tokenizer(language, channel))
                rows = self.run.embedding(language, channel)
                if rows is not None:
                    trained = own if rows.of[0] == language else shared
                    facts.append(trained.get(f"embedding:{channel}", rows))
        facts.append(Artefact("tokenizer", "backbone"))
        return tuple(dict.fromkeys(facts))

    def standing_on(self, *languages: str) -> tuple[Fact, ...]:
        """The body, the other shared parts and these languages' own, as trained so far."""
        own = [part for language in languages for part in self.run.language_parts(language)]
        return (self.body, *self.run.trained(), *own)

    def owned(self, *languages: str) -> tuple[Parts, ...]:
        """The shared parts that these languages are read by here: a phoneme table, language ids."""
        return tuple(part for part in self.run.owned(self.channels) if self._is_read(part, languages))

    def _is_read(self, part: Parts, languages: Sequence[str]) -> bool:
        """Whether a part is no table, or one that some of the languages are read through."""
        kind, _, channel = part.name.split("/")[0].partition(":")
        rows = [self.run.embedding(language, channel) for language in languages] if kind == "embedding" else []
        return kind != "embedding" or any(fact is not None and fact.of[0] == "shared" for fact in rows)

    def own_rows(self, step: str) -> tuple[Parts, ...]:
        """The languages' own embeddings, under the names they have when a stage has trained them."""
        found: list[Parts] = []
        for language in self.languages:
            trained = _by_base(self.run.language_parts(language))
            for channel in self.run.streams(self.channels):
                rows, name = self.run.embedding(language, channel), f"embedding:{channel}"
                if rows is not None and rows.of[0] == language:
                    known = trained.get(name)
                    found.append(self.step(known, step) if known else Parts(name, f"language:{language}"))
        return tuple(found)

    def text(self, language: str | None = None) -> Resource:
        return Resource("text", language or self.language)

    def samples(self, language: str | None = None, words: int = 128, most: int | None = None) -> Artefact:
        """A language's text, re-cut to samples of so many words, and at most so many of them."""
        limit = (f"at most {most}",) if most else ()
        return Artefact("samples", language or self.language, f"{words}w", *limit)

    def read_of(self, language: str) -> Fact:
        """The text that the stage around a loss reads of a language."""
        return dict(self.reads)[language]

    def rewritten(self, channel: str, corpus: Fact | None = None) -> Rewritten:
        """A corpus in the form that `channel` has; without one, the corpus that is read here."""
        of = corpus or self.corpus
        assert of is not None, "only asked where a corpus is read"
        return Rewritten(self.language, channel, of)

    def parallel(self, *languages: str) -> Resource:
        """The same sentences in two languages, or in many: row n is one sentence in all of them."""
        return Resource("parallel", "-".join(languages))

    def labels(self, languages: Sequence[str], *splits: str) -> tuple[Labels, ...]:
        return tuple(Labels(self.task.name, language, split) for language in languages for split in splits)

    def step(self, part: Parts, name: str, scope: str | None = None) -> Parts:
        """The new name of a part that a stage has trained further: `body` → `body/posttrained`."""
        return Parts(f"{part.name}/{name}", scope or part.scope)


def _by_base(parts: Sequence[Parts]) -> dict[str, Parts]:
    """Parts by their names without the steps that they have gone; the last of each."""
    return {part.name.split("/")[0]: part for part in parts}

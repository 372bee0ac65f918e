"""What exists at a point of the run: tokenizers, vectors, trained parts, and on which body they were built."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from xlt_core.config.lineup import Chosen
from xlt_core.config.resolve import RunConfig
from xlt_core.facts import Artefact, Fact, Parts, Rewritten
from xlt_core.site import Role, Site, TaskModel
from xlt_core.slots.backbones import Backbone
from xlt_core.slots.embedding import Embedding
from xlt_core.slots.representation import Representation, ViewPlan
from xlt_core.slots.tasks import Task
from xlt_core.slots.vocabulary import Vocabulary

BODY = Parts("body", "shared")
BACKBONE_TOKENIZER = Artefact("tokenizer", "backbone")


@dataclass
class State:
    """What changes as the stages go by; a seed starts from a copy of it."""

    body: Parts = BODY
    shared: dict[str, Parts] = field(default_factory=dict)
    languages: dict[str, dict[str, Parts]] = field(default_factory=dict)
    built_on: dict[Parts, set[str]] = field(default_factory=dict)
    models: tuple[TaskModel, ...] = ()

    def copy(self) -> State:
        languages = {language: dict(parts) for language, parts in self.languages.items()}
        built_on = {part: set(bodies) for part, bodies in self.built_on.items()}
        return State(self.body, dict(self.shared), languages, built_on, self.models)

    def learn(self, gives: Iterable[Parts], covers: Iterable[str]) -> None:
        """A stage has trained these parts on these languages; their own rows were read along the way."""
        gives = list(gives)
        for part in gives:
            base = part.name.split("/")[0]
            if base == "body":
                self.body = part
            elif part.scope == "shared":
                self.shared[base] = part
            elif part.scope.startswith("language:"):
                self.languages.setdefault(part.scope.partition(":")[2], {})[base] = part
        for language in covers:
            for base, part in self.languages.get(language, {}).items():
                if part in gives or base.startswith("embedding:"):
                    self.built_on.setdefault(part, set()).add(str(self.body))

    def fine_tune(self, body: Parts) -> None:
        """Task training changed the body: rows stay good, as the shared table's rows do; adapters don't."""
        for parts in self.languages.values():
            for base, part in parts.items():
                if base.startswith("embedding:"):
                    self.built_on.setdefault(part, set()).add(str(body))


class Line:
    """The run as its parts see it (`xlt_core.site.Surroundings`)."""

    def __init__(self, config: RunConfig) -> None:
        self.config, self.lineup = config, config.lineup
        self.sources, self.targets = config.settings.sources, config.settings.targets
        self.group = config.settings.adapt or tuple(dict.fromkeys((*self.sources, *self.targets)))
        self.task: Task | None = config.task
        self.backbone: Backbone = config.backbone
        self.state = State()
        self.makers: dict[str, tuple[Chosen, Site]] = {}
        self.rewritten: dict[tuple[str, str], list[Fact]] = {}
        """By language and channel the corpora that were asked for in another form, in the order of their first time."""

    @property
    def body(self) -> Parts:
        return self.state.body

    def models(self) -> tuple[TaskModel, ...]:
        return self.state.models

    def rewritten_before(self, language: str, channel: str, corpus: Fact) -> tuple[Rewritten, ...]:
        """What was asked for in a channel before a corpus first was."""
        known = self.rewritten[language, channel]
        return tuple(Rewritten(language, channel, other) for other in known[: known.index(corpus)])

    def trained(self) -> tuple[Parts, ...]:
        return tuple(self.state.shared.values())

    def language_parts(self, language: str) -> tuple[Parts, ...]:
        return tuple(self.state.languages.get(language, {}).values())

    def role_of(self, language: str) -> Role:
        """A language that is scored counts as a target, also where it serves as a source."""
        if language in self.targets and language not in self.sources:
            return "target"
        return "source" if language in self.sources else "adapt"

    def tokenizer(self, language: str, channel: str) -> Artefact:
        role = self.role_of(language)
        for (of, own), chosen in self.lineup.vocabulary.items():
            options = chosen.options
            assert isinstance(options, Vocabulary)
            site = Site(self, "vocabulary", role, (language,), own)
            if of == role and not options.keeps and channel in options.serves(site):
                fact = options.tokenizer(site)
                self.makers[str(fact)] = (chosen, site)
                return fact
        return BACKBONE_TOKENIZER

    def has_vocabulary(self, language: str, channel: str) -> bool:
        """Whether a vocabulary was chosen for this very channel, other than to keep the backbone's."""
        chosen = self.lineup.vocabulary.get((self.role_of(language), channel))
        return chosen is not None and isinstance(chosen.options, Vocabulary) and not chosen.options.keeps

    def shares_rows(self, channel: str) -> bool:
        """Whether all languages read a channel through one table that is made for this run."""
        facts = [self.embedding(language, channel) for language in (*self.sources, *self.targets)]
        return any(fact is not None and fact.of[0] == "shared" for fact in facts)

    def rows_channel(self, language: str, channel: str) -> str | None:
        """The channel under which a channel's rows are chosen: its own, or the first of its tokenizer's."""
        served = self.tokenizer(language, channel).of[1:]
        channels = [channel, *(served[0].split("+") if served else ())]
        role = self.role_of(language)
        return next((c for c in channels if (role, c) in self.lineup.embedding), None)

    def embedding(self, language: str, channel: str) -> Artefact | None:
        own = self.rows_channel(language, channel)
        if own is None:
            return None
        chosen = self.lineup.embedding[self.role_of(language), own]
        assert isinstance(chosen.options, Embedding)
        site = Site(self, "embedding", self.role_of(language), (language,), own)
        fact = chosen.options.rows(site)
        self.makers.setdefault(str(fact), (chosen, site))
        return fact

    def view(self, channel: str) -> ViewPlan | None:
        chosen = self.lineup.representation.get(channel)
        if chosen is None:
            return None
        assert isinstance(chosen.options, Representation)
        return chosen.options.view(Site(self, "representation", channel=channel))

    def joined(self, channels: Sequence[str], above: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The channels, and those that are joined in them; one that joins itself is refused elsewhere."""
        found: list[str] = []
        for channel in channels:
            plan = self.view(channel)
            if plan is not None and channel not in above:
                found += [*self.joined(plan.joins, (*above, channel)), channel]
        return tuple(dict.fromkeys(found))

    def streams(self, channels: Sequence[str]) -> tuple[str, ...]:
        """The channels whose tokenizers read, when these views are read."""
        plans = [self.view(channel) for channel in self.joined(channels)]
        return tuple(dict.fromkeys(stream for plan in plans if plan for stream in plan.streams))

    def owned(self, channels: Sequence[str]) -> tuple[Parts, ...]:
        """The shared parts of these views, as trained so far or as they will be created."""
        plans = [self.view(channel) for channel in self.joined(channels)]
        owned = dict.fromkeys(part for plan in plans if plan for part in plan.owns)
        return tuple(self.state.shared.get(part.name, part) for part in owned)


def describe_views(line: Line, channels: Iterable[str]) -> dict[str, Any]:
    """How each view is read: its unit, and what is summed or joined in it."""
    plans = {channel: line.view(channel) for channel in line.joined(tuple(channels))}
    told = {
        channel: {"unit": plan.unit, "sums": plan.streams, "joins": plan.joins, "languages": plan.languages}
        for channel, plan in plans.items()
        if plan is not None
    }
    return {"reads": {channel: {k: v for k, v in about.items() if v} for channel, about in told.items()}}

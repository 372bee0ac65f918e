"""The stage of a schedule, of adaptation or training: what its losses read, need and own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from xlt_core.compose.checks import check_joined_tokenizers, check_known_states, check_losses, read_views
from xlt_core.compose.line import Line, describe_views
from xlt_core.compose.linker import Draft
from xlt_core.compose.providers import Providers
from xlt_core.config.lineup import ChosenSchedule, ScheduleFor
from xlt_core.facts import Artefact, Embeddings, Fact, Labels, Parts, Resource, View, split_facts
from xlt_core.graph.stages import named
from xlt_core.site import Role, Site, TaskModel
from xlt_core.slots.evaluation import Evaluator
from xlt_core.slots.losses import Loss
from xlt_core.slots.schedule import Training


class ScheduleStages:
    """Makes the stages of schedules."""

    def __init__(self, line: Line, providers: Providers) -> None:
        self.line, self.providers, self.linker = line, providers, providers.linker

    def stage(
        self,
        chosen: ChosenSchedule,
        role: Role,
        languages: tuple[str, ...],
        verb: str,
        place: str,
        model: TaskModel | None,
    ) -> list[Parts]:
        """Make the stage, and return the parts that it leaves trained."""
        schedule = chosen.for_role(role)
        title = f"{chosen.entry.slot} `{chosen.entry.name}`"
        bare = Site(self.line, chosen.entry.slot, role, languages, model=model)
        bare = dataclasses.replace(bare, reads=tuple(corpora(schedule.options.needs(bare))))
        views = read_views(schedule.losses, bare)
        channels = tuple(dict.fromkeys(view.channel for view in views)) or ("text",)
        site = dataclasses.replace(bare, channels=channels)
        for problem in check_losses(self.line, title, schedule, site, chosen.path):
            self.linker.refuse(problem)
        learned = tuple(languages)
        if isinstance(schedule.options, Training):
            learned = schedule.options.learns_from(site)
        for problem in check_joined_tokenizers(self.line, channels, learned):
            self.linker.refuse(problem)
        self.linker.check_part(title, schedule.options, site, chosen.path)
        needs: list[Any] = list(schedule.options.needs(site))
        made = [channel for channel in channels if self.line.view(channel) is not None]
        needs += self.providers.rewritten_for(made, site.reads)
        askers: dict[str, str] = {}
        owned, unbuilt = self._losses_need(schedule, site, needs, askers)
        unbuilt += [f"reading the view `{view}` in training" for view in views if not _can_be_made(view, schedule)]
        body = model.body if model else self.line.body
        self.linker.check_built_on(split_facts(needs)[0], body, self.line.state)
        for problem in check_known_states(title, schedule, site, chosen.path):
            self.linker.refuse(problem)
        trains = list(schedule.options.trains(site))
        gives = list(schedule.options.gives(site))
        self.linker.make(
            Draft(
                verb, chosen.entry.name, chosen.entry.slot, needs, gives, place,
                options=self._options_of(schedule, learned), version=schedule.options.version,
                work=chosen.entry.card.work, draws=schedule.options.draws, title=title, site=site, askers=askers,
                extra={
                    "views": tuple(map(str, views)),
                    "trains": tuple(str(part) for part in (*trains, *owned)),
                    "details": {**describe_views(self.line, channels), **({"unbuilt": unbuilt} if unbuilt else {})},
                },
            )
        )  # fmt: skip
        return [fact for fact in gives if isinstance(fact, Parts)]

    def _losses_need(
        self, schedule: ScheduleFor, site: Site, needs: list[Any], askers: dict[str, str]
    ) -> tuple[list[Parts], list[str]]:
        """Add what losses and the selector need; return the losses' own parameters and those not built."""
        owned: list[Parts] = []
        beyond: list[str] = []
        for loss in schedule.losses:
            at = dataclasses.replace(site, instance=loss.instance)
            assert isinstance(loss.options, Loss)
            self.linker.check_part(loss.title, loss.options, at, loss.path)
            between = split_facts(loss.options.needs(at))[0]
            askers.update({str(fact): loss.title for fact in between if fact not in needs})
            needs += between
            owned += loss.options.owns(at)
            if loss.entry.built:  # a loss that isn't is told as a whole
                beyond += _beyond_the_loop(loss.name, loss.options, at)
        unbuilt: list[str] = []
        if schedule.selector is not None and schedule.options.checks:
            assert isinstance(schedule.selector.options, Evaluator)
            unbuilt += _cannot_select(schedule, site)
            selecting = split_facts(schedule.selector.options.selecting(site))[0]
            askers.update({str(fact): f"selection by {schedule.selector.title}" for fact in selecting})
            needs += selecting
        parts = [*schedule.losses]
        parts += [self.line.lineup.representation[c] for c in self.line.joined(site.channels)]
        unbuilt += [named(part.entry.slot, part.name) for part in parts if not part.entry.built]
        unbuilt += [f"{part.name}: {choice}" for part in parts for choice in part.options.unbuilt(site)]
        return owned, [*unbuilt, *beyond, *schedule.options.unbuilt(site)]

    def _options_of(self, schedule: ScheduleFor, learned: tuple[str, ...]) -> dict[str, Any]:
        data = schedule.options.model_dump(mode="json", by_alias=True)
        data["losses"] = {
            loss.instance: {"use": loss.name, "version": loss.options.version, "work": loss.entry.card.work,
                            **loss.options.model_dump(mode="json", by_alias=True)}
            for loss in schedule.losses
        }  # fmt: skip
        settings = self.line.config.settings
        if settings.shots is not None and isinstance(schedule.options, Training):
            few = {code: settings.shots for code in learned if code not in self.line.sources}
            data |= {"shots": few} if few else {}
        return {**data, "budget": schedule.options.budget or settings.budget, "precision": settings.precision}


def _beyond_the_loop(name: str, options: Loss, at: Site) -> list[str]:
    """What a loss wants of a step that the training loop can't give it yet."""
    inside = split_facts(options.needs(at))[1]
    return [f"{name}: {fact}" for fact in inside if isinstance(fact, Embeddings) and fact.view.channel != "text"]


def _cannot_select(schedule: ScheduleFor, site: Site) -> list[str]:
    """Whether nothing can score a model with the evaluator while it trains."""
    assert schedule.selector is not None and isinstance(schedule.selector.options, Evaluator)
    options, by = schedule.selector.options, f"selection by {schedule.selector.title}"
    answers = site.slot == "training" or not options.needs_predictions
    return [] if options.selects and answers else [by]


def _can_be_made(view: View, schedule: ScheduleFor) -> bool:
    """Whether the engine can make the view: the text itself, masked, or changed as some loss has it."""
    made = {name for loss in schedule.losses if isinstance(loss.options, Loss) for name in loss.options.transforms}
    return view.channel == "text" and {step.name for step in view.transforms} <= {"mask", *made}


def corpora(needs: Iterable[Any]) -> list[tuple[str, Fact]]:
    """The texts among the facts that a stage needs, with their languages."""
    found: list[tuple[str, Fact]] = []
    for fact in needs:
        if isinstance(fact, Labels):
            found.append((fact.of[1], fact))
        elif fact.name in ("samples", "text") and isinstance(fact, Artefact | Resource):
            found.append((fact.of[0], fact))
    return found

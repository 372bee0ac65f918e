"""The walk from a line-up to its stages: adaptation, training, inference, evaluation, seed by seed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

from xlt_core.catalog import load_object
from xlt_core.compose.checks import (
    check_joined_tokenizers,
    check_losses,
    check_representation,
    read_views,
)
from xlt_core.compose.line import Line, State
from xlt_core.compose.linker import Draft, Space
from xlt_core.compose.providers import Providers
from xlt_core.config.lineup import Chosen, ChosenSchedule, ScheduleFor
from xlt_core.config.resolve import RunConfig
from xlt_core.errors import Problem
from xlt_core.facts import Artefact, Fact, Labels, Parts, View, split_facts
from xlt_core.graph.stages import Stage
from xlt_core.site import Role, Site, TaskModel
from xlt_core.slots.evaluation import Evaluator, TaskMetrics, predictions
from xlt_core.slots.inference import Combiner
from xlt_core.slots.losses import Loss
from xlt_core.slots.schedule import Training


class Unroller:
    """One run's stages. Call `unroll`, then look at `linker.problems`."""

    def __init__(self, config: RunConfig) -> None:
        self.config = config
        self.line = Line(config)
        self.providers = Providers(self.line, self._answering_alone)
        self.linker = self.providers.linker

    def unroll(self) -> None:
        for problem in (*check_representation(self.line), *self._check_slots()):
            self.linker.refuse(problem)
        settings = self.config.settings
        spaces: list[tuple[Space, int, State]] = []
        for adaptation_seed in settings.adaptation_seeds:
            self.line.state = State()
            several = len(settings.adaptation_seeds) > 1
            space = self._enter(Space(), adaptation_seed, f"#a{adaptation_seed}" if several else "")
            for number, chosen in enumerate(self.line.lineup.adaptation):
                self._adaptation(chosen, number)
            self._first_rows()
            adapted = self.line.state
            for seed in settings.seeds:
                self.line.state = adapted.copy()
                tag = space.tag + (f"#{seed}" if len(settings.seeds) > 1 else "")
                mine = self._enter(space, seed, tag)
                for number, chosen in enumerate(self.line.lineup.training):
                    self._training(chosen, number)
                answers = self._inference()
                self._evaluation(answers, ("examples", "languages"))
                spaces.append((mine, seed, self.line.state))
        self._over_runs(spaces)
        self.linker.refuse_stale()

    def _enter(self, parent: Space, seed: int, tag: str) -> Space:
        self.linker.space, self.linker.seed = Space(parent, tag=tag), seed
        return self.linker.space

    def _check_slots(self) -> Iterator[Problem]:
        lineup = self.line.lineup
        for (role, channel), chosen in lineup.vocabulary.items():
            languages = [code for code in self._all_languages() if self.line.role_of(code) == role]
            makes = bool(languages) and not getattr(chosen.options, "keeps", False)
            if makes and self.line.rows_channel(languages[0], channel) is None:
                what = f"{chosen.title} gives {', '.join(languages)} new pieces, and nothing says where they start"
                known = ", ".join(self.config.catalog.names("embedding"))
                yield Problem(what, fix=f"--set embedding.{role}=NAME (one of {known})")
        if lineup.inference is None and lineup.training:
            yield Problem("no combiner answers for the targets", fix="--set inference=single")

    def _first_rows(self) -> None:
        """New pieces that no adaptation has read start from the body as adaptation leaves it."""
        channels = tuple(self.line.lineup.representation)
        for language in dict.fromkeys((*self.line.sources, *self.line.targets)):
            site = Site(self.line, "embedding", self.line.role_of(language), (language,), channels=channels)
            for fact in site.reading(language):
                self.linker.find(fact, f"text of {language}")

    def _all_languages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.line.sources, *self.line.targets, *self.line.group)))

    # adaptation

    def _adaptation(self, chosen: ChosenSchedule, number: int) -> None:
        covers = self._languages_of(chosen)
        if not covers:
            self.linker.note(f"{chosen.path}: no language has the role that {chosen.entry.name} is for")
            return
        first_role, _ = covers[0]
        if chosen.for_role(first_role).options.per(Site(self.line, "adaptation", first_role)) == "joint":
            languages = tuple(dict.fromkeys(language for _, language in covers))
            self._adapt(chosen, number, first_role, languages)
            return
        done: set[str] = set()
        for role, language in covers:
            if language not in done:
                self._adapt(chosen, number, role, (language,))
            done.add(language)

    def _languages_of(self, chosen: ChosenSchedule) -> list[tuple[Role, str]]:
        of: dict[Role, Iterable[str]] = {
            "source": self.line.sources, "target": self.line.targets, "adapt": self.line.group
        }  # fmt: skip
        return [(role, language) for role in chosen.roles() for language in of[role]]

    def _adapt(self, chosen: ChosenSchedule, number: int, role: Role, languages: tuple[str, ...]) -> None:
        place = ", ".join(languages) if len(languages) <= 3 else f"{len(languages)} languages"
        verb = "adapt" if number == 0 else f"adapt{number + 1}"
        stage, gives = self._schedule_stage(chosen, role, languages, verb, place, None)
        if stage is not None:
            self.line.state.learn(gives, languages)

    # training

    def _training(self, chosen: ChosenSchedule, number: int) -> None:
        if self.line.task is None:
            what = f"{chosen.entry.name} learns a task, and none is given"
            self.linker.refuse(Problem(what, "--task", "--task ner"))
            return
        roles = chosen.roles()
        options = chosen.for_role(roles[0] if roles else "").options
        assert isinstance(options, Training)
        languages = tuple(language for _, language in self._languages_of(chosen)) or self.line.sources
        per = options.per(Site(self.line, "training"))
        before = self.line.state.models
        groups = [tuple(dict.fromkeys(languages))] if per == "joint" else [(code,) for code in languages]
        start, models = self.line.state.copy(), []
        for group in groups:
            if len(groups) > 1:
                self.line.state = start.copy()
            models.append(self._train(chosen, number, group, "all" if per == "joint" else group[0], before))
        state = self.line.state if len(groups) == 1 else start
        if len(groups) > 1:
            state.body = start.body
        state.models = tuple(model for model in models if model is not None)
        self.line.state = state

    def _train(
        self, chosen: ChosenSchedule, number: int, group: tuple[str, ...], key: str, before: tuple[TaskModel, ...]
    ) -> TaskModel | None:
        roles = chosen.roles()
        role: Role = "" if not roles else roles[0]
        earlier = before[0] if len(before) == 1 else next((m for m in before if m.key == key), None)
        if earlier is not None:
            self.line.state.body = earlier.body
        verb = "train" if number == 0 else f"train{number + 1}"
        assert self.line.task is not None
        place = f"{', '.join(group) if len(group) <= 3 else f'{len(group)} languages'}, {self.line.task.name}"
        stage, gives = self._schedule_stage(chosen, role, group, verb, place, earlier)
        if stage is None:
            return None
        covers = {*group, *(earlier.languages if earlier else ())}
        body = next((part for part in gives if part.name.split("/")[0] == "body"), self.line.state.body)
        self.line.state.fine_tune(body)
        parts = {part.name.split("/")[0]: part for part in (*(earlier.parts if earlier else ()), *gives)}
        parts.pop("body", None)
        self.line.state.body = body
        shared = {part.name.split("/")[0]: part for part in gives if part.scope == "shared" and part != body}
        self.line.state.shared.update(shared)
        views = tuple(dict.fromkeys(channel for channel in self._task_channels(chosen, role)))
        return TaskModel(key, tuple(sorted(covers)), body, tuple(parts.values()), views)

    def _task_channels(self, chosen: ChosenSchedule, role: Role) -> Iterator[str]:
        for loss in chosen.for_role(role).losses:
            if isinstance(loss.options, Loss) and loss.options.role == "task":
                yield getattr(loss.options, "view", "text")

    # both kinds of schedule

    def _schedule_stage(
        self,
        chosen: ChosenSchedule,
        role: Role,
        languages: tuple[str, ...],
        verb: str,
        place: str,
        model: TaskModel | None,
    ) -> tuple[Stage | None, list[Parts]]:
        schedule = chosen.for_role(role)
        title = f"{chosen.entry.slot} `{chosen.entry.name}`"
        bare = Site(self.line, chosen.entry.slot, role, languages, model=model)
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
        needs += self.providers.rewritten_for(made, _corpora(needs))
        askers: dict[str, str] = {}
        owned, unbuilt = self._losses_need(schedule, site, needs, askers)
        if chosen.entry.slot == "training":
            unbuilt += [f"training on the view `{view}`" for view in views if view != View()]
        body = model.body if model else self.line.body
        self.linker.check_built_on(split_facts(needs)[0], body, self.line.state)
        trains = list(schedule.options.trains(site))
        gives = list(schedule.options.gives(site))
        stage = self.linker.make(
            Draft(
                verb, chosen.entry.name, chosen.entry.slot, needs, gives, place,
                options=self._options_of(schedule, chosen), version=schedule.options.version,
                work=chosen.entry.card.work, draws=schedule.options.draws, title=title, site=site, askers=askers,
                extra={
                    "views": tuple(map(str, views)),
                    "trains": tuple(str(part) for part in (*trains, *owned)),
                    "details": {**self._describe_views(channels), **({"unbuilt": unbuilt} if unbuilt else {})},
                },
            )
        )  # fmt: skip
        return stage, [fact for fact in gives if isinstance(fact, Parts)]

    def _losses_need(
        self, schedule: ScheduleFor, site: Site, needs: list[Any], askers: dict[str, str]
    ) -> tuple[list[Parts], list[str]]:
        """Add what losses and the selector need; return the losses' own parameters and those not built."""
        owned: list[Parts] = []
        for loss in schedule.losses:
            at = dataclasses.replace(site, instance=loss.instance)
            assert isinstance(loss.options, Loss)
            self.linker.check_part(loss.title, loss.options, at, loss.path)
            between = split_facts(loss.options.needs(at))[0]
            askers.update({str(fact): loss.title for fact in between if fact not in needs})
            needs += between
            owned += loss.options.owns(at)
        if schedule.selector is not None:
            assert isinstance(schedule.selector.options, Evaluator)
            selecting = split_facts(schedule.selector.options.selecting(site))[0]
            askers.update({str(fact): f"selection by {schedule.selector.title}" for fact in selecting})
            needs += selecting
        parts = [*schedule.losses, *([schedule.selector] if schedule.selector else [])]
        parts += [self.line.lineup.representation[c] for c in self.line.joined(site.channels)]
        unbuilt = [part.name for part in parts if not part.entry.built]
        unbuilt += [f"{part.name}: {choice}" for part in parts for choice in part.options.unbuilt(site)]
        return owned, unbuilt + list(schedule.options.unbuilt(site))

    def _options_of(self, schedule: ScheduleFor, chosen: ChosenSchedule) -> dict[str, Any]:
        data = schedule.options.model_dump(mode="json", by_alias=True)
        data["losses"] = {
            loss.instance: {"use": loss.name, "version": loss.options.version, "work": loss.entry.card.work,
                            **loss.options.model_dump(mode="json", by_alias=True)}
            for loss in schedule.losses
        }  # fmt: skip
        settings = self.config.settings
        return {**data, "budget": settings.budget, "precision": settings.precision}

    def _describe_views(self, channels: Iterable[str]) -> dict[str, Any]:
        plans = {channel: self.line.view(channel) for channel in self.line.joined(tuple(channels))}
        return {
            "reads": {
                channel: {
                    key: value
                    for key, value in (("unit", plan.unit), ("sums", plan.streams), ("joins", plan.joins))
                    if value
                }
                for channel, plan in plans.items()
                if plan is not None
            }
        }

    # inference and evaluation

    def _answering_alone(self, language: str) -> TaskModel | None:
        """The model whose states stand for a language: its own, or the one model there is."""
        models = self.line.models()
        return next((model for model in models if model.key == language), models[0] if models else None)

    def _inference(self) -> list[str]:
        """Predictions for every target; the answers' names are returned, "" where there is one."""
        combiner, task = self.line.lineup.inference, self.line.task
        if combiner is None or task is None or not self.line.models():
            return [""]
        assert isinstance(combiner.options, Combiner)
        answers: list[str] = []
        for target in self.line.targets:
            site = Site(self.line, "inference", self.line.role_of(target), (target,))
            weights: tuple[Stage, ...] = ()
            if combiner.options.way == "mix":
                weights = (self.linker.of_part(combiner, site, "weights", target),)
            else:
                self.linker.check_part(combiner.title, combiner.options, site, combiner.path)
            picks = combiner.options.picks(site)
            groups = [(m.key, (m,)) for m in picks] if combiner.options.way == "each" else [("", picks)]
            for answer, models in groups:
                self._predict(combiner, dataclasses.replace(site, answer=answer), models, weights)
                answers.append(answer)
        return list(dict.fromkeys(answers)) or [""]

    def _predict(self, combiner: Chosen, site: Site, models: tuple[TaskModel, ...], weights: tuple[Stage, ...]) -> None:
        target, task = site.language, self.line.task
        assert task is not None
        channels = tuple(dict.fromkeys(channel for model in models for channel in model.channels)) or ("text",)
        site = dataclasses.replace(site, channels=channels, model=models[0] if models else None)
        own = self.line.language_parts(target)
        needs: list[Fact] = [*site.labels((target,), "test"), *own, *site.reading(target)]
        needs += self.providers.rewritten_for(channels, _corpora(needs))
        for model in models:
            needs += [model.body, *model.parts]
            self.linker.check_built_on(own, model.body, self.line.state)
        for problem in check_joined_tokenizers(self.line, channels, (target,)):
            self.linker.refuse(problem)
        place = f"{target}, {task.name}" + (f", by {site.answer}" if site.answer else "")
        options = {"mix": [model.key for model in models], "task": task.name, **self._training_options()}
        self.linker.make(
            Draft("predict", "predict", "inference", needs, (predictions(site, target),), place, options,
                  work="xlt_core.engine.predict:predict", title="prediction", site=site, after=weights,
                  extra={"details": self._describe_views(channels)})
        )  # fmt: skip

    def _training_options(self) -> dict[str, Any]:
        chosen = self.line.lineup.training[-1]
        roles = chosen.roles()
        options = chosen.for_role(roles[0] if roles else "").options
        return options.model_dump(mode="json", include={"label_on", "too_long", "max_length", "train"})

    def _evaluators(self) -> Iterator[Chosen]:
        for chosen in self.line.lineup.evaluation:
            if not isinstance(chosen.options, TaskMetrics):
                yield chosen
            for name in self.line.task.metrics if isinstance(chosen.options, TaskMetrics) and self.line.task else ():
                entry = self.config.catalog.get("evaluation", name)
                yield Chosen(entry, load_object(entry.card.declares)(), chosen.path, name)

    def _evaluation(self, answers: list[str], reaches: tuple[str, ...]) -> None:
        for chosen in self._evaluators():
            options = chosen.options
            assert isinstance(options, Evaluator)
            if options.reach not in reaches:
                continue
            if options.needs_predictions and self.line.models() and self.line.lineup.inference is None:
                continue  # that nobody answers was told once
            if options.needs_predictions and not self.line.models():
                what = f"{chosen.title} scores predictions, and nothing is trained to make them"
                self.linker.refuse(Problem(what, fix=f"--drop {chosen.path}, or --set training=finetune"))
                continue
            self._score(chosen, options, answers)

    def _score(self, chosen: Chosen, options: Evaluator, answers: list[str]) -> None:
        task = self.line.task.name if self.line.task else "no task"
        groups = [(t,) for t in self.line.targets] if options.reach == "examples" else [self.line.targets]
        for languages in groups:
            for answer in answers if options.needs_predictions else [""]:
                site = Site(self.line, "evaluation", languages=languages, instance=chosen.instance, answer=answer)
                where = languages[0] if options.reach == "examples" else f"{len(languages)} languages"
                place = ", ".join([where, task, *([f"by {answer}"] if answer else [])])
                details = {"seed": self.linker.seed, **({"by": answer} if answer else {})}
                self.linker.of_part(chosen, site, f"score:{chosen.instance}", place, extra={"details": details})

    def _over_runs(self, spaces: list[tuple[Space, int, State]]) -> None:
        """Evaluators that compare runs read the same facts of every seed."""
        for chosen in self._evaluators():
            if not isinstance(chosen.options, Evaluator) or chosen.options.reach != "runs":
                continue
            after: dict[str, Stage] = {}
            site = Site(self.line, "evaluation", languages=self.line.targets, instance=chosen.instance)
            for space, seed, state in spaces:
                self.linker.space, self.linker.seed, self.line.state = space, seed, state
                for fact in split_facts(chosen.options.needs(site))[0]:
                    stage = self.linker.find(fact, chosen.title)
                    after.update({stage.id: stage} if stage else {})
            if not after:
                return
            self.linker.space = Space(spaces[0][0])
            task = self.line.task.name if self.line.task else "no task"
            place = f"{len(spaces)} run{'s' if len(spaces) != 1 else ''}, {task}"
            self.linker.of_part(chosen, site, f"score:{chosen.instance}", place, after=list(after.values()))


def _corpora(needs: Iterable[Any]) -> list[tuple[str, Fact]]:
    """The texts among the facts that a stage needs, with their languages."""
    found: list[tuple[str, Fact]] = []
    for fact in needs:
        if isinstance(fact, Labels):
            found.append((fact.of[1], fact))
        elif isinstance(fact, Artefact) and fact.name == "samples":
            found.append((fact.of[0], fact))
    return found

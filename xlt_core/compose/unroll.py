"""The walk from a line-up to its stages: adaptation, training, inference, evaluation, seed by seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xlt_core.compose.answers import Answers
from xlt_core.compose.checks import check_representation
from xlt_core.compose.line import Line, State
from xlt_core.compose.linker import Space
from xlt_core.compose.providers import Providers
from xlt_core.compose.schedules import ScheduleStages
from xlt_core.config.lineup import ChosenSchedule
from xlt_core.config.resolve import RunConfig
from xlt_core.errors import Problem
from xlt_core.site import Role, Site, TaskModel
from xlt_core.slots.losses import Loss
from xlt_core.slots.schedule import Training


class Unroller:
    """One run's stages. Call `unroll`, then look at `linker.problems`."""

    def __init__(self, config: RunConfig) -> None:
        self.config = config
        self.line = Line(config)
        self.providers = Providers(self.line, self._answering_alone)
        self.linker = self.providers.linker
        self.schedules = ScheduleStages(self.line, self.providers)
        self.answers = Answers(self.line, self.providers)

    def unroll(self) -> None:
        for problem in (*check_representation(self.line), *self._check_slots()):
            self.linker.refuse(problem)
        settings = self.config.settings
        spaces: list[tuple[Space, int, State]] = []
        for adaptation_seed in settings.adaptation_seeds:
            self.line.state = State()
            several = len(settings.adaptation_seeds) > 1
            space = self._enter(Space(), adaptation_seed, f"#a{adaptation_seed}" if several else "")
            self.answers.adaptation_seed = adaptation_seed
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
                names = self.answers.predict_all()
                self.answers.evaluate(names, ("examples", "languages"))
                spaces.append((mine, seed, self.line.state))
        self.answers.over_runs(spaces)
        self.linker.refuse_stale()
        for note in self._unused():
            self.linker.note(note)
        if settings.shots is not None and not any(s.options.get("shots") for s in self.linker.stages.values()):
            what = "no training learns from the targets' labels, so their shots would not be read"
            fix = "--add training=target_only --set inference=own, which goes on from the sources' model"
            self.linker.refuse(Problem(what, "--shots", fix))

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
        few_shot = self.config.settings.protocol == "few_shot"
        if few_shot != (self.config.settings.shots is not None):
            what = "few_shot learns from so many sentences of each target" if few_shot else "shots are few_shot's"
            yield Problem(what, "--shots", "--shots 10" if few_shot else "--protocol few_shot")
        if lineup.inference is None and lineup.training:
            yield Problem("no combiner answers for the targets", fix="--set inference=single")

    def _unused(self) -> Iterator[str]:
        """Choices that change nothing in this run, which the user may not have meant."""
        lineup, stages = self.line.lineup, list(self.linker.stages.values())
        rewritten = {stage.channel for stage in stages if stage.verb == "rewrite"}
        for channel, chosen in lineup.rewriting.items():
            if channel not in rewritten:
                yield f"rewriting.{channel}: nothing reads what {chosen.name} would write"
        for slot, verb in (("translation", "translate"), ("alignment", "align"), ("projection", "project")):
            if getattr(lineup, slot) is not None and not any(stage.verb == verb for stage in stages):
                yield f"{slot}: nothing asks for labels that would cross over"
        for role, channel in lineup.embedding:
            languages = [code for code in self._all_languages() if self.line.role_of(code) == role]
            if channel == "text" and any(self.line.tokenizer(code, "text").of == ("backbone",) for code in languages):
                yield f"embedding.{role}: new vectors for the backbone's own pieces, since vocabulary.{role} keeps them"

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
        self.line.state.learn(self.schedules.stage(chosen, role, languages, verb, place, None), languages)

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
        if len(groups) > 1:
            self.line.state = start
        self.line.state.models = tuple(models)
        for model in self.line.state.models:
            self.line.state.fine_tune(model.body)

    def _train(
        self, chosen: ChosenSchedule, number: int, group: tuple[str, ...], key: str, before: tuple[TaskModel, ...]
    ) -> TaskModel:
        roles = chosen.roles()
        role: Role = "" if not roles else roles[0]
        earlier = before[0] if len(before) == 1 else next((m for m in before if m.key == key), None)
        if earlier is not None:
            self.line.state.body = earlier.body
        verb = "train" if number == 0 else f"train{number + 1}"
        assert self.line.task is not None
        place = f"{', '.join(group) if len(group) <= 3 else f'{len(group)} languages'}, {self.line.task.name}"
        gives = self.schedules.stage(chosen, role, group, verb, place, earlier)
        covers = {*group, *(earlier.languages if earlier else ())}
        body = next((part for part in gives if part.name.split("/")[0] == "body"), self.line.state.body)
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

    def _answering_alone(self, language: str) -> TaskModel | None:
        """The model whose states stand for a language: its own, or the one model there is."""
        models = self.line.models()
        return next((model for model in models if model.key == language), models[0] if models else None)

"""Who answers for each target, and what is measured of the answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from xlt_core.catalog import load_object
from xlt_core.compose.checks import check_joined_tokenizers
from xlt_core.compose.line import Line, State, describe_views
from xlt_core.compose.linker import Draft, Space
from xlt_core.compose.providers import Providers
from xlt_core.compose.schedules import corpora
from xlt_core.config.lineup import Chosen
from xlt_core.errors import Problem
from xlt_core.facts import Artefact, Fact, Labels, split_facts
from xlt_core.graph.stages import Stage
from xlt_core.site import Site, TaskModel
from xlt_core.slots.evaluation import Evaluator, TaskMetrics, predictions
from xlt_core.slots.inference import Combiner


class Answers:
    """Makes the stages of inference and evaluation."""

    def __init__(self, line: Line, providers: Providers) -> None:
        self.line, self.providers, self.linker = line, providers, providers.linker
        self.adaptation_seed: int | None = None

    def predict_all(self) -> list[str]:
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
                keys = [model.key for model in combiner.options.picks(site)]
                weights = (self.linker.of_part(combiner, site, "weights", target, {"models": keys}),)
                self._agree(combiner.options.picks(site))
            else:
                self.linker.check_part(combiner.title, combiner.options, site, combiner.path)
            picks = combiner.options.picks(site)
            groups = [(m.key, (m,)) for m in picks] if combiner.options.way == "each" else [("", picks)]
            for answer, models in groups:
                self._predict(combiner, dataclasses.replace(site, answer=answer), models, weights)
                answers.append(answer)
        return list(dict.fromkeys(answers)) or [""]

    def _agree(self, models: tuple[TaskModel, ...]) -> None:
        """Where the data say what the labels are, those of models that answer together must be the same."""
        task = self.line.task
        if task is None or task.labels or len(models) < 2:
            return
        learnt = {model.key: self._labels_of(model) for model in models}
        facts = [Labels(*fact.removeprefix("labels ").split(":")) for own in learnt.values() for fact in own]
        gives, site = Artefact("label_set", task.name, *learnt), Site(self.line, "data", languages=tuple(learnt))
        self.linker.make(
            Draft("agree", "labels", "data", facts, (gives,), f"{', '.join(learnt)}, {task.name}", {"models": learnt},
                  work="xlt_core.data.agreement:agree", title="mixing", site=site)
        )  # fmt: skip

    def _labels_of(self, model: TaskModel) -> list[str]:
        """What a model's training learnt from, or will be selected by."""
        stages = [self.linker.space.find(str(part)) for part in model.parts]
        needs = [fact for stage in stages if stage is not None for fact in stage.needs]
        return list(dict.fromkeys(fact for fact in needs if fact.startswith("labels ")))

    def _predict(self, combiner: Chosen, site: Site, models: tuple[TaskModel, ...], weights: tuple[Stage, ...]) -> None:
        target, task = site.language, self.line.task
        assert task is not None
        channels = tuple(dict.fromkeys(channel for model in models for channel in model.channels)) or ("text",)
        site = dataclasses.replace(site, channels=channels, model=models[0] if models else None)
        own = self.line.language_parts(target)
        needs: list[Fact] = [*site.labels((target,), "test"), *own, *site.reading(target)]
        needs += self.providers.rewritten_for(channels, corpora(needs))
        for model in models:
            needs += [model.body, *model.parts]
            self.linker.check_built_on(own, model.body, self.line.state)
        for problem in check_joined_tokenizers(self.line, channels, (target,)):
            self.linker.refuse(problem)
        place = f"{target}, {task.name}" + (f", by {site.answer}" if site.answer else "")
        options = {"mix": [model.key for model in models], "task": task.name, **self._training_options()}
        self.linker.make(
            Draft("predict", "predict", "inference", needs, (predictions(site, target),), place, options, version=2,
                  work="xlt_core.engine.predict:predict", title="prediction", site=site, after=weights,
                  extra={"details": describe_views(self.line, channels)})
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
                entry = self.line.config.catalog.get("evaluation", name)
                yield Chosen(entry, load_object(entry.card.declares)(), chosen.path, name)

    def evaluate(self, answers: list[str], reaches: tuple[str, ...]) -> None:
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
                seeds = {"seed": self.linker.seed, "adaptation_seed": self.adaptation_seed}
                details = {**seeds, **({"by": answer} if answer else {})}
                self.linker.of_part(chosen, site, f"score:{chosen.instance}", place, extra={"details": details})

    def over_runs(self, spaces: list[tuple[Space, int, State]]) -> None:
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

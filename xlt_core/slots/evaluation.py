"""What is measured?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from pydantic import Field

from xlt_core.errors import Problem
from xlt_core.facts import AnyFact, Artefact, Fact, Labels, Layer, Scores, States
from xlt_core.site import Site
from xlt_core.slots.base import Options

Reach = Literal["examples", "languages", "runs"]
ON_DEV = "xlt_core.engine.checks:on_dev"


class Evaluator(Options):
    """Base of evaluators.

    Its reach is what it looks at in one go: one language's `examples`, all `languages` of a run, or all
    `runs` of a plan (seeds). `at.languages` holds the target, or all targets; `at.instance` its name in
    the run, under which its scores are kept.
    """

    reach: ClassVar[Reach] = "examples"
    unit: ClassVar[tuple[str, ...]] = ()
    """The units of task that it can measure; none named means any."""
    needs_predictions: ClassVar[bool] = True
    selects: ClassVar[str] = ""
    """What scores a model that is still training, higher for better (`module:function`), where it can select:
    `function(check, options)` with an `xlt_core.engine.checks.Check`."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        for language in at.languages if self.needs_predictions else ():
            yield predictions(at, language)
            yield Labels(at.task.name, language, "test")

    def selecting(self, at: Site) -> Iterable[AnyFact]:
        """What it needs to choose between checkpoints of the stage that trains `at.languages`."""
        return at.labels(at.sources, "dev")

    def gives(self, at: Site) -> Iterable[Fact]:
        where = at.languages if self.reach == "examples" else ("all",)
        yield Scores(at.instance, at.run.task.name if at.run.task else "none", *where, *_answer(at))

    def refusals(self, at: Site) -> Iterable[Problem]:
        task = at.run.task
        if self.unit and (task is None or task.unit not in self.unit):
            name = task.name if task else "none"
            what = f"it measures {' or '.join(self.unit)} labels, and the task is {name}"
            yield Problem(what, fix="--set evaluation=task, which takes the task's own measures")


def predictions(at: Site, language: str) -> Artefact:
    """The answers for a language's test examples, of the model that `at.answer` names."""
    return Artefact("predictions", language, at.task.name, *_answer(at))


def scores_of(at: Site, language: str) -> Scores:
    """The task's first measure for one language."""
    return Scores(at.task.metrics[0], at.task.name, language, *_answer(at))


def _answer(at: Site) -> tuple[str, ...]:
    return (at.answer,) if at.answer else ()


class TaskMetrics(Evaluator):
    """The task's own measures."""

    selects = ON_DEV


class SpanF1(Evaluator):
    """Spans whose both ends and label are right: micro F1, and F1 of each type."""

    unit = ("span",)
    selects = ON_DEV

    decoding: Literal["strict", "lenient"] = "lenient"
    """What becomes of a tag sequence that no scheme allows."""


class SubtokenF1(Evaluator):
    """F1 of spans of pieces, each of which is tagged and counts; for papers that report it."""

    unit = ("span",)


class SeqevalF1(Evaluator):
    """Micro F1 as seqeval gives it, of tags without B- and I- too: what some papers call F1 of parts of speech."""

    libraries = ("seqeval",)
    unit = ("span", "word")
    selects = ON_DEV


class Accuracy(Evaluator):
    """Share of units labelled right."""

    unit = ("word", "sentence", "pair")
    selects = ON_DEV


class MacroF1(Evaluator):
    """F1 of each label, averaged over labels."""

    unit = ("word", "sentence", "pair")
    selects = ON_DEV


class Retrieval(Evaluator):
    """Share of sentences whose translation is among the nearest, by the cosine of their mean states."""

    needs_predictions = False
    selects = "xlt_core.engine.checks:retrieval"

    top: tuple[int, ...] = Field((1, 10), min_length=1)
    """How many nearest count; the last is the score that selects and stands in tables."""
    layer: Layer | None = None
    """Whose states are compared; where nothing is said, the one two thirds up: 8 of 12."""
    specials: bool = True
    """Whether the special tokens' states count in the mean."""
    queries: str = ""
    """The language that asks; the first source by default."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        for target in at.languages:
            pairs = at.parallel(target, self._queries(at))
            for language in (target, self._queries(at)) if target != self._queries(at) else ():
                pooling: Literal["mean", "mean+specials"] = "mean+specials" if self.specials else "mean"
                yield States("adapted", language, pairs, self.layer_of(at.backbone.layers), pooling=pooling)

    def selecting(self, at: Site) -> Iterable[AnyFact]:
        queries = self._queries(at)
        return [at.parallel(language, queries) for language in at.languages if language != queries]

    def refusals(self, at: Site) -> Iterable[Problem]:
        yield from super().refusals(at)
        deepest = at.backbone.layers
        if isinstance(self.layer, int) and self.layer > deepest:
            what = f"it reads layer {self.layer}, and {at.backbone.name} has {deepest}"
            yield Problem(what, fix="leave its option `layer` out")
        if self._queries(at) in at.languages and at.slot == "evaluation":
            what = f"{self._queries(at)} asks, so it can't be asked too"
            yield Problem(what, fix="--set evaluation.retrieval.queries= with another language, or leave it out")

    def layer_of(self, layers: int) -> Layer:
        """The layer that is read of a model that has so many."""
        return layers * 2 // 3 if self.layer is None else self.layer

    def _queries(self, at: Site) -> str:
        return self.queries or at.sources[0]

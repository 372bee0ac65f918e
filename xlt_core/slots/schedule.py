"""How does the model learn a language without labels, and how does it learn the task?

A schedule says what trains, on which streams, until when. It drives losses by role, never by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, field_validator

from xlt_core.budget import Budget
from xlt_core.errors import Problem
from xlt_core.facts import AnyFact, Fact, Parts
from xlt_core.site import Role, Site
from xlt_core.slots.base import Ability, Options

Per = Literal["language", "joint", "source", "target"]
Stream = Literal["unlabelled", "parallel"]
"""What an adaptation may read."""


class Select(BaseModel):
    """Which checkpoint is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    by: str = "task_dev"
    """`task_dev` (source development data), `held_out_loss`, or an evaluator's name."""
    every: str = Field("epoch", pattern=r"^(epoch|[1-9][0-9]* steps)$")
    """`epoch`, or `200 steps`."""
    strictly_after: int = Field(0, ge=0)
    """Steps before which no checkpoint is a candidate."""
    patience: int | None = Field(None, ge=1)
    """Checks without a better one before training stops."""
    keep: Literal["best", "last"] = "best"
    """Which one is kept."""
    options: dict[str, Any] = {}
    """Options of the evaluator."""


class SelectInText(Select):
    """Which checkpoint of an adaptation is kept: the last, if nothing else is asked for."""

    by: str = "held_out_loss"
    """`held_out_loss`, or the name of an evaluator that needs no labels."""
    keep: Literal["best", "last"] = "last"
    """Which one is kept."""


class Plateau(BaseModel):
    """When the learning rate falls: after `patience` checks in a row that were no better, at the next such one."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    factor: float = Field(0.6, gt=0, lt=1)
    """What the learning rate is multiplied by."""
    patience: int = Field(3, ge=0)
    """Checks in a row that may be no better."""
    threshold: float = Field(0.1, ge=0, lt=1)
    """Share of the best value by which a better one must differ from it."""


class Schedule(Options):
    """Base of schedules."""

    draws = True
    feeds: ClassVar[frozenset[str]] = frozenset()
    """The streams it feeds: `unlabelled`, `labelled`, `parallel`."""
    takes: ClassVar[frozenset[str]] = frozenset({"adapt", "align", "task"})
    """The roles of loss that it drives."""
    roles: ClassVar[tuple[Role, ...]] = ()
    """Whose languages it is for, where the recipe doesn't say."""
    leaves: ClassVar[str] = "trained"
    """The step that a part trained by it adds to its name."""

    losses: dict[str, Any] = {}
    """NAME: weight, or {use, weight, options}."""
    lr: float = Field(5e-5, gt=0)
    """Learning rate."""
    lr_of: dict[str, float] = {}
    """Learning rates of single parts that it trains, by name: `{head: 1e-3}`, `{embedding:phonemes: 1e-3}`."""
    batch: int = Field(32, ge=1)
    """Examples that count together in one update."""
    epochs: float = Field(10, gt=0)
    """Passes over the data, where no steps are given."""
    steps: int | None = Field(None, ge=1)
    """Updates; overrides `epochs`."""
    budget: str | None = None
    """How long it may take, in the place of the run's `--budget`: `200steps`, `2Mtokens`, `10minutes`."""
    weight_decay: float = Field(0.01, ge=0)
    """AdamW's decay, not on biases and norms."""
    lr_schedule: Literal["linear", "constant", "cosine", "plateau"] = "linear"
    """How the learning rate changes; `plateau` goes by what `select` measures."""
    plateau: Plateau = Plateau()
    """When and how far a learning rate on `plateau` falls."""
    warm_up: float = Field(0.0, ge=0, lt=1)
    """Share of the updates over which the learning rate rises."""
    clip: float | None = Field(1.0, gt=0)
    """Largest norm of a gradient."""
    max_length: int = Field(512, ge=8)
    """Units of a sequence, specials included."""
    recompute: bool = False
    """Whether layers are computed once more for the gradient, so that less is kept in memory."""
    select: Select = Select()
    """Which checkpoint is kept."""
    held_out: float = Field(0.01, gt=0, lt=1)
    """Share of the examples that `held_out_loss` is measured on, and nothing learns from."""

    @field_validator("budget", mode="before")
    @classmethod
    def _readable(cls, value: Any) -> str | None:
        return Budget.written(value)

    @property
    def update(self) -> int:
        """Examples that count together in one update."""
        return self.batch

    @property
    def joins_texts(self) -> str:
        """Where an example isn't a stretch of one text, the choice by which it would be: `packing=lines`."""
        return ""

    @property
    def checks(self) -> bool:
        """Whether anything depends on what `select` measures; otherwise nothing is measured or held out."""
        select = self.select
        return select.keep == "best" or select.patience is not None or self.lr_schedule == "plateau"

    def per(self, at: Site) -> Per:
        """What one stage covers."""
        return "joint"

    def trains(self, at: Site) -> Iterable[Parts]:
        """The parts that come out trained, under their new names."""
        return ()

    def gives(self, at: Site) -> Iterable[Fact]:
        yield from self.trains(at)

    def refusals(self, at: Site) -> Iterable[Problem]:
        trained = {part.name.split("/")[0] for part in self.trains(at)}
        for name in self.lr_of:
            if name not in trained | {part.partition(":")[0] for part in trained}:
                what = f"lr_of gives {name} a learning rate, and what is trained is {', '.join(sorted(trained))}"
                yield Problem(what, fix=f"--drop {at.slot}.lr_of.{name}")


class Adaptation(Schedule):
    """Base of adaptations: learning languages from unlabelled text."""

    feeds = frozenset({"unlabelled"})
    takes = frozenset({"adapt", "align"})
    roles: ClassVar[tuple[Role, ...]] = ("source", "target")

    mix: Literal["natural", "temperature", "uniform"] = "natural"
    """How often each language of a joint stage is drawn: by its share of the samples, by a power of it, or alike."""
    mix_power: float = Field(0.3, gt=0, lt=1)
    """The power of `temperature`."""
    words: int | None = Field(128, ge=1)
    """Whitespace words in a sample that texts are re-cut to; none leaves lines as they are."""
    samples: int | None = Field(None, ge=1)
    """Samples of a language that are used at most."""
    select: SelectInText = SelectInText()

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield from at.standing_on(*at.languages)
        yield from at.reading(*at.languages)
        for language in at.languages:
            yield at.samples(language, self.words, self.samples) if self.words else at.text(language)

    def refusals(self, at: Site) -> Iterable[Problem]:
        yield from super().refusals(at)
        if self.checks and self.select.by == "task_dev":
            what = "an adaptation has no task whose development data could be measured"
            yield Problem(what, fix="--set adaptation.select.by=held_out_loss")


class Madx(Adaptation):
    """Language adapters with invertible ones, by the backbone's own language modelling, the body frozen."""

    reduction: int = Field(2, ge=1)
    """Width of the backbone over width of the bottleneck."""
    invertible: bool = True
    """Whether an invertible adapter stands at the embeddings."""
    invertible_reduction: int = Field(2, ge=1)
    """Half the width over the width inside the invertible adapter."""
    leave_out: tuple[int, ...] = (-1,)
    """Layers without an adapter; -1 is the last."""
    losses: dict[str, Any] = {"mlm": 1.0}
    lr: float = Field(5e-4, gt=0)
    epochs: float = Field(50, gt=0)

    def per(self, at: Site) -> Per:
        return "language"

    def trains(self, at: Site) -> Iterable[Parts]:
        scope = f"language:{at.language}"
        yield Parts("adapter", scope)
        if self.invertible:
            yield Parts("invertible", scope)
        yield Parts("mlm_head", scope)
        yield from at.own_rows(self.leaves)

    def abilities(self, at: Site) -> Iterable[Ability]:
        if not {"mlm", "causal", "denoising"} & at.backbone.abilities:
            yield "mlm"


class Pretrain(Adaptation):
    """The whole body, on the texts and translations of all its languages together.

    Translations are read joined: a loss that predicts masked pieces then learns from both languages at once (TLM).
    """

    feeds = frozenset({"unlabelled", "parallel"})
    roles: ClassVar[tuple[Role, ...]] = ("adapt",)
    leaves = "pretrained"

    streams: dict[Stream, PositiveFloat] = Field({"unlabelled": 1.0}, min_length=1)
    """What is read, and how many rows of it stand beside those of the others: `{unlabelled: 1, parallel: 2}`."""
    parallel: tuple[str, ...] = ("all",)
    """Whose translations are read: `eng-fra`, `eng-fra-hin`, or `all` languages as one table."""
    power: float = Field(0.5, ge=0, le=1)
    """Under the mix `temperature`, languages are drawn by the number of their rows to the power of this."""
    packing: Literal["lines", "rows"] = "lines"
    """Whether each line of text is a row, or as many as fit stand in one."""
    restart: bool = False
    """Whether positions begin anew with each sentence of a row, so that translations of words stand about there."""
    words: int | None = Field(None, ge=1)
    """Words in a sample; none takes sentences as the text's lines have them."""
    max_length: int = Field(128, ge=8)
    """Units of a row, specials included."""
    losses: dict[str, Any] = {"mlm": 1.0}
    batch: int = Field(64, ge=1)
    epochs: float = Field(1, gt=0)

    @property
    def joins_texts(self) -> str:
        if "parallel" in self.streams:
            return "streams={unlabelled: 1.0}"
        return "" if self.packing == "lines" else "packing=lines"

    def per(self, at: Site) -> Per:
        return "joint"

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield from super().needs(at)
        for group in self.parallel if "parallel" in self.streams else ():
            yield at.parallel(*(at.languages if group == "all" else group.split("-")))

    def trains(self, at: Site) -> Iterable[Parts]:
        yield at.step(at.body, self.leaves)
        yield from (at.step(part, self.leaves) for part in at.owned(*at.languages))
        yield from at.own_rows(self.leaves)

    def refusals(self, at: Site) -> Iterable[Problem]:
        for group in self.parallel if "parallel" in self.streams else ():
            lacking = [code for code in group.split("-") if group != "all" and code not in at.languages]
            if lacking:
                what = f"translations of {', '.join(lacking)} are read, and it isn't among the languages"
                yield Problem(what, fix=f"--adapt {','.join((*at.languages, *lacking))}")
            elif group != "all" and "-" not in group:
                yield Problem(f"`{group}` is no pair of languages: write eng-fra, or all")

    def unbuilt(self, at: Site) -> Iterable[str]:
        """What this work can't do yet."""
        if self.lr_schedule == "plateau":
            yield "lr_schedule plateau"
        if self.select.keep != "last":
            yield f"keeping the best by {self.select.by} in an adaptation"
        if any(at.own_rows(self.leaves)) and "parallel" in self.streams:
            yield "translations of languages with vocabularies of their own"
        if "language_codes" in at.backbone.abilities:
            yield "codes of languages in a joint adaptation"


class Training(Schedule):
    """Base of trainings: learning the task from labels."""

    version = 3
    feeds = frozenset({"labelled"})
    losses: dict[str, Any] = {"task": 1.0}

    train: Literal["all", "task_adapter", "head"] = "all"
    """The whole model and a head, a task adapter and a head, or the head alone."""
    stack: Literal["language_parts", "bare"] = "language_parts"
    """Whether the languages' own parts stand beneath what is trained."""
    share: float = Field(1.0, gt=0, le=1)
    """Share of the training examples that is used, drawn by the seed."""
    head: Literal["auto", "softmax", "crf", "pooled", "dense"] = "auto"
    """The output layer; `auto` is the task's own: softmax over units, pooled for sentences. `dense`: a layer more."""
    pool: Literal["first", "mean"] = "first"
    """Whether the first state speaks for a sentence, or the mean of all."""
    scheme: Literal["iob2", "bioes", "oi"] = "iob2"
    """How spans are written as tags while training; scores don't depend on it."""
    side_features: tuple[Literal["pos", "predicate"], ...] = ()
    """What the head reads beside the states."""
    label_on: Literal["first", "all", "inside", "continuation"] = "first"
    """Which units of a word carry its label; `inside`: the later ones go on with the span that the first begins."""
    too_long: Literal["split", "truncate"] = "split"
    """What happens to a sentence over `max_length`."""
    task_reduction: int = Field(16, ge=1)
    """Width of the backbone over width of a task adapter."""

    def learns_from(self, at: Site) -> tuple[str, ...]:
        """The languages whose labels are read."""
        return at.languages

    def unbuilt(self, at: Site) -> Iterable[str]:
        """What the training loop can't do yet."""
        if at.task.unit == "none":
            yield f"training on {at.task.name}"

    def refusals(self, at: Site) -> Iterable[Problem]:
        yield from super().refusals(at)
        if at.task.unit in ("sentence", "pair"):
            yield from self._refused_for_sentences(at.task.name)
            return
        if at.task.unit in ("span", "word") and self.head in ("pooled", "dense"):
            what = f"a {self.head} head gives one label, and {at.task.name} has one a word"
            yield Problem(what, fix=_own("head=auto"))
        if at.task.unit in ("span", "word") and self.pool != "first":
            yield Problem(f"{at.task.name} has a label a word, and nothing is pooled", fix=_own("pool=first"))
        if self.head == "crf" and self.label_on != "first":
            what = f"a head crf is a chain of words, and label_on {self.label_on} labels pieces inside them"
            yield Problem(what, fix=f"{_own('label_on=first')}, or {_own('head=softmax')}")
        if self.label_on == "inside" and (at.task.unit != "span" or self.scheme != "iob2"):
            what = f"label_on inside goes on with spans in iob2, and this is {at.task.name} in {self.scheme}"
            yield Problem(what, fix=_own("label_on=first"))
        if at.task.name == "roles" and "predicate" not in self.side_features:
            what = "roles are those of a predicate, and nothing tells the head which word that is"
            yield Problem(what, fix=_own(f"side_features=[{', '.join((*self.side_features, 'predicate'))}]"))

    def _refused_for_sentences(self, task: str) -> Iterable[Problem]:
        """What is about words."""
        if self.head not in ("auto", "pooled", "dense"):
            what = f"a head {self.head} labels words, and {task} has one label a sentence"
            yield Problem(what, fix=_own("head=auto"))
        if self.label_on != "first":
            what = f"label_on {self.label_on} is about the pieces of words, and {task} has one label a sentence"
            yield Problem(what, fix=_own("label_on=first"))
        if self.side_features:
            what = f"side features are those of words, and {task} has one label a sentence"
            yield Problem(what, fix=_own("side_features=[]"))

    def scope(self, at: Site) -> str:
        """Whose the task parts are."""
        per = self.per(at)
        return "task" if per == "joint" else f"{per}:{at.languages[-1]}"

    def needs(self, at: Site) -> Iterable[AnyFact]:
        languages = self.learns_from(at)
        yield from at.labels(languages, "train")
        if self.select.by == "task_dev" and self.checks:
            yield from at.labels(at.sources if self.per(at) != "source" else languages, "dev")
        yield from at.standing_on(*languages if self.stack == "language_parts" else ())
        yield from at.reading(*languages)
        if at.model is not None:
            yield from at.model.parts

    def trains(self, at: Site) -> Iterable[Parts]:
        scope, task = self.scope(at), at.task.name
        if self.train == "all":
            whose = "shared" if scope == "task" else scope
            for part in (at.body, *at.owned(*self.learns_from(at))):
                yield at.step(part, self.leaves, whose)
        if self.train == "task_adapter":
            yield Parts(f"task_adapter:{task}", scope)
        yield Parts(self.head_name(at), scope)

    def head_name(self, at: Site) -> str:
        """The head's name; one that goes on from an earlier training takes a step."""
        before = [part.name for part in at.model.parts if part.name.startswith("head:")] if at.model else []
        return f"{before[0]}/{self.leaves}" if before else f"head:{at.task.name}"


def _own(choice: str) -> str:
    """What to type: a value with blanks or brackets stands in quotes."""
    flag = f"training.{choice}"
    return f"--set '{flag}'" if "[" in flag else f"--set {flag}"


class Finetune(Training):
    """Learn the task on the sources' labels."""

    leaves = "finetuned"

    models: Literal["one", "one_per_source"] = "one"
    """One model on all sources together, or one for each."""

    def per(self, at: Site) -> Per:
        return "joint" if self.models == "one" else "source"


class TargetOnly(Training):
    """Learn the task on each target's labels alone, projected ones as a rule."""

    leaves = "target_only"
    roles: ClassVar[tuple[Role, ...]] = ("target",)

    def per(self, at: Site) -> Per:
        return "target"


class Bilingual(TargetOnly):
    """Learn the task on the sources' labels and one target's together, a model for each target."""

    leaves = "bilingual"

    def learns_from(self, at: Site) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*at.sources, *at.languages)))


class Multilingual(Training):
    """Learn the task on the labels of all sources and all targets together."""

    leaves = "multilingual"
    roles: ClassVar[tuple[Role, ...]] = ("source", "target")

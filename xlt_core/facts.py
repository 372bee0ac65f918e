"""What parts may need and give: nine kinds of fact, and the names the core itself knows.

The kinds are closed. The names inside a kind are open: a plugin's own carry its name (`acme.trace`),
so that a misspelt `tokeniser` is refused instead of waiting for ever.

Facts between stages order the graph: resources, artefacts, labels, parts, scores.
Facts inside a training step decide what is encoded: views, and the hidden states, embeddings and logits of views.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

Layer = int | Literal["last"]

NAMES: dict[str, dict[str, str]] = {
    "resource": {
        "text": "monolingual text of a language",
        "parallel": "the same sentences in two languages or in many",
        "dictionary": "word pairs of two languages",
        "lookup": "words of a language, each with its other form",
        "distances": "typological distances between languages",
        "weights": "a file of source weights for each target",
        "translation": "labelled sentences of one language in another, made before",
        "alignment": "word links made before",
    },
    "artefact": {
        "tokenizer": "a tokenizer, of the backbone, a language or all languages, for its channels",
        "embedding": "the first vectors of a tokenizer's pieces",
        "samples": "monolingual text re-cut to samples of so many words",
        "rewritten": "a language's texts in another form: Latin, IPA",
        "states": "what a frozen model says of unmasked texts, pooled, kept by example",
        "translation": "labelled sentences of one language in another",
        "alignment": "word links between labelled sentences and their translations",
        "weights": "how much each trained part counts for a target",
        "label_set": "the labels that several languages' examples have in common",
        "predictions": "a task's answers for a language's test examples",
    },
    "labels": {"labels": "a task's labelled examples in a language, by split"},
    "parts": {
        "body": "the backbone's weights; each stage that trains them adds a step to the name",
        "adapter": "a bottleneck adapter of one language",
        "invertible": "an invertible adapter of one language",
        "embedding": "trained vectors of a tokenizer's pieces",
        "mlm_head": "the head that predicts masked pieces",
        "task_adapter": "a bottleneck adapter of one task",
        "head": "a task's output layer",
        "language_ids": "one vector a language, added to what it reads",
        "temperature": "a loss's learned scale",
    },
    "scores": {"scores": "what an evaluator measured"},
}
"""Kind → the core's own names in it, with their meaning. Views, hidden states, embeddings and logits
are named by the channel that they read."""


class Fact:
    """One fact: a kind, a name and what it is a fact of.

    >>> str(Artefact("tokenizer", "amh", "text"))
    'artefact tokenizer:amh:text'
    """

    __slots__ = ("name", "of")
    kind: ClassVar[str]

    def __init__(self, name: str, *of: str) -> None:
        self.name = name
        self.of = of

    def __str__(self) -> str:
        return f"{self.kind} {':'.join(self.of if self.name == self.kind else (self.name, *self.of))}"

    def __repr__(self) -> str:
        return f"<{self}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fact) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


class Resource(Fact):
    """What must come from outside: `text:amh`, `parallel:amh-eng`, `dictionary:zho-vie`."""

    kind = "resource"
    __slots__ = ()


class Artefact(Fact):
    """What a stage makes once: `tokenizer:amh:text`, `acme.trace:amh`."""

    kind = "artefact"
    __slots__ = ()


class Labels(Fact):
    """A task's labelled examples: `labels:ner:eng:train`. Projected ones are labels like any other."""

    kind = "labels"
    __slots__ = ()

    def __init__(self, task: str, language: str, split: str) -> None:
        super().__init__("labels", task, language, split)


class Parts(Fact):
    """Trained weights and their scope: `adapter@language:amh`, `body/posttrained@shared`.

    A scope is `shared`, `language:amh`, `source:eng`, `task` or `loss:NAME`.
    """

    kind = "parts"
    __slots__ = ()

    def __init__(self, name: str, scope: str) -> None:
        super().__init__(name, scope)

    @property
    def scope(self) -> str:
        return self.of[0]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}@{self.scope}"


class Scores(Fact):
    """What an evaluator measured: `scores:ner:amh`."""

    kind = "scores"
    __slots__ = ()

    def __init__(self, *of: str) -> None:
        super().__init__("scores", *of)


class States(Artefact):
    """Pooled states of a model that doesn't train, over unmasked texts.

    `model` is `frozen` (the backbone as it came), `adapted` (with the language's parts) or `trained`
    (with the task parts that answer for the language). `most` says how many of the first examples are enough.
    """

    __slots__ = ("channel", "corpus", "language", "layer", "model", "most", "pooling")

    def __init__(
        self,
        model: Literal["frozen", "adapted", "trained"],
        language: str,
        corpus: Fact,
        layer: Layer = "last",
        channel: str = "text",
        pooling: Literal["mean", "mean+specials"] = "mean",
        most: int | None = None,
    ) -> None:
        self.model, self.language, self.channel = model, language, channel
        self.corpus, self.layer, self.pooling, self.most = corpus, layer, pooling, most
        source = ":".join((corpus.name, *corpus.of))
        limit = (f"first {most}",) if most else ()
        super().__init__("states", model, language, channel, source, f"layer-{layer}", pooling, *limit)


class Rewritten(Artefact):
    """A corpus of a language in another form: `rewritten:amh:latin:samples:amh:128w`."""

    __slots__ = ("channel", "corpus", "language")

    def __init__(self, language: str, channel: str, corpus: Fact) -> None:
        self.language, self.channel, self.corpus = language, channel, corpus
        super().__init__("rewritten", language, channel, corpus.name, *corpus.of)


@dataclass(frozen=True, slots=True)
class Transform:
    """What is done to words before they are read in training: masking, code-switching.

    Two transforms with one `draw` share their random draw: the same words are hit.
    """

    name: str
    options: tuple[tuple[str, Any], ...] = ()
    draw: str = ""

    @classmethod
    def of(cls, name: str, options: Mapping[str, Any], draw: str = "") -> Transform:
        return cls(name, tuple(sorted(options.items())), draw)

    def __str__(self) -> str:
        settings = [f"{key}={value}" for key, value in self.options]
        return f"{self.name}({', '.join(settings + ([f'draw={self.draw}'] if self.draw else []))})"


@dataclass(frozen=True, slots=True)
class View:
    """A channel, as its representation makes it, and what is done to it: two maskings are two views."""

    channel: str = "text"
    transforms: tuple[Transform, ...] = ()
    kind: ClassVar[str] = "view"

    def with_(self, *transforms: Transform) -> View:
        return View(self.channel, self.transforms + transforms)

    def __str__(self) -> str:
        return " | ".join((self.channel, *map(str, self.transforms)))


@dataclass(frozen=True, slots=True)
class Hidden:
    """Hidden states of a view at a layer, counted from 0 = the embeddings' output."""

    view: View
    layer: Layer = "last"
    unit: str | None = None
    kind: ClassVar[str] = "hidden"


@dataclass(frozen=True, slots=True)
class Embeddings:
    """One stream of a view before the encoder: `text` or `phonemes` of a view that sums both."""

    view: View
    stream: str
    unit: str | None = None
    kind: ClassVar[str] = "embeddings"


@dataclass(frozen=True, slots=True)
class Logits:
    """Scores over the vocabulary at a view's masked positions."""

    view: View
    unit: str | None = "subword"
    kind: ClassVar[str] = "logits"


StepFact = View | Hidden | Embeddings | Logits
AnyFact = Fact | StepFact


def view_of(fact: StepFact) -> View:
    return fact if isinstance(fact, View) else fact.view


def split_facts(facts: Iterable[AnyFact]) -> tuple[list[Fact], list[StepFact]]:
    """Facts between stages, and facts inside a step."""
    between: list[Fact] = []
    inside: list[StepFact] = []
    for fact in facts:
        if isinstance(fact, Fact):
            between.append(fact)
        else:
            inside.append(fact)
    return between, inside

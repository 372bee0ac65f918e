"""Which trained parts answer for a target, in what mix?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from pydantic import Field

from xlt_core.errors import Problem
from xlt_core.facts import AnyFact, Artefact, Fact, Resource
from xlt_core.site import Site, TaskModel
from xlt_core.slots.base import Options

Way = Literal["pick", "each", "mix"]
UNIFORM = "uniform"
"""What the answer of all models alike is called beside another mix."""


class Combiner(Options):
    """Base of combiners. At a target they see every task model that training gave (`at.models`)."""

    way: ClassVar[Way] = "mix"
    """`pick` one model, let `each` answer apart, or `mix` their logits by weights."""
    wants_many: ClassVar[bool] = True
    """Whether one task model is too few for it to mean anything."""

    def picks(self, at: Site) -> tuple[TaskModel, ...]:
        """The models that answer."""
        return at.models

    def gives(self, at: Site) -> Iterable[Fact]:
        if self.way == "mix":
            yield Artefact("weights", at.language)

    def refusals(self, at: Site) -> Iterable[Problem]:
        if self.wants_many and len(at.models) < 2:
            what = f"it needs several task models to choose or mix, and training gives {len(at.models)}"
            fix = "--set training.models=one_per_source with two or more --sources, or --set inference=single"
            yield Problem(what, fix=fix)


class Single(Combiner):
    """One task model answers."""

    way = "pick"
    wants_many = False

    source: str | None = None
    """Whose, where there are several."""

    def picks(self, at: Site) -> tuple[TaskModel, ...]:
        if self.source is None:
            return at.models[:1]
        return tuple(model for model in at.models if model.key == self.source)

    def refusals(self, at: Site) -> Iterable[Problem]:
        keys = [model.key for model in at.models]
        if self.source is None and len(keys) > 1:
            what = f"training gives {len(keys)} task models ({', '.join(keys)}) and nothing says which answers"
            own = "--set inference=own, or " if set(at.targets) <= set(keys) else ""
            yield Problem(what, fix=f"{own}--set inference.source={keys[0]}, or --set inference=each")
        if self.source is not None and self.source not in keys:
            what = f"no task model is `{self.source}`'s; there are {', '.join(keys) or 'none'}"
            yield Problem(what, fix=f"--set inference.source={keys[0]}" if keys else "")


class Own(Combiner):
    """The task model that was trained for the target itself answers."""

    way = "pick"
    wants_many = False

    def picks(self, at: Site) -> tuple[TaskModel, ...]:
        return tuple(model for model in at.models if model.key == at.language)

    def refusals(self, at: Site) -> Iterable[Problem]:
        if not self.picks(at):
            keys = ", ".join(model.key for model in at.models)
            what = f"no task model is the own one of {{of}}; training gives {keys or 'none'}"
            yield Problem(what, fix="--set training=target_only, or --set inference=single", of=(at.language,))


class Each(Combiner):
    """Every task model answers on its own, and is scored apart."""

    way = "each"
    wants_many = False


class Uniform(Combiner):
    """All task models count alike."""


class File(Combiner):
    """Weights from a file, `source<TAB>weight` a line: `--resource weights:amh=FILE`."""

    instead = "--set inference=uniform"

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield Resource("weights", at.language)


class Lang2vec(Combiner):
    """Weights from typological similarity, read out of tables: `--resource distances:syntax_knn=FILE`.

    FILE is lang2vec's own `feature_predictions.npz`, or lines of `language<TAB>number<TAB>number ...`, of which
    cosines are taken; for `featural` lines of `language<TAB>language<TAB>distance`.
    """

    instead = "--set inference=uniform"

    features: Literal["syntax_knn", "featural"] = "syntax_knn"
    """Vectors of syntax whose cosines are the similarities, or distances, of which 1 less each are."""
    normalise: Literal["softmax", "sum"] = "softmax"
    """How similarities become weights."""
    temperature: float = Field(1.0, gt=0)
    """What similarities are divided by before the softmax."""
    treat_as_missing: tuple[str, ...] = ()
    """Languages that get equal weights although the tables know them."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield Resource("distances", self.features)

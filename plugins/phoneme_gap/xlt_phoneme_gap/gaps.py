"""How far apart are languages? In score, in representation, in output, and whether these go together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from xlt_core.errors import Problem
from xlt_core.facts import AnyFact, Artefact, Fact, Layer, Scores, States
from xlt_core.site import Site
from xlt_core.slots.evaluation import Evaluator, predictions, scores_of


class _Between(Evaluator):
    """Base of what compares all languages of a run."""

    reach = "languages"
    needs_predictions = False

    def refusals(self, at: Site) -> Iterable[Problem]:
        yield from super().refusals(at)
        if len(at.languages) < 2:
            yield Problem("it compares languages, and there is one target", fix="--targets with two or more")


class Rpd(_Between):
    """|a − b| over their mean, in per cent, for each pair of languages; mean and spread beside it."""

    needs_predictions = True

    reference: str = ""
    """The language to which differences are given too; the first source by default."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        return [scores_of(at, language) for language in at.languages]


class _OfVectors(_Between):
    layer: Layer = "last"
    """Whose states are compared; 0 is the embeddings' output."""
    model: Literal["trained", "adapted", "frozen"] = "trained"
    """Each language's own trained model, the adapted one, or the backbone as it came."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        if len(at.languages) > 1:
            sentences = at.parallel(*sorted(at.languages))
            yield from (States(self.model, language, sentences, self.layer) for language in at.languages)


class Cka(_OfVectors):
    """Linear CKA of the vectors of the same sentences, with a floor and the debiased estimate."""

    layer: Layer = 0
    centre: bool = True
    """Whether each feature is centred."""
    debias: bool = True
    """Whether the debiased estimate is given too."""
    floor: int = Field(10, ge=0)
    """Shufflings of the rows that give the floor."""


class ProxyA(_OfVectors):
    """2(1 − 2·error) of a linear language classifier, both versions of a sentence in one fold."""

    folds: int = Field(5, ge=2)
    """Folds, grouped by sentence."""


class Pictures(_OfVectors):
    """Heatmaps, one plot of all languages' vectors, bars for each pair, and the data behind them."""

    perplexity: float = Field(30.0, gt=0)
    """Of the joint t-SNE, which starts from the principal components."""

    def gives(self, at: Site) -> Iterable[Fact]:
        yield Artefact("phoneme_gap.pictures", "+".join(at.languages))


class Sinkhorn(_Between):
    """Entropic transport distance between the answers of two languages."""

    needs_predictions = True

    points: Literal["prob", "logit"] = "prob"
    """Probabilities or logits."""
    cost: Literal["sqeuclid", "euclid"] = "sqeuclid"
    """Distance of two answers."""
    eps: float = Field(0.05, gt=0)
    """Strength of the entropy."""
    debias: bool = False
    """Whether half of both self terms is subtracted."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        return [predictions(at, language) for language in at.languages]


class Correlation(Evaluator):
    """Rank correlations of the gaps with each other, over seeds and languages."""

    reach = "runs"
    needs_predictions = True

    gap: Literal["rpd", "absolute"] = "rpd"
    """Which gap in score is correlated."""
    bootstrap: int = Field(1000, ge=0)
    """Resamplings of seeds."""
    reads: tuple[str, ...] = ("phoneme_gap.rpd", "phoneme_gap.cka", "phoneme_gap.sinkhorn")
    """The evaluators whose scores are correlated; each must be among the run's."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield from (scores_of(at, language) for language in at.languages)
        yield from (Scores(name, at.task.name, "all") for name in self.reads)

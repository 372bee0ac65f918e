"""What ties spelling, sound and languages together (equations 3 to 9)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from xlt_core.facts import AnyFact, Embeddings, Hidden, Parts, Resource, Rewritten, Transform, View
from xlt_core.site import Site
from xlt_core.slots.losses import Loss, Mask, TaskLoss

WHOLE = 2**31
"""Examples in a group that is the whole batch."""
WORD_DRAW = "words"
"""The draw that the masks of `mlm` and `xmlm` share: the same words are hidden in both."""


class Align(Loss):
    """Each word's spelling finds its own phonemes among its sentence's, and the other way round."""

    role = "align"

    view: str = "text"
    """The word-level view whose streams are compared."""
    streams_compared: tuple[str, str] = ("text", "phonemes")
    """The two streams."""
    temperature: Literal["factor", "exp"] = "factor"
    """The learned scale as a plain factor, or exponentiated."""
    norm_axis: Literal["features", "tokens"] = "features"
    """Norm of each word's vector, or, as released, of each feature over the sentence."""
    negatives: Literal["sentence", "batch"] = "sentence"
    """Among whose words a partner is sought."""
    first_word: bool = True
    """Whether a sentence's first word seeks a partner, too; as released it doesn't."""
    columns: int = Field(0, ge=0)
    """As released, what is missing to so many words (128) takes part with a similarity of 0; 0 leaves padding out."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        for stream in self.streams_compared:
            yield Embeddings(View(self.view), stream, unit="word")

    def owns(self, at: Site) -> Iterable[Parts]:
        yield self.own(at, "temperature")

    def group(self) -> int | None:
        return WHOLE if self.negatives == "batch" else None


class WordMlm(Loss):
    """Whole words are masked, their phonemes stay; a word's pieces are predicted at its one position."""

    view: str = "text"
    """The word-level view that is masked."""
    mask: Mask = Mask(rate=0.2, unit="word", replace="mask", fresh=False, draw=WORD_DRAW)
    """Which words are hidden."""
    scores: Literal["all", "first"] = "all"
    """Whether all pieces of a masked word are predicted, or its first."""
    lm_decoder: Literal["own", "tied"] = "own"
    """The output matrix: drawn anew, as released, or the spelling's table."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield Hidden(self.copied, "last", unit="word")

    @property
    def copied(self) -> View:
        """The view of the masked copy."""
        return View(self.view, (self.mask.transform(),))

    def owns(self, at: Site) -> Iterable[Parts]:
        yield self.own(at, "mlm_head")


SWITCH = {"switch": "xlt_phonexl.switching:switch"}


class SwitchedMlm(WordMlm):
    """The same on a copy in which words are replaced by a dictionary's translations, sound and all."""

    transforms = SWITCH

    rate: float = Field(0.4, ge=0, le=1)
    """How often a word is looked up."""
    match: Literal["word", "span"] = "word"
    """Look up single words, or the longest run of words that is an entry."""
    predicts: Literal["switched", "source"] = "switched"
    """The word that stands in the copy, or the one that stood there."""
    fresh: bool = False
    """Switched anew in each step, or once for each example."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield Hidden(self.copied, "last", unit="word")
        yield from dictionaries(at, self.view)

    @property
    def copied(self) -> View:
        """The view of the switched and masked copy."""
        unusual = {name: value for name, value in (("predicts", self.predicts), ("fresh", self.fresh))
                   if value != type(self).model_fields[name].default}  # fmt: skip
        switch = Transform.of("switch", {"rate": self.rate, "match": self.match, **unusual}, draw="switch")
        return View(self.view, (switch, self.mask.transform()))


class SwitchedTask(TaskLoss):
    """The task's loss on a code-switched copy, labels staying with their positions: CoSDA-ML as a loss."""

    transforms = SWITCH

    rate: float = Field(0.9, ge=0, le=1)
    """How often a word is looked up."""
    sentences: float = Field(1.0, ge=0, le=1)
    """Share of sentences in which words are looked up at all."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield self.copied
        yield from dictionaries(at, self.view)

    def unbuilt(self, at: Site) -> Iterable[str]:
        plan = at.run.view(self.view)
        if plan is not None and plan.unit != "word":
            yield "switching words in a view of sub-words"

    @property
    def copied(self) -> View:
        """The view of the switched copy."""
        options = {"rate": self.rate, "sentences": self.sentences}
        return View(self.view, (Transform.of("switch", options, draw="switch-task"),))


def dictionaries(at: Site, view: str) -> Iterable[Resource | Rewritten]:
    """A dictionary from each source that is read to each target, its translations in every channel that is read."""
    plan = at.run.view(view)
    for source in at.languages:
        for target in at.targets:
            if source != target and source in at.sources:
                given = Resource("dictionary", f"{source}-{target}")
                yield given
                for channel in plan.rewritten if plan is not None else ():
                    yield Rewritten(target, channel, given)

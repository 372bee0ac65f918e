"""What losses read in a step: each distinct view is encoded once, however many of them ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import torch

from xlt_core.data.encode import IGNORED, Batch, stacked
from xlt_core.facts import Layer, View
from xlt_core.model.heads import Reduction, cross_entropies

States = Mapping[Layer, torch.Tensor]
SMALL = 512
"""Units of two views up to which one call was faster than two (by 1.4 at 200, not at all at 800; on a CPU)."""

Encode = Callable[[Batch, frozenset[Layer]], States]
Score = Callable[..., torch.Tensor]
HeadLoss = Callable[[torch.Tensor, torch.Tensor, Reduction], tuple[torch.Tensor, torch.Tensor]]


@dataclass(frozen=True, slots=True)
class HiddenWords:
    """Masked words: a state each, and the pieces that stood there, each with the number of its word."""

    states: torch.Tensor
    of_word: torch.Tensor
    pieces: torch.Tensor

    def first(self) -> HiddenWords:
        """Of each word its first piece alone."""
        begins = torch.ones_like(self.of_word, dtype=torch.bool)
        begins[1:] = self.of_word[1:] != self.of_word[:-1]
        return HiddenWords(self.states, self.of_word[begins], self.pieces[begins])


@dataclass
class Context:
    """Tensors of one step. `wanted` are the views and layers that somebody will read: no others are kept.

    `passes` counts the views that were encoded.
    """

    batches: Mapping[View, Batch]
    encode: Encode
    head: Score | None = None
    vocabulary: Callable[[Batch, torch.Tensor], torch.Tensor] | None = None
    wanted: Mapping[View, frozenset[Layer]] = field(default_factory=dict)
    head_loss: HeadLoss = cross_entropies
    vectors: Callable[[Batch, str], torch.Tensor] | None = None
    before_output: Callable[[Batch, torch.Tensor], torch.Tensor] | None = None
    """What the head makes of states before they meet the output matrix."""
    rebuilt: Callable[[Batch, torch.Tensor, torch.Tensor], torch.Tensor] | None = None
    """What a decoder makes of encoder states, writing ids again."""
    unchanged: Encode | None = None
    """States of the body as it came, without adapters, through its own table, and without gradients."""
    kept: Callable[[Batch, str, Layer, str], torch.Tensor] | None = None
    """What models that don't train said of the batch's examples."""
    word_rows: Callable[[Batch], torch.Tensor] | None = None
    """The vectors of all pieces that a batch's text may have."""
    width: int = 0
    """Of the states."""
    group: int = 0
    """Which of the batch's groups of examples it is cut from."""
    rank: int = 0
    """The process that computes it."""
    begin: Callable[[int], object] | None = None
    """Told before each encoding how many there were: it seeds what is drawn in it."""
    passes: int = 0
    _states: dict[View, dict[Layer, torch.Tensor]] = field(default_factory=dict)

    def hidden(self, view: View, layer: Layer = "last") -> torch.Tensor:
        """States of a view, [examples, units, width]; layer 0 is what enters the first layer."""
        known = self._states.setdefault(view, {})
        if layer not in known:
            self._encode(view, layer)
        return self._states[view][layer]

    def _encode(self, view: View, layer: Layer) -> None:
        """Encode a view, and with it those of one shape that will be read, where one call costs less than several."""
        views = [view, *(other for other in self.wanted if self._goes_with(other, view))]
        layers = frozenset({layer}).union(*(self.wanted.get(own, frozenset()) for own in views))
        batches = [self.batches[own] for own in views]
        if self.begin is not None:
            self.begin(self.passes)
        states = self.encode(stacked(batches) if len(batches) > 1 else batches[0], layers)
        for number, own in enumerate(views):
            rows = slice(number * len(batches[0].ids), (number + 1) * len(batches[0].ids))
            self._states.setdefault(own, {}).update({name: found[rows] for name, found in states.items()})
        self.passes += len(views)

    def _goes_with(self, other: View, view: View) -> bool:
        if other == view or self._states.get(other) or other not in self.batches:
            return False
        one, two = self.batches[view], self.batches[other]
        alike = one.ids.shape == two.ids.shape and one.attention.shape == two.attention.shape
        return alike and one.unit_of is None and two.unit_of is None and 2 * one.ids.numel() <= SMALL

    def mask(self, view: View) -> torch.Tensor:
        """1 where a view has a unit, 0 where it is padding."""
        return self.batches[view].attention

    def pooled(self, view: View, layer: Layer, *, include_specials: bool) -> torch.Tensor:
        """The mean state of each example, [examples, width]; papers differ on the special tokens."""
        return mean_states(self.hidden(view, layer), self.batches[view], include_specials)

    def kept_states(self, view: View, model: str, layer: Layer = "last", pooling: str = "mean") -> torch.Tensor:
        """What a model that doesn't train said of each example, [examples, width]: the loss's fact `States`."""
        assert self.kept is not None, "only asked by losses that need states"
        return self.kept(self.batches[view], model, layer, pooling)

    def unchanged_pooled(self, view: View, layer: Layer, *, include_specials: bool) -> torch.Tensor:
        """The mean state of each example as the body was before anything was put on it: the same ids, its old table."""
        assert self.unchanged is not None, "only asked where the body doesn't train"
        batch = self.batches[view]
        return mean_states(self.unchanged(batch, frozenset({layer}))[layer], batch, include_specials)

    def output_pooled(self, view: View, *, include_specials: bool) -> torch.Tensor:
        """The mean of what meets the output matrix: states after the head's transform and an adapter's inverse."""
        assert self.before_output is not None, "only asked where the model has a language-model head"
        batch = self.batches[view]
        return mean_states(self.before_output(batch, self.hidden(view)), batch, include_specials)

    def task_scores(self, view: View) -> torch.Tensor:
        """The task head's scores for every unit of a view."""
        assert self.head is not None, "only asked by losses with the role `task`"
        batch = self.batches[view]
        return self.head(self.hidden(view), batch.side, batch.attention)

    def task_loss(self, view: View, reduction: Reduction) -> tuple[torch.Tensor, torch.Tensor]:
        """What the head's scores of a view cost, summed, and what that is to be divided by."""
        return self.head_loss(self.task_scores(view), self.labels(view), reduction)

    def embeddings(self, view: View, stream: str = "text") -> torch.Tensor:
        """One stream of what a view puts into the encoder, [examples, units, width]: vectors of pieces, or of words."""
        assert self.vectors is not None, "only asked where the model has a vocabulary"
        return self.vectors(self.batches[view], stream)

    def words_of(self, view: View) -> torch.Tensor:
        """True at the units of a view that are words, not special tokens or padding."""
        return kept_units(self.batches[view], include_specials=False)

    def labels(self, view: View) -> torch.Tensor:
        return self.batches[view].labels

    def logits(self, view: View) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores of every piece at a view's masked places, [places, pieces], and what stood there."""
        assert self.vocabulary is not None, "only asked where the model has a language-model head"
        batch = self.batches[view]
        if batch.targets is None:
            states = self.hidden(view)[:0, 0]
            return self.vocabulary(batch, states), batch.ids[:0, 0]
        places = batch.targets != IGNORED
        return self.vocabulary(batch, self.hidden(view)[places]), batch.targets[places]

    def hidden_words(self, view: View) -> HiddenWords:
        """The masked words of a view whose units are words, and the pieces that stood there."""
        told, states = self.batches[view].hidden, self.hidden(view)
        if told is None:
            none = self.batches[view].ids[:0, 0]
            return HiddenWords(states[:0, 0], none, none)
        places, of_word = torch.unique_consecutive(told[:, :2], dim=0, return_inverse=True)
        return HiddenWords(states[places[:, 0], places[:, 1]], of_word, told[:, 2])

    def table(self, view: View) -> torch.Tensor:
        """The vectors of all pieces that a view's text may have, [pieces, width]."""
        assert self.word_rows is not None, "only asked where the model has a vocabulary"
        return self.word_rows(self.batches[view])

    def next_logits(self, view: View) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores of every piece at all places that another follows, [places, pieces], and what follows there."""
        assert self.vocabulary is not None, "only asked where the model has a language-model head"
        batch = self.batches[view]
        follows = batch.attention[:, 1:].bool()
        return self.vocabulary(batch, self.hidden(view)[:, :-1][follows]), batch.ids[:, 1:][follows]

    def rebuilt_logits(self, view: View) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores of every piece at all places of the text that was masked, written again, and what stood there."""
        assert self.rebuilt is not None and self.vocabulary is not None, "only asked where the model has a decoder"
        batch = self.batches[view]
        text = batch.ids if batch.targets is None else torch.where(batch.targets != IGNORED, batch.targets, batch.ids)
        there = batch.attention.bool()
        states = self.rebuilt(batch, self.hidden(view), text)
        return self.vocabulary(batch, states[there]), text[there]

    def fresh(self) -> Context:
        """The same step, nothing encoded yet."""
        return replace(self, passes=0, _states={})


def mean_states(states: torch.Tensor, batch: Batch, include_specials: bool) -> torch.Tensor:
    """Σ m·H / Σ m of each example, [examples, width]."""
    weights = kept_units(batch, include_specials).unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1).clamp(min=1)


def kept_units(batch: Batch, include_specials: bool) -> torch.Tensor:
    """True at the units that count in a mean: all that aren't padding, or those of words alone."""
    if include_specials:
        return batch.attention.bool()
    keep = torch.zeros_like(batch.attention, dtype=torch.bool)
    for n, piece in enumerate(batch.pieces):
        keep[n, piece.words] = True
    return keep

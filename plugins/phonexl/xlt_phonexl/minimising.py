"""The works of the three losses (equations 3 to 9), and of CoSDA-ML's. Each returns (sum, count)."""

from __future__ import annotations

import math

import torch
from torch.nn.functional import gelu

from xlt_core.engine.context import Context, HiddenWords
from xlt_core.engine.terms import Making
from xlt_core.facts import View
from xlt_phonexl.losses import Align, SwitchedTask, WordMlm

Loss = tuple[torch.Tensor, torch.Tensor]
BEGIN = math.log(1 / 0.07)
"""The learned scale of the similarities, at the beginning."""
FIRST_BIAS = 0.01


class Aligning(torch.nn.Module):
    """½ (O→P + P→O): a word's spelling finds its phonemes among its sentence's, and they find it (equations 4, 5)."""

    def __init__(self, options: Align, making: Making) -> None:
        super().__init__()
        self.options = options
        self.temperature = torch.nn.Parameter(torch.tensor(BEGIN))

    def forward(self, ctx: Context) -> Loss:
        options, view = self.options, View(self.options.view)
        one, other = (ctx.embeddings(view, stream) for stream in options.streams_compared)
        words = ctx.words_of(view)
        seek = words if options.first_word else words & (words.cumsum(1) > 1)
        factor = self.temperature.exp() if options.temperature == "exp" else self.temperature
        together = options.negatives == "batch"
        there, back = aligned(one, other, words, factor, options.norm_axis, seek, options.columns, together)
        return (there + back) / 2, seek.sum()


def aligned(
    one: torch.Tensor,
    other: torch.Tensor,
    words: torch.Tensor,
    factor: torch.Tensor,
    norm_axis: str = "features",
    seek: torch.Tensor | None = None,
    columns: int = 0,
    together: bool = False,
) -> Loss:
    """Σ_m −ln softmax_n(τ ô_m·p̂_n)[m] over the words of all sentences, and the same from p̂ to ô.

    `one` and `other` are [sentences, words, width], `words` is true where a word stands, `seek` where one seeks its
    partner. It is sought in its sentence, or in all of them `together`, among `columns` at least.

    >>> same = torch.eye(2).unsqueeze(0)
    >>> there, back = aligned(same, same, torch.ones(1, 2).bool(), torch.tensor(1.0))
    >>> round(float(there) / 2, 6)
    0.313262
    """
    axis = -1 if norm_axis == "features" else 1
    one, other = (torch.where(words.unsqueeze(2), own.float(), 0.0) for own in (one, other))
    one, other = (own / own.norm(dim=axis, keepdim=True).clamp(min=1e-12) for own in (one, other))
    seek = words if seek is None else seek
    if together:
        one, other, seek, words = (own[words].unsqueeze(0) for own in (one, other, seek, words))
    similar = factor * one @ other.transpose(1, 2)
    return _sought(similar, words, seek, columns), _sought(similar.transpose(1, 2), words, seek, columns)


def _sought(similar: torch.Tensor, words: torch.Tensor, seek: torch.Tensor, columns: int) -> torch.Tensor:
    """−Σ_m ln softmax(S_m)[m]; what is missing to `columns` stands among the others with a similarity of 0."""
    rows = similar.masked_fill(~words.unsqueeze(1), torch.finfo(similar.dtype).min)[seek]
    own = torch.arange(words.shape[1], device=words.device).expand(words.shape)[seek]
    missing = (columns - words.sum(1, keepdim=True)).clamp(min=0).expand(words.shape)[seek]
    all_of = torch.logaddexp(rows.logsumexp(1), missing.to(rows.dtype).log())
    return (all_of - rows.gather(1, own.unsqueeze(1)).squeeze(1)).sum()


class WordHead(torch.nn.Module):
    """From a word's state to scores of all pieces: dense, GELU, LayerNorm, output matrix.

    Dense layer and LayerNorm begin as the pretrained head's, where the model has one; the matrix is drawn anew
    (Xavier), or is the spelling's table.
    """

    def __init__(self, making: Making, tied: bool) -> None:
        super().__init__()
        self.dense = torch.nn.Linear(making.width, making.width)
        self.norm = torch.nn.LayerNorm(making.width)
        self.bias = torch.nn.Parameter(torch.full((making.pieces,), FIRST_BIAS))
        self.decoder = None if tied else torch.nn.Parameter(_xavier(making.pieces, making.width, making.draw))
        with torch.no_grad():
            self.dense.weight.copy_(_xavier(making.width, making.width, making.draw))
            self.dense.bias.zero_()
            for name, weight in making.head.items():
                layer, _, kind = name.lower().replace("layer_norm", "norm").replace("layernorm", "norm").partition(".")
                if kind:  # the output's bias has no layer, and begins anew with the matrix
                    getattr(getattr(self, layer), kind).copy_(weight)

    def forward(self, states: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
        states = self.norm(gelu(self.dense(states)))
        return torch.nn.functional.linear(states, table if self.decoder is None else self.decoder, self.bias)


def _xavier(rows: int, columns: int, draw: torch.Generator) -> torch.Tensor:
    bound = math.sqrt(6 / (rows + columns))
    return torch.empty(rows, columns).uniform_(-bound, bound, generator=draw)


class Predicting(torch.nn.Module):
    """−Σ_w Σ_{s ∈ w} ln softmax(head(v_w))[s] over masked words, in the text or in its switched copy (7, 8, 9)."""

    def __init__(self, options: WordMlm, making: Making) -> None:
        super().__init__()
        self.options = options
        self.mlm_head = WordHead(making, options.lm_decoder == "tied")

    def forward(self, ctx: Context) -> Loss:
        words = ctx.hidden_words(self.options.copied)
        if self.options.scores == "first":
            words = words.first()
        scores = self.mlm_head(words.states, ctx.table(self.options.copied))
        return predicted(scores, words), torch.tensor(float(len(words.pieces)), device=scores.device)


def predicted(scores: torch.Tensor, words: HiddenWords) -> torch.Tensor:
    """Each piece scored at its word's one position; a word is normalised once, however many pieces it has."""
    logs = scores.float().logsumexp(-1)
    return (logs[words.of_word] - scores.float()[words.of_word, words.pieces]).sum()


def switched_task(ctx: Context, options: SwitchedTask) -> Loss:
    """The task's loss on the switched copy."""
    return ctx.task_loss(options.copied, options.reduction)

"""IBM model 2 near the diagonal: fast_align's model, on flat arrays.

A pass looks at every link of every pair: each target word with each source word. Links lie target-major, so that all
links of a target word are neighbours; each knows its word pair (of which there are far fewer) and its cell in a table
of places, which sentence pairs of one shape share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from xlt_mtlws.places import Places, Tension

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Sentences = Sequence[Sequence[str]]

START = 1e-9
"""Every translation probability before the first pass, and afterwards that of words that were never seen together."""
STEEPNESS = 4.0
"""λ at the start."""
BLOCK = 1 << 22
"""Links that are worked on together: a bound on memory, no part of the result."""


@dataclass(frozen=True)
class Corpus:
    """Sentence pairs in one direction, as numbers."""

    places: Places
    pair: Ints
    """Of each link, its word pair."""
    word: Ints
    """Of each target word, its type."""
    links: NDArray[np.int64]
    """How many links each target word has: its source sentence's length."""
    giver: Ints
    """Of each word pair, the type of its source word."""
    types: int
    """How many types the target has."""

    def blocks(self) -> list[tuple[slice, slice]]:
        """Target words and their links, some millions of links at a time."""
        ends = np.cumsum(self.links)
        cuts = np.searchsorted(ends, np.arange(BLOCK, int(ends[-1]) + BLOCK, BLOCK), side="right")
        words = np.unique(np.concatenate([[0], np.minimum(np.maximum(cuts, 1), len(ends)), [len(ends)]]))
        at = np.concatenate([[0], ends])
        return [(slice(a, b), slice(int(at[a]), int(at[b]))) for a, b in pairwise(words)]


@dataclass
class Table:
    """t(f|e) of every word pair that occurs, and t(f|NULL)."""

    pairs: Floats
    null: Floats

    @classmethod
    def start(cls, corpus: Corpus) -> Table:
        return cls(np.full(len(corpus.giver), START), np.full(corpus.types, START))


@dataclass
class Fit:
    """What training found, and how it went."""

    table: Table
    steepness: float
    likelihoods: list[float] = field(default_factory=list)
    """The log-likelihood of each pass."""
    steepnesses: list[float] = field(default_factory=list)
    """λ as each of these passes used it."""
    expected: Table | None = None
    """The last pass's expected counts."""


def both_ways(source: Sentences, target: Sentences) -> tuple[Corpus, Corpus]:
    """The pairs as a corpus, and with their sides exchanged; no sentence may be empty."""
    (ours, n_ours), (theirs, n_theirs) = _numbered(source), _numbered(target)
    n, m = (np.array([len(words) for words in side], dtype=np.int64) for side in (source, target))
    links = np.repeat(n, m)
    place = _within(links)
    start = np.repeat(np.cumsum(n) - n, m)
    keys = ours[np.repeat(start, links) + place].astype(np.int64) * n_theirs + np.repeat(theirs, links)
    seen, pair = _unique(keys)
    forward = Corpus(Places.of(m, n), pair, theirs, links, (seen // n_theirs).astype(np.int32), n_theirs)
    # Link (source word j, target word i) of the other direction is link (i, j) of this one.
    back = np.repeat(m, n)
    first = np.repeat(np.cumsum(m * n) - m * n, n) + _within(n)
    turned = pair[np.repeat(first, back) + _within(back) * np.repeat(np.repeat(n, n), back)]
    backward = Corpus(Places.of(n, m), turned, ours, back, (seen % n_theirs).astype(np.int32), n_ours)
    return forward, backward


def _numbered(side: Sentences) -> tuple[Ints, int]:
    known: dict[str, int] = {}
    flat = np.fromiter((known.setdefault(word, len(known)) for words in side for word in words), dtype=np.int32)
    return flat, len(known)


def _within(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, … anew for each length."""
    return np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def _unique(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], Ints]:
    """The keys there are, and the number of each; a part at a time, since sorting wants room."""
    parts = [np.unique(keys[at : at + BLOCK], return_inverse=True) for at in range(0, len(keys), BLOCK)]
    every = np.sort(np.concatenate([own for own, _ in parts]))  # np.unique would hash them first, and take far longer
    every = every[np.append(True, every[1:] != every[:-1])]
    numbers = [np.searchsorted(every, own).astype(np.int32)[inverse] for own, inverse in parts]
    return every, np.concatenate(numbers)


def train(corpus: Corpus, passes: int = 5, null: float = 0.08, prior: float = 0.01, tension: Tension = "fixed") -> Fit:
    """All passes but the last, which only reads off links (`viterbi`)."""
    fit = Fit(Table.start(corpus), STEEPNESS)
    for number in range(1, passes):
        expected, near, likelihood = expect(corpus, fit.table, fit.steepness, null, tension)
        fit.likelihoods.append(likelihood)
        fit.steepnesses.append(fit.steepness)
        if number > 1:
            fit.steepness = corpus.places.steeper(fit.steepness, near, tension)
        fit.expected, fit.table = expected, normalise(corpus, expected, prior)
    return fit


def expect(corpus: Corpus, table: Table, steepness: float, null: float, tension: Tension) -> tuple[Table, float, float]:
    """Expected counts, the mean of h over links, and the log-likelihood."""
    chance, height = corpus.places.chances(steepness, null), corpus.places.heights(tension)
    pairs = np.zeros(len(corpus.giver))
    alone = np.empty(len(corpus.word))
    near = likelihood = 0.0
    for words, links in corpus.blocks():
        weight, to_null, total = _weigh(corpus, table, chance, null, words, links)
        likelihood += float(np.log(total).sum())
        weight *= np.repeat(1 / total, corpus.links[words])
        alone[words] = to_null / total
        near += float(weight @ height[corpus.places.cell[links]])
        pairs += _sums(corpus.pair[links], weight, len(pairs))
    counts = Table(pairs, _sums(corpus.word, alone, corpus.types))
    return counts, near / len(corpus.word), likelihood


def _weigh(
    corpus: Corpus, table: Table, chance: Floats, null: float, words: slice, links: slice
) -> tuple[Floats, Floats, Floats]:
    """δ·t of each link and of each word's NULL, and p(f) of each target word."""
    weight = table.pairs[corpus.pair[links]]
    weight *= chance[corpus.places.cell[links]]
    to_null = null * table.null[corpus.word[words]]
    total = np.add.reduceat(weight, _starts(corpus.links[words])) + to_null
    return weight, to_null, total


def _sums(of: Ints, weight: Floats, count: int = 0) -> Floats:
    """The weight of each number that occurs in `of`."""
    return np.bincount(of, weight, count).astype(np.float64, copy=False)


def _starts(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    found: NDArray[np.int64] = np.cumsum(lengths) - lengths
    return found


def normalise(corpus: Corpus, counts: Table, prior: float) -> Table:
    """t(f|e) by variational Bayes, exp(ψ(c+α) − ψ(Σ(c+α))); without a prior, a share of the counts."""
    pairs, null = counts.pairs + prior, counts.null + prior
    total = _sums(corpus.giver, pairs)
    if prior == 0:
        return Table(pairs / total[corpus.giver], null / null.sum())
    return Table(np.exp(digamma(pairs) - digamma(total)[corpus.giver]), np.exp(digamma(null) - digamma(null.sum())))


def viterbi(corpus: Corpus, fit: Fit, null: float = 0.08) -> NDArray[np.int64]:
    """Of each target word the source word that it is most likely linked to, or -1; ties go to NULL, then leftwards."""
    chance = corpus.places.chances(fit.steepness, null)
    chosen = np.full(len(corpus.word), -1, dtype=np.int64)
    for words, links in corpus.blocks():
        weight, to_null, _ = _weigh(corpus, fit.table, chance, null, words, links)
        lengths = corpus.links[words]
        starts = _starts(lengths)
        best = np.maximum.reduceat(weight, starts)
        found = np.flatnonzero(weight == np.repeat(best, lengths))[::-1]
        word = np.repeat(np.arange(len(lengths)), lengths)[found]
        first = np.empty(len(lengths), dtype=np.int64)
        first[word] = found - starts[word]  # from the right, so that the leftmost is written last
        chosen[words] = np.where(best > to_null, first, -1)
    return chosen

"""Means, deviations, and whether a difference is more than chance.

What varies when an experiment is done again is the test sentences and the seeds, so both are drawn again:

- *Sentences* of a language, with replacement, as many as there are; the same ones for every seed of every run.
  Test sets of one size get the same numbers in all languages, so translations of one sentence stay together.
- *Seeds*, the outer level. Two or three values drawn again show none of the tails that so few have, and a plain
  bootstrap of them finds differences where there are none. What a new set of S seeds would add is drawn from its
  own distribution instead, s/√S · t(S − 1), with s the sample deviation over seeds.

With d(k, w) the difference at seed k on the sentences of draw w, d̄ its mean over seeds, and d without w on all
sentences, a draw deviates from the difference d̄ that was found by

    √(1 − v/V) · (d̄(w) − d̄) + s/√S · t,      V = var d̄(w),   v = Σ var(d(k, w) − d̄(w)) / (S (S − 1))

v is what chance at single sentences adds to V through single seeds: s holds it already, and it counts once.
p is the share of draws that deviate by as much as the difference found, or more, to either side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from xlt_core.engine.score import Counts, Values

AT_ONCE = 2_000_000
"""Sentences drawn at once, over all draws: what bounds memory."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A run's scores: `found` [seeds] on all sentences, `drawn` [draws, seeds] on sentences drawn again."""

    found: Values
    drawn: Values

    def minus(self, other: Sample) -> Sample:
        """The differences seed by seed."""
        return Sample(self.found - other.found, self.drawn - other.drawn)


@dataclass(frozen=True, slots=True)
class Difference:
    """How much a run is above another, an interval for it, and how probable that much is by chance."""

    value: float
    low: float
    high: float
    p: float


def mean_std(values: Sequence[float]) -> tuple[float, float | None]:
    """The mean, and the sample standard deviation (n - 1); a single value has none.

    >>> mean_std([80.0, 82.0])
    (81.0, 1.4142135623730951)
    """
    return float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else None


def resample(counted: Sequence[Counts], draws: int, seed: int) -> Values:
    """Values [draws, tables] on sentences drawn again, in each draw the same ones for all tables."""
    sentences = len(counted[0].table)
    columns = np.concatenate([one.table.reshape(sentences, -1) for one in counted], axis=1).astype(np.float64)
    random = np.random.default_rng([seed, sentences])
    step = max(1, AT_ONCE // max(1, sentences))
    sums = np.concatenate(
        [_weights(random, min(step, draws - done), sentences) @ columns for done in range(0, draws, step)]
    )
    edges = np.cumsum([one.table[0].size for one in counted])[:-1]
    parts = np.split(sums, edges, axis=1)
    shapes = [(draws, *one.table.shape[1:]) for one in counted]
    return np.stack([one.value(s.reshape(shape)) for one, s, shape in zip(counted, parts, shapes, strict=True)], axis=1)


def _weights(random: np.random.Generator, draws: int, sentences: int) -> npt.NDArray[Any]:
    """[draws, sentences]: how often each sentence was drawn."""
    chosen = random.integers(0, sentences, (draws, sentences))
    return np.stack([np.bincount(row, minlength=sentences) for row in chosen]).astype(np.float64)


def paired(one: Sample, other: Sample, seed: int) -> Difference:
    """How far `other` is above `one`, both with the same seeds: differences are taken seed by seed."""
    return _tested([other.minus(one)], seed)


def apart(one: Sample, other: Sample, seed: int) -> Difference:
    """How far `other` is above `one`, with other seeds: they vary apart, on the same sentences.

    A run with a single seed is taken to vary as much as the other one.
    """
    return _tested([other, Sample(-one.found, -one.drawn)], seed)


def _tested(samples: Sequence[Sample], seed: int) -> Difference:
    """The sum of samples whose seeds vary apart."""
    value = float(sum(sample.found.mean() for sample in samples))
    moved = sum((sample.drawn.mean(1) for sample in samples), np.zeros(len(samples[0].drawn))) - value
    within = moved.var()
    doubled = sum(_of_single_seeds(sample) for sample in samples)
    deviations = moved * np.sqrt(max(0.0, 1.0 - doubled / within)) if within > 0 else moved
    random = np.random.default_rng([seed, len(deviations)])
    deviations = deviations + _of_seeds(samples, len(deviations), random)
    # sums of counts are exact, their ratios are not: what is as large may look smaller by a rounding
    beyond = np.count_nonzero(np.abs(deviations) >= abs(value) - 1e-9)
    low, high = np.quantile(deviations, [0.025, 0.975])
    return Difference(value, value + float(low), value + float(high), float((1 + beyond) / (1 + len(deviations))))


def _of_single_seeds(sample: Sample) -> float:
    """v: what single seeds add to the variance over sentences."""
    count = len(sample.found)
    if count == 1:
        return 0.0
    alone = sample.drawn - sample.drawn.mean(1, keepdims=True)
    return float(alone.var(0).sum() / (count * (count - 1)))


def _of_seeds(samples: Sequence[Sample], draws: int, random: np.random.Generator) -> Values:
    """What other seeds would add: s/√S · t(S - 1), for two that vary apart Welch's; nothing where each has one."""
    several = [sample for sample in samples if len(sample.found) > 1]
    if not several:
        return np.zeros(draws)
    if len(several) < len(samples):  # one run's single seed says nothing of its deviation: the other's stands for it
        (known,) = (sample.found for sample in several)
        return float(np.sqrt(known.var(ddof=1) * (1 + 1 / len(known)))) * random.standard_t(len(known) - 1, draws)
    parts = np.asarray([sample.found.var(ddof=1) / len(sample.found) for sample in samples])
    if not parts.any():
        return np.zeros(draws)
    freedom = parts.sum() ** 2 / sum(
        part**2 / (len(sample.found) - 1) for part, sample in zip(parts, samples, strict=True)
    )
    return float(np.sqrt(parts.sum())) * random.standard_t(freedom, draws)


def mean_of(samples: Sequence[Sample]) -> Sample:
    """The mean over languages, each counting the same, seed by seed and draw by draw."""
    found = np.mean([sample.found for sample in samples], axis=0)
    return Sample(found, np.mean([sample.drawn for sample in samples], axis=0))


def holm(values: Sequence[float]) -> list[float]:
    """Holm's correction: the k-th smallest of m counts m - k + 1 times, and none less than a smaller one.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(values)), key=values.__getitem__)
    corrected, least = [0.0] * len(values), 0.0
    for rank, place in enumerate(order):
        least = max(least, min(1.0, (len(values) - rank) * values[place]))
        corrected[place] = least
    return corrected

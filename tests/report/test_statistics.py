"""What is drawn, what p means: equal systems, better ones, few seeds."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlt_core.engine.score import Counts, measure_spans, sentence_counts
from xlt_core.report import statistics
from xlt_core.report.statistics import Difference, Sample, apart, holm, mean_of, mean_std, paired, resample

WORDS = 8


def system(
    random: np.random.Generator, ability: np.ndarray, seeds: int, by_seed: float, by_chance: float
) -> list[Counts]:
    """Accuracy counts of one method: a sentence is as hard as it is, a seed is luckier than another."""
    made = []
    for _ in range(seeds):
        luck = ability + by_seed * random.normal() + by_chance * random.normal(size=len(ability))
        right = random.binomial(WORDS, 1 / (1 + np.exp(-luck)))
        whole = np.full(len(ability), WORDS)
        made.append(Counts(np.stack([right, whole, whole], axis=1)[:, None].astype(np.int64)))
    return made


def samples(one: list[Counts], other: list[Counts], seed: int, draws: int = 300) -> tuple[Sample, Sample]:
    drawn = resample([*one, *other], draws, seed)
    found = np.array([float(counts.value()) for counts in (*one, *other)])
    return Sample(found[: len(one)], drawn[:, : len(one)]), Sample(found[len(one) :], drawn[:, len(one) :])


def many(
    test: Callable[[Sample, Sample, int], Difference], seeds: tuple[int, int], by_seed: float, by_chance: float,
    by_method: float = 0.0, better: float = 0.0, times: int = 300,
) -> np.ndarray:  # fmt: skip
    """The p of many experiments with two methods."""
    random = np.random.default_rng(5)
    found = []
    for number in range(times):
        hard = random.normal(size=120)
        one, other = (hard + by_method * random.normal(size=120) for _ in range(2))
        first, second = (
            system(random, own, count, by_seed, by_chance)
            for own, count in zip((one, other + better), seeds, strict=True)
        )
        found.append(test(*samples(first, second, number), number).p)
    return np.array(found)


VARYING = {
    "nothing but single words": (0.0, 0.0, 0.0),
    "seeds": (0.3, 0.0, 0.0),
    "seeds and sentences by seed": (0.3, 0.6, 0.0),
    "what a method finds hard": (0.0, 0.0, 1.0),
}


ALONE = [(1, name) for name, (by_seed, _, _) in VARYING.items() if not by_seed]
"""A single seed says nothing of others, and the table says so."""


@pytest.mark.parametrize(("seeds", "varying"), [*ALONE, *((seeds, name) for seeds in (3, 5) for name in VARYING)])
def test_equal_methods_differ_as_often_as_p_says(seeds: int, varying: str) -> None:
    by_seed, by_chance, by_method = VARYING[varying]
    p = many(paired, (seeds, seeds), by_seed, by_chance, by_method)
    assert (p < 0.05).mean() < 0.09
    assert 0.36 < (p < 0.5).mean() < 0.6


@pytest.mark.parametrize("seeds", [(3, 3), (5, 2), (3, 1)])
def test_with_other_seeds_equal_methods_rarely_differ(seeds: tuple[int, int]) -> None:
    p = many(apart, seeds, 0.3, 0.6)
    assert (p < 0.05).mean() < 0.09 and 0.36 < (p < 0.5).mean() < 0.6


def test_drawing_two_seeds_again_would_find_differences_where_there_are_none() -> None:
    """Why seeds come from a t distribution: the plain bootstrap over both levels, on the same experiments."""

    def plain(one: Sample, other: Sample, seed: int) -> Difference:
        differences = other.minus(one)
        chosen = np.random.default_rng(seed).integers(0, 2, (len(differences.drawn), 2))
        drawn = np.take_along_axis(differences.drawn, chosen, 1).mean(1)
        found = differences.found.mean()
        return Difference(found, 0, 0, float((np.abs(drawn - found) >= abs(found)).mean()))

    assert (many(plain, (2, 2), 0.3, 0.0) < 0.05).mean() > 0.2
    assert (many(paired, (2, 2), 0.3, 0.0) < 0.05).mean() < 0.09


@pytest.mark.parametrize("test", [paired, apart])
def test_a_clearly_better_method_is_found(test: Callable[[Sample, Sample, int], Difference]) -> None:
    p = many(test, (5, 5), 0.1, 0.3, 0.3, better=0.8, times=40)
    assert (p < 0.05).mean() > 0.9


def test_a_small_difference_on_the_same_sentences_is_found() -> None:
    """Two thousand sentences of very different difficulty, on forty of which one system does better."""
    hard = np.random.default_rng(1).integers(0, WORDS, 2000)
    easier = hard + (np.arange(2000) < 40)
    one, other = ([Counts(np.stack([r, r * 0 + WORDS, r * 0 + WORDS], 1)[:, None])] for r in (hard, easier))
    found = paired(*samples(one, other, 0, 1000), 0)
    assert found.value == pytest.approx(100 * 40 / (2000 * WORDS))
    assert found.p < 0.01 and 0 < found.low < found.value < found.high


def test_a_system_does_not_differ_from_itself() -> None:
    one = system(np.random.default_rng(0), np.zeros(50), 3, 0.5, 0.5)
    found = paired(*samples(one, one, 0), 0)
    assert found == Difference(0.0, 0.0, 0.0, 1.0)


def test_the_other_way_round_is_the_negative() -> None:
    random = np.random.default_rng(3)
    one, other = (system(random, np.full(80, ability), 3, 0.2, 0.2) for ability in (0.0, 0.3))
    first, second = samples(one, other, 0, 2000)
    forth, back = paired(first, second, 0), paired(second, first, 0)
    assert forth.value == pytest.approx(-back.value)
    assert forth.p == pytest.approx(back.p, abs=0.05)
    assert forth.low < forth.value < forth.high


TAGS = ["O", "B-PER", "I-PER", "B-LOC"]
sentences = st.lists(
    st.tuples(st.sampled_from(TAGS), st.sampled_from(TAGS), st.sampled_from(TAGS)), min_size=1, max_size=5
)


@given(st.lists(sentences, min_size=1, max_size=7), st.integers(0, 9))
def test_draws_are_the_measure_of_the_sentences_drawn(corpus: list[list[tuple[str, str, str]]], seed: int) -> None:
    gold, one, other = ([[tags[side] for tags in row] for row in corpus] for side in range(3))
    drawn = resample([sentence_counts("span_f1", gold, said) for said in (one, other)], 5, seed)
    chosen = np.random.default_rng([seed, len(corpus)]).integers(0, len(corpus), (5, len(corpus)))
    for row, values in zip(chosen, drawn, strict=True):
        for said, value in zip((one, other), values, strict=True):
            expected = measure_spans([gold[n] for n in row], [said[n] for n in row])["span_f1"]
            assert value == pytest.approx(expected)


def test_memory_does_not_change_what_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    one = system(np.random.default_rng(0), np.zeros(30), 1, 0, 0)
    whole = resample(one, 50, 4)
    monkeypatch.setattr(statistics, "AT_ONCE", 90)
    assert np.array_equal(resample(one, 50, 4), whole)


def test_test_sets_of_one_size_are_drawn_together() -> None:
    """Translations of the same sentences: the mean over them varies as much as one of them, not less."""
    one = system(np.random.default_rng(0), np.random.default_rng(1).normal(size=60), 1, 0, 0)
    found = np.array([float(one[0].value())])
    languages = [Sample(found, resample(one, 200, 7)) for _ in range(4)]
    assert np.array_equal(mean_of(languages).drawn, languages[0].drawn)


@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=5))
def test_holm_is_the_closed_test_of_bonferronis(values: list[float]) -> None:
    """By brute force: no p is less than Bonferroni's of any set of hypotheses that it belongs to."""
    places = range(len(values))
    groups = [group for size in range(1, len(values) + 1) for group in combinations(places, size)]
    for place, corrected in zip(places, holm(values), strict=True):
        mine = [min(1.0, len(group) * min(values[n] for n in group)) for group in groups if place in group]
        assert corrected == pytest.approx(max(mine))


def test_mean_and_sample_deviation() -> None:
    mean, std = mean_std([1.0, 2.0, 6.0])
    assert (mean, std) == (3.0, pytest.approx(7**0.5))
    assert mean_std([4.0]) == (4.0, None)

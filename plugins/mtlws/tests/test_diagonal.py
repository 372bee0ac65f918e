"""The native aligner: the sheet's numbers (13.3), a plain reimplementation, and what must hold of any corpus."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xlt_mtlws import diagonal
from xlt_mtlws.aligning import align, of_full
from xlt_mtlws.bitext import DiagonalIbm2
from xlt_mtlws.diagonal import Corpus, Fit, Table, both_ways, expect, train, viterbi
from xlt_mtlws.places import Places

from xlt_core.bitext.pairs import Pair

Sides = tuple[list[list[str]], list[list[str]]]

CORPUS: Sides = (
    [line.split() for line in ("la casa roja", "la casa", "una flor roja", "la flor", "una casa grande es cara")],
    [line.split() for line in ("the red house", "the house", "a red flower", "the flower", "a big house is expensive")],
)


def places(m: int, n: int) -> Places:
    return Places.of(np.array([m]), np.array([n]))


def test_the_prior_is_the_sheets() -> None:
    """λ = 4, places (i, m, n) = (2, 3, 3) and (1, 2, 3)."""
    middle, height = places(3, 3).chances(4.0, 0.08)[3:6], places(3, 3).h[3:6]
    assert middle == pytest.approx([0.158794, 0.602412, 0.158794], abs=5e-7)
    weight = np.exp(4 * height)
    assert weight.sum() == pytest.approx(1.527194, abs=5e-7)
    assert weight @ height / weight.sum() == pytest.approx(-0.115068, abs=5e-7)
    assert np.exp(4 * places(2, 3).h[:3]).sum() == pytest.approx(1.162170, abs=5e-7)
    assert places(2, 3).chances(4.0, 0.08)[:3] == pytest.approx([0.406433, 0.406433, 0.107135], abs=5e-7)


def test_one_pair_learns_the_sheets_table() -> None:
    corpus, _ = both_ways([["a", "b"]], [["x", "y"]])
    first = train(corpus, passes=2)
    assert first.likelihoods == pytest.approx([-41.446532], abs=5e-7)
    assert first.expected is not None
    # word pairs in the order (a, x), (a, y), (b, x), (b, y)
    assert first.expected.pairs == pytest.approx([0.810333, 0.109667, 0.109667, 0.810333], abs=5e-7)
    assert first.expected.null == pytest.approx([0.08, 0.08])
    assert first.table.pairs[:2] == pytest.approx([0.787682, 0.000312165], rel=2e-6)
    assert first.table.null[0] == pytest.approx(0.00341680, rel=2e-6)
    second = train(corpus, passes=3)
    assert second.likelihoods[1] == pytest.approx(-0.896976, abs=5e-7)
    assert second.expected is not None
    assert second.expected.pairs[0] == pytest.approx(0.999518, abs=5e-7)
    assert second.expected.null[0] == pytest.approx(0.000428041, rel=2e-6)


@pytest.mark.parametrize(
    ("tension", "likelihoods", "steepness", "first"),
    [
        ("compat", [-310.849, -24.8861, -26.0141, -25.5405, -25.6204], [4, 4, 0.1, 0.1, 0.1], [0, 1, 1]),
        ("exact", [-310.849, -24.8861, -13.1737, -11.1156, -10.7821], [4, 4, 8.3657, 11.1342, 13.0026], [0, 1, 2]),
        ("fixed", [-310.849, -24.8861, -16.5320, -15.6719, -15.6485], [4, 4, 4, 4, 4], [0, 1, 2]),
    ],
)
def test_each_tension_goes_as_the_sheet_says(
    tension: str, likelihoods: list[float], steepness: list[float], first: list[int]
) -> None:
    corpus, _ = both_ways(*CORPUS)
    fit = train(corpus, passes=6, tension=tension)  # type: ignore[arg-type]
    assert [round(one, 3 if number == 0 else 4) for number, one in enumerate(fit.likelihoods)] == likelihoods
    assert fit.steepnesses == pytest.approx(steepness, abs=5e-5)
    assert viterbi(corpus, train(corpus, tension=tension))[:3].tolist() == first  # type: ignore[arg-type]


# against a plain reimplementation, in loops and dictionaries

sentences = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=7)
corpora = st.lists(st.tuples(sentences, sentences), min_size=1, max_size=6).map(
    lambda rows: ([one for one, _ in rows], [other for _, other in rows])
)


def plain(source: list[list[str]], target: list[list[str]], passes: int, tension: str) -> tuple[list[float], float]:
    """The log-likelihoods of all passes but the last, and the last λ."""
    table: dict[tuple[str, str], float] = defaultdict(lambda: 1e-9)
    steep, null, likelihoods = 4.0, 0.08, []
    words = sum(map(len, target))
    for number in range(1, passes):
        counts: dict[tuple[str, str], float] = defaultdict(float)
        near = likelihood = 0.0
        for es, fs in zip(source, target, strict=True):
            m, n = len(fs), len(es)
            for i, f in enumerate(fs, 1):
                total = sum(math.exp(-steep * abs(i / m - j / n)) for j in range(1, n + 1))
                weights = [("", null * table["", f], 0.0)]
                for j, e in enumerate(es, 1):
                    prior = (1 - null) * math.exp(-steep * abs(i / m - j / n)) / total
                    seen = -abs((i - 1 if tension == "compat" else i) / m - j / n)
                    weights.append((e, prior * table[e, f], seen))
                whole = sum(weight for _, weight, _ in weights)
                likelihood += math.log(whole)
                for e, weight, seen in weights:
                    counts[e, f] += weight / whole
                    near += seen * weight / whole
        likelihoods.append(likelihood)
        if number > 1 and tension != "fixed":
            for _ in range(8):
                steep += 20 * (near / words - plain_expected(source, target, steep, tension) / words)
                steep = min(max(steep, 0.1), 14.0)
        giver: dict[str, float] = defaultdict(float)
        for (e, _), count in counts.items():
            giver[e] += count + 0.01
        for (e, f), count in counts.items():
            table[e, f] = math.exp(psi(count + 0.01) - psi(giver[e]))
    return likelihoods, steep


def plain_expected(source: list[list[str]], target: list[list[str]], steep: float, tension: str) -> float:
    found = 0.0
    for es, fs in zip(source, target, strict=True):
        m, n = len(fs), len(es)
        for i in range(1, m + 1):
            h = [-abs(i / m - j / n) for j in range(1, n + 1)]
            above = sum(own * math.exp(steep * own) for own in h)
            found += above / (exchanged(i, m, n, steep) if tension == "compat" else sum(math.exp(steep * x) for x in h))
    return found


def exchanged(i: int, m: int, n: int, steep: float) -> float:
    """The tool's normaliser as its code goes: sides exchanged, in unsigned numbers."""
    floor = int(i * m / n)
    ratio = math.exp(-steep / m)
    top = (m - floor) % 2**32
    found = 0.0
    if top:
        found += math.exp(-steep * abs(i / n - (floor + 1) / m)) * (1 - ratio**top) / (1 - ratio)
    if floor:
        found += math.exp(-steep * abs(i / n - floor / m)) * (1 - ratio**floor) / (1 - ratio)
    return found


def psi(x: float) -> float:
    found = 0.0
    while x < 20:
        found -= 1 / x
        x += 1
    return found + math.log(x) - 1 / (2 * x) - 1 / (12 * x**2) + 1 / (120 * x**4) - 1 / (252 * x**6)


def test_psi_is_the_sheets() -> None:
    assert psi(0.01) == pytest.approx(-100.560885, abs=5e-7)


@settings(max_examples=40)
@given(corpora, st.sampled_from(["compat", "exact", "fixed"]))
def test_it_learns_what_plain_loops_learn(corpus: Sides, tension: str) -> None:
    likelihoods, steep = plain(*corpus, passes=5, tension=tension)
    fit = train(both_ways(*corpus)[0], tension=tension)  # type: ignore[arg-type]
    assert fit.likelihoods == pytest.approx(likelihoods, rel=1e-9, abs=1e-9)
    assert fit.steepness == pytest.approx(steep, rel=1e-6)


@settings(max_examples=40)
@given(corpora)
def test_the_links_are_the_likeliest(corpus: Sides) -> None:
    """NULL first, then leftwards, each taken over only by something strictly better."""
    source, target = corpus
    one, _ = both_ways(*corpus)
    fit = train(one)
    chances, at = one.places.chances(fit.steepness, 0.08)[one.places.cell] * fit.table.pairs[one.pair], 0
    expected = []
    nulls = iter(0.08 * fit.table.null[one.word])
    for es, fs in zip(source, target, strict=True):
        for _ in fs:
            best, link = next(nulls), -1
            for j in range(len(es)):
                if chances[at + j] > best:
                    best, link = chances[at + j], j
            at += len(es)
            expected.append(link)
    assert viterbi(one, fit).tolist() == expected


@settings(max_examples=40)
@given(corpora)
def test_without_a_prior_the_likelihood_never_falls(corpus: Sides) -> None:
    found = train(both_ways(*corpus)[0], passes=8, prior=0.0).likelihoods
    assert all(later >= earlier - 1e-9 for earlier, later in pairwise(found))


@settings(max_examples=40)
@given(corpora, st.floats(0.1, 14))
def test_posteriors_sum_to_one_for_each_target_word(corpus: Sides, steepness: float) -> None:
    one, _ = both_ways(*corpus)
    counts, _, _ = expect(one, Table.start(one), steepness, 0.08, "exact")
    assert counts.pairs.sum() + counts.null.sum() == pytest.approx(len(one.word))


@settings(max_examples=40)
@given(corpora)
def test_the_other_direction_is_the_exchanged_corpus(corpus: Sides) -> None:
    """Built beside the first from the same word pairs, and yet what it would be if built alone."""
    _, backward = both_ways(*corpus)
    alone, _ = both_ways(corpus[1], corpus[0])
    assert train(backward, tension="exact").likelihoods == pytest.approx(train(alone, tension="exact").likelihoods)
    assert links(backward) == links(alone)


def links(corpus: Corpus) -> list[int]:
    found: list[int] = viterbi(corpus, train(corpus)).tolist()
    return found


@pytest.mark.parametrize("block", [1, 3, 7, 20])
def test_the_size_of_blocks_changes_nothing(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole: Fit = train(both_ways(*CORPUS)[0], tension="exact")
    monkeypatch.setattr(diagonal, "BLOCK", block)
    corpus, _ = both_ways(*CORPUS)
    assert sum(a.stop - a.start for a, _ in corpus.blocks()) == len(corpus.word)
    assert len(corpus.blocks()) > 1
    fit = train(corpus, tension="exact")
    assert fit.likelihoods == pytest.approx(whole.likelihoods, rel=1e-12)
    assert viterbi(corpus, fit).tolist() == viterbi(both_ways(*CORPUS)[0], whole).tolist()


# as a part


def pairs(sides: Sides) -> list[Pair]:
    return [Pair(str(at), tuple(a), tuple(b)) for at, (a, b) in enumerate(zip(*sides, strict=True))]


@settings(max_examples=40)
@given(corpora, st.sampled_from(["grow-diag-final-and", "union", "reverse"]))
def test_links_are_in_range_and_in_order(corpus: Sides, how: str) -> None:
    for pair, row in zip(pairs(corpus), align(pairs(corpus), DiagonalIbm2(symmetrise=how)), strict=True):  # type: ignore[arg-type]
        assert row == sorted(set(row))
        assert all(0 <= i < len(pair.source) and 0 <= j < len(pair.target) for i, j in row)


def test_reverse_is_a_function_of_source_words() -> None:
    for row in align(pairs(CORPUS), DiagonalIbm2(symmetrise="reverse")):
        assert len({i for i, _ in row}) == len(row)


def test_an_empty_side_has_no_links_and_moves_no_others() -> None:
    gaps = [*pairs(CORPUS)[:2], Pair("empty", (), ("x",)), *pairs(CORPUS)[2:], Pair("none", ("a",), ())]
    with_gaps = of_full(gaps, lambda own: align(own, DiagonalIbm2()))
    assert with_gaps[2] == with_gaps[-1] == []
    assert with_gaps[:2] + with_gaps[3:-1] == align(pairs(CORPUS), DiagonalIbm2())

"""First vectors of pieces, against counting by hand, and on a language in cipher."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from xlt_core.model.vectors import Counting, linked, neighbours, piece_vectors, ppmi, reduced, without_language

PIECES = 8
lines = st.lists(st.lists(st.integers(0, PIECES - 1), min_size=1, max_size=5), min_size=1, max_size=6)


def by_hand(pairs: list[tuple[list[int], list[int]]], rounds: int) -> np.ndarray:
    """IBM model 1 in both directions as it is written in books: dictionaries of expected counts."""
    known = range(PIECES)
    one_of_two, two_of_one = np.ones((PIECES, PIECES)), np.ones((PIECES, PIECES))  # t(a | b), t(b | a), at [a, b]
    for _ in range(rounds):
        counted_two, counted_one, both = (np.zeros((PIECES, PIECES)) for _ in range(3))
        for one, two in pairs:
            for a in one:
                for b in two:
                    forth = one_of_two[a, b] / sum(one_of_two[a, other] for other in two)
                    back = two_of_one[a, b] / sum(two_of_one[other, b] for other in one)
                    counted_two[a, b] += forth
                    counted_one[a, b] += back
                    both[a, b] += np.sqrt(forth * back)
        for a in known:
            for b in known:
                one_of_two[a, b] = counted_two[a, b] / (sum(counted_two[other, b] for other in known) or 1)
                two_of_one[a, b] = counted_one[a, b] / (sum(counted_one[a, other] for other in known) or 1)
    return both


@settings(max_examples=40)
@given(lines, lines, st.integers(1, 4))
def test_links_are_those_of_model_1(ones: list[list[int]], twos: list[list[int]], rounds: int) -> None:
    pairs = list(zip(ones, twos, strict=False))
    np.testing.assert_allclose(linked(pairs, PIECES, rounds).toarray(), by_hand(pairs, rounds), atol=1e-9)


@given(st.dictionaries(st.sampled_from(["eng", "fra"]), lines, min_size=1), st.integers(1, 3))
def test_neighbours_are_counted_within_a_line(texts: dict[str, list[list[int]]], window: int) -> None:
    left, right = neighbours(texts, PIECES, window)
    counted = np.zeros((PIECES, PIECES))
    for line in (line for own in texts.values() for line in own):
        for at, piece in enumerate(line):
            for distance, other in enumerate(line[at + 1 : at + 1 + window], 1):
                counted[piece, other] += 1 / distance
    np.testing.assert_allclose(right.toarray(), counted)
    np.testing.assert_allclose(left.toarray(), counted.T)


def test_mutual_information_is_positive_and_smoothed() -> None:
    counts = np.array([[8.0, 0.0], [2.0, 6.0]])
    columns = np.array([10.0, 6.0]) ** 0.75
    expected = np.log(counts.clip(1e-9) * columns.sum() / (counts.sum(1, keepdims=True) * columns)).clip(0)
    np.testing.assert_allclose(ppmi(sparse.csr_matrix(counts)).toarray(), expected)


def test_reduction_is_the_truncated_svd() -> None:
    draw = np.random.default_rng(0)
    table = draw.standard_normal((60, 8)) @ draw.standard_normal((8, 90)) + 0.001 * draw.standard_normal((60, 90))
    mine = reduced(sparse.csr_matrix(table), 8, 0)
    left, values, _ = np.linalg.svd(table)
    exact = left[:, :8] * np.sqrt(values[:8])
    np.testing.assert_allclose(mine @ mine.T, exact @ exact.T, atol=1e-2)


def test_no_vector_tells_its_language() -> None:
    draw = np.random.default_rng(0)
    vectors = draw.standard_normal((PIECES, 3)) + np.repeat([[5.0], [-5.0]], 4, axis=0)
    texts = {"eng": [[0, 1, 2, 3]], "fra": [[4, 5, 6, 7]]}
    centred = without_language(vectors, texts)
    np.testing.assert_allclose(centred[:4].mean(0), 0, atol=1e-9)
    np.testing.assert_allclose(centred[4:].mean(0), 0, atol=1e-9)


def test_a_language_and_its_cipher_get_like_vectors() -> None:
    """Words that only the text has are found, too: by their neighbours' translations."""
    draw = np.random.default_rng(0)
    words, shift = 60, 60
    follows = [draw.choice(words, 6, replace=False) for _ in range(words)]

    def sentence() -> list[int]:
        found = [int(draw.integers(words))]
        while len(found) < 10:
            found.append(int(draw.choice(follows[found[-1]])))
        return found

    plain, other = ([sentence() for _ in range(1500)] for _ in range(2))
    cipher = [[word + shift for word in line] for line in other]
    known = [line for line in (sentence() for _ in range(400)) if all(word >= 10 for word in line)]
    pairs = {"fra": [([word + shift for word in line][::-1], line) for line in known]}
    vectors = piece_vectors({"eng": plain, "fra": cipher}, pairs, words + shift, Counting(width=32))
    nearest = (vectors[shift:] @ vectors[:words].T).argmax(1)
    right = nearest == np.arange(words)
    assert right[10:].mean() > 0.95 and right[:10].mean() > 0.6  # by chance one in sixty
    assert np.array_equal(vectors, piece_vectors({"eng": plain, "fra": cipher}, pairs, words + shift, Counting(32)))


def test_what_was_never_seen_has_no_vector() -> None:
    vectors = piece_vectors({"eng": [[0, 1]] * 9, "fra": [[2, 3]] * 9}, {"fra": [([2], [0])] * 5}, 6, Counting(width=2))
    assert vectors[4:] == pytest.approx(0) and np.abs(vectors[:4]).sum() > 0

"""First vectors of pieces for a model that starts from nothing: alike where contexts and translations are alike.

A small model that begins with random vectors spends its first tens of millions of tokens on telling pieces apart.
Counts give most of that in a minute. One language, the pivot, lends its pieces as the dimensions of all:

1. IBM model 1, trained in both directions on translations into the pivot, says which pivot pieces a piece stands for.
2. A piece's contexts are the pivot pieces that its neighbours stand for, left ones and right ones apart.
3. Positive pointwise mutual information of 1 and 2, reduced by a truncated SVD, rows of length one.
4. What pieces of a language have in common is taken away: else vectors tell languages apart before all else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Ids = Sequence[int]
Vectors = NDArray[np.float64]
Table = Any
"""A sparse matrix [pieces, pieces]."""


@dataclass(frozen=True, slots=True)
class Counting:
    """What decides the vectors, beside texts and translations."""

    width: int = 256
    window: int = 2
    """Neighbours on either side; one at a distance of n counts 1/n."""
    rounds: int = 5
    """Of expectation and maximisation."""
    least: float = 0.3
    """Expected links of two pieces below which they are taken for none."""
    translations: float = 2.0
    """Weight of what a piece stands for beside its left and its right contexts."""
    seed: int = 1


def piece_vectors(
    texts: Mapping[str, Sequence[Ids]],
    translations: Mapping[str, Sequence[tuple[Ids, Ids]]],
    pieces: int,
    how: Counting = Counting(),
) -> Vectors:
    """A vector for each piece, [pieces, width], of length one or less; zero for what was never seen.

    `texts` has each language's sentences as ids, `translations` for each language pairs of a sentence and the pivot's.
    """
    stands_for = pivot_links(texts, translations, pieces, how)
    meant = _rows_to_one(stands_for)
    left, right = neighbours(texts, pieces, how.window)
    blocks = [_unit(ppmi(left @ meant)), _unit(ppmi(right @ meant)), how.translations * _unit(ppmi(stands_for))]
    return without_language(_length_one(reduced(sparse.hstack(blocks).tocsr(), how.width, how.seed)), texts)


def pivot_links(
    texts: Mapping[str, Sequence[Ids]],
    translations: Mapping[str, Sequence[tuple[Ids, Ids]]],
    pieces: int,
    how: Counting,
) -> Table:
    """How often each piece stands for each of the pivot's; a piece of the pivot stands for itself."""
    pivot = next(language for language in texts if language not in translations)
    links = how.least * sparse.diags(_frequencies(texts[pivot], pieces))
    for pairs in translations.values():
        links = links + linked(pairs, pieces, how.rounds)
    kept = links.tocsr()
    kept.data[kept.data < how.least] = 0
    kept.eliminate_zeros()
    kept.data **= 1.5  # the better of several candidates is mostly the right one
    return kept


def linked(pairs: Sequence[tuple[Ids, Ids]], pieces: int, rounds: int) -> Table:
    """Expected links of pieces in aligned sentences, [pieces of the first, pieces of the second].

    IBM model 1 in both directions, without a null word; a link counts √(p(a aligned to b) · p(b aligned to a)).

    >>> linked([([4, 5], [6, 7]), ([4], [6])], 8, 10).toarray()[4:6, 6:8].round(1)
    array([[2., 0.],
           [0., 1.]])
    """
    pairs = [(one, two) for one, two in pairs if len(one) and len(two)]
    ones = np.concatenate([np.repeat(np.asarray(one), len(two)) for one, two in pairs])
    twos = np.concatenate([np.tile(np.asarray(two), len(one)) for one, two in pairs])
    at_one, at_two = _places([len(one) for one, _ in pairs], [len(two) for _, two in pairs])
    kinds, cell = np.unique(ones.astype(np.int64) * pieces + twos, return_inverse=True)
    of_one, of_two = kinds // pieces, kinds % pieces
    one_of_two = two_of_one = np.ones(len(kinds))  # t(a | b) and t(b | a)
    for _ in range(rounds):
        from_two = one_of_two[cell] / np.bincount(at_one, one_of_two[cell])[at_one]  # which b each a came from
        from_one = two_of_one[cell] / np.bincount(at_two, two_of_one[cell])[at_two]
        counted_two, counted_one = np.bincount(cell, from_two), np.bincount(cell, from_one)
        one_of_two = counted_two / np.bincount(of_two, counted_two, pieces)[of_two]
        two_of_one = counted_one / np.bincount(of_one, counted_one, pieces)[of_one]
    both = np.bincount(cell, np.sqrt(from_two * from_one))
    return sparse.csr_matrix((both, (of_one, of_two)), shape=(pieces, pieces))


def _places(ones: Sequence[int], twos: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For every cell of every sentence's table the number of its row and of its column, counted through all."""
    starts = (np.concatenate([[0], np.cumsum(sizes)[:-1]]) for sizes in (ones, twos))
    known = list(zip(*starts, ones, twos, strict=True))
    rows = np.concatenate([np.repeat(np.arange(n) + a, m) for a, _, n, m in known])
    columns = np.concatenate([np.tile(np.arange(m) + b, n) for _, b, n, m in known])
    return rows, columns


def neighbours(texts: Mapping[str, Sequence[Ids]], pieces: int, window: int) -> tuple[Table, Table]:
    """How often each piece has each other one on its left, and on its right."""
    flat = np.concatenate([np.asarray([*line, *[-1] * window]) for lines in texts.values() for line in lines])
    total = sparse.csr_matrix((pieces, pieces))
    for distance in range(1, window + 1):
        one, two = flat[:-distance], flat[distance:]
        there = (one >= 0) & (two >= 0)
        counts = np.full(int(there.sum()), 1 / distance)
        total = total + sparse.csr_matrix((counts, (one[there], two[there])), shape=(pieces, pieces))
    return total.T.tocsr(), total


def ppmi(counts: Table, smoothing: float = 0.75) -> Table:
    """max(0, ln p(row, column) − ln p(row) p(column)), columns' counts to the power of `smoothing`."""
    rows, columns = np.asarray(counts.sum(1)).ravel(), np.asarray(counts.sum(0)).ravel() ** smoothing
    cells = counts.tocoo()
    values = np.log(cells.data * columns.sum() / (rows[cells.row] * columns[cells.col]))
    kept = values > 0
    return sparse.csr_matrix((values[kept], (cells.row[kept], cells.col[kept])), shape=counts.shape)


def reduced(table: Table, width: int, seed: int) -> Vectors:
    """U√S of a truncated SVD, found by random projection and two power iterations (Halko et al. 2011)."""
    found = table @ np.random.default_rng(seed).standard_normal((table.shape[1], width + 20))
    for _ in range(2):
        found = table @ (table.T @ np.linalg.qr(found)[0])
    base = np.linalg.qr(found)[0]
    left, values, _ = np.linalg.svd(np.asarray((table.T @ base).T), full_matrices=False)
    vectors: Vectors = (base @ left)[:, :width] * np.sqrt(values[:width])
    return vectors


def without_language(vectors: Vectors, texts: Mapping[str, Sequence[Ids]]) -> Vectors:
    """Each vector less the mean of its language's; a piece of several languages is theirs in part."""
    counts = np.stack([_frequencies(lines, len(vectors)) for lines in texts.values()], axis=1)
    counts /= counts.sum(0)
    weights = np.sqrt(counts)
    means = weights.T @ vectors / weights.sum(0)[:, None]
    centred: Vectors = vectors - counts / np.maximum(counts.sum(1, keepdims=True), 1e-12) @ means
    return centred


def _frequencies(lines: Sequence[Ids], pieces: int) -> NDArray[np.float64]:
    flat = np.concatenate([np.asarray(line, dtype=np.int64) for line in lines])
    return np.bincount(flat, minlength=pieces).astype(np.float64)


def _rows_to_one(table: Table) -> Table:
    return sparse.diags(1 / np.maximum(np.asarray(table.sum(1)).ravel(), 1e-9)) @ table


def _unit(table: Table) -> Table:
    return table / max(np.sqrt(table.multiply(table).sum()), 1e-9)


def _length_one(vectors: Vectors) -> Vectors:
    scaled: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return scaled

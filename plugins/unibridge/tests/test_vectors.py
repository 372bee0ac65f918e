"""Pairs of neighbours, sparse mixtures and the rotation between two spaces, held against brute force."""

from __future__ import annotations

from importlib.resources import files
from itertools import islice
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from xlt_unibridge.mixtures import Mixtures, mixtures, sparsemax
from xlt_unibridge.neighbours import mutual_nearest
from xlt_unibridge.origins import Origins
from xlt_unibridge.procrustes import rotation, unit

from xlt_core.data.samples import recut
from xlt_core.mini.meaning import meanings
from xlt_core.mini.world import say
from xlt_core.model.load import load_tokenizer
from xlt_core.model.overlap import overlap
from xlt_core.model.tokens import tokenizer_from_pieces
from xlt_core.model.unigram import train_unigram

GOLDEN = Path(__file__).resolve().parents[4] / "shared" / "golden" / "focus" / "expected.safetensors"
seeds = st.integers(0, 2**31)


def drawn(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# neighbours


def test_mutual_maxima() -> None:
    table = torch.tensor([[0.9, 0.2, 0.8, 0.1], [0.88, 0.3, 0.1, 0.4], [0, 0.1, 0.85, 0.6]])
    # vectors with these very cosines: a column each for the sources, and what is missing to length 1
    source = torch.cat([torch.eye(4), torch.zeros(4, 3)], 1)
    scaled = table / 3
    target = torch.cat([scaled, torch.diag((1 - scaled.square().sum(1)).sqrt())], 1)
    assert mutual_nearest(target, source).tolist() == [[0, 0], [2, 2]]


def test_a_piece_far_from_all_has_none() -> None:
    target = torch.tensor([[1, 0], [0.8, 0.6], [0, 1], [-1, 0.2]])
    source = torch.tensor([[0.9, 0.1], [0.6, 0.8], [0.1, 1], [2, -1], [0.7, 0.7]])
    for rows in range(1, 5):
        for columns in range(1, 6):
            assert mutual_nearest(target, source, rows, columns).tolist() == [[0, 0], [1, 4], [2, 2]]


@given(seeds, st.integers(1, 40), st.integers(1, 40), st.integers(1, 9), st.integers(1, 9))
def test_blocks_give_what_the_whole_matrix_gives(seed: int, ours: int, theirs: int, rows: int, columns: int) -> None:
    # whole numbers, so that equals are equal whatever the order of sums; many ties
    target = torch.randint(-1, 2, (ours, 4), generator=torch.Generator().manual_seed(seed)).float()
    source = torch.randint(-1, 2, (theirs, 4), generator=torch.Generator().manual_seed(seed + 1)).float()
    similar = unit(target) @ unit(source).T
    best_of_target, best_of_source = similar.argmax(1), similar.argmax(0)
    brute = [[i, int(j)] for i, j in enumerate(best_of_target) if best_of_source[j] == i]
    assert mutual_nearest(target, source, rows, columns).tolist() == brute


def test_no_candidates_no_pairs() -> None:
    assert mutual_nearest(torch.ones(3, 2), torch.empty(0, 2)).shape == (0, 2)
    assert mutual_nearest(torch.empty(0, 2), torch.ones(3, 2)).shape == (0, 2)


# sparsemax


def whole(scores: torch.Tensor, first: int = 64) -> torch.Tensor:
    """The weights of all entries."""
    weights, which = sparsemax(scores, first)
    return torch.zeros_like(scores).scatter_add_(1, which, weights)


@pytest.mark.parametrize(
    ("scores", "weights"),
    [
        ((0.9, 0.5, 0.1), (0.7, 0.3, 0)),
        ((0.95, 0.94, 0.2), (0.505, 0.495, 0)),
        ((0.3, 0.3, 0.3, 0.3), (0.25, 0.25, 0.25, 0.25)),
        ((0.8, -0.5), (1, 0)),
    ],
)
def test_sparsemax_by_hand(scores: tuple[float, ...], weights: tuple[float, ...]) -> None:
    for first in range(1, 6):
        assert torch.allclose(
            whole(torch.tensor([scores]), first), torch.tensor([weights], dtype=torch.float), atol=1e-6
        )


@given(seeds, st.integers(1, 12), st.integers(1, 60), st.floats(0.01, 3), st.integers(1, 70))
def test_weights_are_a_projection_on_the_simplex(seed: int, rows: int, columns: int, scale: float, first: int) -> None:
    scores = scale * drawn(seed, rows, columns)
    weights = whole(scores, first)
    assert torch.allclose(weights.sum(1), torch.ones(rows), atol=1e-5) and (weights >= 0).all()
    # τ is one number for all that weigh something, and what weighs nothing lies below it
    for row, mine in zip(scores, weights, strict=True):
        taus = (row - mine)[mine > 0]
        assert float(taus.max() - taus.min()) < 1e-5 and (row[mine == 0] <= taus.min() + 1e-5).all()
    order = torch.randperm(columns, generator=torch.Generator().manual_seed(seed))
    assert torch.allclose(whole(scores[:, order], first), weights[:, order], atol=1e-6)


@given(seeds, st.integers(1, 300), st.floats(0.001, 1))
def test_sparsemax_is_that_of_entmax(seed: int, columns: int, scale: float) -> None:
    entmax = pytest.importorskip("entmax", reason="entmax isn't installed")
    scores = scale * drawn(seed, 5, columns)
    assert torch.allclose(whole(scores), entmax.sparsemax(scores, dim=1), atol=1e-5)


def test_mixtures_are_those_of_focus() -> None:
    if not GOLDEN.is_file():
        pytest.skip("the golden numbers aren't here")
    known = load_file(GOLDEN)
    found = mixtures(known["auxiliary_new"], known["auxiliary_overlapping"], rows=7)
    assert torch.allclose(found.of(known["source_overlapping"]), known["expected_new"], atol=1e-5)
    weights = torch.zeros_like(known["weights"])
    sizes = torch.diff(found.begins, append=torch.tensor([len(found.rows)]))
    weights[torch.arange(len(found)).repeat_interleave(sizes), found.rows] = found.weights
    assert torch.allclose(weights, known["weights"], atol=1e-5)


@given(seeds, st.integers(1, 30), st.integers(1, 30), st.integers(1, 9))
def test_mixtures_lie_between_their_anchors(seed: int, new: int, anchors: int, rows: int) -> None:
    made = mixtures(drawn(seed, new, 5), drawn(seed + 1, anchors, 5), rows)
    table = drawn(seed + 2, anchors, 3)
    ends = [*made.begins[1:].tolist(), len(made.rows)]
    for row, begin, end in zip(made.of(table), made.begins.tolist(), ends, strict=True):
        used = table[made.rows[begin:end]]
        assert (row >= used.min(0).values - 1e-5).all() and (row <= used.max(0).values + 1e-5).all()
    assert torch.allclose(made.of(torch.ones(anchors)), torch.ones(new), atol=1e-5)


# rows


def origins() -> Origins:
    """Piece 0 is the backbone's 0, piece 1 neighbours its 3, piece 2 has cosines .9 and .5 to them, 3 is unheard of."""
    known = torch.tensor([[0.9, 0.19**0.5], [0.5, -(0.75**0.5)]])
    mixed = mixtures(torch.tensor([[2.0, 0.0]]), known).named(torch.tensor([0, 3]))
    return Origins({0: 0}, {1: 3}, torch.tensor([2]), mixed, [3])


def test_assembly() -> None:
    table = torch.tensor([[1.0, 0.0], [5.0, 5.0], [6.0, 6.0], [0.0, 2.0]])
    rows = origins().rows(table, torch.Generator().manual_seed(1))
    assert rows[0].equal(table[0]) and rows[1].equal(table[3])
    assert torch.allclose(rows[2], torch.tensor([0.7, 0.6]))
    again = origins().rows(table, torch.Generator().manual_seed(1))
    assert rows.equal(again) and not rows[3].equal(origins().rows(table, torch.Generator().manual_seed(2))[3])
    bias = origins().bias(torch.tensor([1.0, 5.0, 6.0, 2.0]))
    assert torch.allclose(bias, torch.tensor([1.0, 2.0, 1.3, 0.0]), atol=1e-6)


def test_drawn_rows_are_like_the_tables() -> None:
    table = drawn(0, 500, 3) * torch.tensor([0.1, 1, 10]) + torch.tensor([5, 0, -5])
    nothing = Mixtures(torch.empty(0, dtype=torch.long), torch.empty(0), torch.empty(0, dtype=torch.long))
    many = Origins({}, {}, torch.empty(0, dtype=torch.long), nothing, range(4000))
    rows = many.rows(table, torch.Generator().manual_seed(0))
    assert torch.allclose(rows.mean(0), table.mean(0), atol=0.6) and torch.allclose(rows.std(0), table.std(0), rtol=0.1)


# the rotation


@given(seeds, st.integers(2, 12))
def test_a_rotation_is_found_again(seed: int, width: int) -> None:
    turned = torch.linalg.qr(drawn(seed, width, width).double())[0]
    source = drawn(seed + 1, 60, width).double()
    found = rotation(source, source @ turned * 3)
    assert torch.allclose(found, turned, atol=1e-6)
    assert torch.allclose(found @ found.T, torch.eye(width, dtype=torch.double), atol=1e-9)


@given(seeds)
def test_no_orthogonal_matrix_does_better(seed: int) -> None:
    source, target = unit(drawn(seed, 30, 4)), unit(drawn(seed + 1, 30, 4))
    best = (source @ rotation(source, target) - target).norm()
    for n in range(5):
        other = torch.linalg.qr(drawn(seed + 2 + n, 4, 4))[0]
        assert best <= (source @ other - target).norm() + 1e-4


def test_only_a_rotation_makes_two_runs_of_fasttext_comparable() -> None:
    """One text cut in two ways: shared pieces that the rotation hasn't seen lie nearest to themselves."""
    pytest.importorskip("fasttext", reason="fastText isn't installed")
    from xlt_unibridge.cuts import cut, pieces_of
    from xlt_unibridge.embedding import Aligned
    from xlt_unibridge.initialise import found_again
    from xlt_unibridge.static import train

    like = load_tokenizer(Path(str(files("xlt_core.mini.backbones").joinpath("subword"))))
    samples = list(recut((say(meaning, "eng").text for meaning in islice(meanings("text"), 2000)), 16))
    models = (train_unigram(samples, size) for size in (300, 450))
    cutters = [tokenizer_from_pieces(model.pieces, like, model.charsmap) for model in models]
    options = Aligned(dim=32, epochs=10, buckets=2000, subsample=1)
    spaces = []
    for cutter in cutters:
        names = pieces_of(cutter)
        lines = ([names[n] for n in ids] for ids in cut(cutter, samples))
        spaces.append(train(lines, names, names, options))
    source, target = spaces
    shared = [(n, of) for n, of in overlap(cutters[1], cutters[0]).items() if target.trained[n] and source.trained[of]]
    here, there = (torch.tensor(side) for side in zip(*shared, strict=True))
    ours, theirs = source.vectors[there], target.vectors[here]
    alone = (unit(theirs) @ unit(ours).T).argmax(1) == torch.arange(len(shared))
    assert len(shared) > 200 and float(alone.float().mean()) < 0.1
    assert found_again(ours, theirs) > 0.4

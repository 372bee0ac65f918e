"""The conditional random field against brute force over every labelling."""

from __future__ import annotations

from itertools import product

import pytest

torch = pytest.importorskip("torch")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from xlt_core.model.crf import Crf  # noqa: E402


def random_crf(labels: int, seed: int) -> Crf:
    draw = torch.Generator().manual_seed(seed)
    crf = Crf(labels).double()
    with torch.no_grad():
        for weight in crf.parameters():
            weight.copy_(torch.randn(weight.shape, generator=draw, dtype=torch.float64))
    return crf


def exponent(crf: Crf, emissions: torch.Tensor, path: tuple[int, ...]) -> torch.Tensor:
    value = crf.start[path[0]] + crf.end[path[-1]]
    for t, label in enumerate(path):
        value = value + emissions[t, label]
        if t:
            value = value + crf.step[path[t - 1], label]
    return value


@settings(max_examples=25, deadline=None)
@given(
    labels=st.integers(2, 4),
    rows=st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=3),
    seed=st.integers(0, 10_000),
)
def test_loss_and_best_path_are_those_of_brute_force(labels: int, rows: list[list[bool]], seed: int) -> None:
    crf = random_crf(labels, seed)
    draw = torch.Generator().manual_seed(seed + 1)
    mask = torch.tensor(rows)
    emissions = torch.randn(*mask.shape, labels, generator=draw, dtype=torch.float64)
    gold = torch.randint(labels, mask.shape, generator=draw)
    wanted, sentences = torch.zeros((), dtype=torch.float64), 0
    paths = []
    for n in range(len(rows)):
        own, truth = emissions[n][mask[n]], tuple(gold[n][mask[n]].tolist())
        if not truth:
            paths.append([])
            continue
        every = [(exponent(crf, own, path), path) for path in product(range(labels), repeat=len(truth))]
        total = torch.logsumexp(torch.stack([value for value, _ in every]), 0)
        wanted, sentences = wanted + total - exponent(crf, own, truth), sentences + 1
        paths.append(list(max(every, key=lambda one: one[0].item())[1]))
    value, count = crf.loss(emissions, gold, mask)
    torch.testing.assert_close(value, wanted.to(value.dtype), atol=1e-9, rtol=0)
    assert int(count) == sentences
    assert crf.best(emissions, mask) == paths


def test_gradients_are_those_of_brute_force() -> None:
    crf, other = random_crf(3, 1), random_crf(3, 1)
    emissions = torch.randn(1, 3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    gold, mask = torch.tensor([[2, 0, 1]]), torch.ones(1, 3, dtype=torch.bool)
    crf.loss(emissions, gold, mask)[0].backward()
    every = [exponent(other, emissions[0], path) for path in product(range(3), repeat=3)]
    (torch.logsumexp(torch.stack(every), 0) - exponent(other, emissions[0], (2, 0, 1))).backward()
    for one, two in zip(crf.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(one.grad, two.grad)


def test_padding_changes_nothing() -> None:
    crf = random_crf(4, 3)
    emissions = torch.randn(2, 5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(9))
    gold = torch.randint(4, (2, 5), generator=torch.Generator().manual_seed(8))
    mask = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]).bool()
    short, _ = crf.loss(emissions[:1, :3], gold[:1, :3], mask[:1, :3])
    long, _ = crf.loss(emissions[1:], gold[1:], mask[1:])
    both, count = crf.loss(emissions, gold, mask)
    torch.testing.assert_close(both, short + long)
    assert int(count) == 2

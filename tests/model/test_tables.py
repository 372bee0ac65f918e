"""What is looked up in a table leaves the gradient that torch's own lookup leaves, once it is made whole."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from xlt_core.model.tables import looked_up, make_whole
from xlt_core.model.words import pool_words

Ids = list[list[int]]
ids = st.lists(st.lists(st.integers(0, 8), min_size=4, max_size=4), min_size=1, max_size=3)


def words(padding: int | None = 0) -> torch.nn.Embedding:
    torch.manual_seed(0)
    return torch.nn.Embedding(9, 3, padding_idx=padding)


@given(st.lists(ids, min_size=1, max_size=4), st.booleans(), st.booleans())
def test_however_often_a_table_is_read_its_gradient_is_torchs_own(reads: list[Ids], module: bool, tied: bool) -> None:
    """Read several times in one step and in several, padded, and used as an output matrix beside it."""
    found = []
    for own in (True, False):
        table = words()
        for step in (reads, reads[:1]):
            loss = torch.zeros(())
            for n, rows in enumerate(step):
                at = torch.tensor(rows)
                read = table if module else table.weight
                usual = table(at) if module else torch.nn.functional.embedding(at, table.weight)
                vectors = pool_words(looked_up(read, at) if own else usual, at.clamp(max=2) - 1, 2)
                loss = loss + (vectors.sin() * (n + 1)).sum() + (vectors @ table.weight.T).cos().sum() * tied
            loss.backward()
            make_whole([table.weight])
        assert table.weight.grad is not None
        found.append(table.weight.grad)
    torch.testing.assert_close(*found, atol=1e-6, rtol=1e-5)


def test_a_tables_gradient_is_small_until_it_is_made_whole() -> None:
    table = words()
    for _ in range(2):
        looked_up(table, torch.tensor([[1, 2], [2, 0]])).sum().backward()
    gradient = table.weight.grad
    assert gradient is not None and gradient.is_sparse and gradient.coalesce().values().shape == (2, 3)
    make_whole(list(table.parameters()))
    assert table.weight.grad is not None and table.weight.grad.sum(1).tolist() == [0, 6, 12, *[0] * 6]
    assert not table.sparse


@pytest.mark.parametrize("scale", [1.0, 4.0])
def test_a_module_keeps_its_own_ways(scale: float) -> None:
    """mBART's scales what it gives."""
    table = words()
    table.register_forward_hook(lambda module, given, out: out * scale)
    at = torch.tensor([3, 4])
    assert torch.equal(looked_up(table, at), scale * table.weight[at])

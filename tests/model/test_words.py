"""Pieces pooled to words against a plain loop."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from xlt_core.model.words import pool_words, sum_streams  # noqa: E402


def looped(vectors: torch.Tensor, word: torch.Tensor, words: int) -> torch.Tensor:
    out = torch.zeros(vectors.shape[0], words, vectors.shape[2], dtype=vectors.dtype)
    for n in range(vectors.shape[0]):
        for w in range(words):
            own = [vectors[n, p] for p in range(vectors.shape[1]) if int(word[n, p]) == w]
            if own:
                out[n, w] = torch.stack(own).mean(0)
    return out


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.lists(st.integers(-1, 3), min_size=5, max_size=5), min_size=1, max_size=3),
    seed=st.integers(0, 99),
)
def test_pooling_is_that_of_a_loop(rows: list[list[int]], seed: int) -> None:
    word = torch.tensor(rows)
    draw = torch.Generator().manual_seed(seed)
    vectors = torch.randn(*word.shape, 3, generator=draw, dtype=torch.float64)
    torch.testing.assert_close(pool_words(vectors, word, 4), looped(vectors, word, 4))


def test_streams_are_summed_word_by_word_and_carry_gradients() -> None:
    draw = torch.Generator().manual_seed(0)
    text = torch.randn(1, 4, 2, generator=draw, requires_grad=True)
    sounds = torch.randn(1, 6, 2, generator=draw, requires_grad=True)
    word, spoken = torch.tensor([[-1, 0, 0, 1]]), torch.tensor([[0, 0, 0, 1, 1, -1]])
    made = sum_streams([(text, word), (sounds, spoken)], 2)
    torch.testing.assert_close(made, looped(text, word, 2) + looped(sounds, spoken, 2))
    made.sum().backward()
    assert text.grad is not None and sounds.grad is not None
    torch.testing.assert_close(text.grad[0, :, 0], torch.tensor([0.0, 0.5, 0.5, 1.0]))
    torch.testing.assert_close(sounds.grad[0, :, 0], torch.tensor([1 / 3, 1 / 3, 1 / 3, 0.5, 0.5, 0.0]))

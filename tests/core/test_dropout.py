"""Dropout by seed: as often as asked, nowhere in step with itself, the same again from the same seed."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import XLMRobertaConfig, XLMRobertaModel

from xlt_core.engine.dropout import ATTENTION, SeededDropout, drop, reseed, seed_dropout

N = 400_000


def within(share: float, of: float, count: int) -> bool:
    """Five standard deviations of a share of `count` draws: once in two million."""
    return abs(share - of) < 5 * math.sqrt(of * (1 - of) / count)


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5, 0.003])
def test_the_rate_is_the_one_asked_for_and_the_mean_stays(rate: float) -> None:
    reseed(1, "rate", rate)
    dropped = drop(torch.ones(N), rate)
    assert within(float((dropped == 0).float().mean()), rate, N)
    assert float(dropped.max()) == pytest.approx(1 / (1 - rate), rel=2e-4)
    assert float(dropped.mean()) == pytest.approx(1, abs=6 * math.sqrt(rate / (1 - rate) / N))


@pytest.mark.parametrize("apart", [1, 2, 3, 4, 5, 64, 256])
def test_places_do_not_know_of_each_other(apart: int) -> None:
    reseed(2, "places")
    gone = drop(torch.ones(N), 0.3) == 0
    both = (gone[apart:] & gone[:-apart]).float().mean()
    assert within(float(both), 0.09, N)


def test_nor_do_steps_seeds_and_calls() -> None:
    masks = []
    for of in ((1, 0, 0), (1, 1, 0), (1, 0, 1), (2, 0, 0)):
        reseed(*of)
        masks += [drop(torch.ones(N), 0.3) == 0 for _ in range(2)]
    for n, one in enumerate(masks):
        for other in masks[:n]:
            assert within(float((one & other).float().mean()), 0.09, N)


@given(st.integers(0, 2**31), st.sampled_from([torch.float32, torch.bfloat16, torch.float16]), st.integers(1, 9))
def test_the_same_seed_gives_the_same_bits_in_all_precisions(seed: int, kind: torch.dtype, width: int) -> None:
    def kept(dtype: torch.dtype) -> torch.Tensor:
        reseed(seed)
        return drop(torch.ones(7, width, dtype=dtype), 0.4) != 0

    assert torch.equal(kept(kind), kept(torch.float32))


def test_gradients_pass_where_something_passed() -> None:
    x = torch.randn(1000, requires_grad=True)
    reseed(3)
    out = drop(x, 0.25)
    out.sum().backward()
    assert x.grad is not None
    torch.testing.assert_close(out, x * x.grad)
    assert x.grad.unique().tolist() == pytest.approx([0.0, 4 / 3], rel=1e-4)


def test_a_rate_of_one_drops_all_and_nothing_is_dropped_when_nothing_trains() -> None:
    assert not drop(torch.ones(5), 1.0).any()
    assert torch.equal(SeededDropout(0.5).eval()(torch.ones(5)), torch.ones(5))


def encoder(rate: float) -> XLMRobertaModel:
    torch.manual_seed(0)
    config = XLMRobertaConfig(
        vocab_size=30, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=40, hidden_dropout_prob=rate, attention_probs_dropout_prob=rate, pad_token_id=1,
    )  # fmt: skip
    return XLMRobertaModel(config).train()


IDS = torch.tensor([[0, 5, 6, 7, 2], [0, 8, 2, 1, 1]])


def test_a_model_reads_as_before_and_drops_by_seed_in_its_attention_too() -> None:
    plain, seeded = encoder(0.0), encoder(0.0)
    seed_dropout(seeded)
    assert seeded.config._attn_implementation == ATTENTION
    there = (IDS != 1).long()
    one, other = (model(IDS, attention_mask=there).last_hidden_state for model in (plain, seeded))
    torch.testing.assert_close(one[there.bool()], other[there.bool()], atol=1e-6, rtol=1e-5)
    # a rate too small to hit anything: the attention that drops is the attention that doesn't
    rare = encoder(0.0)
    seed_dropout(rare)
    for layer in rare.encoder.layer:
        layer.attention.self.dropout.p = 1e-6
    again = rare(IDS, attention_mask=there).last_hidden_state
    torch.testing.assert_close(one[there.bool()], again[there.bool()], atol=1e-6, rtol=1e-5)


def test_a_model_drops_the_same_from_the_same_seed() -> None:
    model = encoder(0.3)
    seed_dropout(model)
    found = []
    for of in (1, 1, 2):
        reseed(of)
        found.append(model(IDS).last_hidden_state)
    assert torch.equal(found[0], found[1]) and not torch.equal(found[0], found[2])


def test_attention_in_half_precision_is_the_fused_one_to_its_rounding() -> None:
    plain, ours = encoder(0.0), encoder(0.0)
    seed_dropout(ours)
    there = (IDS != 1).long()
    found = []
    for model in (plain, ours):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = model(IDS, attention_mask=there).last_hidden_state[there.bool()]
        states.float().pow(3).sum().backward()
        slope = model.encoder.layer[0].attention.self.query.weight.grad
        assert slope is not None
        found.append((states.float(), slope / slope.norm()))
    torch.testing.assert_close(found[0][0], found[1][0], atol=3e-2, rtol=3e-2)
    torch.testing.assert_close(found[0][1], found[1][1], atol=5e-2, rtol=5e-2)

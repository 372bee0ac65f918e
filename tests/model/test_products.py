"""Linear maps by another library than torch's own: the same numbers, forward and back, and left alone where not."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from transformers import BertConfig, BertForMaskedLM

from xlt_core.model import products
from xlt_core.model.backbone import BackboneModel
from xlt_core.model.products import Linear, linear


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "ENOUGH", 0)


def both_ways(run: Callable[..., torch.Tensor], *given: torch.Tensor) -> list[torch.Tensor]:
    """What it gives, and the gradients of what asks for one."""
    leaves = [one.detach().clone().requires_grad_(one.requires_grad) for one in given]
    out = run(*leaves)
    worth = torch.linspace(-1, 1, out.numel()).view_as(out)
    torch.autograd.backward((out * worth).sum())
    return [out.detach(), *(leaf.grad for leaf in leaves if leaf.grad is not None)]


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("asked", [(True, True), (True, False), (False, True)])
@pytest.mark.parametrize("shape", [(7,), (3, 5), (1, 1), (2, 3, 4), (0,)])
def test_the_same_numbers_forward_and_back(shape: tuple[int, ...], asked: tuple[bool, bool], bias: bool) -> None:
    draw = torch.Generator().manual_seed(1)
    x = torch.randn(*shape, 6, generator=draw).requires_grad_(asked[0])
    weight = torch.randn(9, 6, generator=draw).requires_grad_(asked[1])
    given = [x, weight, *([torch.randn(9, generator=draw).requires_grad_(asked[1])] if bias else [])]
    found, wanted = both_ways(linear, *given), both_ways(F.linear, *given)
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)


@pytest.mark.usefixtures("always")
def test_rows_that_do_not_lie_one_after_the_other() -> None:
    x, weight = torch.randn(5, 4, 6).transpose(0, 1), torch.randn(6, 9).t()
    torch.testing.assert_close(linear(x, weight), F.linear(x, weight), atol=1e-5, rtol=1e-5)
    narrow = torch.randn(4, 20)[:, 3:9]
    torch.testing.assert_close(linear(narrow, weight), F.linear(narrow, weight), atol=1e-5, rtol=1e-5)


@pytest.mark.usefixtures("always")
def test_half_precision_and_small_products_are_left_to_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    x, weight = torch.randn(4, 6), torch.randn(9, 6)
    with torch.autocast("cpu", torch.bfloat16):
        assert linear(x, weight).dtype == torch.bfloat16
    monkeypatch.setattr(products, "ENOUGH", 4 * 6 * 9 + 1)
    assert torch.equal(linear(x, weight), F.linear(x, weight))


@pytest.mark.usefixtures("always")
def test_a_backbone_computes_as_transformers_does() -> None:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=50, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=20, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    plain = BertForMaskedLM(config)
    model = BackboneModel(copy.deepcopy(plain))
    ids, attention = torch.randint(5, 50, (3, 8)), torch.ones(3, 8, dtype=torch.long)
    assert not [name for name, layer in model.named_modules() if type(layer) is nn.Linear]
    assert any(isinstance(layer, Linear) for layer in model.modules())
    assert model.model.state_dict().keys() == plain.state_dict().keys()
    wanted = plain(input_ids=ids, attention_mask=attention).logits
    found = model.vocabulary_logits(model.states(ids, attention)["last"].flatten(0, 1)).view_as(wanted)
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-5)
    torch.autograd.backward([wanted.square().mean(), found.square().mean()])
    for (name, one), other in zip(plain.named_parameters(), model.model.parameters(), strict=True):
        assert (one.grad is None) == (other.grad is None), name
        if one.grad is not None and other.grad is not None:
            torch.testing.assert_close(other.grad, one.grad, atol=1e-6, rtol=1e-4)

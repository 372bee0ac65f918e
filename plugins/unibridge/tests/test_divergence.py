"""Equation 9's second term: its numbers, what it reads, and where its gradient goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from xlt_unibridge.anchor import Kl
from xlt_unibridge.divergence import divergence, kl, released

from xlt_core.data.encode import Batch, Piece
from xlt_core.engine.context import Context
from xlt_core.example import example_site
from xlt_core.facts import States, View, split_facts

OURS, THEIRS = torch.tensor([[1.0, 0.0, 0.0]]), torch.tensor([[0.0, 2.0, 0.0]])
MASKED = View("text", (Kl().mask.transform(),))


def context(states: torch.Tensor, attention: torch.Tensor, theirs: torch.Tensor, **more: Any) -> Context:
    ids = torch.zeros(states.shape[:2], dtype=torch.long)
    pieces = tuple(Piece(n, (0,), (-1,), slice(0, 1), "amh") for n in range(len(states)))
    batch = Batch(ids, attention, ids, pieces)
    return Context({MASKED: batch}, lambda own, layers: dict.fromkeys(layers, states),
                   kept=lambda own, model, layer, pooling: theirs, **more)  # fmt: skip


def test_the_sheets_numbers() -> None:
    assert float(divergence(OURS, THEIRS)) == pytest.approx(0.8403338, abs=1e-6)
    assert float(divergence(THEIRS, OURS)) == pytest.approx(0.7793651, abs=1e-6)
    assert float(released(OURS, THEIRS)) == pytest.approx(0.9163015, abs=1e-6)
    assert float(released(THEIRS, THEIRS)) == pytest.approx(1.3076072, abs=1e-6)
    assert float(released(OURS, OURS)) == pytest.approx(1.3970769, abs=1e-6)
    ours = OURS.clone().requires_grad_()
    divergence(ours, THEIRS).sum().backward()  # type: ignore[no-untyped-call]
    assert ours.grad is not None and ours.grad[0].tolist() == pytest.approx([0.488412, -0.456148, -0.032265], abs=1e-5)


def test_states_are_pooled_over_everything_that_is_no_padding() -> None:
    states = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [9.0, 9.0]]])
    attention = torch.tensor([[1, 1, 0]])
    theirs = torch.tensor([[0.0, 1.0]])
    total, count = kl(context(states, attention, theirs), Kl())
    assert int(count) == 1
    assert float(total) == pytest.approx(float(divergence(torch.tensor([[2.0, 3.0]]), theirs)), abs=1e-6)


@pytest.mark.parametrize("form", [divergence, released])
def test_a_temperature_divides_both(form: Callable[..., torch.Tensor]) -> None:
    torch.testing.assert_close(form(OURS, THEIRS, 4.0), form(OURS / 4, THEIRS / 4))


def test_only_ours_has_a_gradient() -> None:
    theirs = THEIRS.clone().requires_grad_()
    ours = OURS.clone().requires_grad_()
    (divergence(ours, theirs) + released(ours, theirs)).sum().backward()  # type: ignore[no-untyped-call]
    assert theirs.grad is None and ours.grad is not None


def test_options_change_what_is_compared() -> None:
    states, attention = torch.randn(2, 3, 4), torch.ones(2, 3, dtype=torch.long)
    theirs, other = torch.randn(2, 4), torch.randn(2, 3, 4)
    ctx = context(
        states, attention, theirs,
        before_output=lambda batch, own: own * 2, unchanged=lambda batch, layers: dict.fromkeys(layers, other),
    )  # fmt: skip
    ours = states.mean(1)
    wanted = {
        Kl(): divergence(ours, theirs),
        Kl(kl_form="released"): released(ours, theirs),
        Kl(kl_temperature=3.0): divergence(ours, theirs, 3.0),
        Kl(kl_point="after_inverse"): divergence(2 * ours, theirs),
        Kl(kl_teacher_reads="target_ids"): divergence(ours, other.mean(1)),
    }
    for options, expected in wanted.items():
        total, count = kl(ctx, options)
        torch.testing.assert_close(total, expected.sum(), msg=str(options))
        assert float(count) == 2


def test_states_of_the_frozen_model_are_needed_where_they_are_read() -> None:
    at = example_site("loss", "unibridge.kl")
    states = [fact for fact in split_facts(Kl().needs(at))[0] if isinstance(fact, States)]
    assert [(fact.model, fact.language, fact.pooling) for fact in states] == [("frozen", "amh", "mean+specials")]
    assert split_facts(Kl(kl_teacher_reads="target_ids").needs(at))[0] == []

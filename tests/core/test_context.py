"""What losses read: each view encoded once, pooled as papers differ, summed as their equations say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch

from tests.core.letters import ALL, NUMBERS, Letters, corpus, feed, tagger
from xlt_core.data.encode import (
    IGNORED,
    Batch,
    SubwordReader,
    collate,
)
from xlt_core.data.records import Tagged
from xlt_core.engine.context import Context
from xlt_core.engine.feed import Feed
from xlt_core.engine.losses import mlm, task
from xlt_core.facts import View
from xlt_core.slots.losses import Mask, Mlm, TaskLoss


def test_a_view_is_encoded_once_however_many_losses_read_it() -> None:
    model, rows = tagger(), corpus([3, 2])
    batch = collate(SubwordReader(Letters(), 32).stretches(rows, NUMBERS), 1)
    ctx = Context({View(): batch}, model.states, model.score, wanted={View(): ALL})
    ctx.hidden(View(), 1), ctx.hidden(View()), ctx.task_scores(View()), ctx.pooled(View(), 2, include_specials=True)
    assert ctx.passes == 1


@pytest.mark.parametrize("stack", [False, True])
def test_three_losses_over_two_views_cost_two_encodings_and_give_the_gradients_of_three_passes(
    stack: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xlt_core.engine.context.SMALL", 10_000 if stack else 0)
    rows = corpus([3, 2, 5])
    pieces = SubwordReader(Letters(), 32).stretches(rows, NUMBERS)
    masked = View().with_(Mask(rate=0.5).transform())
    options = Mlm(mask=Mask(rate=0.5))

    def pooled(ctx: Context, _: Any) -> tuple[torch.Tensor, torch.Tensor]:
        states = ctx.pooled(View(), 1, include_specials=True)
        return states.square().sum(), torch.tensor(float(len(states)))

    losses = [(task, TaskLoss()), (mlm, options), (pooled, None)]

    def gradients(chosen: Sequence[Any]) -> tuple[torch.Tensor, int]:
        model = tagger()
        wanted = {View(): frozenset({1, "last"}), masked: frozenset({"last"})}
        (ctx,) = Feed(model, wanted, 1, torch.device("cpu"))(pieces, 0)  # type: ignore[arg-type]
        sums = [work(ctx, given) for work, given in chosen]
        torch.stack([value / count for value, count in sums]).sum().backward()
        flat = [torch.zeros_like(w) if w.grad is None else w.grad for w in model.parameters()]
        return torch.cat([weight.flatten() for weight in flat]), ctx.passes

    together, passes = gradients(losses)
    apart = [gradients([loss]) for loss in losses]
    monkeypatch.setattr("xlt_core.engine.context.SMALL", 0 if stack else 10_000)
    other, _ = gradients(losses)
    torch.testing.assert_close(together, other, atol=1e-6, rtol=1e-5)
    assert passes == 2
    torch.testing.assert_close(together, sum(own for own, _ in apart), atol=1e-6, rtol=1e-5)


def test_the_task_loss_is_that_of_the_head() -> None:
    model = tagger(kind="crf")
    assert model.head is not None
    (ctx,) = feed(model)(SubwordReader(Letters(), 32).stretches(corpus([3, 2]), NUMBERS), 0)
    wanted, words = model.head.loss(ctx.task_scores(View()), ctx.labels(View()), "token_mean")
    for own in (ctx, ctx.fresh()):
        total, count = task(own, TaskLoss())
        assert torch.equal(total, wanted) and int(count) == int(words) == 5


def test_pooling_with_and_without_special_tokens() -> None:
    rows = [Tagged("0", "eng", ("ab",), ("O",))]
    batch = collate(SubwordReader(Letters(), 32).stretches(rows), 1)
    states = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [10.0, 0.0]]])
    ctx = Context({View(): batch}, lambda _batch, _layers: {0: states})
    assert ctx.pooled(View(), 0, include_specials=False).tolist() == [[4.0, 5.0]]
    assert ctx.pooled(View(), 0, include_specials=True).tolist() == [[4.75, 3.0]]


def test_sentence_mean_and_token_mean_of_the_spec() -> None:
    """Token losses [2.0] and [0.5, 0.5, 0.5]: sentence mean 1.25, token mean 0.875."""
    labels = torch.tensor([[0, IGNORED, IGNORED], [0, 0, 0]])
    wanted = torch.tensor([[2.0, 0.0, 0.0], [0.5, 0.5, 0.5]])
    logits = torch.stack([-torch.log(torch.expm1(wanted).clamp(min=1e-9)), torch.zeros_like(wanted)], dim=-1)
    batch = Batch(labels, labels, labels, ())
    for reduction, expected in (("sentence_mean", 1.25), ("token_mean", 0.875)):
        ctx = Context({View(): batch}, lambda _batch, _layers: {"last": logits}, head=lambda states, *_: states)
        total, count = task(ctx, TaskLoss(reduction=reduction))  # type: ignore[arg-type]
        assert float(total / count) == pytest.approx(expected, abs=1e-5)

"""One update: however a batch is cut, grouped and spread, its losses and gradients are the same."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
import torch
from pydantic import Field

from tests.core.letters import NUMBERS, Letters, corpus, tagger
from xlt_core.data.encode import SubwordReader
from xlt_core.engine.context import Context
from xlt_core.engine.device import Machine
from xlt_core.engine.dropout import reseed
from xlt_core.engine.feed import Feed
from xlt_core.engine.groups import merged
from xlt_core.engine.loop import train_steps
from xlt_core.engine.losses import mlm, task
from xlt_core.engine.net import Net
from xlt_core.engine.update import Term, Update
from xlt_core.errors import RunError
from xlt_core.facts import View
from xlt_core.slots.losses import Loss, Mask, Mlm, TaskLoss
from xlt_core.slots.schedule import Finetune

MASKED = View().with_(Mask(rate=0.5).transform())
WANTED: Any = {View(): frozenset({1, "last"}), MASKED: frozenset({1, "last"})}


class Contrast(Loss):
    """A sentence and its masked form find each other among the group."""

    pairs: int = Field(4, ge=2)

    def group(self) -> int:
        return self.pairs


def contrast(ctx: Context, options: Contrast) -> tuple[torch.Tensor, torch.Tensor]:
    one, other = (ctx.pooled(view, 1, include_specials=False).float() for view in (View(), MASKED))
    scores = one @ other.T
    right = torch.arange(len(scores))
    loss = torch.nn.functional.cross_entropy(scores, right, reduction="sum")
    return loss, torch.tensor(float(len(scores)))


class Warm(torch.nn.Module):
    """The same with a learned scale."""

    def __init__(self) -> None:
        super().__init__()
        self.temperature = torch.nn.Parameter(torch.tensor(0.5))

    def forward(self, ctx: Context, options: Contrast) -> tuple[torch.Tensor, torch.Tensor]:
        value, count = contrast(ctx, options)
        return value * self.temperature, count


TERMS = {
    "task": Term("task", TaskLoss(), task),
    "mlm": Term("mlm", Mlm(weight=0.5, mask=Mask(rate=0.5)), mlm),
    "contrast": Term("contrast", Contrast(weight=2.0), contrast),
}


def gradients(
    names: Sequence[str], tokens: int, machine: Machine | None = None, owned: bool = False, dropout: float = 0.0
) -> tuple[dict[str, float], dict[str, torch.Tensor | None]]:
    """The losses and gradients of one update of eight sentences, in two groups where some loss compares them."""
    model = tagger()
    for part in model.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = dropout
    terms = [TERMS[name] for name in names]
    if owned:
        model.owned["warm"] = Warm()
        terms.append(Term("warm", Contrast(), model.owned["warm"]))  # type: ignore[arg-type]
    machine = machine or Machine()
    pieces = SubwordReader(Letters(), 32).stretches(corpus([1, 7, 3, 2, 5, 6, 4, 3]), NUMBERS)
    group = 4 if any(term.compares for term in terms) else None
    feed = Feed(model, WANTED, 1, torch.device("cpu"), tokens, group, machine.ranks)
    losses = Update(model, terms, machine, 1)(feed(pieces, 0), 0)
    return losses, {name: weight.grad for name, weight in model.named_parameters()}


def same(one: Any, other: Any, atol: float = 1e-5) -> None:
    assert one[0] == pytest.approx(other[0], abs=atol)
    for name, gradient in one[1].items():
        assert (gradient is None) == (other[1][name] is None), name
        if gradient is not None:
            torch.testing.assert_close(gradient, other[1][name], atol=atol, rtol=1e-4, msg=name)


@pytest.mark.parametrize("tokens", [40, 60, 100])
@pytest.mark.parametrize(
    ("names", "owned"),
    [(("task", "mlm"), False), (("contrast",), False), (("task", "mlm", "contrast"), False), (("mlm",), True)],
)
def test_cuts_of_groups_change_nothing(names: tuple[str, ...], owned: bool, tokens: int) -> None:
    same(gradients(names, tokens, owned=owned), gradients(names, 100_000, owned=owned))


def test_a_group_that_is_cut_keeps_its_dropout_from_the_first_pass_to_the_second() -> None:
    """A contrast whose two passes saw other masks would have gradients of another function."""
    losses, found = gradients(("contrast",), 60, dropout=0.3)
    model = tagger().train()
    for part in model.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.3
    pieces = SubwordReader(Letters(), 32).stretches(corpus([1, 7, 3, 2, 5, 6, 4, 3]), NUMBERS)
    contexts = Feed(model, WANTED, 1, torch.device("cpu"), 60, 4)(pieces, 0)
    sums = torch.zeros(())
    for number, ctx in enumerate(contexts):
        ctx.begin = partial(reseed, 1, 0, number)
    for group in (0, 1):
        cuts = [ctx for ctx in contexts if ctx.group == group]
        assert len(cuts) > 1
        whole = merged(cuts)
        for view in (View(), MASKED):  # one pass with gradients, all of it kept
            states = [cut.hidden(view, 1) for cut in cuts]
            padded = [
                torch.nn.functional.pad(own, (0, 0, 0, whole.mask(view).shape[1] - own.shape[1])) for own in states
            ]
            whole._states[view] = {1: torch.cat(padded)}
        sums = sums + contrast(whole, Contrast())[0]
    (sums * 2.0 / 8).backward()
    assert losses["contrast"] == pytest.approx(float(sums) / 8, abs=1e-5)
    for name, weight in model.named_parameters():
        if weight.grad is not None:
            torch.testing.assert_close(found[name], weight.grad, atol=1e-6, rtol=1e-4, msg=name)


def test_a_count_that_depends_on_the_model_is_refused_where_it_is_cut() -> None:
    def sure(ctx: Context, _: Any) -> tuple[torch.Tensor, torch.Tensor]:
        states = ctx.hidden(View())
        return states.sum(), (states > 0).sum().float()

    model = tagger()
    pieces = SubwordReader(Letters(), 32).stretches(corpus([1, 7, 3, 2]), NUMBERS)
    terms = [TERMS["task"], Term("sure", Loss(), sure)]
    with pytest.raises(RunError, match="sure"):
        Update(model, terms, Machine(), 1)(Feed(model, WANTED, 1, torch.device("cpu"), 40)(pieces, 0), 0)


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
@pytest.mark.parametrize("tokens", [60, 100_000])
def test_low_precision_learns_as_full_precision_does(precision: str, tokens: int) -> None:
    """Autocast keeps its copies of weights until it ends: a training inside one of them would never see them move."""

    def losses(machine: Machine) -> list[float]:
        model = tagger()
        pieces = SubwordReader(Letters(), 32).stretches(corpus([1, 7, 3, 2, 5, 6, 4, 3]), NUMBERS)
        feed = Feed(model, WANTED, 1, torch.device("cpu"), tokens, 4)
        terms = [TERMS["task"], TERMS["contrast"]]
        options = Finetune(batch=8, epochs=12, lr=3e-2)
        events = train_steps(model, terms, pieces, feed, options, 1, None, machine=machine)
        return [event.losses["task"] for event in events if event.kind == "step"]

    full, low = losses(Machine()), losses(Machine(precision=precision))
    assert full[-1] < 0.9 * full[0]
    assert low == pytest.approx(full, abs=0.1)


class Tight(Feed):
    """A device whose memory holds so many tokens."""

    room = 48

    def __call__(self, logical: Any, step: int) -> list[Context]:
        contexts = super().__call__(logical, step)
        for ctx in contexts:
            encode = ctx.encode

            def tight(batch: Any, layers: Any, encode: Any = encode) -> Any:
                if batch.ids.numel() > self.room:
                    raise torch.OutOfMemoryError("CUDA out of memory")
                return encode(batch, layers)

            ctx.encode = tight
        return contexts


@pytest.mark.parametrize("names", [("task",), ("task", "contrast")])
def test_out_of_memory_less_runs_at_once_and_nothing_else_changes(
    names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xlt_core.engine.context.SMALL", 0)

    def trained(kind: type[Feed]) -> tuple[list[Any], torch.Tensor]:
        model = tagger()
        pieces = SubwordReader(Letters(), 32).stretches(corpus([1, 7, 3, 2, 5, 6, 4, 3]), NUMBERS)
        feed = kind(model, {View(): WANTED[View()], MASKED: WANTED[MASKED]}, 1, torch.device("cpu"), 384, 4)
        terms = [TERMS[name] for name in names]
        events = list(train_steps(model, terms, pieces, feed, Finetune(batch=8, epochs=3, lr=1e-2), 1, None))
        return events, torch.cat([weight.detach().flatten() for weight in model.parameters()])

    (roomy, wide), (tight, narrow) = trained(Feed), trained(Tight)
    assert [event.kind for event in tight].count("smaller") == 3, "384, 192, 96 and 48 tokens; told once each"
    steps = [[event.losses for event in events if event.kind == "step"] for events in (roomy, tight)]
    assert all(one == pytest.approx(other, abs=1e-5) for one, other in zip(*steps, strict=True))
    torch.testing.assert_close(narrow, wide, atol=1e-5, rtol=1e-4)


def test_where_nothing_fits_the_run_ends_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tight, "room", 1)
    model = tagger()
    pieces = SubwordReader(Letters(), 32).stretches(corpus([1, 7]), NUMBERS)
    feed = Tight(model, WANTED, 1, torch.device("cpu"), 64)
    with pytest.raises(RunError, match=r"(?s)memory runs out.*--set training.recompute=true, or .*max_length"):
        list(train_steps(model, [TERMS["task"]], pieces, feed, Finetune(batch=2, epochs=1), 1, None))
    with pytest.raises(RunError, match=r"(?s)memory runs out.*Try: --set training.max_length"):
        told = Finetune(batch=2, epochs=1, recompute=True)
        list(train_steps(model, [TERMS["task"]], pieces, feed, told, 1, None))


def test_a_loss_that_is_no_number_stops_and_leaves_its_batch(tmp_path: Any) -> None:
    from xlt_core.engine.checkpoint import Checkpoint

    def broken(ctx: Context, _: Any) -> tuple[torch.Tensor, torch.Tensor]:
        return ctx.hidden(View()).sum() * float("nan"), torch.tensor(1.0)

    model: Net = tagger()
    pieces = SubwordReader(Letters(), 32).stretches(corpus([1, 7]), NUMBERS)
    feed = Feed(model, WANTED, 1, torch.device("cpu"))
    events = train_steps(
        model, [Term("broken", Loss(), broken)], pieces, feed, Finetune(batch=2, epochs=1), 1, None,
        Checkpoint(tmp_path),
    )  # fmt: skip
    with pytest.raises(RunError, match=r"step 1, sentences 1, 0 .*stopped_at.json: loss broken is not a number"):
        list(events)
    assert '"step": 1' in (tmp_path / "stopped_at.json").read_text("utf-8")

"""Layers computed again on the way back: the same gradients bit for bit, and less kept."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.core.letters import NUMBERS, Letters, corpus
from tests.model.test_adapters import MADE, SPLIT, inputs, strong, tiny
from xlt_core.data.encode import SubwordReader
from xlt_core.engine.dropout import reseed, seed_dropout
from xlt_core.engine.feed import Feed
from xlt_core.engine.losses import denoising, mlm
from xlt_core.engine.net import Net
from xlt_core.engine.recompute import recompute
from xlt_core.engine.update import Term, Update
from xlt_core.facts import View
from xlt_core.model.adapters import AdapterShape, LanguageAdapter, ParallelTaskAdapters, Stack, TaskAdapter
from xlt_core.slots.losses import Denoising, Mask, Mlm

DRAW = torch.Generator()


def dropping(kind: str, again: bool) -> Any:
    """A small model with dropout, its layers computed again or not."""
    model = tiny(kind).requires_grad_(True).train()
    for part in model.modules():
        part.p = 0.3 if isinstance(part, torch.nn.Dropout) else getattr(part, "p", None)
    seed_dropout(model)
    model.config.use_cache = False  # with a cache attention adds up in another order
    if again:
        recompute(model)
    return model


def gradients(kind: str, again: bool, parallel: bool = False) -> tuple[dict[str, torch.Tensor], int]:
    """Gradients of a model and its adapters, which are off by the time of the way back; numbers kept for that."""
    model = dropping(kind, again)
    shape = AdapterShape.of(model, reduction=2)
    tasks = [strong(TaskAdapter(name, shape, DRAW), n) for n, name in enumerate(("ner", "pos"))]
    above = ParallelTaskAdapters(tasks) if parallel else tasks[0]
    language = strong(LanguageAdapter("amh", shape, DRAW), 7)
    kept = 0

    def count(tensor: torch.Tensor) -> torch.Tensor:
        nonlocal kept
        kept += tensor.numel()
        return tensor

    reseed(3)
    with Stack(model, [language, above]) as stack, torch.autograd.graph.saved_tensors_hooks(count, lambda own: own):
        states = stack.states(*inputs(kind), layers=(1, "last"))
    reseed(4)  # what is drawn in between must not be seen
    (states["last"].square().sum() + states[1].sum()).backward()
    named = [*model.named_parameters(), *language.named_parameters(), *above.named_parameters()]
    return {name: weight.grad for name, weight in named if weight.grad is not None}, kept


@pytest.mark.parametrize(("kind", "parallel"), [*((kind, False) for kind in MADE), *((kind, True) for kind in SPLIT)])
def test_gradients_are_the_same_with_adapters_and_dropout_and_less_is_kept(kind: str, parallel: bool) -> None:
    (told, much), (again, little) = gradients(kind, False, parallel), gradients(kind, True, parallel)
    assert told.keys() == again.keys() and len(told) > 20
    for name, gradient in told.items():
        torch.testing.assert_close(again[name], gradient, rtol=0, atol=0, msg=name)
    assert little < 0.7 * much


def test_a_decoder_s_layers_are_computed_again_too() -> None:
    def update(again: bool) -> tuple[float, dict[str, torch.Tensor | None]]:
        net = Net(dropping("mbart", again))
        net.backbone.tokenizer = Letters()
        shape = AdapterShape.of(net.backbone, decoder=True, reduction=2, inverse_reduction=2)
        net.languages["eng"] = strong(LanguageAdapter("eng", shape, DRAW), 5)
        net.freeze_but(net.languages["eng"])
        net.train()
        options = Denoising(mask=Mask(rate=0.5))
        view = View().with_(options.mask.transform())
        pieces = SubwordReader(Letters(), 32).stretches(corpus([1, 7, 3, 2]), NUMBERS)
        feed = Feed(net, {view: frozenset({"last"})}, 1, torch.device("cpu"), 60)
        losses = Update(net, [Term("denoising", options, denoising)], *_machine())(feed(pieces, 0), 0)
        return losses["denoising"], {name: weight.grad for name, weight in net.languages.named_parameters()}

    (loss, plain), (twice, again) = update(False), update(True)
    assert loss == twice and [name for name in plain if ".decoder." in name]
    for name, gradient in plain.items():
        assert gradient is not None and torch.equal(gradient, again[name]), name  # type: ignore[arg-type]


def test_a_whole_update_with_an_invertible_adapter_is_the_same() -> None:
    def update(again: bool) -> tuple[dict[str, float], dict[str, torch.Tensor | None]]:
        net = Net(dropping("xlm-roberta", again))
        net.backbone.tokenizer = Letters()
        shape = AdapterShape.of(net.backbone, reduction=2, inverse_reduction=2)
        net.languages["eng"] = strong(LanguageAdapter("eng", shape, DRAW), 5)
        net.freeze_but(net.languages["eng"])
        net.train()
        view = View().with_(Mask(rate=0.5).transform())
        pieces = SubwordReader(Letters(), 32).stretches(corpus([1, 7, 3, 2]), NUMBERS)
        feed = Feed(net, {view: frozenset({"last"})}, 1, torch.device("cpu"), 60)
        losses = Update(net, [Term("mlm", Mlm(mask=Mask(rate=0.5)), mlm)], *_machine())(feed(pieces, 0), 0)
        return losses, {name: weight.grad for name, weight in net.languages.named_parameters()}

    (losses, plain), (twice, again) = update(False), update(True)
    assert losses == twice and plain.keys() == again.keys()
    for name, gradient in plain.items():
        assert gradient is not None and torch.equal(gradient, again[name]), name  # type: ignore[arg-type]


def _machine() -> tuple[Any, int]:
    from xlt_core.engine.device import Machine

    return Machine(), 1

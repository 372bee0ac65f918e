"""The loop: how a batch is cut changes nothing, what is frozen stays, what was trained is saved."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.core.letters import ALL, NUMBERS, Letters, corpus, feed, tagger, with_side
from xlt_core.data.encode import (
    SIDE_VALUES,
    SubwordReader,
    collate,
)
from xlt_core.engine.batching import generator
from xlt_core.engine.device import Machine
from xlt_core.engine.loop import train_steps
from xlt_core.engine.losses import task
from xlt_core.engine.update import Term
from xlt_core.model.adapters import AdapterShape, LanguageAdapter, TaskAdapter
from xlt_core.slots.losses import TaskLoss
from xlt_core.slots.schedule import Finetune


def trained(tokens: int, reduction: str, kind: Any = "softmax", **how: Any) -> tuple[list[float], torch.Tensor]:
    side = how.get("side", ())
    beside = {name: SIDE_VALUES[name] for name in side}
    model = tagger(kind=kind, continued=how.get("label_on") == "continuation", side=beside)
    rows = [with_side(row) for row in corpus([1, 7, 3, 2, 5, 6, 4, 3])]
    options = Finetune(batch=4, epochs=2, lr=1e-2)
    terms = [Term("task", TaskLoss(reduction=reduction), task)]  # type: ignore[arg-type]
    pieces = SubwordReader(Letters(), 32, **how).stretches(rows, NUMBERS)
    events = train_steps(model, terms, pieces, feed(model, tokens), options, 1, None)
    losses = [event.losses["task"] for event in events if event.kind == "step"]
    return losses, torch.cat([weight.detach().flatten() for weight in model.parameters()])


@pytest.mark.parametrize(
    ("reduction", "kind", "how"),
    [
        ("token_mean", "softmax", {}),
        ("sentence_mean", "softmax", {}),
        ("token_mean", "crf", {}),
        ("sentence_mean", "crf", {"side": ("pos", "predicate")}),
        ("token_mean", "softmax", {"label_on": "continuation", "side": ("predicate",)}),
    ],
)
def test_how_a_batch_is_cut_changes_nothing(reduction: str, kind: str, how: dict[str, Any]) -> None:
    whole, whole_weights = trained(100_000, reduction, kind, **how)
    cut, cut_weights = trained(24, reduction, kind, **how)
    assert cut == pytest.approx(whole, abs=1e-5)
    assert torch.allclose(cut_weights, whole_weights, atol=1e-5)


def test_the_same_seed_trains_the_same_bits() -> None:
    assert torch.equal(trained(64, "token_mean")[1], trained(64, "token_mean")[1])


def test_frozen_weights_are_bit_equal_after_training() -> None:
    model, rows = tagger(), corpus([3, 2, 4, 5])
    shape = AdapterShape.of(model.backbone, reduction=2)
    model.languages["eng"] = LanguageAdapter("eng", shape, generator(0))
    model.task = TaskAdapter("ner", shape, generator(1))
    assert model.head is not None
    model.freeze_but(model.task, model.head)
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    pieces = SubwordReader(Letters(), 32).stretches(rows, NUMBERS)
    options = Finetune(batch=2, epochs=2, lr=1e-2)
    list(train_steps(model, [Term("task", TaskLoss(), task)], pieces, feed(model), options, 1, None))
    for name, weight in model.named_parameters():
        assert torch.equal(weight, before[name]) != weight.requires_grad, name


def test_only_what_was_trained_is_saved(tmp_path: Any) -> None:
    model = tagger()
    model.task = TaskAdapter("ner", AdapterShape.of(model.backbone, reduction=2), generator(1))
    assert model.head is not None
    model.freeze_but(model.task, model.head)
    folder = tmp_path / "out"
    folder.mkdir()
    model.save(folder)
    assert sorted(file.name for file in folder.iterdir()) == ["head.json", "head.safetensors", "task_adapter"]


def test_what_is_frozen_runs_without_gradients_and_without_dropout() -> None:
    model, rows = tagger(), corpus([3, 2])
    for part in model.backbone.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.5
    batch = collate(SubwordReader(Letters(), 32).stretches(rows, NUMBERS), 1)
    assert model.head is not None
    for trained, gradients in ((model, True), (model.head, False)):
        model.freeze_but(trained)
        model.train()
        one, other = (model.states(batch, ALL)["last"] for _ in range(2))
        assert one.requires_grad == gradients
        assert torch.equal(one, other) != gradients
    model.answer(batch).sum().backward()
    assert model.head.weight.grad is not None


def test_half_precision_reads_the_weights_of_each_step() -> None:
    """Autocast keeps copies of weights for as long as it is entered: an update must enter it anew."""
    found = {}
    for precision in ("fp32", "bf16"):
        model = tagger()
        pieces = SubwordReader(Letters(), 32).stretches(corpus([1, 7, 3, 2]), NUMBERS)
        options, terms = Finetune(batch=4, epochs=6, lr=1e-2), [Term("task", TaskLoss(), task)]
        machine = Machine(precision=precision)
        events = train_steps(model, terms, pieces, feed(model), options, 1, None, machine=machine)
        found[precision] = [event.losses["task"] for event in events if event.kind == "step"]
    assert found["bf16"] == pytest.approx(found["fp32"], rel=0.05)
    assert found["fp32"][-1] < 0.8 * found["fp32"][0]

"""Which weights a training keeps, when it stops, and how its learning rates go."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.core.letters import NUMBERS, Letters, corpus, feed, tagger
from xlt_core import plan
from xlt_core.data.encode import SubwordReader
from xlt_core.engine.checkpoint import Checkpoint
from xlt_core.engine.loop import Event, train_steps
from xlt_core.engine.losses import task
from xlt_core.engine.optimise import optimiser
from xlt_core.engine.update import Term
from xlt_core.engine.watch import Falls, Watch
from xlt_core.errors import RefusedError
from xlt_core.slots.losses import TaskLoss
from xlt_core.slots.schedule import Finetune, Plateau


@given(
    st.lists(st.floats(0.01, 10), min_size=1, max_size=40), st.integers(0, 4), st.floats(0.0, 0.5), st.floats(0.1, 0.9)
)
def test_the_plateau_rule_is_that_of_torch(losses: list[float], patience: int, threshold: float, factor: float) -> None:
    optim = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optim, factor=factor, patience=patience, threshold=threshold, threshold_mode="rel", eps=0.0
    )
    ours = Falls(Plateau(factor=factor, patience=patience, threshold=threshold))
    for loss in losses:
        theirs.step(loss)
        ours.hear(-loss)
        assert ours.factor == pytest.approx(optim.param_groups[0]["lr"])


class Told:
    """A measure that says one value after the other."""

    def __init__(self, *values: float) -> None:
        self.values, self.asked = list(values), 0

    def __call__(self) -> float:
        self.asked += 1
        return self.values[self.asked - 1]


def watched(options: Finetune, measure: Told, folder: Any = None) -> tuple[Any, Watch, list[Event], dict[int, Any]]:
    model = tagger()
    pieces = SubwordReader(Letters(), 32).stretches(corpus([1, 7, 3, 2, 5, 6, 4, 3]), NUMBERS)
    watch = Watch(model, options, measure)
    kept = Checkpoint(folder, 0.0, {"watch": watch}) if folder else None
    events, weights = [], {}
    for event in train_steps(
        model, [Term("task", TaskLoss(), task)], pieces, feed(model), options, 1, None, kept, watch
    ):
        watch.see(event)
        events.append(event)
        weights[event.step] = model.head.weight.detach().clone()
    watch.finish()
    return model, watch, events, weights


SELECT = Finetune().select


@pytest.mark.parametrize(
    ("select", "values", "kept", "steps"),
    [
        ({}, (1.0, 3.0, 2.0), 8, 12),  # the end of the second epoch of three
        ({}, (3.0, 3.0, 3.0), 4, 12),  # the earlier one where they are equal
        ({"keep": "last"}, (3.0, 2.0, 1.0), 12, 12),
        ({"every": "3 steps"}, (1.0, 2.0, 4.0, 3.0), 9, 12),
        ({"every": "5 steps"}, (1.0, 2.0, 4.0), 12, 12),  # the last weights are measured, too
        ({"every": "3 steps", "strictly_after": 3}, (9.0, 2.0, 1.0, 0.0), 6, 12),
        ({"every": "3 steps", "patience": 2}, (5.0, 4.0, 3.0, 9.0), 3, 9),
        ({"strictly_after": 100}, (1.0, 2.0, 3.0), 12, 12),  # none was a candidate
    ],
)
def test_what_is_kept(select: dict[str, Any], values: tuple[float, ...], kept: int, steps: int) -> None:
    options = Finetune(batch=2, epochs=3, lr=1e-2, select=SELECT.model_copy(update=select))
    model, _, events, weights = watched(options, Told(*values))
    assert max(event.step for event in events) == steps
    assert torch.equal(model.head.weight, weights[kept])


def test_a_plateau_slows_the_training_down() -> None:
    options = Finetune(batch=8, epochs=6, lr=1e-2, lr_schedule="plateau", plateau=Plateau(patience=1, factor=0.5))
    _, watch, _, _ = watched(options, Told(1.0, 1.0, 1.0, 1.0, 1.0, 1.0))
    assert watch.factor == 0.25


@pytest.mark.parametrize("stop_after", [3, 7, 9])
def test_a_watch_goes_on_from_a_checkpoint(stop_after: int, tmp_path: Any) -> None:
    select = SELECT.model_copy(update={"every": "3 steps", "patience": 2})
    options = Finetune(batch=2, epochs=3, lr=1e-2, select=select)
    values = {3: 1.0, 6: 5.0, 9: 4.0, 12: 3.0}

    def one(limit: int, folder: Any) -> tuple[Any, list[int]]:
        model, steps = tagger(), []
        at = {"step": 0}
        watch = Watch(model, options, lambda: values[at["step"]])
        pieces = SubwordReader(Letters(), 32).stretches(corpus([1, 7, 3, 2, 5, 6, 4, 3]), NUMBERS)
        kept = Checkpoint(folder, 0.0, {"watch": watch})
        terms = [Term("task", TaskLoss(), task)]
        for event in train_steps(model, terms, pieces, feed(model), options, 1, None, kept, watch):
            at["step"] = event.step
            watch.see(event)
            steps.append(event.step)
            if event.step == limit:
                return model, steps
        watch.finish()
        return model, steps

    whole, _ = one(100, tmp_path / "whole")
    one(stop_after, tmp_path / "cut")
    again, steps = one(100, tmp_path / "cut")
    assert torch.equal(again.head.weight, whole.head.weight)
    assert max(steps) == 12


def test_parts_learn_at_rates_of_their_own() -> None:
    model = tagger()
    optim = optimiser(model, Finetune(lr=1e-5, lr_of={"head": 1e-3}))
    names = {id(weight): name for name, weight in model.named_parameters()}
    found = {names[id(w)]: group["lr"] for group in optim.param_groups for w in group["params"]}
    assert {lr for name, lr in found.items() if name.startswith("head.")} == {1e-3}
    assert {lr for name, lr in found.items() if not name.startswith("head.")} == {1e-5}


def test_a_channel_s_table_learns_at_a_rate_of_its_own() -> None:
    model = tagger()
    for channel in ("phonemes", "latin"):
        model.tables.rows[f"shared:{channel}"] = torch.nn.Parameter(torch.zeros(3, 2))
    optim = optimiser(model, Finetune(lr=1e-5, lr_of={"embedding": 1e-4, "embedding:phonemes": 1e-2}))
    names = {id(weight): name for name, weight in model.named_parameters()}
    found = {names[id(w)]: group["lr"] for group in optim.param_groups for w in group["params"]}
    assert found["tables.rows.shared:phonemes"] == 1e-2 and found["tables.rows.shared:latin"] == 1e-4
    assert {lr for name, lr in found.items() if not name.startswith("tables.")} == {1e-5}
    edits = ["training.lr_of={embedding:phonemes: 1e-3}"]
    assert plan(method="phonexl", backbone="mini", set=edits)["train(zho, ner)"].options["lr_of"] == {
        "embedding:phonemes": 1e-3
    }


def test_a_rate_for_what_is_not_trained_is_refused() -> None:
    with pytest.raises(RefusedError) as caught:
        plan(method="zero_shot", backbone="mini", targets="vie", set=["training.lr_of={adapter: 1e-3}"])
    (problem,) = caught.value.problems
    assert "what is trained is body, head" in problem.what


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        (["training.select.by=macro_f1", "training.select.every=20 steps"], []),
        (["training.lr_schedule=plateau"], []),
        (["training.select.by=held_out_loss"], []),
        (["training.select.by=phoneme_gap.cka"], ["selection by"]),
    ],
)
def test_what_can_select(choices: list[str], said: list[str]) -> None:
    made = plan(method="zero_shot", backbone="mini", targets="vie", task="pos", set=choices)
    assert len(made.unbuilt()) == len(said)
    assert all(text.startswith(start) for text, start in zip(made.unbuilt(), said, strict=True))

"""How a language is learned: packing, heads, what trains and what doesn't."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from xlt_unibridge.adaptation import _redraw_head, block_length, blocks
from xlt_unibridge.adapters import LanguageAdapters

from tests.core.test_own_vocabularies import readers, rows, two_languages
from xlt_core import plan
from xlt_core.data.encode import Piece, TextReader, collate
from xlt_core.engine.batching import generator
from xlt_core.engine.mixing import SideBySide, mixes
from xlt_core.engine.predict import tags_of, word_scores
from xlt_core.model.adapters import AdapterShape, LanguageAdapter, TaskAdapter
from xlt_core.model.heads import HeadSpec, head_of
from xlt_core.model.vocabulary import current, made

CPU = torch.device("cpu")


# packing


def test_joined_samples_are_cut_into_equal_lengths_and_the_rest_is_dropped() -> None:
    samples = [Piece(n, (0, *range(10 * n, 10 * n + 4), 2), (-1, 0, -1, 2, -1, -1), slice(1, 5), "amh") for n in (1, 2)]
    found = list(blocks(samples, 5))
    assert [piece.ids for piece in found] == [(0, 10, 11, 12, 13), (2, 0, 20, 21, 22)]
    assert [piece.first_of for piece in found] == [(-1, 0, -1, 2, -1), (-1, -1, 0, -1, 2)]
    assert [(piece.sentence, piece.words, piece.language) for piece in found] == [
        (0, slice(0, 5), "amh"), (1, slice(0, 5), "amh"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lengths", "source", "most", "length"),
    [([10, 20], False, 512, 128), ([128], False, 512, 256), ([900], False, 512, 384), ([10], True, 512, 384),
     ([10], True, 128, 128)],
)  # fmt: skip
def test_the_length_is_the_smallest_above_the_mean(lengths: list[int], source: bool, most: int, length: int) -> None:
    assert block_length(lengths, source, most) == length


# the head


def test_a_random_head_is_new_and_a_pretrained_one_is_not() -> None:
    net = two_languages()
    before = {name: weight.detach().clone() for name, weight in net.mlm_head("amh").items()}
    table = net.rows["amh:text"]["words"].detach().clone()  # type: ignore[index]
    job: Any = SimpleNamespace(stage=SimpleNamespace(languages=("amh",), seed=1))
    _redraw_head(net, job)
    head = net.mlm_head("amh")
    assert not torch.equal(head["dense.weight"], before["dense.weight"])
    assert not head["dense.bias"].any() and not head["layer_norm.bias"].any()
    assert bool((head["layer_norm.weight"] == 1).all())
    assert not net.rows["amh:text"]["bias"].any()  # type: ignore[index]
    assert torch.equal(net.rows["amh:text"]["words"], table)  # type: ignore[index]


# what the adapted model is


def test_adapters_that_do_nothing_and_the_same_rows_give_the_backbones_own_scores() -> None:
    net = two_languages()
    own = current(net.backbone)
    copy = made(net.backbone, own.tables["words"], own.bias)
    net.add_vocabulary("khm:text", replace(copy, tokenizer=net.backbone.tokenizer))
    shape = AdapterShape.of(net.backbone, reduction=2, inverse_reduction=2)
    adapter = LanguageAdapter("khm", shape, generator(1))
    with torch.no_grad():
        for name, weight in adapter.named_parameters():
            if ".up." in name:
                weight.zero_()
    net.languages["khm"] = adapter
    net.eval()
    pieces = TextReader(net.backbone.tokenizer, 30).stretches(["abc de fgh", "xyz"], "khm")
    batch = collate(pieces, 1)
    states = net.states(batch, frozenset({"last"}))["last"]
    bare = two_languages().eval()
    plain = bare.backbone.states(batch.ids, batch.attention)["last"]
    with torch.no_grad():
        torch.testing.assert_close(states, plain, atol=1e-5, rtol=0)
        logits, wanted = net.vocabulary(batch, states[:, 0]), bare.backbone.vocabulary_logits(plain[:, 0])
        torch.testing.assert_close(logits, wanted, atol=1e-5, rtol=0)


def test_the_unchanged_model_says_the_same_before_and_after_training() -> None:
    net = two_languages().train()
    net.freeze_but(net.languages["amh"], net.rows)
    batch = collate(readers(net).stretches(rows())[1:2], 1)
    before = net.unchanged(batch, frozenset({"last"}))["last"]
    with torch.no_grad():
        for part in (net.languages["amh"], net.rows):
            for weight in part.parameters():
                weight.add_(1.0)
    assert torch.equal(net.unchanged(batch, frozenset({"last"}))["last"], before)
    assert net.backbone.training and not before.requires_grad


def test_a_sources_adapter_stands_beneath_its_task() -> None:
    net = two_languages().eval()
    net.add_head(("O", "B"), 1)
    batch = collate(readers(net).stretches(rows())[:1], 1)
    with torch.no_grad():
        for weight in net.languages["eng"].parameters():
            weight.add_(0.1)
        above = net.answer(batch)
        del net.languages["eng"]
        assert not torch.allclose(above, net.answer(batch), atol=1e-4)


@pytest.mark.parametrize("count", [2, 5])
def test_one_pass_over_all_sources_holds_with_a_vocabulary_of_the_targets_own(count: int) -> None:
    net = two_languages()
    shape = AdapterShape.of(net.backbone, reduction=4)
    tasks = [TaskAdapter("ner", shape, generator("task", n)) for n in range(count)]
    heads = [head_of(16, HeadSpec(("O", "B", "I")), generator("head", n)) for n in range(count)]
    with torch.no_grad():
        for n, task in enumerate(tasks):
            for name, weight in task.named_parameters():
                weight.add_(0.2 * torch.randn(weight.shape, generator=generator("shake", n, name)))
    weights = [(n + 1) / sum(range(1, count + 1)) for n in range(count)]
    wanted = None
    for task, head, weight in zip(tasks, heads, weights, strict=True):
        net.task, net.head = task, head
        own = [weight * scores for scores in word_scores(net, readers(net), rows(), CPU)]
        wanted = own if wanted is None else [a + b for a, b in zip(wanted, own, strict=True)]
    net.task = None
    made_at_once = word_scores(net, readers(net), rows(), CPU, SideBySide(net, tasks, heads))
    (asked, *_) = mixes([str(n) for n in range(count)], weights, heads)
    assert wanted is not None
    for one, other in zip(made_at_once, wanted, strict=True):
        torch.testing.assert_close(asked.of(one), other, atol=1e-5, rtol=0)


def test_mixing_is_of_scores_and_not_of_probabilities() -> None:
    keys, weights = ("eng", "zho", "rus"), [0.2546285, 0.4639634, 0.2814080]
    heads = [head_of(16, HeadSpec(("O", "B", "I")), generator("head"))] * 3
    asked, *_ = mixes(keys, weights, heads)
    logits = torch.tensor([[[10.0, 0, 0], [0, 2, 0], [0, 1, 3]]])
    mixed = asked.of(logits)
    assert mixed[0].tolist() == pytest.approx([2.546285, 1.209335, 0.844224], abs=1e-5)
    assert tags_of(asked.head, [mixed], [1]) == [("O",)]
    probable = asked.of(logits.softmax(-1))
    assert probable[0].tolist() == pytest.approx([0.315843, 0.397280, 0.286878], abs=1e-5)
    assert tags_of(asked.head, [probable], [1]) == [("B",)], "another answer, which is wrong"


def test_alike_models_answer_as_one_whatever_their_weights() -> None:
    net = two_languages()
    task = TaskAdapter("ner", AdapterShape.of(net.backbone, reduction=4), generator("task"))
    head = head_of(16, HeadSpec(("O", "B", "I")), generator("head"))
    with torch.no_grad():
        for weight in task.parameters():
            weight.add_(0.2)
    net.task, net.head = task, head
    alone = word_scores(net, readers(net), rows(), CPU)
    net.task = None
    for weights in ([1.0], [0.9, 0.1], [0.2, 0.3, 0.5]):
        count = len(weights)
        together = word_scores(net, readers(net), rows(), CPU, SideBySide(net, [task] * count, [head] * count))
        (asked, *_) = mixes([str(n) for n in range(count)], weights, [head] * count)
        for one, other in zip(together, alone, strict=True):
            torch.testing.assert_close(asked.of(one), other, atol=1e-5, rtol=0)


# in a plan


def test_sources_keep_the_backbones_rows_and_targets_train_their_own() -> None:
    made_plan = plan(method="unibridge", backbone="xlm-roberta-base", targets="amh")
    trained = {stage.languages[0]: stage.trains for stage in made_plan.of("adapt")}
    assert "parts embedding:text@language:amh" in trained["amh"]
    assert not [part for part in trained["eng"] if "embedding" in part]


def test_learning_rates_go_by_plateaus() -> None:
    assert LanguageAdapters().lr_schedule == "plateau"

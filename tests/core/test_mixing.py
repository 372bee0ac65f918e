"""Task models that answer together: in one pass what they answer in several."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.core.letters import LABELS, corpus, tagger
from xlt_core.data.encode import SubwordReader
from xlt_core.engine import mixing, predict
from xlt_core.engine.batching import generator
from xlt_core.engine.mixing import SideBySide, mixes, side_by_side
from xlt_core.engine.net import Net
from xlt_core.model.adapters import AdapterShape, LanguageAdapter, TaskAdapter


def shaken(part: torch.nn.Module, seed: int) -> None:
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in part.parameters():
            weight.add_(0.3 * torch.randn(weight.shape, generator=draw))


def models(count: int) -> list[Net]:
    """Task models over the same body and language adapter, each with a task adapter and a head of its own."""
    found = []
    for n in range(count):
        net = tagger()
        shape = AdapterShape.of(net.backbone, reduction=2)
        net.languages["eng"] = LanguageAdapter("eng", shape, generator("language"))
        net.task = TaskAdapter("ner", shape, generator(n))
        assert net.head is not None
        shaken(net.task, n), shaken(net.head, 10 + n), shaken(net.languages["eng"], 99)
        found.append(net.eval())
    return found


def test_one_pass_gives_what_each_says_and_the_sum_of_all() -> None:
    rows = corpus([3, 9, 2, 6])
    nets, weights = models(3), [0.5, 0.2, 0.3]
    reader = SubwordReader(nets[0].tokenizer_of("eng"), 16)
    apart = [predict.word_scores(net, reader, rows, torch.device("cpu")) for net in nets]
    wanted = [sum(weight * own for weight, own in zip(weights, each, strict=True)) for each in zip(*apart, strict=True)]
    tasks = [net.task for net in nets]
    heads = [net.head for net in nets]
    nets[0].task = None
    together = SideBySide(nets[0], tasks, heads)  # type: ignore[arg-type]
    passes = []
    nets[0].backbone.embeddings.register_forward_hook(lambda *given: passes.append(1))
    made = predict.word_scores(nets[0], reader, rows, torch.device("cpu"), together)
    assert len(passes) == 1
    asked, *others = mixes(("eng", "zho", "rus"), weights, heads)  # type: ignore[arg-type]
    for number, (logits, sentence) in enumerate(zip(made, wanted, strict=True)):
        torch.testing.assert_close(asked.of(logits), sentence, atol=1e-5, rtol=0)
        for mix, own in zip(others, apart, strict=False):
            torch.testing.assert_close(mix.of(logits), own[number], atol=1e-5, rtol=0)
        alike = sum(own[number] for own in apart) / 3
        torch.testing.assert_close(others[-1].of(logits), alike, atol=1e-5, rtol=0)
    assert [mix.name for mix in (asked, *others)] == ["", "eng", "zho", "rus", "uniform"]


def test_all_alike_is_told_once_and_one_model_stands_alone() -> None:
    heads = [net.head for net in models(2)]
    assert [mix.name for mix in mixes(("eng", "zho"), [0.5, 0.5], heads)] == ["", "eng", "zho"]  # type: ignore[arg-type]
    assert [mix.name for mix in mixes(("all",), [1.0], heads[:1])] == [""]  # type: ignore[arg-type]


@pytest.mark.parametrize("bodies", [1, 2])
def test_models_share_a_pass_only_where_they_share_a_body(
    bodies: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nets = models(2)
    inputs: dict[str, Path] = {}
    for key, net in zip(("eng", "zho"), nets, strict=True):
        folder = tmp_path / key
        folder.mkdir()
        assert net.task is not None and net.head is not None
        net.freeze_but(net.task, net.head)
        net.save(folder)
        inputs[f"parts task_adapter:ner@source:{key}"] = inputs[f"parts head:ner@source:{key}"] = folder
        if bodies == 2:
            inputs[f"parts body/finetuned@source:{key}"] = folder
    monkeypatch.setattr(mixing, "assemble", lambda given, languages, key, reading: tagger())
    made = side_by_side(inputs, ("eng",), ("eng", "zho"))
    assert (made is not None) == (bodies == 1)
    if made is not None:
        assert [tuple(head.spec.labels) for head in made.heads] == [LABELS, LABELS]  # type: ignore[union-attr]
        for name, weight in nets[1].task.named_parameters():  # type: ignore[union-attr]
            assert torch.equal(weight, dict(made.tasks.adapters[1].named_parameters())[name])


def test_one_model_needs_no_side_by_side(tmp_path: Path) -> None:
    inputs: Mapping[str, Any] = {"parts task_adapter:ner@task": tmp_path}
    assert side_by_side(inputs, ("eng",), ("task",)) is None

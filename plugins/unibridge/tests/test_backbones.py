"""What holds of every kind of backbone: what trains and what never moves, an adapted model that was changed in nothing,
and padding that can't be seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
import xlt_unibridge.adaptation
from safetensors.torch import load_file

import xlt_core.engine.train
from plugins.unibridge.tests.backbones import KINDS, LOSS, PRESET, small
from xlt_core import run
from xlt_core.data.encode import TextReader, collate
from xlt_core.engine.batching import generator
from xlt_core.engine.feed import Feed
from xlt_core.engine.losses import mlm
from xlt_core.engine.net import Net
from xlt_core.facts import View
from xlt_core.graph.store import Store
from xlt_core.model.adapters import AdapterShape, LanguageAdapter
from xlt_core.model.backbone import BackboneModel
from xlt_core.model.vocabulary import current, made
from xlt_core.slots.losses import Mask, Mlm

SMALL = [
    "vocabulary.target=fixed_size", "vocabulary.target.text.size=250", "vocabulary.target.text.words=8",
    "embedding.target=copy_overlap", "adaptation.words=null", "adaptation.source.samples=40",
    "adaptation.target.samples=40", "adaptation.epochs=1", "adaptation.batch=8", "training.share=0.05",
    "training.epochs=1", "training.batch=8", "inference=single",
]  # fmt: skip
HEAD = {
    "xlm-roberta": ["lm_head.dense", "lm_head.layer_norm"],
    "bert": ["cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm"],
    "gpt2": [],
    "mbart": [],
}
BIAS = {"xlm-roberta": ["lm_head.bias"], "bert": ["cls.predictions.bias"], "gpt2": [], "mbart": []}


@dataclass
class Seen:
    """What a training began and ended with."""

    before: dict[str, torch.Tensor]
    after: dict[str, torch.Tensor]
    trained: set[str]


def states(net: Net) -> dict[str, torch.Tensor]:
    return {name: weight.detach().clone() for name, weight in (*net.named_parameters(), *net.named_buffers())}


@pytest.fixture(scope="module", params=KINDS)
def adapted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any]]:
    """A run with each kind of backbone, every training looked at before and after."""
    kind, folder = request.param, tmp_path_factory.mktemp(request.param)
    home = tmp_path_factory.getbasetemp() / "home of all kinds"  # the data are read once
    seen: dict[str, Seen] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XLT_HOME", str(home))
        for module in (xlt_unibridge.adaptation, xlt_core.engine.train):
            learn = module.learn

            def watched(job: Any, net: Net, *given: Any, learn: Any = learn, **more: Any) -> None:
                before = states(net)
                trained = {name for name, weight in net.named_parameters() if weight.requires_grad}
                learn(job, net, *given, **more)
                seen[job.stage.id] = Seen(before, states(net), trained)

            patch.setattr(module, "learn", watched)
        finished = run(
            method="unibridge", preset=PRESET[kind], backbone=str(small(kind, folder / "backbone")), data="mini",
            sources="eng", targets="amh", set=SMALL, out=str(folder / "out"),
        )  # fmt: skip
        yield kind, (folder, home, seen, finished)


def adapter_names(language: str, kind: str) -> set[str]:
    """A bottleneck in every layer but the last, of mBART's decoder too, and one NICE."""
    bottlenecks = [f"layers.{n}.{part}" for n in (0, 1) for part in ("down", "up")]
    inside = [f"decoder.{n}.{part}" for n in (0, 1) for part in ("down", "up")] if kind == "mbart" else []
    nice = [f"invertible.{side}.{part}" for side in "fg" for part in ("down", "up")]
    return {f"languages.{language}.{name}.{own}" for name in (*bottlenecks, *inside, *nice) for own in WEIGHTS}


WEIGHTS = ("weight", "bias")


def head_names(kind: str) -> set[str]:
    return {f"backbone.model.{name}.{own}" for name in HEAD[kind] for own in WEIGHTS}


def test_what_trains_is_what_is_stated_and_nothing_else_moves(adapted: tuple[str, Any]) -> None:
    kind, (_, _, seen, _) = adapted
    own_rows = {"rows.amh:text.words"} | ({"rows.amh:text.bias"} if BIAS[kind] else set())
    task = {f"task.layers.{n}.{part}.{own}" for n in (0, 1) for part in ("down", "up") for own in WEIGHTS}
    stated = {
        "adapt(eng)": adapter_names("eng", kind) | head_names(kind) | {f"backbone.model.{name}" for name in BIAS[kind]},
        "adapt(amh)": adapter_names("amh", kind) | head_names(kind) | own_rows,
        "train(eng, ner)": task | {"head.weight", "head.bias"},
    }
    assert set(seen) == set(stated)
    for stage, names in stated.items():
        found = seen[stage]
        assert found.trained == names, stage
        moved = {name for name, value in found.before.items() if not torch.equal(value, found.after[name])}
        assert moved == names, (stage, moved ^ names)


def test_what_never_trains_is_the_backbone_as_it_came(adapted: tuple[str, Any]) -> None:
    kind, (folder, _, seen, _) = adapted
    came = states(Net(BackboneModel.load(folder / "backbone")))
    for stage, found in seen.items():
        for name, value in found.after.items():
            if name.startswith("backbone.model.") and name not in found.trained:
                assert torch.equal(value, came[name]), (kind, stage, name)


def test_what_was_learned_is_kept_and_read_again(adapted: tuple[str, Any]) -> None:
    """Bit for bit: the adapter, with its decoder's part, the rows, the head; and the body isn't kept."""
    kind, (_, home, seen, finished) = adapted
    stages = {record["stage"]: record["key"] for record in finished.scores["stages"]}
    store = Store(home / "store")
    for stage, language in (("adapt(eng)", "eng"), ("adapt(amh)", "amh")):
        kept = store.path(stages[stage])
        after = {name.removeprefix(f"languages.{language}."): v for name, v in seen[stage].after.items()}
        read = LanguageAdapter.load(kept / "adapter").state_dict()
        assert all(torch.equal(after[name], value) for name, value in read.items())
        assert not (kept / "body.safetensors").exists()
        assert (kept / "mlm_head.safetensors").exists() == bool(HEAD[kind])
    rows = load_file(store.path(stages["adapt(amh)"]) / "rows.amh.text.safetensors")
    assert torch.equal(rows["words"], seen["adapt(amh)"].after["rows.amh:text.words"])
    told = [json.loads(line) for line in (Path(finished.path) / "metrics.jsonl").read_text("utf-8").splitlines()]
    steps = [event for event in told if event.get("kind") == "step" and event["stage"] == "adapt(amh)"]
    assert steps and all(event[LOSS[kind]] > 0 and event["unibridge.kl"] >= 0 for event in steps)


# adapters that do nothing


TEXTS = ["the house is old", "дом", "a b c d e f g"]


def own_logits(model: BackboneModel, batch: Any, kind: str) -> torch.Tensor:
    """transformers' own forward pass."""
    more = {"labels": batch.ids.masked_fill(batch.attention == 0, -100)} if kind == "mbart" else {}
    logits: torch.Tensor = model.model(input_ids=batch.ids, attention_mask=batch.attention, **more).logits
    return logits[batch.attention.bool()]


def our_logits(net: Net, batch: Any, kind: str) -> torch.Tensor:
    states = net.states(batch, frozenset({"last"}))["last"]
    if kind == "mbart":
        states = net.rebuilt(batch, states, batch.ids)
    return net.vocabulary(batch, states[batch.attention.bool()])


def with_own_rows(folder: Path, kind: str, zero: bool) -> Net:
    """The backbone with a copy of its own rows as a language's, and an adapter."""
    backbone = BackboneModel.load(folder)
    now = current(backbone)
    net = Net(backbone)
    copy = made(backbone, now.tables["words"], now.bias)
    net.add_vocabulary("khm:text", replace(copy, tokenizer=backbone.tokenizer))
    shape = AdapterShape.of(backbone, decoder=True, reduction=2, inverse_reduction=2, leave_out=(-1,))
    adapter = LanguageAdapter("khm", shape, generator(1))
    with torch.no_grad():
        for name, weight in adapter.named_parameters():
            weight.add_(0.2 * torch.randn(weight.shape, generator=generator(2, name)))
            if zero and ".up." in name:
                weight.zero_()
    net.languages["khm"] = adapter
    return net.eval()


@pytest.mark.parametrize("kind", KINDS)
def test_adapters_that_do_nothing_leave_the_backbones_own_scores(kind: str, tmp_path: Path) -> None:
    folder = small(kind, tmp_path / kind)
    net, bare = with_own_rows(folder, kind, zero=True), BackboneModel.load(folder).eval()
    pad = int(bare.tokenizer.pad_token_id)
    batch = collate(TextReader(net.tokenizer_of("khm"), 64).stretches(TEXTS, "khm"), pad)
    with torch.no_grad():
        ours, wanted = our_logits(net, batch, kind), own_logits(bare, batch, kind)
        torch.testing.assert_close(ours, wanted, atol=1e-5, rtol=0)
        strong = our_logits(with_own_rows(folder, kind, zero=False), batch, kind)
        assert not torch.allclose(strong, wanted, atol=1e-2)


# the loss


@pytest.mark.parametrize("kind", ["xlm-roberta", "bert"])
def test_scores_at_masked_places_alone_give_the_loss_and_gradients_of_all(kind: str, tmp_path: Path) -> None:
    net = with_own_rows(small(kind, tmp_path / kind), kind, zero=False)
    net.freeze_but(net.languages["khm"], net.rows)
    options = Mlm(mask=Mask(rate=0.4))
    view = View("text", (options.mask.transform(),))
    pieces = TextReader(net.tokenizer_of("khm"), 64).stretches(TEXTS, "khm")
    (ctx,) = Feed(net, {view: frozenset({"last"})}, 1, torch.device("cpu"))(pieces, 0)

    def gradients(loss: torch.Tensor) -> dict[str, torch.Tensor]:
        net.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        return {name: weight.grad.clone() for name, weight in net.named_parameters() if weight.grad is not None}

    total, count = mlm(ctx, options)
    gathered = gradients(total / count)
    batch = ctx.batches[view]
    assert batch.targets is not None and int(count) == int((batch.targets != -100).sum()) > 0
    whole = net.vocabulary(batch, net.states(batch, frozenset({"last"}))["last"])
    every = torch.nn.functional.cross_entropy(whole.transpose(1, 2), batch.targets, ignore_index=-100)
    torch.testing.assert_close(total / count, every, atol=1e-6, rtol=0)
    for name, gradient in gradients(every).items():
        torch.testing.assert_close(gathered[name], gradient, atol=1e-6, rtol=1e-4, msg=name)


# padding


@pytest.mark.parametrize("kind", KINDS)
def test_padding_can_not_be_seen(kind: str, tmp_path: Path) -> None:
    """A sentence alone, or beside longer ones: the same states, logits and pooled states."""
    net = with_own_rows(small(kind, tmp_path / kind), kind, zero=False)
    pad = int(net.tokenizer_of("khm").pad_token_id)
    reader = TextReader(net.tokenizer_of("khm"), 500)
    (short,) = reader.stretches(["the old cat"], "khm")
    alone = collate([short], pad)
    with torch.no_grad():
        wanted = our_logits(net, alone, kind)
        for extra in (1, 7, 40, 400):
            ids = [*short.ids[:-1], *[short.ids[1]] * extra, short.ids[-1]]
            longer = replace(short, ids=tuple(ids), first_of=(-1,) * len(ids))
            batch = collate([short, longer], pad)
            states = net.states(batch, frozenset({"last"}))["last"]
            if kind == "mbart":
                states = net.rebuilt(batch, states, batch.ids)
            got = net.vocabulary(batch, states[0, : len(short.ids)])
            torch.testing.assert_close(got, wanted, atol=1e-5, rtol=0)

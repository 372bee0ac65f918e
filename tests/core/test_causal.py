"""Losses of models that predict the next token or write a masked text again."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel, MBartConfig, MBartForConditionalGeneration

from tests.core.letters import Letters
from xlt_core.data.encode import TextReader
from xlt_core.engine.batching import generator
from xlt_core.engine.feed import Feed
from xlt_core.engine.loop import train_steps
from xlt_core.engine.losses import causal_lm, denoising
from xlt_core.engine.net import Net
from xlt_core.engine.update import Term
from xlt_core.facts import View
from xlt_core.model.adapters import AdapterShape, LanguageAdapter
from xlt_core.model.backbone import BackboneModel
from xlt_core.slots.losses import CausalLm, Denoising, Mask
from xlt_core.slots.schedule import Madx

TEXTS = ["abc de", "fgh", "abcdefgh ab cd"]
CPU = torch.device("cpu")


def reader_of_letters() -> Net:
    torch.manual_seed(1)
    config = GPT2Config(
        vocab_size=30, n_embd=16, n_layer=2, n_head=2, n_positions=40, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0
    )
    return Net(BackboneModel(GPT2LMHeadModel(config), Letters()))


@pytest.mark.parametrize("tokens", [10_000, 16])
def test_it_is_the_loss_of_transformers(tokens: int) -> None:
    net = reader_of_letters().eval()
    pieces = TextReader(Letters(), 30).stretches(TEXTS, "amh")
    feed = Feed(net, {View(): frozenset({"last"})}, 1, CPU, tokens)
    made = [causal_lm(ctx, CausalLm()) for ctx in feed(pieces, 0)]
    total, count = (float(torch.stack(part).sum().detach()) for part in zip(*made, strict=True))
    wanted, places = 0.0, 0
    for piece in pieces:
        ids = torch.tensor([piece.ids])
        wanted += float(net.backbone.model(ids, labels=ids).loss.detach()) * (len(piece.ids) - 1)
        places += len(piece.ids) - 1
    assert count == places and total == pytest.approx(wanted, rel=1e-5)


def test_adapters_and_an_invertible_one_learn_by_it_and_nothing_else_moves() -> None:
    net = reader_of_letters()
    shape = AdapterShape.of(net.backbone, reduction=2, inverse_reduction=2)
    net.languages["amh"] = LanguageAdapter("amh", shape, generator(1))
    net.freeze_but(net.languages["amh"])
    assert net.mlm_head("amh") == {}
    before = {name: weight.detach().clone() for name, weight in net.named_parameters()}
    pieces = TextReader(Letters(), 30).stretches(TEXTS, "amh")
    feed: Any = Feed(net, {View(): frozenset({"last"})}, 1, CPU)
    options = Madx(batch=3, steps=30, lr=1e-2, lr_schedule="constant")
    events = train_steps(net, [Term("causal_lm", CausalLm(), causal_lm)], pieces, feed, options, 1, None)
    losses = [event.losses["causal_lm"] for event in events if event.kind == "step"]
    assert losses[-1] < losses[0] - 0.2
    changed = {name for name, weight in net.named_parameters() if not torch.equal(weight, before[name])}
    assert changed and all(name.startswith("languages.amh.") for name in changed)


@pytest.mark.parametrize("tokens", [10_000, 16])
def test_denoising_is_the_loss_of_transformers(tokens: int) -> None:
    torch.manual_seed(1)
    config = MBartConfig(
        vocab_size=30, d_model=16, encoder_layers=2, decoder_layers=2, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32, max_position_embeddings=40, dropout=0.0,
    )  # fmt: skip
    net = Net(BackboneModel(MBartForConditionalGeneration(config), Letters())).eval()
    with torch.no_grad():
        net.backbone.model.final_logits_bias.normal_()
    options = Denoising(mask=Mask(rate=0.4))
    view = View("text", (options.mask.transform(),))
    pieces = TextReader(Letters(), 30).stretches(TEXTS, "amh")
    contexts = Feed(net, {view: frozenset({"last"})}, 1, CPU, tokens)(pieces, 0)
    made = [denoising(ctx, options) for ctx in contexts]
    total, count = (float(torch.stack(part).sum().detach()) for part in zip(*made, strict=True))
    wanted, masked = 0.0, 0
    text = {piece.sentence: torch.tensor([piece.ids]) for piece in pieces}
    for ctx in contexts:
        for piece in ctx.batches[view].pieces:
            ids, labels = torch.tensor([piece.ids]), text[piece.sentence]
            masked += int((ids != labels).sum())
            wanted += float(net.backbone.model(ids, labels=labels).loss.detach()) * len(piece.ids)
    assert masked > 0 and count == sum(len(piece.ids) for piece in pieces)
    assert total == pytest.approx(wanted, rel=1e-5)

"""Positions that begin anew within a row."""

from __future__ import annotations

import pytest
import torch
from transformers import AutoConfig

from xlt_core.data.encode import Piece, collate, stacked
from xlt_core.engine.net import Net
from xlt_core.model.backbone import BackboneModel, NoSuchAbility
from xlt_core.model.load import model_class

SIZE = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 40}
OTHER = {"n_embd": 16, "n_layer": 2, "n_head": 2, "d_model": 16, "encoder_layers": 1, "decoder_layers": 1}


def tiny(kind: str) -> BackboneModel:
    torch.manual_seed(0)
    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2, "pad_token_id": 1}
    config = AutoConfig.for_model(kind, **SIZE, **OTHER, **heads, max_position_embeddings=64)
    return BackboneModel(model_class(kind).from_config(config)).eval()


def piece(ids: tuple[int, ...], places: tuple[int, ...] = ()) -> Piece:
    return Piece(0, ids, (-1,) * len(ids), slice(1, len(ids) - 1), places=places)


@pytest.mark.parametrize("kind", ["xlm-roberta", "bert", "gpt2"])
def test_counted_places_are_the_models_own(kind: str) -> None:
    net = Net(tiny(kind)).eval()
    plain = collate([piece((5, 6, 7, 8)), piece((9, 10))], 1)
    told = collate([piece((5, 6, 7, 8), (0, 1, 2, 3)), piece((9, 10))], 1)
    own, given = (net.states(batch, frozenset({"last"}))["last"] for batch in (plain, told))
    there = plain.attention.bool()
    torch.testing.assert_close(own[there], given[there])


def test_a_place_is_a_row_of_the_table() -> None:
    net = Net(tiny("xlm-roberta")).eval()
    whole = net.states(collate([piece((5, 6, 5, 6), (0, 1, 0, 1))], 1), frozenset({0}))[0][0]
    torch.testing.assert_close(whole[:2], whole[2:])
    plain = net.states(collate([piece((5, 6, 5, 6))], 1), frozenset({0}))[0][0]
    assert not torch.allclose(plain[:2], plain[2:])


def test_the_sentences_of_a_row_still_see_each_other() -> None:
    net = Net(tiny("xlm-roberta")).eval()
    one, other = (
        net.states(collate([piece((first, 6, 5, 6), (0, 1, 0, 1))], 1), frozenset({"last"}))["last"][0, 3]
        for first in (5, 30)
    )
    assert not torch.allclose(one, other)


def test_views_in_one_call_keep_their_places() -> None:
    net = Net(tiny("xlm-roberta")).eval()
    batches = [collate([piece((5, 6, 7), (0, 1, 0))], 1), collate([piece((5, 6, 7))], 1)]
    both = net.states(stacked(batches), frozenset({"last"}))["last"]
    apart = [net.states(batch, frozenset({"last"}))["last"] for batch in batches]
    torch.testing.assert_close(both, torch.cat(apart))


@pytest.mark.parametrize("kind", ["canine", "mbart"])
def test_models_that_count_themselves_say_so(kind: str) -> None:
    with pytest.raises(NoSuchAbility, match="counts positions itself"):
        tiny(kind).states(torch.tensor([[5, 6]]), torch.ones(1, 2), places=torch.tensor([[0, 0]]))

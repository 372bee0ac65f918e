"""Pairs of texts: a model that can be told which text a piece is of is told so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.model.test_shapes import tiny
from xlt_core.data.encode import Batch, SentenceReader, collate, second_segment, stacked
from xlt_core.data.records import Tagged
from xlt_core.engine.net import Net
from xlt_core.facts import View
from xlt_core.model.backbone import BackboneModel
from xlt_core.model.heads import HeadSpec
from xlt_core.model.load import load_model
from xlt_core.model.shapes import draw
from xlt_core.model.tokens import layout, tokenizer_from_pieces
from xlt_core.slots.shapes import SHAPES

LAST = frozenset({"last"})
ROWS = [
    Tagged("0", "eng", ("a", "cat", "sat"), ("entailment",), ("an", "animal", "sat")),
    Tagged("1", "eng", ("it",), ("neutral",), ("no", "words", "are", "here", "at", "all")),
]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("drawn")
    with pytest.MonkeyPatch.context() as patch:
        for like in ("bert-base-multilingual-cased", "xlm-roberta-base"):
            patch.setitem(SHAPES, like, tiny(like))
            draw(like, 1, root / like)
    return {"bert": root / "bert-base-multilingual-cased", "roberta": root / "xlm-roberta-base"}


def net_of(folder: Path) -> Net:
    net = Net(BackboneModel(*load_model(folder)))
    net.add_head(HeadSpec(("entailment", "neutral", "contradiction"), "dense"), 1)
    return net.eval()


def batch_of(net: Net, rows: list[Tagged]) -> Batch:
    return collate(SentenceReader(net.backbone.tokenizer, 60).stretches(rows), int(net.backbone.tokenizer.pad_token_id))


def test_the_second_text_of_a_pair_has_a_number_of_its_own(folders: dict[str, Path]) -> None:
    net = net_of(folders["bert"])
    batch, theirs = batch_of(net, ROWS), net.backbone.tokenizer(
        [" ".join(row.words) for row in ROWS], [" ".join(row.second) for row in ROWS], padding=True, return_tensors="pt"
    )  # fmt: skip
    assert batch.segments is not None and torch.equal(batch.ids, theirs["input_ids"])
    assert torch.equal(batch.segments * batch.attention, theirs["token_type_ids"] * batch.attention)
    assert batch_of(net, [Tagged("0", "eng", ("a",), ("neutral",))]).segments is None, "one text needs none"


def test_states_are_those_of_the_model_itself_when_it_is_told(folders: dict[str, Path]) -> None:
    net = net_of(folders["bert"])
    batch = batch_of(net, ROWS)
    with torch.no_grad():
        given: dict[str, Any] = {"input_ids": batch.ids, "attention_mask": batch.attention}
        theirs = net.backbone.base(**given, token_type_ids=batch.segments).last_hidden_state
        ours = net.states(batch, LAST)["last"]
        torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)
        assert not torch.allclose(ours, net.backbone.base(**given).last_hidden_state, atol=1e-3)


@pytest.mark.parametrize("kind", ["bert", "roberta"])
def test_padding_can_not_be_seen_in_a_pair(kind: str, folders: dict[str, Path]) -> None:
    net = net_of(folders[kind])
    assert (batch_of(net, ROWS).segments is None) == (kind == "roberta")
    with torch.no_grad():
        both = net.answer(batch_of(net, ROWS))[:, 0]
        for number, row in enumerate(ROWS):
            torch.testing.assert_close(net.answer(batch_of(net, [row]))[0, 0], both[number], atol=1e-5, rtol=0)


def test_views_that_are_encoded_in_one_call_keep_their_numbers(folders: dict[str, Path]) -> None:
    net = net_of(folders["bert"])
    pair = batch_of(net, ROWS[:1])
    without = Batch(pair.ids, pair.attention, pair.labels, pair.pieces)
    together = stacked([pair, without])
    assert together.segments is not None and pair.segments is not None
    assert together.segments.tolist() == [pair.segments[0].tolist(), [0] * pair.ids.shape[1]]
    assert stacked([without, without]).segments is None and View() == View()


def test_a_tokenizer_of_a_language_s_own_tells_texts_apart_as_the_backbone_s_does(folders: dict[str, Path]) -> None:
    for kind, number in (("bert", 1), ("roberta", 0)):
        backbone = load_model(folders[kind])[1]
        own = tokenizer_from_pieces([("\u2581a", -1.0), ("b", -2.0)], layout(backbone, "amh"))
        assert second_segment(own) == second_segment(backbone) == number

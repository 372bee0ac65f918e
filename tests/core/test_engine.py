"""The loop, batches and contexts: what counts together, and what is encoded once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import XLMRobertaConfig, XLMRobertaModel

from xlt_core.data.encode import IGNORED, Batch, Piece, SubwordReader
from xlt_core.data.records import Tagged
from xlt_core.engine.batching import epoch_batches, generator, physical
from xlt_core.engine.context import Context
from xlt_core.engine.loop import Term, train_steps
from xlt_core.engine.losses import task
from xlt_core.engine.predict import tag
from xlt_core.engine.tagger import Tagger
from xlt_core.facts import View
from xlt_core.slots.losses import TaskLoss
from xlt_core.slots.schedule import Finetune

LABELS = ("O", "B-PER", "I-PER")


class Letters:
    """A tokenizer of letters, as transformers' fast ones answer: `<s> a b </s>`, unknown for nothing."""

    pad_token_id, unk_token_id = 1, 3

    def __call__(self, rows: list[list[str]], is_split_into_words: bool, add_special_tokens: bool = True) -> Any:
        (words,) = rows
        ids = [4 + ord(letter) % 20 for word in words for letter in word]
        owners: list[int | None] = [n for n, word in enumerate(words) for _ in word]
        if add_special_tokens:
            ids, owners = [0, *ids, 2], [None, *owners, None]
        return _Coded(ids, owners)


class _Coded(dict[str, Any]):
    def __init__(self, ids: list[int], owners: list[int | None]) -> None:
        super().__init__(input_ids=[ids])
        self.owners = owners

    def word_ids(self, row: int) -> list[int | None]:
        return self.owners


def tagger(seed: int = 1) -> Tagger:
    torch.manual_seed(seed)
    config = XLMRobertaConfig(
        vocab_size=30, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=40, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, pad_token_id=1,
    )  # fmt: skip
    return Tagger(XLMRobertaModel(config, add_pooling_layer=False), LABELS, seed)


def corpus(lengths: Sequence[int]) -> list[Tagged]:
    draw = generator("corpus")
    rows = []
    for n, length in enumerate(lengths):
        words = tuple("abcdefgh"[: 1 + int(torch.randint(5, (1,), generator=draw))] for _ in range(length))
        tags = tuple(LABELS[int(torch.randint(3, (1,), generator=draw))] for _ in range(length))
        rows.append(Tagged(str(n), "eng", words, tags))
    return rows


def contexts(model: Tagger, reader: SubwordReader, rows: list[Tagged]) -> Any:
    numbers = {label: n for n, label in enumerate(LABELS)}
    return lambda pieces: Context({View(): reader.batch(pieces, rows, numbers)}, model.encode, model.score)


def trained(tokens: int, reduction: str) -> tuple[list[float], torch.Tensor]:
    model, rows = tagger(), corpus([1, 7, 3, 2, 5, 6, 4, 3])
    reader = SubwordReader(Letters(), 32)
    options = Finetune(batch=4, epochs=2, lr=1e-2)
    terms = [Term("task", TaskLoss(reduction=reduction), task)]  # type: ignore[arg-type]
    pieces = reader.stretches(rows)
    events = train_steps(model, terms, pieces, contexts(model, reader, rows), options, 1, None, tokens)
    losses = [event.losses["task"] for event in events if event.kind == "step"]
    return losses, torch.cat([weight.detach().flatten() for weight in model.parameters()])


@pytest.mark.parametrize("reduction", ["token_mean", "sentence_mean"])
def test_how_a_batch_is_cut_changes_nothing(reduction: str) -> None:
    whole, whole_weights = trained(100_000, reduction)
    cut, cut_weights = trained(24, reduction)
    assert cut == pytest.approx(whole, abs=1e-5)
    assert torch.allclose(cut_weights, whole_weights, atol=1e-5)


def test_the_same_seed_trains_the_same_bits() -> None:
    assert torch.equal(trained(64, "token_mean")[1], trained(64, "token_mean")[1])


def test_a_view_is_encoded_once_however_many_losses_read_it() -> None:
    model, rows = tagger(), corpus([3, 2])
    reader = SubwordReader(Letters(), 32)
    ctx = contexts(model, reader, rows)(reader.stretches(rows))
    ctx.hidden(View(), 1), ctx.hidden(View()), ctx.task_scores(View()), ctx.pooled(View(), 2, include_specials=True)
    assert ctx.passes == 1


def test_pooling_with_and_without_special_tokens() -> None:
    rows = [Tagged("0", "eng", ("ab",), ("O",))]
    reader = SubwordReader(Letters(), 32)
    batch = reader.batch([*reader.stretches(rows)], rows, {"O": 0})
    states = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [10.0, 0.0]]])
    ctx = Context({View(): batch}, lambda _: (states,))
    assert ctx.pooled(View(), 0, include_specials=False).tolist() == [[4.0, 5.0]]
    assert ctx.pooled(View(), 0, include_specials=True).tolist() == [[4.75, 3.0]]


def test_sentence_mean_and_token_mean_of_the_spec() -> None:
    """Token losses [2.0] and [0.5, 0.5, 0.5]: sentence mean 1.25, token mean 0.875."""
    labels = torch.tensor([[0, IGNORED, IGNORED], [0, 0, 0]])
    wanted = torch.tensor([[2.0, 0.0, 0.0], [0.5, 0.5, 0.5]])
    logits = torch.stack([-torch.log(torch.expm1(wanted).clamp(min=1e-9)), torch.zeros_like(wanted)], dim=-1)
    batch = Batch(labels, labels, labels, ())
    for reduction, expected in (("sentence_mean", 1.25), ("token_mean", 0.875)):
        ctx = Context({View(): batch}, lambda _: (logits,), head=lambda states: states)
        total, count = task(ctx, TaskLoss(reduction=reduction))  # type: ignore[arg-type]
        assert float(total / count) == pytest.approx(expected, abs=1e-5)


@given(st.lists(st.integers(1, 12), min_size=1, max_size=9), st.integers(8, 40))
def test_every_word_is_in_exactly_one_stretch(lengths: list[int], room: int) -> None:
    rows = corpus(lengths)
    reader = SubwordReader(Letters(), room)
    pieces = reader.stretches(rows)
    found = [(piece.sentence, word) for piece in pieces for word in piece.first_of if word >= 0]
    assert found == [(n, word) for n, row in enumerate(rows) for word in range(len(row.words))]
    assert all(len(piece.ids) <= room for piece in pieces)


def test_over_long_sentences_get_a_tag_for_every_word() -> None:
    model, rows = tagger(), corpus([30])
    reader = SubwordReader(Letters(), 12)
    assert len(reader.stretches(rows)) > 3
    (tags,) = tag(model, reader, rows, torch.device("cpu"))
    assert len(tags) == 30


def test_predictions_do_not_depend_on_what_they_are_batched_with() -> None:
    model, rows = tagger(), corpus([2, 9, 4])
    reader = SubwordReader(Letters(), 32)
    together = tag(model, reader, rows, torch.device("cpu"))
    assert together == [tag(model, reader, [row], torch.device("cpu"))[0] for row in rows]


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40), st.integers(16, 120))
def test_physical_batches_hold_each_example_once_within_their_room(lengths: list[int], tokens: int) -> None:
    cuts = list(physical(list(range(len(lengths))), lengths, tokens))
    assert sorted(n for cut in cuts for n in cut) == list(range(len(lengths)))
    assert all(len(cut) == 1 or len(cut) * max(lengths[n] for n in cut) <= tokens for cut in cuts)


def test_logical_batches_are_a_function_of_seed_and_epoch() -> None:
    def order(seed: int, epoch: int) -> list[list[int]]:
        return list(epoch_batches(range(20), 6, seed, epoch))

    assert order(1, 0) == order(1, 0)
    assert order(1, 0) != order(1, 1) != order(2, 1)
    assert sorted(n for batch in order(3, 2) for n in batch) == list(range(20))


def test_a_piece_knows_where_its_words_stand() -> None:
    (piece,) = SubwordReader(Letters(), 32).stretches([Tagged("0", "eng", ("ab", "c"), ("O", "O"))])
    assert isinstance(piece, Piece)
    assert piece.first_of == (-1, 0, -1, 1, -1) and piece.words == slice(1, 4)

"""Words as units: pieces pooled before the encoder, and everything after it counted in words."""

from __future__ import annotations

import torch

from tests.core.letters import ALL, NUMBERS, Letters, corpus, feed, tagger
from xlt_core.data.encode import SubwordReader, WordReader, collate
from xlt_core.data.records import Tagged
from xlt_core.engine.context import Context
from xlt_core.engine.losses import task
from xlt_core.engine.predict import tag
from xlt_core.facts import View
from xlt_core.slots.losses import TaskLoss


def test_a_word_is_the_mean_of_its_pieces_before_the_encoder() -> None:
    net = tagger().eval()
    batch = collate(WordReader(Letters(), 32).stretches([Tagged("0", "eng", ("abc", "d"), ("O", "O"))], NUMBERS), 1)
    assert batch.ids.shape == (1, 6) and batch.attention.shape == batch.labels.shape == (1, 4)
    table = net.backbone.words.weight
    inside = batch.ids[0, 1:-1]
    wanted = torch.stack([table[0], table[inside[:3]].mean(0), table[inside[3]], table[2]])
    torch.testing.assert_close(net.vectors(batch)[0], wanted)
    states = net.states(batch, ALL)["last"]
    direct = net.backbone.base(inputs_embeds=wanted.unsqueeze(0)).last_hidden_state
    torch.testing.assert_close(states, direct, atol=1e-6, rtol=0)


def test_words_of_one_piece_are_read_as_pieces_are() -> None:
    net = tagger().eval()
    rows = [Tagged(str(n), "eng", tuple("abcd"[: n + 1]), ("O",) * (n + 1)) for n in range(4)]
    one, other = (collate(kind(Letters(), 32).stretches(rows, NUMBERS), 1) for kind in (SubwordReader, WordReader))
    mask = one.attention.bool()
    a, b = (net.states(batch, frozenset({"last"}))["last"][mask] for batch in (one, other))
    torch.testing.assert_close(a, b, atol=1e-6, rtol=0)


def test_padding_and_company_change_nothing() -> None:
    net, rows = tagger().eval(), corpus([3, 9, 1])
    reader = WordReader(Letters(), 32)
    together = tag(net, reader, rows, torch.device("cpu"))
    assert together == [tag(net, reader, [row], torch.device("cpu"))[0] for row in rows]
    assert [len(tags) for tags in together] == [3, 9, 1]


def test_long_sentences_are_split_by_words() -> None:
    (row,) = corpus([30])
    pieces = WordReader(Letters(), 12).stretches([row], NUMBERS)
    assert [len(piece.first_of) - 2 for piece in pieces] == [10, 10, 10]
    assert all(len(piece.labels) == len(piece.first_of) for piece in pieces)


def test_a_loss_reads_what_enters_the_encoder_and_trains_the_table() -> None:
    net, rows = tagger(), corpus([3, 2])
    pieces = WordReader(Letters(), 32).stretches(rows, NUMBERS)
    (ctx,) = feed(net)(pieces, 0)
    assert isinstance(ctx, Context)
    vectors = ctx.embeddings(View())
    assert vectors.shape == (2, 5, 16)
    total, count = task(ctx, TaskLoss())
    (total / count + vectors.square().mean()).backward()
    assert net.backbone.words.weight.grad is not None and int(count) == 5

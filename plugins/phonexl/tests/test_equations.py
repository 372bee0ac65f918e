"""The three losses by the numbers of the specification, and what their gradients reach."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from xlt_phonexl.losses import Align, WordMlm
from xlt_phonexl.minimising import BEGIN, Aligning, Predicting, aligned, predicted

from plugins.phonexl.tests.small import contexts, making, net, pieces, row
from xlt_core import plan
from xlt_core.data.encode import collate
from xlt_core.data.records import Tagged
from xlt_core.engine.context import HiddenWords
from xlt_core.engine.device import Machine
from xlt_core.engine.net import Net
from xlt_core.engine.update import Term, Update
from xlt_core.facts import View
from xlt_core.model.tables import make_whole
from xlt_core.model.words import pool_words
from xlt_core.slots.losses import Mask, TaskLoss

ONE = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [[1.0, 0.0], [1.0, 2.0], [3.0, 1.0]]
SAME = [[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]


def padded(*sentences: list[list[float]], length: int, filler: float = 0.0) -> torch.Tensor:
    return torch.tensor([[*own, *[[filler, -filler]] * (length - len(own))] for own in sentences])


def both(pairs: list[tuple[list[list[float]], list[list[float]]]], factor: float, filler: float = 0.0) -> list[float]:
    """The two directions and their mean, over all words."""
    length = 8 if filler else max(len(one) for one, _ in pairs)
    words = torch.tensor([[n < len(one) for n in range(length)] for one, _ in pairs])
    ones, others = (padded(*(pair[side] for pair in pairs), length=length, filler=filler) for side in (0, 1))
    there, back = (float(own) / int(words.sum()) for own in aligned(ones, others, words, torch.tensor(factor)))
    return [there, back, (there + back) / 2]


@pytest.mark.parametrize(
    ("pairs", "factor", "wanted"),
    [
        ([SAME], 1.0, (0.313262, 0.313262, 0.313262)),
        ([SAME], BEGIN, (0.067659, 0.067659, 0.067659)),
        ([ONE], 1.0, (0.887926, 0.900644, 0.894285)),
        ([ONE], BEGIN, (0.675839, 0.729173, 0.702506)),
        ([SAME, ONE], BEGIN, (None, None, 0.448567)),
        ([([[1.0, 0.0]] * 2, [[1.0, 0.0]] * 2)], 1.0, (math.log(2),) * 3),
        ([([[1.0, 2.0]], [[2.0, 1.0]])], 1.0, (0.0, 0.0, 0.0)),
    ],
)
def test_alignment_by_the_specifications_numbers(pairs, factor, wanted) -> None:  # type: ignore[no-untyped-def]
    for filler in (0.0, 7.0):
        for found, value in zip(both(pairs, factor, filler), wanted, strict=True):
            assert value is None or found == pytest.approx(value, abs=1e-5)


def test_alignment_is_blind_to_length_and_its_scale_can_be_exponentiated() -> None:
    scaled = ([[7 * x for x in own] for own in ONE[0]], [[0.1 * x for x in own] for own in ONE[1]])
    assert both([scaled], BEGIN) == pytest.approx(both([ONE], BEGIN), abs=1e-5)
    factor = torch.tensor(BEGIN, requires_grad=True)
    there, back = aligned(*(torch.tensor([own]) for own in ONE), torch.ones(1, 3).bool(), factor)
    ((there + back) / 6).backward()
    assert float(factor.grad) == pytest.approx(-0.074707, abs=1e-5)  # type: ignore[arg-type]
    assert both([SAME], math.exp(BEGIN))[2] < 1e-6
    assert math.exp(BEGIN) == pytest.approx(14.285714)


def test_the_releases_norm_depends_on_the_sentences_length() -> None:
    words = torch.ones(1, 3).bool()
    ones, others = (torch.tensor([own]) for own in ONE)
    by_feature = aligned(ones, others, words, torch.tensor(BEGIN))
    by_sentence = aligned(ones, others, words, torch.tensor(BEGIN), "tokens")
    assert float(by_feature[0]) != pytest.approx(float(by_sentence[0]), abs=1e-3)


def test_pooling_counts_pieces_and_no_padding() -> None:
    ids = torch.tensor([1.0, 2.0, 4.0, 6.0, 9.0])
    vectors = torch.stack([ids, 10 * ids], 1).unsqueeze(0)
    pooled = pool_words(vectors, torch.tensor([[0, 1, 1, 2, 3]]), 4)
    assert pooled[0].tolist() == [[1, 10], [3, 30], [6, 60], [9, 90]]


def test_masked_words_by_the_specifications_numbers() -> None:
    scores = torch.tensor([[2.0, 0, 0, 0, 1], [0, 3, 0, 0, 0]])
    words = HiddenWords(scores, torch.tensor([0, 0, 1]), torch.tensor([0, 4, 1]))
    assert float(predicted(scores, words)) / 3 == pytest.approx(0.775985, abs=1e-5)
    first = words.first()
    assert float(predicted(scores, first)) / len(first.pieces) == pytest.approx(0.377392, abs=1e-5)
    assert float(predicted(torch.zeros(2, 5), words)) / 3 == pytest.approx(math.log(5), abs=1e-5)


@pytest.mark.parametrize(
    ("preset", "pair", "total"),
    [
        ("ner-zho-vie", "zho-vie", 1.055), ("ner-jpn-kor", "jpn-kor", 1.055),
        ("pos-zho-vie", "zho-vie", 1.037), ("pos-jpn-kor", "jpn-kor", 1.100),
    ],
)  # fmt: skip
def test_the_sum_of_each_preset(preset: str, pair: str, total: float, tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "dictionary").write_text("")
    made = plan(
        method="phonexl", preset=preset, seeds=1, resources={f"dictionary:{pair}": str(tmp_path / "dictionary")}
    )
    (train,) = made.of("train")
    weights = {name: loss["weight"] for name, loss in train.options["losses"].items()}
    values = {"task": 1.0, "phonexl.align": 0.5, "phonexl.mlm": 2.0, "phonexl.xmlm": 3.0}
    assert sum(weights[name] * value for name, value in values.items()) == pytest.approx(total)


def test_alignment_reaches_both_tables_and_its_scale_and_no_layer() -> None:
    model = net()
    loss = Aligning(Align(), making(model))
    (ctx,) = contexts(model, [row("ab c d", "x yz w"), row("d", "q")])
    value, count = loss(ctx)
    assert int(count) == 4
    value.backward()
    assert ctx.passes == 0 and all(w.grad is None for w in model.backbone.layers.parameters())
    touched = [model.backbone.words.weight, model.tables.rows["shared:phonemes"], loss.temperature]
    make_whole(touched)
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in touched)


@pytest.mark.parametrize("tied", ["own", "tied"])
def test_a_head_begins_as_the_pretrained_one_and_is_trained(tied: str) -> None:
    model = net()
    options = WordMlm(mask=Mask(rate=0.5, unit="word", replace="mask", fresh=False, draw="words"), lm_decoder=tied)  # type: ignore[arg-type]
    loss = Predicting(options, making(model))
    transform = model.backbone.model.cls.predictions.transform
    assert torch.equal(loss.mlm_head.dense.weight, transform.dense.weight)
    assert (loss.mlm_head.decoder is None) == (tied == "tied")
    (ctx,) = contexts(model, [row("ab c d", "x yz w"), row("defg", "q")], options.copied)
    value, count = loss(ctx)
    value.backward()
    assert count >= 2 and ctx.passes == 1
    table = model.backbone.words.weight if tied == "tied" else loss.mlm_head.decoder
    assert table is not None and table.grad is not None and bool((table.grad.abs().sum(1) > 0).all())
    assert model.language_ids is not None and model.language_ids.rows["vie"].grad is None


def test_words_are_scored_at_their_own_position_whatever_their_pieces() -> None:
    model = net()
    view = WordMlm(mask=Mask(rate=0.99, unit="word", replace="mask", fresh=False)).copied
    (ctx,) = contexts(model, [row("abc d ef", "x y z")], view)
    words = ctx.hidden_words(view)
    assert words.of_word.tolist() == [0, 0, 0, 1, 2, 2] and words.states.shape[0] == 3
    torch.testing.assert_close(words.states, ctx.hidden(view)[0, 1:4])
    assert [chr(92 + n) for n in words.pieces.tolist()] == list("abcdef")
    assert View() not in ctx.batches


# options of the alignment


def aligning(model: Net, rows: Sequence[Tagged], **options: Any) -> float:
    loss = Aligning(Align(**options), making(model))
    (ctx,) = contexts(model, rows)
    value, count = loss(ctx)
    return float(value.detach()) / float(count)


def similarities(model: Net, rows: Sequence[Tagged]) -> list[torch.Tensor]:
    """Of each sentence the cosines of spelling and phonemes, word by word."""
    found = []
    for row_ in rows:
        (piece,) = pieces(model, [row_])
        batch = collate([piece], 0)
        one, other = (model.vectors(batch, stream)[0, piece.words] for stream in ("text", "phonemes"))
        found.append(torch.cosine_similarity(one.unsqueeze(1), other.unsqueeze(0), dim=2).detach())
    return found


def directions(similar: torch.Tensor, factor: float, seek: slice = slice(None)) -> tuple[float, int]:
    """The sum over both directions, halved, and how many sought, number by number."""
    total, count = 0.0, 0
    for table in (factor * similar, factor * similar.T):
        for n in range(len(table))[seek]:
            total += float(table[n].exp().sum().log() - table[n, n])
            count += 1
    return total / 2, count // 2


SENTENCES = [row("ab c de", "x yz w", name="0"), row("f", "v", name="1"), row("g hi", "u t", name="2")]


@pytest.mark.parametrize(("options", "factor", "seek"), [
    ({}, BEGIN, slice(None)), ({"temperature": "exp"}, math.exp(BEGIN), slice(None)),
    ({"first_word": False}, BEGIN, slice(1, None)),
])  # fmt: skip
def test_alignment_is_that_of_a_loop_over_words(options: dict[str, Any], factor: float, seek: slice) -> None:
    model = net()
    parts = [directions(similar, factor, seek) for similar in similarities(model, SENTENCES)]
    wanted = sum(value for value, _ in parts) / sum(count for _, count in parts)
    assert aligning(model, SENTENCES, **options) == pytest.approx(wanted, abs=1e-5)


def test_a_partner_is_sought_in_the_whole_batch_where_that_is_asked_for() -> None:
    model = net()
    own = [collate(pieces(model, [row_]), 0) for row_ in SENTENCES]
    inside = [batch.pieces[0].words for batch in own]
    one, other = (
        torch.cat([model.vectors(batch, stream)[0, words] for batch, words in zip(own, inside, strict=True)]).detach()
        for stream in ("text", "phonemes")
    )
    value, count = directions(torch.cosine_similarity(one.unsqueeze(1), other.unsqueeze(0), dim=2), BEGIN)
    assert aligning(model, SENTENCES, negatives="batch") == pytest.approx(value / count, abs=1e-5)
    assert aligning(model, SENTENCES, negatives="batch") > aligning(model, SENTENCES) + 0.3


@pytest.mark.parametrize(("length", "wanted"), [(3, 0.680417), (8, 0.961746)])
def test_the_releases_alignment_hangs_on_how_far_sentences_are_padded(length: int, wanted: float) -> None:
    words = torch.ones(1, 3).bool()
    ones, others = (torch.tensor([own]) for own in ONE)
    seek = torch.tensor([[False, True, True]])
    there, back = aligned(ones, others, words, torch.tensor(BEGIN), "tokens", seek, length)
    assert float(there + back) / 4 == pytest.approx(wanted, abs=1e-5)


def test_losses_are_summed_with_their_weights() -> None:
    """The first preset's: 1 + .01 · .5 + .01 · 2 + .01 · 3, and the gradient is its own."""
    weight = torch.nn.Parameter(torch.tensor(1.0))
    values = {"task": (1.0, 1.0), "align": (0.01, 0.5), "mlm": (0.01, 2.0), "xmlm": (0.01, 3.0)}

    def work(value: float) -> Any:
        return lambda ctx, options: (3 * value * weight, torch.tensor(3.0))

    found = [Term(name, TaskLoss(weight=own), work(value)) for name, (own, value) in values.items()]
    model = torch.nn.ParameterList([weight])
    said = Update(model, found, Machine(), 1)(contexts(net(), SENTENCES), 1)
    assert said == {name: pytest.approx(value) for name, (_, value) in values.items()}
    assert weight.grad is not None and float(weight.grad) == pytest.approx(1.055)

"""The loop, batches and contexts: what counts together, and what is encoded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import XLMRobertaConfig, XLMRobertaForMaskedLM

from xlt_core.data.encode import (
    IGNORED,
    SIDE_VALUES,
    Batch,
    Piece,
    SentenceReader,
    SubwordReader,
    TextReader,
    collate,
)
from xlt_core.data.records import Tagged
from xlt_core.engine.batching import epoch_batches, generator, physical
from xlt_core.engine.context import Context
from xlt_core.engine.device import Machine
from xlt_core.engine.feed import Feed
from xlt_core.engine.loop import train_steps
from xlt_core.engine.losses import mlm, task
from xlt_core.engine.net import Net
from xlt_core.engine.predict import in_data_scheme, tag, tags_of, word_scores
from xlt_core.engine.update import Term
from xlt_core.errors import RunError
from xlt_core.facts import Layer, View
from xlt_core.model.adapters import AdapterShape, LanguageAdapter, TaskAdapter
from xlt_core.model.backbone import BackboneModel
from xlt_core.model.crf import Crf
from xlt_core.model.heads import CrfHead, HeadSpec
from xlt_core.slots.losses import Mask, Mlm, TaskLoss
from xlt_core.slots.schedule import Finetune

LABELS = ("O", "B-PER", "I-PER")


class Letters:
    """A tokenizer of letters, as transformers' fast ones answer: `<s> a b </s>`, unknown for nothing."""

    pad_token_id, unk_token_id, mask_token_id = 1, 3, 29
    all_special_ids = (0, 1, 2, 3, 29)

    def __len__(self) -> int:
        return 30

    def __call__(
        self,
        rows: list[Any],
        pairs: list[Any] | None = None,
        is_split_into_words: bool = False,
        add_special_tokens: bool = True,
    ) -> Any:
        coded = [self._one(row if is_split_into_words else row.split(), add_special_tokens) for row in rows]
        if pairs:
            coded = [([*a[0], *b[0]], [*a[1], *b[1]]) for a, b in zip(coded, coded, strict=True)]
        return _Coded([ids for ids, _ in coded], [owners for _, owners in coded])

    def _one(self, words: list[str], special: bool) -> tuple[list[int], list[int | None]]:
        ids = [4 + ord(letter) % 20 for word in words for letter in word]
        owners: list[int | None] = [n for n, word in enumerate(words) for _ in word]
        return ([0, *ids, 2], [None, *owners, None]) if special else (ids, owners)


class _Coded(dict[str, Any]):
    def __init__(self, ids: list[list[int]], owners: list[list[int | None]]) -> None:
        super().__init__(input_ids=ids)
        self.owners = owners

    def word_ids(self, row: int) -> list[int | None]:
        return self.owners[row]


def tagger(seed: int = 1, **spec: Any) -> Net:
    torch.manual_seed(seed)
    config = XLMRobertaConfig(
        vocab_size=30, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=40, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, pad_token_id=1,
    )  # fmt: skip
    net = Net(BackboneModel(XLMRobertaForMaskedLM(config), Letters()))
    net.add_head(HeadSpec(LABELS, **spec), seed)
    return net


def corpus(lengths: Sequence[int]) -> list[Tagged]:
    draw = generator("corpus")
    rows = []
    for n, length in enumerate(lengths):
        words = tuple("abcdefgh"[: 1 + int(torch.randint(5, (1,), generator=draw))] for _ in range(length))
        tags = tuple(LABELS[int(torch.randint(3, (1,), generator=draw))] for _ in range(length))
        rows.append(Tagged(str(n), "eng", words, tags))
    return rows


NUMBERS = {label: n for n, label in enumerate(LABELS)}
ALL: frozenset[Layer] = frozenset({1, 2, "last"})


def feed(model: Net, tokens: int = 8192, **views: Any) -> Feed:
    return Feed(model, {View(): frozenset({"last"})}, 1, torch.device("cpu"), tokens)


def trained(tokens: int, reduction: str, kind: Any = "softmax", **how: Any) -> tuple[list[float], torch.Tensor]:
    side = how.get("side", ())
    beside = {name: SIDE_VALUES[name] for name in side}
    model = tagger(kind=kind, continued=how.get("label_on") == "continuation", side=beside)
    rows = [_with_side(row) for row in corpus([1, 7, 3, 2, 5, 6, 4, 3])]
    options = Finetune(batch=4, epochs=2, lr=1e-2)
    terms = [Term("task", TaskLoss(reduction=reduction), task)]  # type: ignore[arg-type]
    pieces = SubwordReader(Letters(), 32, **how).stretches(rows, NUMBERS)
    events = train_steps(model, terms, pieces, feed(model, tokens), options, 1, None)
    losses = [event.losses["task"] for event in events if event.kind == "step"]
    return losses, torch.cat([weight.detach().flatten() for weight in model.parameters()])


def _with_side(row: Tagged) -> Tagged:
    return replace(row, marked=len(row.words) // 2, upos=tuple("NOUN" if tag == "O" else "VERB" for tag in row.tags))


@pytest.mark.parametrize(
    ("reduction", "kind", "how"),
    [
        ("token_mean", "softmax", {}),
        ("sentence_mean", "softmax", {}),
        ("token_mean", "crf", {}),
        ("sentence_mean", "crf", {"side": ("pos", "predicate")}),
        ("token_mean", "softmax", {"label_on": "continuation", "side": ("predicate",)}),
    ],
)
def test_how_a_batch_is_cut_changes_nothing(reduction: str, kind: str, how: dict[str, Any]) -> None:
    whole, whole_weights = trained(100_000, reduction, kind, **how)
    cut, cut_weights = trained(24, reduction, kind, **how)
    assert cut == pytest.approx(whole, abs=1e-5)
    assert torch.allclose(cut_weights, whole_weights, atol=1e-5)


def test_the_same_seed_trains_the_same_bits() -> None:
    assert torch.equal(trained(64, "token_mean")[1], trained(64, "token_mean")[1])


def test_a_view_is_encoded_once_however_many_losses_read_it() -> None:
    model, rows = tagger(), corpus([3, 2])
    batch = collate(SubwordReader(Letters(), 32).stretches(rows, NUMBERS), 1)
    ctx = Context({View(): batch}, model.states, model.score, wanted={View(): ALL})
    ctx.hidden(View(), 1), ctx.hidden(View()), ctx.task_scores(View()), ctx.pooled(View(), 2, include_specials=True)
    assert ctx.passes == 1


@pytest.mark.parametrize("stack", [False, True])
def test_three_losses_over_two_views_cost_two_encodings_and_give_the_gradients_of_three_passes(
    stack: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xlt_core.engine.context.SMALL", 10_000 if stack else 0)
    rows = corpus([3, 2, 5])
    pieces = SubwordReader(Letters(), 32).stretches(rows, NUMBERS)
    masked = View().with_(Mask(rate=0.5).transform())
    options = Mlm(mask=Mask(rate=0.5))

    def pooled(ctx: Context, _: Any) -> tuple[torch.Tensor, torch.Tensor]:
        states = ctx.pooled(View(), 1, include_specials=True)
        return states.square().sum(), torch.tensor(float(len(states)))

    losses = [(task, TaskLoss()), (mlm, options), (pooled, None)]

    def gradients(chosen: Sequence[Any]) -> tuple[torch.Tensor, int]:
        model = tagger()
        wanted = {View(): frozenset({1, "last"}), masked: frozenset({"last"})}
        (ctx,) = Feed(model, wanted, 1, torch.device("cpu"))(pieces, 0)  # type: ignore[arg-type]
        sums = [work(ctx, given) for work, given in chosen]
        torch.stack([value / count for value, count in sums]).sum().backward()
        flat = [torch.zeros_like(w) if w.grad is None else w.grad for w in model.parameters()]
        return torch.cat([weight.flatten() for weight in flat]), ctx.passes

    together, passes = gradients(losses)
    apart = [gradients([loss]) for loss in losses]
    monkeypatch.setattr("xlt_core.engine.context.SMALL", 0 if stack else 10_000)
    other, _ = gradients(losses)
    torch.testing.assert_close(together, other, atol=1e-6, rtol=1e-5)
    assert passes == 2
    torch.testing.assert_close(together, sum(own for own, _ in apart), atol=1e-6, rtol=1e-5)


def test_the_task_loss_is_that_of_the_head() -> None:
    model = tagger(kind="crf")
    assert model.head is not None
    (ctx,) = feed(model)(SubwordReader(Letters(), 32).stretches(corpus([3, 2]), NUMBERS), 0)
    wanted, words = model.head.loss(ctx.task_scores(View()), ctx.labels(View()), "token_mean")
    for own in (ctx, ctx.fresh()):
        total, count = task(own, TaskLoss())
        assert torch.equal(total, wanted) and int(count) == int(words) == 5


def test_pooling_with_and_without_special_tokens() -> None:
    rows = [Tagged("0", "eng", ("ab",), ("O",))]
    batch = collate(SubwordReader(Letters(), 32).stretches(rows), 1)
    states = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [10.0, 0.0]]])
    ctx = Context({View(): batch}, lambda _batch, _layers: {0: states})
    assert ctx.pooled(View(), 0, include_specials=False).tolist() == [[4.0, 5.0]]
    assert ctx.pooled(View(), 0, include_specials=True).tolist() == [[4.75, 3.0]]


def test_sentence_mean_and_token_mean_of_the_spec() -> None:
    """Token losses [2.0] and [0.5, 0.5, 0.5]: sentence mean 1.25, token mean 0.875."""
    labels = torch.tensor([[0, IGNORED, IGNORED], [0, 0, 0]])
    wanted = torch.tensor([[2.0, 0.0, 0.0], [0.5, 0.5, 0.5]])
    logits = torch.stack([-torch.log(torch.expm1(wanted).clamp(min=1e-9)), torch.zeros_like(wanted)], dim=-1)
    batch = Batch(labels, labels, labels, ())
    for reduction, expected in (("sentence_mean", 1.25), ("token_mean", 0.875)):
        ctx = Context({View(): batch}, lambda _batch, _layers: {"last": logits}, head=lambda states, *_: states)
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


def test_frozen_weights_are_bit_equal_after_training() -> None:
    model, rows = tagger(), corpus([3, 2, 4, 5])
    shape = AdapterShape.of(model.backbone, reduction=2)
    model.languages["eng"] = LanguageAdapter("eng", shape, generator(0))
    model.task = TaskAdapter("ner", shape, generator(1))
    assert model.head is not None
    model.freeze_but(model.task, model.head)
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    pieces = SubwordReader(Letters(), 32).stretches(rows, NUMBERS)
    options = Finetune(batch=2, epochs=2, lr=1e-2)
    list(train_steps(model, [Term("task", TaskLoss(), task)], pieces, feed(model), options, 1, None))
    for name, weight in model.named_parameters():
        assert torch.equal(weight, before[name]) != weight.requires_grad, name


def test_only_what_was_trained_is_saved(tmp_path: Any) -> None:
    model = tagger()
    model.task = TaskAdapter("ner", AdapterShape.of(model.backbone, reduction=2), generator(1))
    assert model.head is not None
    model.freeze_but(model.task, model.head)
    folder = tmp_path / "out"
    folder.mkdir()
    model.save(folder)
    assert sorted(file.name for file in folder.iterdir()) == ["head.json", "head.safetensors", "task_adapter"]


def test_languages_with_parts_of_their_own_run_apart() -> None:
    model = tagger()
    shape = AdapterShape.of(model.backbone, reduction=2)
    rows = [Tagged(str(n), code, ("ab",), ("O",)) for n, code in enumerate(("eng", "vie", "eng", "vie"))]
    pieces = SubwordReader(Letters(), 32).stretches(rows, NUMBERS)
    assert len(feed(model)(pieces, 0)) == 1
    for code in ("eng", "vie"):
        model.languages[code] = LanguageAdapter(code, shape, generator(code))
    contexts = feed(model)(pieces, 0)
    assert [ctx.batches[View()].language for ctx in contexts] == ["eng", "vie"]
    apart = [model.states(ctx.batches[View()], ALL)["last"] for ctx in contexts]
    assert not torch.equal(apart[0], apart[1])


def test_masks_do_not_depend_on_how_a_batch_is_cut() -> None:
    model, rows = tagger(), corpus([3, 9, 2, 7])
    pieces = SubwordReader(Letters(), 64).stretches(rows)
    for fresh in (True, False):
        view = View().with_(Mask(rate=0.4, fresh=fresh).transform())
        seen = []
        for tokens in (16, 10_000):
            made = Feed(model, {view: frozenset({"last"})}, 1, torch.device("cpu"), tokens)(pieces, 3)
            seen.append({p.sentence: (p.ids, p.targets) for ctx in made for p in ctx.batches[view].pieces})
        assert seen[0] == seen[1]


def test_fresh_masks_change_and_static_ones_stay() -> None:
    model, rows = tagger(), corpus([9, 9])
    pieces = SubwordReader(Letters(), 64).stretches(rows)
    for fresh in (True, False):
        view = View().with_(Mask(rate=0.5, fresh=fresh).transform())
        make = Feed(model, {view: frozenset({"last"})}, 1, torch.device("cpu"))
        one, other = (make(pieces, step)[0].batches[view].ids.tolist() for step in (0, 1))
        assert (one != other) == fresh


def test_whole_sentences_have_one_label_and_pairs_fit() -> None:
    row = Tagged("0", "eng", ("abc", "de"), ("B-PER",), ("fgh",))
    reader = SentenceReader(Letters(), 9)
    (piece,) = reader.stretches([row], NUMBERS)
    assert len(piece.ids) <= 9 and piece.labels[0] == 1 and set(piece.labels[1:]) == {IGNORED}


def test_running_text_is_read_whole() -> None:
    reader = TextReader(Letters(), 6)
    pieces = reader.stretches(["abc defgh", "", "ij"], "eng")
    assert [piece.sentence for piece in pieces] == [0, 0, 2]
    assert "".join(chr(n) for piece in pieces for n in piece.ids[1:-1]) == "".join(
        chr(4 + ord(letter) % 20) for letter in "abcdefghij"
    )
    assert pieces[0].first_of == (-1, 0, -1, -1, 1, -1)


# what carries a label, and what is read beside it


@pytest.mark.parametrize(
    ("label_on", "inside"),
    [("first", (IGNORED, IGNORED)), ("all", (2, 2)), ("continuation", (3, 3))],
)
def test_which_pieces_of_a_word_carry_its_label(label_on: Any, inside: tuple[int, int]) -> None:
    row = Tagged("0", "eng", ("abc", "d"), ("B-PER", "I-PER"))
    (piece,) = SubwordReader(Letters(), 32, label_on=label_on).stretches([row], NUMBERS)
    assert piece.labels == (IGNORED, 1, *inside, 2, IGNORED)


def test_side_features_stand_at_every_piece_of_their_word() -> None:
    row = Tagged("0", "eng", ("abc", "d", "e"), ("O",) * 3, marked=1, upos=("NOUN", "CONJ", "_"))
    (piece,) = SubwordReader(Letters(), 32, side=("pos", "predicate")).stretches([row])
    noun, cconj = (1 + SIDE_VALUES["pos"].index(tag) for tag in ("NOUN", "CCONJ"))
    assert piece.side == ((0, noun, noun, noun, cconj, 0, 0), (0, 1, 1, 1, 2, 1, 0))
    short = replace(piece, ids=piece.ids[:3], side=tuple(own[:3] for own in piece.side), labels=())
    batch = collate([piece, short], 1).to(torch.device("cpu"))
    assert batch.side is not None and batch.side.shape == (2, 2, 7)
    assert batch.side[1].tolist() == [[0, noun, noun, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("row", "side", "said"),
    [
        (Tagged("s1", "eng", ("a",), ("O",)), "predicate", "s1 of eng: no word is marked as the predicate"),
        (Tagged("s1", "eng", ("a",), ("O",)), "pos", "it has 1 words and parts of speech of 0"),
        (Tagged("s1", "eng", ("a",), ("O",), upos=("NN",)), "pos", "NN is no universal part of speech"),
    ],
)
def test_data_without_a_side_feature_is_refused_with_what_to_type(row: Tagged, side: str, said: str) -> None:
    with pytest.raises(RunError, match=said) as caught:
        SubwordReader(Letters(), 32, side=(side,)).stretches([row])
    assert "--set training.side_features=" in str(caught.value)


def test_tags_that_are_no_labels_are_named() -> None:
    reader = SubwordReader(Letters(), 32)
    with pytest.raises(RunError, match="sentence 7 of eng: the tag B-DOG isn't one of the labels, O, B-PER"):
        reader.stretches([Tagged("7", "eng", ("a",), ("B-DOG",))], NUMBERS)
    with pytest.raises(RunError, match="it has 2 words and 1 tags"):
        reader.stretches([Tagged("7", "eng", ("a", "b"), ("O",))], NUMBERS)


# answers


@pytest.mark.parametrize("kind", ["softmax", "crf"])
def test_empty_sentences_have_no_tags_and_harm_no_others(kind: str) -> None:
    model, rows = tagger(kind=kind), corpus([0, 4, 0])
    tags = tag(model, SubwordReader(Letters(), 32), rows, torch.device("cpu"))
    assert [len(own) for own in tags] == [0, 4, 0]
    assert tag(model, SubwordReader(Letters(), 32), rows[1:2], torch.device("cpu")) == tags[1:2]
    assert tag(model, SubwordReader(Letters(), 32), rows[:1], torch.device("cpu")) == [()]


def test_words_that_were_cut_off_are_misses() -> None:
    rows = [Tagged("0", "eng", ("abc", "de", "fgh", "i"), ("B-PER",) * 4)]
    model, reader = tagger(), SubwordReader(Letters(), 8, truncate=True)
    assert model.head is not None
    with torch.no_grad():
        model.head.bias.copy_(torch.tensor([0.0, 9.0, 0.0]))
    assert tag(model, reader, rows, torch.device("cpu")) == [("B-PER", "B-PER", "O", "O")]
    model.add_head(("ADJ", "X"), 1)
    assert tag(model, reader, rows, torch.device("cpu"))[0][2:] == ("_", "_"), "no part of speech: never right"


def test_a_field_decodes_a_split_sentence_as_one_chain() -> None:
    model, rows = tagger(kind="crf"), corpus([14])
    assert isinstance(model.head, CrfHead) and isinstance(model.head.crf, Crf)
    with torch.no_grad():
        model.head.crf.step.copy_(torch.tensor([[0.0, 0.0, -9.0], [-9.0, -9.0, 9.0], [9.0, -9.0, -9.0]]))
    reader = SubwordReader(Letters(), 9)
    assert len(reader.stretches(rows)) > 3
    (tags,) = tag(model, reader, rows, torch.device("cpu"))
    (scores,) = word_scores(model, reader, rows, torch.device("cpu"))
    (best,) = model.head.crf.best(scores.unsqueeze(0), torch.ones(1, 14, dtype=torch.bool))
    assert tags == tuple(LABELS[n] for n in best)
    assert all(one == "B-PER" for one, two in pairwise(tags) if two == "I-PER")


def test_a_head_is_saved_and_answers_as_before(tmp_path: Any) -> None:
    side = {name: SIDE_VALUES[name] for name in ("pos", "predicate")}
    rows = [_with_side(row) for row in corpus([5, 3])]
    reader = SubwordReader(Letters(), 32, side=tuple(side))
    for kind, continued in (("crf", False), ("softmax", True)):
        model, other = (tagger(seed, kind=kind, continued=continued, side=side) for seed in (1, 2))
        assert model.head is not None and other.head is not None
        model.freeze_but(model.head)
        model.save(tmp_path)
        other.backbone = model.backbone
        scores = [word_scores(net, reader, rows, torch.device("cpu")) for net in (model, other)]
        assert not torch.equal(scores[0][0], scores[1][0])
        other.load_head(tmp_path)
        assert other.head.spec == model.head.spec
        again = word_scores(other, reader, rows, torch.device("cpu"))
        assert all(torch.equal(one, two) for one, two in zip(scores[0], again, strict=True))
        assert tags_of(other.head, again, [5, 3]) == tags_of(model.head, scores[0], [5, 3])


def test_answers_are_written_as_the_data_writes_them() -> None:
    model = tagger(scheme="bioes")
    assert model.head is not None
    said = [("S-PER", "S-PER", "O", "B-PER", "E-PER")]
    iob2 = [Tagged("0", "eng", tuple("abcde"), ("O", "O", "O", "B-PER", "I-PER"))]
    oi = [Tagged("0", "eng", tuple("abcde"), ("O", "O", "O", "I-PER", "I-PER"))]
    assert in_data_scheme(model.head, said, iob2) == [("B-PER", "B-PER", "O", "B-PER", "I-PER")]
    assert in_data_scheme(model.head, said, oi) == [("I-PER", "I-PER", "O", "I-PER", "I-PER")]


def test_what_is_frozen_runs_without_gradients_and_without_dropout() -> None:
    model, rows = tagger(), corpus([3, 2])
    for part in model.backbone.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.5
    batch = collate(SubwordReader(Letters(), 32).stretches(rows, NUMBERS), 1)
    assert model.head is not None
    for trained, gradients in ((model, True), (model.head, False)):
        model.freeze_but(trained)
        model.train()
        one, other = (model.states(batch, ALL)["last"] for _ in range(2))
        assert one.requires_grad == gradients
        assert torch.equal(one, other) != gradients
    model.answer(batch).sum().backward()
    assert model.head.weight.grad is not None


def test_half_precision_reads_the_weights_of_each_step() -> None:
    """Autocast keeps copies of weights for as long as it is entered: an update must enter it anew."""
    found = {}
    for precision in ("fp32", "bf16"):
        model = tagger()
        pieces = SubwordReader(Letters(), 32).stretches(corpus([1, 7, 3, 2]), NUMBERS)
        options, terms = Finetune(batch=4, epochs=6, lr=1e-2), [Term("task", TaskLoss(), task)]
        machine = Machine(precision=precision)
        events = train_steps(model, terms, pieces, feed(model), options, 1, None, machine=machine)
        found[precision] = [event.losses["task"] for event in events if event.kind == "step"]
    assert found["bf16"] == pytest.approx(found["fp32"], rel=0.05)
    assert found["fp32"][-1] < 0.8 * found["fp32"][0]

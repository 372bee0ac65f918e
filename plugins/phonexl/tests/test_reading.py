"""Words in several channels: what enters the encoder, what is masked and switched, and what each loss leaves alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from xlt_phonexl.dictionary import Dictionary, Translation
from xlt_phonexl.losses import Align, SwitchedMlm, SwitchedTask, WordMlm
from xlt_phonexl.minimising import Aligning, Predicting
from xlt_phonexl.switching import Switch

import xlt_core.engine.net
from plugins.phonexl.tests.small import Letters, contexts, making, net, pieces, row
from xlt_core.data.encode import Batch, Piece, WordReader, collate
from xlt_core.data.whole_words import drawn
from xlt_core.engine.channels import LanguageVectors
from xlt_core.engine.device import Machine
from xlt_core.engine.losses import task
from xlt_core.engine.net import Net
from xlt_core.engine.terms import group_of
from xlt_core.engine.update import Term, Update
from xlt_core.facts import Transform, View
from xlt_core.slots.losses import Mask, TaskLoss

MASK = Mask(rate=0.4, unit="word", replace="mask", fresh=False, draw="words")
ROWS = [row("ab c de f", "x yz w q", "A B C D", "0"), row("g hi", "v u", "B A", "1"), row("jk l m", "t s r", name="2")]
Known = Mapping[str, tuple[Translation, ...]]
ALL = {word: (Translation(word.upper() + "wor", "vie", (("phonemes", f"{word}k"),)),) for r in ROWS for word in r.words}


def switching(model: Net, rate: float, known: Known, **more: object) -> Switch:
    dictionary = Dictionary(known, str(more.pop("match", "word")))
    return Switch({"zho": dictionary}, {"rate": rate, **more}, (1, "switch"), model, 64)


def terms(model: Net, *names: str, weight: float = 0.1, **align: Any) -> list[Term]:
    found = [Term("task", TaskLoss(), task)]
    options = {"align": Align(weight=weight, **align), "mlm": WordMlm(weight=weight, mask=MASK),
               "xmlm": SwitchedMlm(weight=weight, mask=MASK, rate=1.0)}  # fmt: skip
    for name in names:
        own = options[name]
        owner = Aligning(own, making(model)) if isinstance(own, Align) else Predicting(own, making(model))
        model.owned[name] = owner
        found.append(Term(name, own, lambda ctx, _, owner=owner: owner(ctx)))  # type: ignore[misc]
    return found


def views(names: Sequence[Term]) -> list[View]:
    return [View(), *(term.options.copied for term in names if isinstance(term.options, WordMlm))]


def first_row(batch: Batch) -> Piece:
    return next(piece for piece in batch.pieces if piece.sentence == 0)


def learnt(*names: str, weight: float = 0.1, tokens: int = 8192, known: Known = ALL, **align: Any) -> tuple[Net, int]:
    """A net with the gradients of one update, and how often it encoded."""
    model = net()
    found = terms(model, *names, weight=weight, **align)
    changes = {
        step: switching(model, 1.0, known) for view in views(found) for step in view.transforms if step.name == "switch"
    }
    cuts = contexts(model, ROWS, *views(found), changes=changes, tokens=tokens, group=group_of(found))
    Update(model, found, Machine(), 1)(cuts, 1)
    return model, sum(ctx.passes for ctx in cuts)


def gradients(model: Net) -> dict[str, torch.Tensor]:
    named = model.named_parameters()
    return {name: w.grad for name, w in named if w.grad is not None and not name.startswith("owned")}


def test_units_are_sums_of_streams_and_language() -> None:
    model = net()
    batch = collate(pieces(model, ROWS), 0)
    assert model.language_ids is not None
    wanted = model.vectors(batch) + model.vectors(batch, "phonemes") + model.language_ids.rows["zho"]
    torch.testing.assert_close(model.summed(batch)[batch.attention.bool()], wanted[batch.attention.bool()])
    phonemes = model.tables.rows["shared:phonemes"]
    torch.testing.assert_close(model.vectors(batch, "phonemes")[0, 2], phonemes[[29, 30]].mean(0))
    torch.testing.assert_close(model.vectors(batch, "phonemes")[0, 0], phonemes[3])


def test_without_phonemes_and_language_it_is_the_pooled_backbone_bit_for_bit() -> None:
    model = net(phonemes=False, languages=False).eval()
    labels = {label: n for n, label in enumerate(model.labels)}
    plain = WordReader(Letters(), 64).stretches(ROWS, labels)
    one, other = (model.answer(collate(own, 0)) for own in (pieces(model, ROWS), plain))
    assert torch.equal(one, other)


def test_with_empty_tables_it_answers_as_the_backbone_does() -> None:
    model, bare = net().eval(), net(phonemes=False, languages=False).eval()
    bare.load_state_dict(model.state_dict(), strict=False)
    with torch.no_grad():
        for weight in (*model.tables.rows.values(), *model.language_ids.rows.values()):  # type: ignore[union-attr]
            weight.zero_()
    batch, plain = collate(pieces(model, ROWS), 0), collate(pieces(bare, ROWS), 0)
    torch.testing.assert_close(model.answer(batch), bare.answer(plain), atol=1e-6, rtol=0)


@given(st.permutations([0, 1, 2]), st.integers(1, 3))
def test_padding_order_and_company_change_no_answer(order: list[int], count: int) -> None:
    model = net().eval()
    own = pieces(model, ROWS)
    batch = collate([own[n] for n in order[:count]], 0)
    for answer, n in zip(model.answer(batch), order, strict=False):
        alone = model.answer(collate([own[n]], 0))[0]
        torch.testing.assert_close(answer[: len(alone)], alone, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("words", "sounds"), [("a b c d e f", "xyz xyz xyz xyz xyz xyz"), ("abc " * 6, "x " * 6)])
def test_long_sentences_are_split_at_words_on_either_stream(words: str, sounds: str) -> None:
    found = pieces(net(), [row(words, sounds)], length=8)
    assert [piece.first_of[piece.words] for piece in found] == [(0, 1), (2, 3), (4, 5)]
    assert all(len(piece.ids) <= 8 and len(piece.streams[0].ids) <= 8 for piece in found)
    assert [len(piece.labels) for piece in found] == [4, 4, 4]


def test_a_language_that_was_never_trained_borrows_the_sources_vector() -> None:
    model = net().eval()
    vectors = model.language_ids
    assert isinstance(vectors, LanguageVectors)
    vietnamese = collate(pieces(model, [row("ab", "x", language="vie")]), 0)
    assert vectors.borrows("vie") and torch.equal(vectors(vietnamese)[0, 0], vectors.rows["zho"])
    with torch.no_grad():
        vectors.rows["vie"].add_(1.0)
    assert not vectors.borrows("vie") and torch.equal(vectors(vietnamese)[0, 0], vectors.rows["vie"])
    vectors.at_test = "source"
    assert torch.equal(vectors(vietnamese)[0, 0], vectors.rows["zho"])


def test_masked_words_lose_their_spelling_and_keep_their_sound() -> None:
    model = net().eval()
    view = WordMlm(mask=MASK).copied
    (ctx,) = contexts(model, ROWS, view, View())
    masked, plain = ctx.batches[view], ctx.batches[View()]
    assert masked.hidden is not None
    for piece, before in zip(masked.pieces, plain.pieces, strict=True):
        units = {unit for unit, _ in piece.hidden}
        changed = [
            now if unit in units else was for now, was, unit in zip(piece.ids, before.ids, piece.unit_of, strict=True)
        ]
        assert units and piece.ids == tuple(changed) and piece.streams == before.streams
        assert {n for n, unit in zip(piece.ids, piece.unit_of, strict=True) if unit in units} == {Letters.mask_token_id}


def test_a_masked_word_is_predicted_from_its_own_phonemes() -> None:
    model = net().eval()
    view = WordMlm(mask=MASK).copied
    (ctx,) = contexts(model, [row("ab c de", "x yz w")], view)
    (unit,) = {unit for unit, _ in ctx.batches[view].pieces[0].hidden}
    sounds = ["x", "yz", "w"]
    for other in range(3):
        heard = [sound if n != other else "q" for n, sound in enumerate(sounds)]
        (changed,) = contexts(model, [row("ab c de", " ".join(heard))], view)
        same = torch.equal(model.summed(ctx.batches[view])[0, unit], model.summed(changed.batches[view])[0, unit])
        assert same == (other != unit - 1)
        assert not torch.allclose(ctx.fresh().hidden_words(view).states, changed.hidden_words(view).states)


@pytest.mark.parametrize(("words", "rate", "share"), [(25, 0.2, 0.2002), (5, 0.05, 0.2048)])
def test_the_masked_share(words: int, rate: float, share: float) -> None:
    draw = torch.Generator().manual_seed(0)
    found = [len(drawn(range(words), rate, draw)) for _ in range(20_000)]
    assert sum(found) / len(found) / words == pytest.approx(share, abs=0.01) and min(found) >= 1


def test_every_word_is_switched_or_none() -> None:
    model = net()
    own = pieces(model, ROWS)
    changed = [switching(model, 1.0, ALL)(piece, 1) for piece in own]
    assert all(set(piece.spoken[piece.words]) == {"vie"} and piece.spoken[0] == "zho" for piece in changed)
    assert [len(piece.first_of) for piece in changed] == [len(piece.first_of) for piece in own]
    assert [piece.labels for piece in changed] == [piece.labels for piece in own]
    assert all(one.ids != other.ids and one.streams != other.streams for one, other in zip(changed, own, strict=True))
    assert [switching(model, 0.0, ALL)(piece, 1) for piece in own] == own


def test_the_switched_copy_hides_the_same_words_and_without_switching_is_the_masked_one() -> None:
    model = net()
    copies = [WordMlm(mask=MASK).copied, SwitchedMlm(mask=MASK).copied]
    step = copies[1].transforms[0]
    for rate in (0.0, 1.0):
        (ctx,) = contexts(model, ROWS, *copies, changes={step: switching(model, rate, ALL)})
        masked, switched = (ctx.batches[view].pieces for view in copies)
        assert [{unit for unit, _ in p.hidden} for p in masked] == [{unit for unit, _ in p.hidden} for p in switched]
        assert (masked == switched) == (rate == 0.0)


def test_how_often_words_are_switched() -> None:
    model = net()
    known = {"a": (Translation("zz", "vie", (("phonemes", "k"),)),)}
    rows = [row("a b c d " * 5, "x x x x " * 5, name=str(n)) for n in range(400)]
    own = pieces(model, rows)
    switch = switching(model, 0.4, known)
    changed = [switch(piece, 1) for piece in own]
    share = sum(p.spoken.count("vie") for p in changed) / sum(len(p.first_of) - 2 for p in own)
    assert Dictionary(known).coverage([r.words for r in rows]) == 0.25 and share == pytest.approx(0.1, abs=0.01)
    assert changed == [switching(model, 0.4, known)(piece, 9) for piece in own]
    assert changed != [switching(model, 0.4, known, fresh=True)(piece, 9) for piece in own]


def test_runs_of_words_are_matched_where_that_is_asked_for() -> None:
    model = net()
    known = {"abc": (Translation("zz", "vie", (("phonemes", "k"),)),)}
    (piece,) = pieces(model, [row("ab c de f", "x yz w q", "A B C D")])
    assert switching(model, 1.0, known)(piece, 1) == piece
    changed = switching(model, 1.0, known, match="span")(piece, 1)
    assert changed.first_of[changed.words] == (0, 2, 3) and changed.labels[changed.words] == (0, 2, 3)


def test_a_switched_place_can_be_asked_for_the_word_that_stood_there() -> None:
    model = net()
    view = SwitchedMlm(mask=Mask(rate=0.99, unit="word", replace="mask", fresh=False), predicts="source").copied
    step = view.transforms[0]
    (ctx,) = contexts(model, ROWS, view, changes={step: switching(model, 1.0, ALL, predicts="source")})
    assert [chr(92 + number) for _, number in first_row(ctx.batches[view]).hidden] == list("abcdef")


def test_what_no_longer_fits_is_cut_from_the_copy_alone() -> None:
    model = net()
    (piece,) = pieces(model, [row("a b c", "x y z", "A B C")], length=64)
    long = {word: (Translation("zzzzzz", "vie", (("phonemes", "k"),)),) for word in "abc"}
    changed = Switch({"zho": Dictionary(long)}, {"rate": 1.0}, (1, ""), model, 16)(piece, 1)
    assert len(changed.first_of) == 4 and changed.labels == (-100, 0, 1, -100)


def test_one_encoding_without_the_losses_and_one_more_for_each_view() -> None:
    assert [learnt(*names)[1] for names in ((), ("align",), ("mlm",), ("align", "mlm", "xmlm"))] == [1, 1, 2, 3]


@pytest.mark.parametrize("name", ["align", "mlm", "xmlm"])
def test_a_weight_of_nothing_is_no_loss(name: str) -> None:
    one, other = (gradients(learnt(*names, weight=0.0)[0]) for names in ((), (name,)))
    for weight, gradient in other.items():
        torch.testing.assert_close(gradient, one.get(weight, torch.zeros_like(gradient)), atol=1e-7, rtol=0)


@pytest.mark.parametrize("negatives", ["sentence", "batch"])
def test_cuts_change_no_gradient(negatives: str) -> None:
    one, other = (
        gradients(learnt("align", "mlm", "xmlm", tokens=tokens, negatives=negatives)[0]) for tokens in (8192, 12)
    )
    assert one.keys() == other.keys()
    for name, gradient in one.items():
        torch.testing.assert_close(gradient, other[name], atol=1e-6, rtol=1e-4)


def test_a_target_learns_its_language_only_where_words_are_switched() -> None:
    none = {"zz": ALL["ab"]}
    for names, known, learns in ((("align", "mlm"), ALL, False), (("xmlm",), none, False), (("xmlm",), ALL, True)):
        vectors = learnt(*names, known=known)[0].language_ids
        assert vectors is not None and (vectors.rows["vie"].grad is not None) == learns
        assert vectors.rows["zho"].grad is not None and bool(vectors.rows["zho"].grad.any())


def test_the_same_seed_gives_the_same_losses_and_another_one_others() -> None:
    one, again, other = (said(seed) for seed in (1, 1, 2))
    assert one == again and one["task"] == other["task"]
    assert all(one[name] != other[name] for name in ("mlm", "xmlm"))


def said(seed: int) -> dict[str, float]:
    """The losses of one update whose masks and switches are drawn by a seed."""
    model = net()
    found = terms(model, "align", "mlm", "xmlm")
    steps = [step for view in views(found) for step in view.transforms if step.name == "switch"]
    switch = Switch({"zho": Dictionary(ALL)}, {"rate": 0.5}, (seed, "switch"), model, 64)
    cuts = contexts(model, ROWS, *views(found), seed=seed, changes=dict.fromkeys(steps, switch))
    return Update(model, found, Machine(), 1)(cuts, 1)


def test_the_task_reads_the_same_phonemes_whatever_else_is_learnt() -> None:
    model = net()
    read = []
    for names in ((), ("align",), ("mlm",), ("xmlm",)):
        found = terms(model, *names)
        changes = {
            step: switching(model, 1.0, ALL) for v in views(found) for step in v.transforms if step.name == "switch"
        }
        (ctx,) = contexts(model, ROWS, *views(found), changes=changes)
        read.append(ctx.batches[View()].streams["phonemes"][0])
    assert all(torch.equal(read[0], other) for other in read) and int(read[0].max()) > 5


def test_the_task_can_be_learnt_on_a_switched_copy() -> None:
    model, loss = net(), SwitchedTask(rate=1.0)
    (step,) = loss.copied.transforms
    assert isinstance(step, Transform) and step.name == "switch"
    (ctx,) = contexts(model, ROWS, loss.copied, changes={step: switching(model, 1.0, ALL)})
    assert first_row(ctx.batches[loss.copied]).labels[1:5] == (0, 1, 2, 3)


def test_every_tables_gradient_is_what_looking_up_row_by_row_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """All losses and several cuts; with torch's own lookup in the place of the one that remembers rows."""
    found = [gradients(learnt("align", "mlm", "xmlm", tokens=tokens)[0]) for tokens in (8192, 12)]
    own = torch.nn.functional.embedding
    monkeypatch.setattr(xlt_core.engine.net, "looked_up", lambda words, ids: own(ids, getattr(words, "weight", words)))
    for gradient, tokens in zip(found, (8192, 12), strict=True):
        usual = gradients(learnt("align", "mlm", "xmlm", tokens=tokens)[0])
        assert gradient.keys() == usual.keys() and not any(grad.is_sparse for grad in gradient.values())
        for name, grad in gradient.items():
            torch.testing.assert_close(grad, usual[name], atol=1e-6, rtol=1e-5)

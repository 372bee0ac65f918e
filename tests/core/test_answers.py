"""What a trained model answers: a tag for every word, as the data writes it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch

from tests.core.letters import LABELS, Letters, corpus, tagger, with_side
from xlt_core.data.encode import (
    SIDE_VALUES,
    SubwordReader,
)
from xlt_core.data.records import Tagged
from xlt_core.engine.predict import in_data_scheme, tag, tags_of, word_scores
from xlt_core.model.crf import Crf
from xlt_core.model.heads import CrfHead


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
    rows = [with_side(row) for row in corpus([5, 3])]
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

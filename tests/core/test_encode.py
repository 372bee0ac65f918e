"""Words into pieces: stretches, labels, what is read beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.core.letters import NUMBERS, Letters, corpus
from xlt_core.data.encode import (
    IGNORED,
    SIDE_VALUES,
    Piece,
    SentenceReader,
    SubwordReader,
    TextReader,
    collate,
)
from xlt_core.data.records import Tagged
from xlt_core.errors import RunError


@given(st.lists(st.integers(1, 12), min_size=1, max_size=9), st.integers(8, 40))
def test_every_word_is_in_exactly_one_stretch(lengths: list[int], room: int) -> None:
    rows = corpus(lengths)
    reader = SubwordReader(Letters(), room)
    pieces = reader.stretches(rows)
    found = [(piece.sentence, word) for piece in pieces for word in piece.first_of if word >= 0]
    assert found == [(n, word) for n, row in enumerate(rows) for word in range(len(row.words))]
    assert all(len(piece.ids) <= room for piece in pieces)


def test_a_piece_knows_where_its_words_stand() -> None:
    (piece,) = SubwordReader(Letters(), 32).stretches([Tagged("0", "eng", ("ab", "c"), ("O", "O"))])
    assert isinstance(piece, Piece)
    assert piece.first_of == (-1, 0, -1, 1, -1) and piece.words == slice(1, 4)


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


@pytest.mark.parametrize(
    ("label_on", "inside"),
    [("first", (IGNORED, IGNORED)), ("all", (1, 1)), ("continuation", (3, 3))],
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

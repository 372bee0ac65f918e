"""Inference pairs of the mini world."""

from __future__ import annotations

from collections import Counter

import pytest

from xlt_core.mini.inference import pairs
from xlt_core.mini.meaning import Split


def test_answers_are_even_and_pairs_differ() -> None:
    rows = pairs("eng", "train", 300)
    assert Counter(row.answer for row in rows) == {"entailment": 100, "neutral": 100, "contradiction": 100}
    assert len({row.id for row in rows}) == 300
    assert all(row.premise.text != row.hypothesis.text for row in rows)


def test_the_premise_alone_gives_no_answer_away() -> None:
    """Over the kinds of premise the three answers are even, so that a kind says nothing."""
    rows = pairs("eng", "train", 1200)
    for mark in ("but", "at the hotel"):
        own = Counter(row.answer for row in rows if mark in row.premise.text)
        assert min(own.values()) > 0.6 * max(own.values()), (mark, own)


def test_pairs_are_in_step_over_languages() -> None:
    one, other = pairs("eng", "test", 60), pairs("swh", "test", 60)
    assert [(row.id, row.answer) for row in one] == [(row.id, row.answer) for row in other]


def test_no_sentence_is_in_two_splits() -> None:
    homes: dict[str, Split] = {}
    splits: tuple[Split, ...] = ("train", "dev", "test")
    for split in splits:
        for row in pairs("eng", split, 200):
            for sentence in (row.premise, row.hypothesis):
                assert homes.setdefault(sentence.id, split) == split


@pytest.mark.parametrize(
    ("premise", "hypothesis", "answer"),
    [("hated", "hated", "entailment"), ("opened", "closed", "contradiction"), ("closed", "opened", "contradiction")],
)
def test_answers_are_those_a_reader_gives(premise: str, hypothesis: str, answer: str) -> None:
    met = [r for r in pairs("eng", "train", 900) if premise in r.premise.words and hypothesis in r.hypothesis.words]
    if premise == hypothesis:
        met = [row for row in met if set(row.hypothesis.words) < set(row.premise.words)]
    assert met
    assert {row.answer for row in met} == {answer}

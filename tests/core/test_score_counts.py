"""Counts per sentence: any sums of them give what the plain measure, seqeval and scikit-learn give of the sentences."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score as seqeval_f1
from sklearn.metrics import accuracy_score
from sklearn.metrics import f1_score as sklearn_f1

from xlt_core.engine.score import has_counts, measure, measure_spans, sentence_counts

TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG"]
BARE = ["NOUN", "VERB", "O", "B-PER", "I-PER"]
Corpus = list[list[tuple[str, str]]]


def corpora(tags: list[str]) -> st.SearchStrategy[Corpus]:
    sentence = st.lists(st.tuples(st.sampled_from(tags), st.sampled_from(tags)), max_size=9)
    return st.lists(sentence, min_size=1, max_size=6)


def sides(corpus: Corpus) -> tuple[list[list[str]], list[list[str]]]:
    return [[one for one, _ in row] for row in corpus], [[other for _, other in row] for row in corpus]


@pytest.mark.parametrize("name", ["span_f1", "seqeval_f1", "accuracy", "macro_f1"])
@given(data=st.data())
def test_sums_over_any_sentences_give_the_plain_measure_of_them(name: str, data: st.DataObject) -> None:
    """The bootstrap by brute force: sentences repeated and left out."""
    corpus = data.draw(corpora(TAGS if name == "span_f1" else BARE))
    often = data.draw(st.lists(st.integers(0, 3), min_size=len(corpus), max_size=len(corpus)))
    counted = sentence_counts(name, *sides(corpus))
    drawn = [row for row, times in zip(corpus, often, strict=True) for _ in range(times)]
    expected = measure(name, *sides(drawn))[name] if any(drawn) else 0.0
    assert float(counted.value(np.tensordot(often, counted.table, 1))) == pytest.approx(expected)
    assert float(counted.value()) == pytest.approx(measure(name, *sides(corpus))[name] if any(corpus) else 0.0)


@given(corpora(TAGS), st.booleans())
def test_values_beside_f1(corpus: Corpus, strict: bool) -> None:
    for name, expected in measure_spans(*sides(corpus), strict=strict).items():
        counted = sentence_counts("span_f1", *sides(corpus), value=name, strict=strict)
        assert float(counted.value()) == pytest.approx(expected), name


@given(corpora(TAGS))
def test_spans_are_seqevals(corpus: Corpus) -> None:
    gold, said = sides(corpus)
    expected = 100 * float(seqeval_f1(gold, said, zero_division=0))
    assert float(sentence_counts("span_f1", gold, said).value()) == pytest.approx(expected)


@given(corpora([*BARE, "X"]).filter(any))
def test_seqevals_own_answer_is_that_of_its_counts(corpus: Corpus) -> None:
    """Of X too, which seqeval reads otherwise after another sentence than alone."""
    assert float(sentence_counts("seqeval_f1", *sides(corpus)).value()) == pytest.approx(
        measure("seqeval_f1", *sides(corpus))["seqeval_f1"]
    )


@given(corpora(BARE).filter(any))
def test_words_are_scikit_learns(corpus: Corpus) -> None:
    gold, said = sides(corpus)
    flat = [[tag for row in side for tag in row] for side in (gold, said)]
    assert float(sentence_counts("accuracy", gold, said).value()) == pytest.approx(100 * accuracy_score(*flat))
    expected = 100 * sklearn_f1(*flat, average="macro", zero_division=0)
    assert float(sentence_counts("macro_f1", gold, said).value()) == pytest.approx(expected)


def test_many_sums_at_once() -> None:
    gold, said = [["B-PER"], ["B-LOC"], ["O"]], [["B-PER"], ["O"], ["B-LOC"]]
    counted = sentence_counts("span_f1", gold, said)
    assert counted.table.tolist() == [[[1, 1, 1]], [[0, 1, 0]], [[0, 0, 1]]]
    sums = np.tensordot([[1, 0, 0], [1, 1, 1], [0, 1, 1]], counted.table, 1)
    assert counted.value(sums).tolist() == [100.0, 50.0, 0.0]


def test_only_values_that_are_counted_are_claimed() -> None:
    assert has_counts("span_f1", "span_f1:PER") and has_counts("macro_f1", "macro_f1")
    assert not has_counts("accuracy", "precision") and not has_counts("acme.measure", "acme.measure")
    with pytest.raises(KeyError, match="accuracy has no counts for precision"):
        sentence_counts("accuracy", [["X"]], [["X"]], value="precision")


def test_counting_does_without_torch() -> None:
    code = "import sys, xlt_core.engine.score; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"

"""The core's measures against seqeval, scikit-learn's definitions, and cases worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score as seqeval_f1

from xlt_core.engine.score import measure_accuracy, measure_macro_f1, measure_seqeval_f1, measure_spans, spans

TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG"]
sentence = st.lists(st.tuples(st.sampled_from(TAGS), st.sampled_from(TAGS)), min_size=1, max_size=12)


@given(st.lists(sentence, min_size=1, max_size=6))
def test_span_f1_is_seqevals(corpus: list[list[tuple[str, str]]]) -> None:
    gold = [[pair[0] for pair in row] for row in corpus]
    said = [[pair[1] for pair in row] for row in corpus]
    expected = 100 * seqeval_f1(gold, said, zero_division=0)
    assert measure_spans(gold, said)["span_f1"] == pytest.approx(float(expected))


@given(st.lists(st.sampled_from(TAGS), max_size=12))
def test_strict_spans_are_among_the_lenient_ones(tags: list[str]) -> None:
    begun = {place for place, tag in enumerate(tags) if tag.startswith("B-")}
    strict = spans(tags, strict=True)
    assert strict <= spans(tags) and {start for start, *_ in strict} == begun


def test_span_f1_by_hand() -> None:
    gold = [["B-PER", "I-PER", "O", "B-LOC"], ["O", "B-ORG"]]
    said = [["B-PER", "I-PER", "O", "B-ORG"], ["O", "B-ORG"]]
    scores = measure_spans(gold, said)
    assert scores["span_f1"] == pytest.approx(200 * 2 / 6)
    assert (scores["span_f1:PER"], scores["span_f1:LOC"]) == (100.0, 0.0)


def test_nothing_to_find_and_nothing_found_is_zero() -> None:
    assert measure_spans([["O"]], [["O"]])["span_f1"] == 0.0


def test_accuracy_and_macro_f1_by_hand() -> None:
    gold = [["DET", "NOUN", "NOUN", "VERB", "CCONJ", "SCONJ", "PUNCT"]]
    said = [["DET", "NOUN", "ADJ", "VERB", "SCONJ", "SCONJ", "PUNCT"]]
    assert measure_accuracy(gold, said)["accuracy"] == pytest.approx(71.43, abs=0.01)
    assert measure_macro_f1(gold, said)["macro_f1"] == pytest.approx(61.90, abs=0.01)


def test_seqeval_f1_of_bare_tags_as_the_papers_report_it() -> None:
    """The spec's figures: 1/3 and .40, where accuracy is .75."""
    measured = measure_seqeval_f1([["NOUN", "NOUN", "VERB", "PUNCT"]], [["NOUN", "VERB", "VERB", "PUNCT"]])
    assert measured["seqeval_f1"] == pytest.approx(100 / 3)
    measured = measure_seqeval_f1([["NOUN", "NOUN", "NOUN", "VERB"]], [["NOUN", "NOUN", "ADJ", "VERB"]])
    assert measured["seqeval_f1"] == pytest.approx(40)

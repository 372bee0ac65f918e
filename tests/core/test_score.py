"""The core's measures against seqeval, scikit-learn's definitions, and cases worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score as seqeval_f1
from seqeval.scheme import IOB2, IOBES

from xlt_core.data.schemes import to_scheme
from xlt_core.engine.score import (
    measure,
    measure_accuracy,
    measure_macro_f1,
    measure_seqeval_f1,
    measure_spans,
    sentence_counts,
    spans,
)

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


def test_a_span_may_begin_with_an_inside_tag() -> None:
    gold, said = [["B-LOC", "I-LOC", "O", "B-PER"]], [["B-LOC", "I-LOC", "O", "I-PER"]]
    assert measure_spans(gold, said)["span_f1"] == 100.0 and measure_spans(gold, said, strict=True)["span_f1"] < 100.0


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


BIOES = ["O", *(f"{edge}-{kind}" for edge in "BIES" for kind in ("PER", "LOC"))]
in_bioes = st.lists(st.tuples(st.sampled_from(BIOES), st.sampled_from(BIOES)), min_size=1, max_size=8)


@pytest.mark.parametrize(("scheme", "rows"), [(IOB2, sentence), (IOBES, in_bioes)])
@given(data=st.data())
def test_strict_spans_are_seqevals_strict_ones(scheme: type, rows: object, data: st.DataObject) -> None:
    """In IOB2 and in BIOES, whatever was predicted; the gold tags are such as the scheme allows."""
    corpus = data.draw(st.lists(rows, min_size=1, max_size=4))  # type: ignore[arg-type]
    said = [[pair[1] for pair in row] for row in corpus]
    gold = [list(_legal([pair[0] for pair in row], "bioes" if scheme is IOBES else "iob2")) for row in corpus]
    if scheme is IOBES:
        gold.append(["S-PER"])
        said.append(["S-PER"])
    expected = 100 * float(seqeval_f1(gold, said, mode="strict", scheme=scheme, zero_division=0))
    assert measure_spans(gold, said, strict=True)["span_f1"] == pytest.approx(expected)
    assert float(sentence_counts("span_f1", gold, said, strict=True).value()) == pytest.approx(expected)


def _legal(tags: list[str], scheme: str) -> tuple[str, ...]:
    """Tags that say the same spans, as the scheme writes them."""
    begun = ["O" if tag == "O" else f"{'B' if tag[0] in 'BS' else 'I'}-{tag[2:]}" for tag in tags]
    follows = zip(["O", *begun], begun, strict=False)
    mended = [f"B-{tag[2:]}" if tag[0] == "I" and before[2:] != tag[2:] else tag for before, tag in follows]
    return to_scheme(mended, scheme)  # type: ignore[arg-type]


def test_in_io_no_span_is_broken() -> None:
    gold, said = [["I-A0", "I-A0", "O", "I-A1"]], [["I-A0", "I-A0", "O", "O"]]
    assert measure_spans(gold, said, strict=True) == measure_spans(gold, said)
    assert measure_spans(gold, said)["recall"] == 50.0


def test_words_of_which_the_data_say_nothing_are_not_scored() -> None:
    gold, said = [["NOUN", "_", "VERB"]], [["NOUN", "ADJ", "ADJ"]]
    assert measure("accuracy", gold, said)["accuracy"] == 50.0
    for name in ("accuracy", "macro_f1"):
        assert float(sentence_counts(name, gold, said).value()) == measure(name, gold, said)[name]
    assert measure("macro_f1", gold, said) == measure("macro_f1", [["NOUN", "VERB"]], [["NOUN", "ADJ"]])

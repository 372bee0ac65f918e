"""Labels along links: the sheet's nine cases, its tables of choices, and what no projection may ever do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xlt_mtlws.bitext import SpanToSpan, WordToWord
from xlt_mtlws.images import Link
from xlt_mtlws.projecting import Report, by_span, by_word, sentence_label, word_labels

from xlt_core.data.records import Tagged
from xlt_core.data.schemes import Scheme, Span, spans_of, written

DROPPED = "the sentence is left out"


def read(text: str) -> list[Link]:
    return [(int(one), int(other)) for one, _, other in (link.partition("-") for link in text.split())]


def row_of(tags: str, **more: Any) -> Tagged:
    words = tuple(f"s{at}" for at in range(len(tags.split())))
    return Tagged("1", "eng", words, tuple(tags.split()), **more)


def words(length: int) -> list[str]:
    return [f"t{at}" for at in range(length)]


def spanwise(
    tags: str, links: str, length: int, scheme: Scheme = "bioes", report: Report | None = None, **options: Any
) -> str:
    row = by_span(row_of(tags), words(length), read(links), report or Report(), SpanToSpan(**options), scheme)
    return DROPPED if row is None else " ".join(row.tags)


def wordwise(tags: str, links: str, length: int, scheme: Scheme = "bioes", **options: Any) -> str:
    row = by_word(row_of(tags), words(length), read(links), Report(), WordToWord(**options), scheme)
    return DROPPED if row is None else " ".join(row.tags)


CASES = [
    ("B-PER E-PER O S-LOC", "0-0 1-1 2-2 3-3", 4, "B-PER E-PER O S-LOC", None, "B-PER E-PER O S-LOC"),
    ("B-ORG E-ORG O", "0-1 1-0 2-2", 3, "B-ORG E-ORG O", None, "E-ORG B-ORG O"),
    ("B-ORG I-ORG E-ORG O", "0-0 2-2 3-3", 4, "B-ORG I-ORG E-ORG O", None, "B-ORG O E-ORG O"),
    ("S-PER O S-LOC", "1-0 2-1", 2, DROPPED, "O S-LOC", "O S-LOC"),
    ("S-PER O S-LOC", "0-0 0-3 1-1 2-2", 4, DROPPED, "O O S-LOC O", "S-PER O S-LOC S-PER"),
    ("B-PER E-PER O", "0-0 1-0 2-1", 2, "S-PER O", None, "B-PER O"),
    ("S-LOC O", "0-0 0-2 1-1", 3, "B-LOC I-LOC E-LOC", None, "S-LOC O S-LOC"),
    ("S-PER S-LOC", "0-0 1-0", 1, DROPPED, "S-PER", "S-PER"),
    ("S-PER S-PER O", "0-1 1-0 2-2", 3, "S-PER S-PER O", None, "S-PER S-PER O"),
]


@pytest.mark.parametrize(("tags", "links", "length", "spans", "kept", "by_words"), CASES)
def test_the_sheets_nine_cases(tags: str, links: str, length: int, spans: str, kept: str | None, by_words: str) -> None:
    """11.1: span to span, the same with `lost: drop_span` where that differs, and word to word."""
    assert spanwise(tags, links, length) == spans
    assert spanwise(tags, links, length, lost="drop_span") == (kept or spans)
    assert wordwise(tags, links, length) == by_words


@pytest.mark.parametrize(
    ("overlap", "expected"),
    [
        ("narrowest", "O O S-LOC O"),
        ("source_order", "B-PER I-PER I-PER E-PER"),
        ("overwrite", "B-PER E-PER S-LOC S-PER"),
        ("drop_sentence", DROPPED),
    ],
)
def test_two_images_that_overlap(overlap: str, expected: str) -> None:
    """Case 5: PER covers 0 to 3, LOC word 2."""
    assert spanwise("S-PER O S-LOC", "0-0 0-3 1-1 2-2", 4, lost="drop_span", overlap=overlap) == expected


def test_what_is_wholly_overwritten_is_lost() -> None:
    report = Report()
    told = spanwise("S-PER S-LOC", "0-0 1-0 1-1", 2, lost="drop_span", overlap="overwrite", report=report)
    assert told == "B-LOC E-LOC"
    assert report.as_data()["spans_lost"] == {"overlap": 1}
    assert spanwise("S-PER S-LOC", "0-0 1-0 1-1", 2, overlap="overwrite") == DROPPED


def test_ties_of_growth_go_to_the_earlier_span() -> None:
    assert spanwise("S-PER S-LOC", "0-0 0-1 1-1 1-2", 3, lost="drop_span") == "B-PER E-PER O"


def test_an_absurdly_wide_image_counts_as_lost() -> None:
    assert spanwise("S-PER O", "0-0 0-5", 6, max_width=(2.0, 3.0)) == DROPPED
    assert spanwise("S-PER O", "0-0 0-5", 6, max_width=(2.0, 3.0), lost="drop_span") == "O O O O O O"
    assert spanwise("S-PER O", "0-0 0-4", 6, max_width=(2.0, 3.0)) == "B-PER I-PER I-PER I-PER E-PER O"


def test_touching_spans_of_one_type_stay_apart() -> None:
    assert spanwise("B-PER E-PER B-PER E-PER", "0-0 1-1 2-2 3-3", 4) == "B-PER E-PER B-PER E-PER"
    assert spanwise("B-PER I-PER B-PER I-PER", "0-0 1-1 2-2 3-3", 4, "iob2") == "B-PER I-PER B-PER I-PER"


def test_a_sentence_without_spans_is_kept() -> None:
    assert spanwise("O O", "", 3) == "O O O"


def test_a_sentence_without_a_translation_is_left_out() -> None:
    report = Report()
    assert spanwise("S-PER O", "", 0, report=report) == DROPPED
    assert report.dropped == {"untranslated": 1} and report.lost == {"with_sentence": 1}


def test_word_by_word_breaks_where_the_order_changes_and_may_be_mended() -> None:
    assert wordwise("B-ORG E-ORG O", "0-1 1-0 2-2", 3, repair="regenerate") == "S-ORG S-ORG O"
    assert wordwise("B-ORG I-ORG O", "0-1 1-0 2-2", 3, scheme="iob2") == "E-ORG B-ORG O"


# roles: an instance a predicate, arguments that are single words (4.4)


def roles(links: str, length: int, how: str, **more: Any) -> Tagged | None:
    row = row_of("I-A0 I-A0 O I-A1", marked=2, upos=("DET", "NOUN", "VERB", "NOUN"), **more)
    return by_span(row, words(length), read(links), Report(), SpanToSpan(roles=how), "oi")  # type: ignore[arg-type]


def test_a_role_is_its_most_linked_word_or_the_whole_range() -> None:
    links = "0-0 0-1 1-1 2-2 3-3"
    head, whole = roles(links, 4, "head"), roles(links, 4, "range")
    assert head is not None and head.tags == ("O", "I-A0", "O", "I-A1")
    assert whole is not None and whole.tags == ("I-A0", "I-A0", "O", "I-A1")
    tied = roles("0-0 1-1 2-2 3-3", 4, "head")
    assert tied is not None and tied.tags == ("I-A0", "O", "O", "I-A1")


def test_the_predicate_goes_along_or_the_instance_is_left_out() -> None:
    found = roles("0-0 2-3 2-1 3-2", 4, "head")
    assert found is not None and found.marked == 1
    assert roles("0-0 1-1 3-2", 3, "head") is None


def test_parts_of_speech_go_along() -> None:
    found = roles("0-0 1-0 2-2 3-3", 5, "head")
    assert found is not None and found.upos == ("DET", "X", "VERB", "NOUN", "X")


def test_labels_of_words_and_of_sentences() -> None:
    report = Report()
    tagged = word_labels(row_of("DET NOUN VERB"), words(3), read("1-0 0-0 2-2"), report)
    assert tagged is not None and tagged.tags == ("DET", "X", "VERB")
    topic = sentence_label(Tagged("1", "eng", ("a", "b"), ("food",)), words(3), [], report)
    assert topic is not None and topic.tags == ("food",) and topic.words == ("t0", "t1", "t2")


# what must hold of any sentence


@st.composite
def sentences(draw: st.DrawFn) -> tuple[Tagged, list[str], list[Link]]:
    length, target = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    cuts = draw(st.lists(st.sampled_from([*("PER", "LOC"), ""]), min_size=length, max_size=length))
    joined = draw(st.lists(st.booleans(), min_size=length, max_size=length))
    spans: list[Span] = []
    for at, kind in enumerate(cuts):
        if kind and joined[at] and spans and spans[-1].last == at - 1 and spans[-1].kind == kind:
            spans[-1] = spans[-1]._replace(last=at)
        elif kind:
            spans.append(Span(at, at, kind))
    row = Tagged("1", "eng", tuple(f"s{at}" for at in range(length)), written(spans, length, "bioes"))
    pairs = st.tuples(st.integers(0, length - 1), st.integers(0, target - 1))
    return row, words(target), sorted(draw(st.lists(pairs, max_size=10, unique=True)))


every_choice = st.builds(
    SpanToSpan,
    lost=st.sampled_from(["drop_sentence", "drop_span"]),
    overlap=st.sampled_from(["narrowest", "source_order", "overwrite", "drop_sentence"]),
    max_width=st.sampled_from([None, (1.0, 1.0)]),
)


@settings(max_examples=120)
@given(sentences(), every_choice)
def test_no_span_is_invented_and_none_is_uncounted(
    made: tuple[Tagged, list[str], list[Link]], options: SpanToSpan
) -> None:
    row, target, links = made
    report = Report()
    spans = spans_of(row.tags, "bioes")
    found = by_span(row, target, links, report, options, "bioes")
    assert report.spans + sum(report.lost.values()) == len(spans)
    if found is None:
        assert report.kept == 0 and sum(report.dropped.values()) == 1
        return
    assert len(found.tags) == len(target) and found.words == tuple(target)
    images = spans_of(found.tags, "bioes")
    assert all(span.regular for span in images)
    for span in images:
        hulls = [hull(own, links) for own in spans if own.kind == span.kind]
        assert any(first <= span.first and span.last <= last for first, last in filter(None, hulls))
        if options.overlap != "overwrite":
            assert (span.first, span.last) in hulls
    if options.lost == "drop_sentence" and options.overlap != "overwrite":
        assert len(images) == len(spans)


def hull(span: Span, links: Sequence[Link]) -> tuple[int, int] | None:
    """Equation 2, read word by word."""
    reached = [j for i, j in links if span.first <= i <= span.last]
    return (min(reached), max(reached)) if reached else None


@settings(max_examples=60)
@given(sentences(), every_choice, st.sampled_from(["none", "regenerate"]))
def test_under_the_identity_labels_come_back(
    made: tuple[Tagged, list[str], list[Link]], options: SpanToSpan, repair: str
) -> None:
    row, _, _ = made
    same = [(at, at) for at in range(len(row.words))]
    found = by_span(row, row.words, same, Report(), options, "bioes")
    word = by_word(row, row.words, same, Report(), WordToWord(repair=repair), "bioes")  # type: ignore[arg-type]
    assert found == word == row


@settings(max_examples=60)
@given(sentences())
def test_word_to_word_tags_what_is_linked_and_nothing_else(made: tuple[Tagged, list[str], list[Link]]) -> None:
    row, target, links = made
    found = by_word(row, target, links, Report(), WordToWord(), "bioes")
    assert found is not None
    for at, tag in enumerate(found.tags):
        givers = [row.tags[i] for i, j in links if j == at and row.tags[i] != "O"]
        assert tag == (givers[0] if givers else "O")

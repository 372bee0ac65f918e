"""Translations of the mini world: gold links, faults of a known kind and rate, dictionaries."""

from __future__ import annotations

from itertools import islice

import pytest

from xlt_core.mini import LANGUAGES
from xlt_core.mini.bitext import Noise, aligned, dictionary, meaning_of, parallel, translate
from xlt_core.mini.lexicon import concepts
from xlt_core.mini.links import links
from xlt_core.mini.meaning import meanings
from xlt_core.mini.world import say


@pytest.mark.parametrize("language", LANGUAGES)
def test_gold_links_are_total(language: str) -> None:
    for one, other in parallel("eng", language, "text", 600):
        found = links(one, other)
        ours, theirs = {a for a, _ in found}, {b for _, b in found}
        for sentence, linked in ((one, ours), (other, theirs)):
            due = {at for at, upos in enumerate(sentence.upos) if upos != "PUNCT"}
            assert due <= linked, (sentence.words, [sentence.words[at] for at in due - linked], other.words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_linked_names_are_the_same_names(language: str) -> None:
    """A word of a person is linked to words of that person alone."""
    for one, other in parallel("tur" if language != "tur" else "eng", language, "test", 400):
        for a, b in links(one, other):
            if one.ner[a] != "O" and one.of[a].partition("/")[2]:
                assert one.of[a] == other.of[b] or not other.of[b].partition("/")[2], (one.words[a], other.words[b])


def test_links_are_the_same_both_ways() -> None:
    for one, other in parallel("zho", "hin", "text", 300):
        assert {(b, a) for a, b in links(other, one)} == set(links(one, other))


def test_a_sentence_is_linked_to_itself_word_by_word() -> None:
    for one, other in parallel("swh", "swh", "text", 200):
        assert {(at, at) for at, upos in enumerate(one.upos) if upos != "PUNCT"} <= set(links(one, other))


def test_a_faultless_translation_is_the_sentence() -> None:
    for meaning in islice(meanings("train"), 100):
        made = translate(meaning, "eng", "rus")
        row = say(meaning, "rus")
        assert made.words == row.words and made.faults == () and made.came_from == tuple(range(len(row.words)))
        assert aligned(meaning, "eng", "rus", made.came_from) == links(say(meaning, "eng"), row)


@pytest.mark.parametrize("kind", ["dropped", "moved", "wrong"])
def test_faults_come_at_the_rate_that_was_asked_for(kind: str) -> None:
    words = faults = 0
    for meaning in islice(meanings("train"), 1500):
        made = translate(meaning, "eng", "tur", Noise(**{kind: 0.1}))
        assert {fault.split()[0] for fault in made.faults} <= {kind}
        words += len(say(meaning, "tur").words) - 1  # the full stop stays
        faults += len(made.faults)
    low = 0.05 if kind == "moved" else 0.085  # some moves end where they began
    assert low < faults / words < 0.115


def test_a_higher_rate_adds_faults_and_takes_none_away() -> None:
    for meaning in islice(meanings("train"), 200):
        few, many = (translate(meaning, "eng", "zho", Noise(dropped=rate)) for rate in (0.05, 0.3))
        assert set(few.faults) <= set(many.faults)


def test_links_follow_their_words() -> None:
    for meaning in islice(meanings("train"), 300):
        made = translate(meaning, "eng", "vie", Noise(dropped=0.1, moved=0.2))
        row = say(meaning, "vie")
        gold = links(say(meaning, "eng"), row)
        for a, b in aligned(meaning, "eng", "vie", made.came_from):
            assert (a, made.came_from[b]) in gold
            assert made.words[b] == row.words[made.came_from[b]]


def test_missing_links_are_missing_at_their_rate() -> None:
    kept = due = 0
    for meaning in islice(meanings("train"), 500):
        every = tuple(range(len(say(meaning, "vie").words)))
        due += len(aligned(meaning, "eng", "vie", every))
        kept += len(aligned(meaning, "eng", "vie", every, missing=0.25))
    assert 0.72 < kept / due < 0.78


@pytest.mark.parametrize("language", LANGUAGES)
def test_dictionaries_cover_the_lexicon(language: str) -> None:
    pairs = list(dictionary("eng", language))
    assert len(pairs) == len(set(pairs)) > 0.9 * len(concepts())
    assert all(one and other and not {*"/\t~"} & {*one, *other} for one, other in pairs), "no marks of the grammar"


def test_a_meaning_is_found_by_its_id() -> None:
    for split in ("train", "dev", "test", "text"):
        for meaning in islice(meanings(split), 50):  # type: ignore[arg-type]
            assert meaning_of(meaning.id) == meaning
    with pytest.raises(KeyError):
        meaning_of("0" * 16)

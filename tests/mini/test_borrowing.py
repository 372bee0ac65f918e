"""Names in Latin letters in the texts of languages that write others."""

from __future__ import annotations

from itertools import islice

import pytest

from xlt_core.mini import SEEN, UNSEEN
from xlt_core.mini.borrowing import latin, written
from xlt_core.mini.meaning import meanings
from xlt_core.mini.world import say
from xlt_core.rewriting.mini import words_of
from xlt_core.slots.rewriting import MiniIpa, MiniLatin


@pytest.mark.parametrize("language", UNSEEN)
def test_some_names_stand_as_english_writes_them_and_nothing_else_changes(language: str) -> None:
    borrowed = 0
    for meaning in islice(meanings("text"), 400):
        text, words = written(meaning, language)
        names = [word for word in words if latin(word)]
        english = say(meaning, "eng")
        tagged = {word for word, tag in zip(english.words, english.ner, strict=True) if tag != "O"}
        plain = say(meaning, language)
        assert {*names} <= tagged | {*plain.words}
        assert {word for word in words if not latin(word)} <= {*plain.words}
        assert "".join(words) == text.replace(" ", "")
        assert text == plain.text if words == plain.words else text != plain.text
        borrowed += bool(names)
    assert 80 < borrowed < 250


@pytest.mark.parametrize("language", SEEN)
def test_a_language_that_the_encoders_have_met_is_written_as_it_is_said(language: str) -> None:
    for meaning in islice(meanings("text"), 50):
        row = say(meaning, language)
        assert written(meaning, language) == (row.text, row.words)


def test_a_text_is_the_same_each_time() -> None:
    first = [written(meaning, "khm") for meaning in islice(meanings("text"), 100)]
    assert first == [written(meaning, "khm") for meaning in islice(meanings("text"), 100)]


@pytest.mark.parametrize("language", UNSEEN)
def test_borrowed_names_are_read_as_english(language: str) -> None:
    from xlt_core.rewriting.mini import ipa
    from xlt_core.rewriting.mini import latin as in_latin

    sounds, letters = ipa(MiniIpa(), language, {}), in_latin(MiniLatin(), language, {})
    assert [form.text for form in sounds.forms(["Wilson"]) if form] == [
        form.text for form in ipa(MiniIpa(), "eng", {}).forms(["Wilson"]) if form
    ]
    assert [form.text for form in letters.forms(["Wilson"]) if form] == ["Wilson"]
    for meaning in islice(meanings("text"), 300):
        text, words = written(meaning, language)
        assert tuple(words_of(text, language)) == words
        assert all(sounds.forms(words)) and all(letters.lines([text]))

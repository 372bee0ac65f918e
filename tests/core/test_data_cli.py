"""`xlt data`: the sets there are, and the mini world's sentences word by word."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Run


def test_list_names_every_set_with_its_licence(xlt: Run) -> None:
    done = xlt("data", "list")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["name", "holds", "languages", "licence"]
    assert any(line.startswith("mini ") and " 18 " in line for line in lines)
    assert any(line.startswith("flores_plus") and line.endswith("gated") for line in lines)
    told = json.loads(xlt("data", "list", "--json").stdout)
    assert told["xlt"] == "data" and {item["name"] for item in told["items"]} >= {"mini", "wikiann", "sib200"}


def test_show_tells_what_a_set_is(xlt: Run) -> None:
    done = xlt("data", "show", "xnli")
    assert done.returncode == 0 and "facebook/xnli" in done.stdout and "CC BY-NC 4.0" in done.stdout


def test_show_tells_what_moves_and_what_is_known_byte_by_byte(xlt: Run) -> None:
    moving = xlt("data", "show", "wikiann").stdout
    assert "follows" in moving and "main: what is there when it is fetched" in moving
    assert "follows" not in xlt("data", "show", "sib200").stdout
    assert "SHA-256 of 12 files" in xlt("data", "show", "masakhaner").stdout
    told = json.loads(xlt("data", "show", "masakhaner", "--json").stdout)
    assert len(told["sha256"]["hau/test.txt"]) == 64


def test_show_prints_sentences_that_a_reader_of_neither_script_can_follow(xlt: Run) -> None:
    done = xlt("data", "show", "mini", "--lang", "khm", "-n", "5")
    assert done.returncode == 0
    sentences = done.stdout.strip().split("\n\n")
    assert len(sentences) == 5
    for one in sentences:
        text, translation, languages, heads, *words = one.splitlines()
        assert languages.startswith("Khmer, English") and heads.split()[:4] == ["word", "latin", "ipa", "gloss"]
        assert text.replace(" ", "") == "".join(word.split()[0] for word in words)
        assert translation.isascii() or any(letter in translation for letter in "éí")


def test_another_language_may_stand_beside(xlt: Run) -> None:
    told = json.loads(xlt("data", "show", "mini", "--lang", "sw", "--beside", "tur", "-n", "1", "--json").stdout)
    (item,) = told["items"]
    assert (item["language"], item["beside"]) == ("swh", "tur")
    beside = {word.lower() for own in item["words"] for word in own["beside"]} - {"."}
    assert beside and beside <= set(item["translation"].rstrip(".").lower().split())


def test_the_same_seed_shows_the_same(xlt: Run) -> None:
    asked = ("data", "show", "mini", "--lang", "amh", "-n", "2")
    assert xlt(*asked).stdout == xlt(*asked).stdout != xlt(*asked, "--seed", "1").stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show", "minni"), "did you mean `mini`?"),
        (("show", "mini", "--lang", "hau"), "the mini world doesn't speak `hau`"),
        (("show", "mini", "--lang", "qqx"), "no language known here goes by `qqx`"),
        (("show", "wikiann", "--lang", "amh"), "Try: xlt data show mini --lang CODE"),
        (("show", "mini", "--lang", "khm", "-n", "0"), "not in the range"),
    ],
)
def test_mistakes_are_told(xlt: Run, arguments: tuple[str, ...], told: str) -> None:
    done = xlt("data", *arguments)
    assert done.returncode == 2 and told in done.stderr and "Traceback" not in done.stderr

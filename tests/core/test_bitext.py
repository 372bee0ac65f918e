"""Translations and links from files: what belongs together is paired, what doesn't is told with its line."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlt_core.bitext.pairs import Pair, read_bitext, read_links, read_pharaoh, untranslated, write_links
from xlt_core.data.records import Tagged
from xlt_core.errors import RunError

ROWS = [Tagged("1", "eng", ("the", "red", "house"), ("O", "O", "O")), Tagged("2", "eng", ("a", "cat"), ("O", "O"))]
PAIRS = [Pair("1", ("the", "red", "house"), ("la", "casa", "roja")), Pair("2", ("a", "cat"), ("un", "gato"))]


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "file.txt"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


@pytest.mark.parametrize(
    "text",
    [
        "the red house ||| la casa roja\na cat ||| un gato\n",
        "the red house ||| la casa roja\na cat ||| un gato",
        "the red house ||| la casa roja\r\na cat ||| un  gato \r\n",
        "la casa roja\nun gato\n",
        "\ufeffla casa roja\nun gato\n",
    ],
)
def test_a_bitext_has_both_sides_or_the_translation_alone(tmp_path: Path, text: str) -> None:
    assert read_bitext(written(tmp_path, text), "f", ROWS) == [("la", "casa", "roja"), ("un", "gato")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("la casa roja\n", "f:2: it has 1 lines, and there are 2 labelled sentences"),
        ("la casa roja\nun gato\n\n", "f:3: it has 3 lines"),
        ("the red house ||| la casa roja\na dog ||| un perro\n", "f:2: `a dog` stands beside the translation"),
        ("the red house ||| la casa roja\na cat ||| \n", "f:2: `a cat` has no translation"),
        ("the red house ||| la casa roja\na cat |||\n", "f:2: `a cat` has no translation"),
        ("la casa roja\n \n", "f:2: `a cat` has no translation"),
        ("the red house ||| la casa roja\nun gato\n", "f:2: a line holds a sentence, ` ||| ` and its translation"),
        ("the red house ||| la casa roja ||| 0.3\na cat ||| un gato\n", "this one has 3 parts"),
        (b"la casa roja\nun g\xe1to\n", "f:2: this is not UTF-8"),
    ],
)
def test_a_bitext_that_is_off_is_refused_with_its_line(tmp_path: Path, text: str | bytes, told: str) -> None:
    with pytest.raises(RunError) as refused:
        read_bitext(written(tmp_path, text), "f", ROWS)
    assert told in str(refused.value) and "Try: " in str(refused.value)


def test_words_with_spaces_in_them_are_the_sources_own(tmp_path: Path) -> None:
    rows = [Tagged("1", "vie", ("Việt Nam", "đẹp"), ("O", "O"))]
    assert read_bitext(written(tmp_path, "Việt Nam đẹp ||| Vietnam is fine\n"), "f", rows) == [
        ("Vietnam", "is", "fine")
    ]


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("0-0 1-2 2-1\n0-0\n", [[(0, 0), (1, 2), (2, 1)], [(0, 0)]]),
        ("2-1 0-0 0-0\n\n", [[(0, 0), (2, 1)], []]),
        ("0-0 ||| -3.5\n||| -1\n", [[(0, 0)], []]),
    ],
)
def test_pharaohs_lines(tmp_path: Path, text: str, links: list[list[tuple[int, int]]]) -> None:
    assert read_pharaoh(written(tmp_path, text), "f", PAIRS) == links


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0-0\n", "f:2: it has 1 lines, and there are 2 sentence pairs"),
        ("0-0\n0-2\n", "f:2: the link 0-2 is out of range: the sentence has 2 words and its translation 2"),
        ("3-0\n0-0\n", "f:1: the link 3-0 is out of range"),
        ("0-0 1:1\n0-0\n", "f:1: a link is SOURCE-TARGET, such as 0-0, and `1:1` is none"),
        ("0-0 -1-1\n0-0\n", "`-1-1` is none"),
    ],
)
def test_links_that_are_off_are_refused_with_their_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(RunError) as refused:
        read_pharaoh(written(tmp_path, text), "f", PAIRS)
    assert told in str(refused.value) and "Try: " in str(refused.value)


@settings(max_examples=30)
@given(st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), unique=True).map(sorted), min_size=1))
def test_links_come_back_as_they_were_written(rows: list[list[tuple[int, int]]]) -> None:
    with TemporaryDirectory() as folder:
        write_links(Path(folder), rows)
        assert read_links(Path(folder)) == rows


def test_what_was_not_translated_is_counted() -> None:
    copied = Pair("1", ("the", "cat"), ("the", "cat"))
    names = Pair("2", ("New", "York"), ("New", "York"))
    assert list(untranslated([copied, names, Pair("3", ("a",), ()), *PAIRS])) == [1, 3]

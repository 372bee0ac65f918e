"""Readers of texts side by side: what belongs together is joined, and what doesn't is told with its line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.data.reading import CATALOG
from xlt_core.data.read import reader
from xlt_core.data.readers.source import Source
from xlt_core.errors import RunError


def rows(
    file: Path, use: str, languages: Sequence[str], beside: Sequence[Path] = (), **told: Any
) -> list[tuple[str, ...]]:
    """A file's cells; a mistake in it is raised."""
    options, work = reader(CATALOG, {"use": use, **told})
    source = Source(file, tuple(languages), beside=tuple(beside))
    found = [cells for _, cells in work(source, options)]
    source.findings.refuse(file)
    return found


def test_files_of_different_length_are_told_and_never_paired_askew(tmp_path: Path) -> None:
    (tmp_path / "a.en").write_text("one\ntwo\nthree\n")
    (tmp_path / "a.fr").write_text("un\ndeux\n")
    with pytest.raises(RunError, match=r"a\.fr ends before line 3"):
        rows(tmp_path / "a.en", "sides", ("eng", "fra"), [tmp_path / "a.fr"])
    (tmp_path / "a.fr").write_text("un\n\ntrois\n")
    assert rows(tmp_path / "a.en", "sides", ("eng", "fra"), [tmp_path / "a.fr"]) == [("one", "un"), ("three", "trois")]


def test_dictionaries_are_joined_through_the_language_that_both_have(tmp_path: Path) -> None:
    (tmp_path / "en_hi.tsv").write_text("a lot\tbahut\ncat\tbilli\n")
    (tmp_path / "en_fr.tsv").write_text("cat\tchat\ncat\tchatte\na lot\tbeaucoup\ndog\tchien\n")
    joined = rows(tmp_path / "en_hi.tsv", "through", ("hin", "fra"), [tmp_path / "en_fr.tsv"])
    assert joined == [("bahut", "beaucoup"), ("billi", "chat"), ("billi", "chatte")]
    assert rows(tmp_path / "en_hi.tsv", "pairs", ("hin", "eng"), columns=[1, 0])[0] == ("bahut", "a lot")
    (tmp_path / "muse.txt").write_text("cat chat\ncat chat\ndog chien\n")
    assert rows(tmp_path / "muse.txt", "pairs", ("eng", "fra"), unique=True) == [("cat", "chat"), ("dog", "chien")]


def test_sentences_are_joined_by_their_number(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("index_id\tcategory\ttext\n7\tx\tseven\n9\tx\tnine\n")
    (tmp_path / "b.tsv").write_text("index_id\tcategory\ttext\n9\tx\tneuf\n7\tx\tsept\n")
    told = {"id": "index_id", "text": "text"}
    assert rows(tmp_path / "a.tsv", "by_id", ("eng", "fra"), [tmp_path / "b.tsv"], **told) == [
        ("seven", "sept"), ("nine", "neuf"),
    ]  # fmt: skip
    (tmp_path / "b.tsv").write_text("index_id\tcategory\ttext\n9\tx\tneuf\n9\tx\tsept\n")
    with pytest.raises(RunError, match=r"b\.tsv:3: the sentence 9 stands twice"):
        rows(tmp_path / "a.tsv", "by_id", ("eng", "fra"), [tmp_path / "b.tsv"], **told)


def test_word_links(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("0-0 1-2\n\n2-1\n")
    assert rows(tmp_path / "a", "pharaoh", ("eng", "fra")) == [("0-0 1-2",), ("",), ("2-1",)]
    (tmp_path / "a").write_text("0-0 1?2\n")
    with pytest.raises(RunError, match="`1\\?2` is no link"):
        rows(tmp_path / "a", "pharaoh", ("eng", "fra"))

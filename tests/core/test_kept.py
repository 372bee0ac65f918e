"""Text that is kept on disk reads as if it were in memory, and what memory holds hardly grows with it."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.letters import Letters
from xlt_core.data.corpus import each_line, lines_of
from xlt_core.data.encode import TextReader
from xlt_core.data.kept import Some, Stretches
from xlt_core.data.records import TEXT
from xlt_core.engine.batching import epoch_batches
from xlt_core.engine.course import _parted
from xlt_core.errors import RunError
from xlt_core.slots.schedule import Madx, SelectInText


@given(st.lists(st.text("ab ", max_size=30), max_size=12), st.integers(4, 40))
def test_kept_stretches_are_those_in_memory(lines: list[str], length: int) -> None:
    reader = TextReader(Letters(), length)
    kept = Stretches(reader, iter(lines), "amh")
    assert list(kept) == reader.stretches(lines, "amh")
    assert [kept[n] for n in reversed(range(len(kept)))] == list(kept)[::-1]


def test_batches_are_drawn_from_either_alike() -> None:
    reader, lines = TextReader(Letters(), 12), [f"{'abcdefgh'[n % 8] * (1 + n % 5)} ba" for n in range(40)]
    kept, held = Stretches(reader, lines, "amh"), reader.stretches(lines, "amh")
    assert list(epoch_batches(kept, 7, 1, 2)) == list(epoch_batches(held, 7, 1, 2))


def test_whole_texts_are_held_out_of_what_is_kept() -> None:
    reader, lines = TextReader(Letters(), 8), ["abcabc abc abc", "ab", "cd", "abababab", "c", "abc bc a"]
    kept = Stretches(reader, lines, "amh")
    job: Any = SimpleNamespace(stage=SimpleNamespace(seed=3, id="madx"))
    options = Madx(held_out=0.4, select=SelectInText(keep="best"))
    learnt, out = _parted(job, kept, options)
    assert isinstance(learnt, Some) and len(learnt) + len(out) == len(kept)
    assert sorted({piece.sentence for piece in [*learnt, *out]}) == list(range(6))
    assert len({piece.sentence for piece in out}) == 2
    assert not {piece.sentence for piece in out} & {piece.sentence for piece in learnt}


def test_lines_end_where_they_did_when_the_whole_file_was_read(tmp_path: Path) -> None:
    (tmp_path / TEXT).write_bytes("a\r\nb\u2028c\n\n \nd\x85e\rf".encode())
    whole = (tmp_path / TEXT).read_text(encoding="utf-8").splitlines()
    assert list(each_line(tmp_path)) == lines_of(tmp_path) == [line for line in whole if line.strip()]


def test_memory_holds_a_few_numbers_a_line(tmp_path: Path) -> None:
    """Sixteen bytes a line and what an array grows by, where the pieces alone were over 300."""
    reader = TextReader(Letters(), 60)

    def peak(count: int) -> int:
        tracemalloc.start()
        kept = Stretches(reader, ("abcdefgh hgfedcba" for _ in range(count)), "amh", tmp_path / "new")
        assert len(kept) == count and len(kept[count - 1].ids) == 18
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(10_000) - peak(2000) < 8000 * 48


def test_a_disk_that_takes_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=r"(?s)can't be kept.*make room there"):
        Stretches(TextReader(Letters(), 9), ["a"], "amh", tmp_path / "file" / "inside")

"""What tests of answers share: a file that is answered, read again and put back, and what may stand in one."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.data.reading import CATALOG, letters
from xlt_core.data.answered import write_as_read
from xlt_core.data.read import reader
from xlt_core.data.readers.labels import Told, settled
from xlt_core.data.readers.source import Source
from xlt_core.data.records import Tagged
from xlt_core.slots.tasks import NLI, Task


def read(file: Path, task: Task, **told: Any) -> list[Tagged]:
    options, work = reader(CATALOG, told)
    source = Source(file, ("eng",), "test", task)
    rows = settled(source, work(source, options), options, Told())  # type: ignore[arg-type]
    source.findings.refuse(file)
    return rows


def answered(file: Path, task: Task, tags: Sequence[Sequence[str]], /, **told: Any) -> Path:
    """The file with these answers, in another folder."""
    rows = read(file, task, **told)
    answers = [replace(row, tags=tuple(own)) for row, own in zip(rows, tags, strict=True)]
    return write_as_read(file.parent / "answered", file, CATALOG, told, task, answers)


def there_and_back(file: Path, task: Task, tags: Sequence[Sequence[str]], /, **told: Any) -> bytes:
    """Answers are read again, of the same words; with the labels put back the file is the one that it was."""
    before, content = read(file, task, **told), file.read_bytes()
    new = answered(file, task, tags, **told)
    after = read(new, task, **told)
    assert [replace(row, tags=()) for row in after] == [replace(row, tags=()) for row in before]
    assert [row.tags for row in after] == [tuple(own) for own in tags]
    back = answered(new, task, [row.tags for row in before], **told)
    assert unpacked(back) == unpacked(file) and content == file.read_bytes()
    return unpacked(new)


def unpacked(file: Path) -> bytes:
    content = file.read_bytes()
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


word = st.text(letters, min_size=1, max_size=5).filter(
    lambda own: own != "NULL"  # which SemEval's files write where an opinion has no target
)
text = st.lists(word | st.sampled_from(['"', '""', ",", '"a,b"']), min_size=1, max_size=4).map(" ".join)
labels = st.sampled_from(NLI.labels)
pairs = st.lists(st.tuples(text, text, labels, labels), min_size=1, max_size=5)


@st.composite
def spans(draw: st.DrawFn, length: int) -> tuple[str, ...]:
    """IOB2 without a mistake."""
    tags: list[str] = []
    while len(tags) < length:
        kind, size = draw(st.tuples(st.sampled_from(["", "PER", "LOC"]), st.integers(1, 3)))
        tags += [f"{'I' if n else 'B'}-{kind}" if kind else "O" for n in range(size)]
    return tuple(tags[:length])


@st.composite
def corpora(draw: st.DrawFn) -> list[tuple[list[str], tuple[str, ...], tuple[str, ...]]]:
    """Words, their tags, and other tags that are answered."""
    found = []
    for length in draw(st.lists(st.integers(1, 5), min_size=1, max_size=4)):
        words = draw(st.lists(word, min_size=length, max_size=length))
        found.append((words, draw(spans(length)), draw(spans(length))))
    return found

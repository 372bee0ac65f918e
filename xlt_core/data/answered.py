"""A test set with a model's answers in the place of its labels: in the format in which it came, or where it came from
no file, in the plainest one that holds it."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xlt_core.catalog import Catalog
from xlt_core.data.read import KEPT, reader
from xlt_core.data.readers.back import file_with
from xlt_core.data.readers.classes import in_a_table
from xlt_core.data.readers.columns import in_two_columns
from xlt_core.data.readers.conllu import in_propositions
from xlt_core.data.readers.source import GZIP, Source
from xlt_core.data.records import Tagged
from xlt_core.slots.reading import LabelReader
from xlt_core.slots.tasks import Task


def kept_file(labels: Path) -> Path | None:
    """The file that a stage's labels were read from, as it was then; nothing where they came from no file."""
    return next((labels / KEPT).iterdir()) if (labels / KEPT).is_dir() else None


def write_as_read(
    out: Path, kept: Path, catalog: Catalog, told: Mapping[str, Any], task: Task, answers: Sequence[Tagged]
) -> Path:
    """The file with the answers in it, under its own name; packed where it was packed.

    >>> write_as_read(out, labels / "kept" / "test.tsv", catalog, {"use": "two_columns"}, NER, rows)  # doctest: +SKIP
    """
    options, work = reader(catalog, told)
    assert isinstance(options, LabelReader)
    source = Source(kept, (answers[0].language,), "test", task)
    content = b"".join(file_with(source, options, work, answers))
    with kept.open("rb") as begun:
        packed = begun.read(len(GZIP)) == GZIP
    file = out / kept.name
    _write(file, gzip.compress(content, mtime=0) if packed else content)
    return file


def _write(file: Path, content: bytes) -> None:
    """A file that is whole or isn't there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.tmp")
    temporary.write_bytes(content)
    temporary.replace(file)


def write_plain(out: Path, task: Task, answers: Sequence[Tagged]) -> Path:
    """The answers in two columns; as CoNLL-U, where they are about a word; of whole texts as a table."""
    if task.unit in ("sentence", "pair"):
        ending, text = "tsv", in_a_table(answers, task.unit == "pair")
    elif any(row.marked is not None for row in answers):
        ending, text = "conllu", in_propositions(answers)
    else:
        ending, text = "tsv", in_two_columns(answers)
    file = out / f"test-{answers[0].language}.{ending}"
    _write(file, text.encode())
    return file

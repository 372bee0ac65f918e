"""Labelled sentences as they lie in the store: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

EXAMPLES, TEXT, PAIRS, OTHER = "examples.jsonl", "text.txt", "pairs.tsv", "resource"
"""What a data stage's files are called in the store."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """A sentence of words with a tag for each."""

    id: str
    language: str
    words: tuple[str, ...]
    tags: tuple[str, ...]


def write_tagged(file: Path, rows: Iterable[Tagged]) -> int:
    """Write rows and return how many there were."""
    count = 0
    with file.open("w", encoding="utf-8") as opened:
        for count, row in enumerate(rows, 1):  # noqa: B007
            opened.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
    return count


def read_tagged(file: Path) -> list[Tagged]:
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [Tagged(row["id"], row["language"], tuple(row["words"]), tuple(row["tags"])) for row in rows]

"""Labelled sentences as they lie in the store: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

EXAMPLES, TEXT, PAIRS, OTHER = "examples.jsonl", "text.txt", "pairs.tsv", "resource"
LINKS, READ = "links.pharaoh", "read.json"
"""What a data stage's files are called in the store."""
COMMIT = "commit"
"""Under this name what was read says which commit of a repository it was."""
UNLABELLED = "_"
"""The tag of a word of which nothing is known: it is neither learnt nor scored."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """A sentence of words with a tag for each; or, for tasks about whole sentences, with one tag in all."""

    id: str
    language: str
    words: tuple[str, ...]
    tags: tuple[str, ...]
    second: tuple[str, ...] = ()
    """The words of the other sentence of a pair."""
    marked: int | None = None
    """The word that the tags are about: a predicate."""
    upos: tuple[str, ...] = ()
    """The words' parts of speech, where the data gives them beside the tags."""
    forms: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """The words in other channels, where a model reads those beside the text. They are kept in files of their own."""

    def reworded(self, form: Callable[[str], str]) -> Tagged:
        """The same example, every word in another form."""
        words, second = (tuple(form(word) for word in own) for own in (self.words, self.second))
        return replace(self, words=words, second=second)


def write_tagged(file: Path, rows: Iterable[Tagged]) -> int:
    """Write rows and return how many there were."""
    count = 0
    with file.open("w", encoding="utf-8") as opened:
        for count, row in enumerate(rows, 1):  # noqa: B007
            kept = {name: value for name, value in asdict(row).items() if name != "forms"}
            opened.write(json.dumps(kept, ensure_ascii=False) + "\n")
    return count


def read_tagged(file: Path) -> list[Tagged]:
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]
    return [
        Tagged(
            row["id"],
            row["language"],
            tuple(row["words"]),
            tuple(row["tags"]),
            tuple(row.get("second", ())),
            row.get("marked"),
            tuple(row.get("upos", ())),
        )
        for row in rows
    ]

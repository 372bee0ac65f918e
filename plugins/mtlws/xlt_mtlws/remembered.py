"""Translations made before: each sentence is translated once, whatever run or command asks for it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from xlt_core.graph.stages import digest


class Remembered:
    """Texts and their translations by one tool with one setting; on disk where there is a folder for it.

    Lines are only ever added, each batch in one write, so that two processes may remember at once and a killed one
    loses no more than its last batch.
    """

    def __init__(self, folder: Path | None, tool: Mapping[str, Any]) -> None:
        self._known: dict[str, str] = {}
        self._file = folder / f"{digest([tool])}.jsonl" if folder is not None else None
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        if self._file.is_file():
            for line in self._file.read_text(encoding="utf-8", errors="replace").split("\n"):
                self._known.update(_entry(line))

    def missing(self, texts: Iterable[str]) -> list[str]:
        """The texts that aren't known, each once."""
        return [text for text in dict.fromkeys(texts) if text not in self._known]

    def __getitem__(self, text: str) -> str:
        return self._known[text]

    def add(self, found: Mapping[str, str]) -> None:
        self._known.update(found)
        if self._file is not None:
            lines = (json.dumps([text, other], ensure_ascii=False) + "\n" for text, other in found.items())
            with self._file.open("ab", buffering=0) as opened:
                # begins with a new line: what a killed process left of its last one is then a line of its own
                opened.write(("\n" + "".join(lines)).encode())


def _entry(line: str) -> dict[str, str]:
    """What a line says; one that was never finished says nothing."""
    try:
        text, other = json.loads(line)
        return {text: other} if isinstance(text, str) and isinstance(other, str) else {}
    except (ValueError, TypeError):
        return {}

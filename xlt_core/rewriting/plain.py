"""The core's tools that need no library: the text itself, and a file of one's own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from xlt_core.errors import Problem, RunError
from xlt_core.rewriting.stream import Lines
from xlt_core.rewriting.tool import Form, LineTool, Tool
from xlt_core.rewriting.words import has_letters
from xlt_core.slots.rewriting import Blank, Identity, Lookup


def identity(options: Identity, language: str, files: Mapping[str, Path]) -> Tool:
    """The work of the rewriter `identity`."""
    tool = LineTool("identity", lambda lines: lines)
    tool.slow = False
    return tool


def blank(options: Blank, language: str, files: Mapping[str, Path]) -> Tool:
    """The work of the rewriter `blank`."""
    tool = LineTool("blank", lambda lines: [""] * len(lines))
    tool.slow = False
    return tool


def lookup(options: Lookup, language: str, files: Mapping[str, Path]) -> Tool:
    """The work of the rewriter `lookup`."""
    return Table(files["lookup"])


class Table(Tool):
    """Words with their forms, from a file: as written, or else in lower case."""

    name, slow = "lookup", False

    def __init__(self, file: Path) -> None:
        self.table = read_lookup(file)
        self.version = hashlib.sha256(file.read_bytes()).hexdigest()[:20]

    def forms(self, words: Sequence[str]) -> list[Form | None]:
        return [self._form(word) for word in words]

    def _form(self, word: str) -> Form | None:
        found = self.table.get(word) or self.table.get(word.lower())
        return Form(found, self.name) if found is not None and has_letters(word) else None


def read_lookup(file: Path) -> dict[str, str]:
    """`word<TAB>form` a line; of a word that stands twice, the first form counts."""
    table: dict[str, str] = {}
    problems = []
    with Lines.open(file) as lines:
        numbered = [each for block in lines.blocks() for each in block]
    for number, line in numbered:
        word, tab, form = line.partition("\t")
        if not line.strip():
            continue
        if not tab or not word or not form or "\t" in form:
            what = f"a line holds a word, a tab and its form, and this one doesn't: `{line}`"
            problems.append(Problem(what, f"{file}:{number}", "`xlt data harvest` makes such files"))
        table.setdefault(word, form)
    if problems:
        raise RunError(f"{file} can't be read.", problems[:5])
    return table

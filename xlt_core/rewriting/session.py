"""A tool made ready for a verb: its words kept on disk, and several processes to ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from xlt_core.errors import Problem, RefusedError
from xlt_core.graph.store import SHARED, Store
from xlt_core.rewriting.find import Wanted
from xlt_core.rewriting.kept import KEPT, Kept
from xlt_core.rewriting.once import Once
from xlt_core.rewriting.stream import Lines
from xlt_core.rewriting.workers import Workers


@contextmanager
def session(wanted: Wanted, store: Path | None = None, jobs: int | None = None, keep: bool = True) -> Iterator[Once]:
    """`with session(Wanted("epitran", "amh")) as once: once.lines(["ሰላም ነው"])`"""
    if wanted.declared().shuffled:
        problem = Problem(f"{wanted.name} with `shuffled` wants all words of a corpus at once", fix="xlt run")
        raise RefusedError("Text can't be rewritten so as it comes.", [problem])
    tool = wanted.tool()
    with ExitStack() as stack:
        kept = None
        if keep:
            folder = Store.at(store).root / SHARED / KEPT
            kept = stack.enter_context(Kept(folder, f"{wanted.name}-{wanted.language}", wanted.about(tool)))
        workers = stack.enter_context(Workers(tool, wanted.tool, jobs))
        yield Once(tool, kept, workers.words if tool.unit == "word" else workers.lines)


def rewrite_lines(once: Once, source: Lines, out: BinaryIO) -> None:
    """Every line of the source in its other form, in order and as it comes."""
    for block in source.blocks():
        said = once.lines([line for _, line in block])
        out.write(("\n".join(said) + "\n").encode())
        out.flush()

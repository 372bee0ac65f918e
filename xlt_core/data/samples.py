"""Monolingual text, re-cut to samples of so many whitespace words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from xlt_core.data.records import TEXT
from xlt_core.graph.job import Job

SAMPLES = "samples.txt"


def cut(job: Job) -> None:
    """The work of a samples stage: one sample a line."""
    (folder,) = job.inputs_named("resource text").values()
    with (folder / TEXT).open(encoding="utf-8") as lines, (job.out / SAMPLES).open("w", encoding="utf-8") as out:
        for sample in islice(recut(lines, int(job.stage.options["words"])), job.stage.options["most"]):
            out.write(sample + "\n")


def recut(lines: Iterable[str], words: int) -> Iterator[str]:
    """Samples of exactly `words` words across line ends; what is left over at the end is dropped.

    >>> list(recut(["a b c", "", "d e"], 2))
    ['a b', 'c d']
    """
    waiting: list[str] = []
    for line in lines:
        waiting += line.split()
        while len(waiting) >= words:
            yield " ".join(waiting[:words])
            waiting = waiting[words:]

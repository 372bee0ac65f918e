"""Monolingual text, re-cut to samples of so many whitespace words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from xlt_core.data.records import TEXT
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job

SAMPLES = "samples.txt"


def cut(job: Job) -> None:
    """The work of a samples stage: one sample a line."""
    (folder,) = job.inputs_named("resource text").values()
    words, language = int(job.stage.options["words"]), job.stage.languages[0]
    count = 0
    with (folder / TEXT).open(encoding="utf-8") as lines, (job.out / SAMPLES).open("w", encoding="utf-8") as out:
        for count, sample in enumerate(islice(recut(lines, words), job.stage.options["most"]), 1):  # noqa: B007
            out.write(sample + "\n")
    if not count:
        what = f"the text of {language} doesn't fill one sample of {words} words"
        fix = f"more text with --resource text:{language}=FILE, or fewer `words` where adaptation, vocabulary and "
        problem = Problem(what, job.stage.id, fix + "embedding have that option")
        raise RunError(f"There is too little text of {language}.", [problem])


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

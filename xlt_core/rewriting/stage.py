"""A corpus of a run in another form: labels word by word, texts, samples and pairs line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from xlt_core.data.records import EXAMPLES, OTHER, PAIRS, TEXT, read_tagged, write_tagged
from xlt_core.data.samples import SAMPLES
from xlt_core.graph.job import Job
from xlt_core.rewriting.find import about
from xlt_core.rewriting.kept import KEPT, Kept
from xlt_core.rewriting.once import Once
from xlt_core.rewriting.tally import served
from xlt_core.rewriting.tool import Tool
from xlt_core.slots.rewriting import Rewriter

WORDS, COVERAGE = "words.tsv", "coverage.json"
"""Every word with its form and who made it; how much could be rewritten."""
LOOKUP, PARALLEL, DICTIONARY = "resource lookup:", "resource parallel:", "resource dictionary:"
AT_ONCE = 20_000
"""Lines that are rewritten together."""


def rewrite(job: Job) -> None:
    """The work of every stage that rewrites. Rows and lines stay as many as they were, and in their order."""
    ((fact, corpus),) = ((fact, folder) for fact, folder in job.inputs.items() if not fact.startswith(LOOKUP))
    files = [corpus / name for name in (EXAMPLES, TEXT, SAMPLES, PAIRS) if (corpus / name).is_file()]
    language = job.stage.languages[0]
    column = _column(fact, language)
    with ExitStack() as stack:
        once = _once(job, language, stack)
        if once.tool.together is not None:
            if fact.startswith(DICTIONARY):
                once.learn(word for cells in _rows(corpus / OTHER) for word in _entry(cells, column).split())
            for file in files:
                _meet(once, file, column)
            once.settle()
        for file in files:
            _rewrite(once, file, job.out / file.name, column)
        if fact.startswith(DICTIONARY):
            _rewrite_entries(once, corpus / OTHER, job.out / OTHER, column)
        _write_words(once, job.out / WORDS)
        (job.out / COVERAGE).write_text(json.dumps(once.tally.as_data(), ensure_ascii=False) + "\n", encoding="utf-8")
        unkept = f"; not kept for later: {once.kept.off}" if once.kept is not None and once.kept.off else ""
        job.report({"kind": "note", "text": once.tally.text() + unkept})


def _column(fact: str, language: str) -> int:
    """Where a language stands among the two of a table."""
    kind = next((kind for kind in (PARALLEL, DICTIONARY) if fact.startswith(kind)), None)
    return fact.removeprefix(kind).split("-").index(language) if kind else 0


def _once(job: Job, language: str, stack: ExitStack) -> Once:
    part = job.stage.part
    options, work = job.part("rewriting", part, job.stage.options)
    assert isinstance(options, Rewriter), "cards of rewriters declare rewriters"
    kinds = options.files(language)
    tool: Tool = work(options, language, {kind: job.inputs[f"resource {kind}:{language}"] / OTHER for kind in kinds})
    kept = None
    if (folder := job.shared(KEPT)) is not None and tool.together is None:
        kept = stack.enter_context(Kept(folder, f"{part}-{language}", about(part, options, language, tool)))
    return Once(tool, kept, most=None)


def _meet(once: Once, file: Path, column: int) -> None:
    if file.name == EXAMPLES:
        once.learn(word for row in read_tagged(file) for word in (*row.words, *row.second))
    else:
        once.meet(chunk for cells in _rows(file) for chunk in cells[column].split())


def _rewrite(once: Once, file: Path, out: Path, column: int) -> None:
    if file.name == EXAMPLES:
        examples = read_tagged(file)
        words = [word for row in examples for word in (*row.words, *row.second)]
        said = dict(zip(words, once.words(words), strict=True))
        write_tagged(out, (row.reworded(said.__getitem__) for row in examples))
        return
    rows = _rows(file)
    with out.open("w", encoding="utf-8") as opened:
        while batch := list(islice(rows, AT_ONCE)):
            for cells, form in zip(batch, once.lines([cells[column] for cells in batch]), strict=True):
                cells[column] = form
                opened.write("\t".join(cells) + "\n")


def _rewrite_entries(once: Once, file: Path, out: Path, nth: int) -> None:
    """The first or the second word of each of a dictionary's rows, a line for each row. Between the two there may be
    what an author said of the first."""
    entries = [_entry(cells, nth).split() for cells in _rows(file)]
    said = iter(once.words([word for entry in entries for word in entry]))
    with out.open("w", encoding="utf-8") as opened:
        opened.writelines(" ".join(islice(said, len(entry))) + "\n" for entry in entries)


def _entry(cells: Sequence[str], nth: int) -> str:
    return cells[nth * (len(cells) // 2)]


def _rows(file: Path) -> Iterator[list[str]]:
    """The cells of sentence pairs or a dictionary, or a text's lines, each as one cell."""
    with file.open(encoding="utf-8", newline="\n") as opened:
        for line in opened:
            text = line.rstrip("\n")
            yield text.split("\t") if file.name in (PAIRS, OTHER) else [text]


def _write_words(once: Once, file: Path) -> None:
    with file.open("w", encoding="utf-8") as opened:
        for word, form in sorted(once.known.items()):
            opened.write(f"{word}\t{once.of(word)}\t{served(word, form)}\n")

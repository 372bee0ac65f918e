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
from xlt_core.rewriting.shuffled import shuffled
from xlt_core.rewriting.tally import UNREAD, served
from xlt_core.rewriting.tool import Form, Tool
from xlt_core.slots.rewriting import Rewriter

WORDS, COVERAGE = "words.tsv", "coverage.json"
"""Every word with its form and who made it; how much could be rewritten."""
LOOKUP, PARALLEL, DICTIONARY = "resource lookup:", "resource parallel:", "resource dictionary:"
REWRITTEN = "artefact rewritten:"
AT_ONCE = 20_000
"""Lines that are rewritten together."""


def rewrite(job: Job) -> None:
    """The work of every stage that rewrites. Rows and lines stay as many as they were, and in their order."""
    beside = (LOOKUP, REWRITTEN)
    ((fact, corpus),) = ((fact, folder) for fact, folder in job.inputs.items() if not fact.startswith(beside))
    files = [corpus / name for name in (EXAMPLES, TEXT, SAMPLES, PAIRS) if (corpus / name).is_file()]
    language = job.stage.languages[0]
    column = _column(fact, language)
    with ExitStack() as stack:
        once = _once(job, language, stack)
        if job.stage.options["shuffled"]:
            once.learn(_words(corpus, column), once.tool.forms)
            _shuffle(once, job)
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
    if (folder := job.shared(KEPT)) is not None:
        kept = stack.enter_context(Kept(folder, f"{part}-{language}", about(part, options, language, tool)))
    return Once(tool, kept, most=None)


def _words(corpus: Path, column: int) -> Iterator[str]:
    """All words of labelled examples, or of one side of a dictionary."""
    if (corpus / EXAMPLES).is_file():
        yield from (word for row in read_tagged(corpus / EXAMPLES) for word in (*row.words, *row.second))
    else:
        yield from (word for cells in _rows(corpus / OTHER) for word in _entry(cells, column).split())


def _shuffle(once: Once, job: Job) -> None:
    """Words of corpora that were asked for before have their forms from there; the others have each other's."""
    before: dict[str, Form] = {}
    for folder in job.inputs_named(REWRITTEN).values():
        before.update(_read_words(folder / WORDS))
    new = {word: form or Form(word, "", False) for word, form in once.known.items() if word not in before}
    drawn = shuffled(new, job.stage.options["shuffled"], job.stage.languages[0], job.stage.channel)
    once.known.update({word: before[word] if word in before else drawn[word] for word in once.known})


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


def _read_words(file: Path) -> Iterator[tuple[str, Form]]:
    for line in file.read_text(encoding="utf-8").removesuffix("\n").split("\n"):
        word, text, by = line.split("\t")
        yield word, Form(text, by, by not in UNREAD)


def _write_words(once: Once, file: Path) -> None:
    with file.open("w", encoding="utf-8") as opened:
        for word, form in sorted(once.known.items()):
            opened.write(f"{word}\t{once.of(word)}\t{served(word, form)}\n")

"""Translations and links that nobody has to compute: from files, by place, or left by the translator."""

from __future__ import annotations

import json
from pathlib import Path

from xlt_core.bitext.pairs import (
    TOLD,
    Pair,
    labelled,
    lines_of,
    pairs_of,
    read_bitext,
    read_pharaoh,
    told,
    untranslated,
    write_links,
    write_translation,
)
from xlt_core.data.records import LINKS, OTHER
from xlt_core.errors import Problem, RefusedError
from xlt_core.graph.job import Job


def translation_file(job: Job) -> None:
    """The work of the translator `file`."""
    file, name = _given(job, "resource translation")
    sources = labelled(job)
    targets = read_bitext(file, name, sources)
    write_translation(job, sources, targets)
    pairs = [Pair(row.id, row.words, words) for row, words in zip(sources, targets, strict=True)]
    same = list(untranslated(pairs))
    told(job, {"sentences": len(sources), "untranslated": len(same), "untranslated_lines": same[:TOLD], "file": name})


def pharaoh_file(job: Job) -> None:
    """The work of the aligner `pharaoh_file`."""
    file, name = _given(job, "resource alignment")
    rows = read_pharaoh(file, name, pairs_of(job))
    write_links(job.out, rows)
    told(job, {"sentences": len(rows), "links": sum(map(len, rows)), "file": name})


def identity(job: Job) -> None:
    """The work of the aligner `identity`."""
    shorter = [min(len(pair.source), len(pair.target)) for pair in pairs_of(job)]
    write_links(job.out, ([(at, at) for at in range(length)] for length in shorter))


def from_translator(job: Job) -> None:
    """The work of the aligner `from_translator`: links that the translator left beside its translation."""
    (folder,) = job.inputs_named("artefact translation").values()
    if not (folder / LINKS).is_file():
        what = "this translator doesn't say which word became which"
        problem = Problem(what, job.stage.id, "--set alignment=NAME: xlt list alignment shows what can align any pairs")
        raise RefusedError("There are no links to take over.", [problem])
    pairs = pairs_of(job)
    write_links(job.out, read_pharaoh(folder / LINKS, str(folder / LINKS), pairs))


def dictionary_of(job: Job) -> dict[str, str]:
    """The word pairs of a stage that reads a dictionary: source, a tab, target; of several the first counts."""
    file, name = _given(job, "resource dictionary")
    found: dict[str, str] = {}
    for number, line in enumerate(lines_of(file, name), 1):
        one, tab, rest = line.partition("\t")
        other = rest.split("\t")[0].strip()
        if line.strip() and not (tab and one.strip() and other):
            problem = Problem(f"a line is a word, a tab and its translation, not `{line}`", f"{name}:{number}")
            raise RefusedError("This dictionary can't be read.", [problem])
        if line.strip():
            found.setdefault(" ".join(one.split()), other)
    return found


def _given(job: Job, fact: str) -> tuple[Path, str]:
    """A file that was brought in, and what the user calls it."""
    (folder,) = job.inputs_named(fact).values()
    manifest = folder / "manifest.json"
    known = json.loads(manifest.read_text(encoding="utf-8"))["about"]["options"] if manifest.is_file() else {}
    return folder / OTHER, str(known.get("location", folder / OTHER)).removeprefix("file:")

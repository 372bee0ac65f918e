"""Sentences beside their translations, and word links, as they lie in the store and in files.

A bitext has a line a sentence, `the red house ||| la casa roja`, or the translation alone; links are Pharaoh's,
`0-0 1-2 2-1` (source-target, from 0), and an empty line is a sentence without links. Line n is sentence n.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlt_core.data.records import EXAMPLES, LINKS, Tagged, read_tagged, write_tagged
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job

Link = tuple[int, int]
Words = tuple[str, ...]

BETWEEN = " ||| "
REPORT = "report.json"
"""What a translator, an aligner or a projector has to tell of its work."""
TOLD = 5
"""How many lines are named when many are off."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A labelled sentence's words and its translation's, which may be empty where there is none."""

    id: str
    source: Words
    target: Words


def pairs_of(job: Job) -> list[Pair]:
    """The pairs of a stage that reads the source's labels and their translation."""
    sources = labelled(job)
    (folder,) = job.inputs_named("artefact translation").values()
    targets = read_tagged(folder / EXAMPLES)
    if [row.id for row in sources] != [row.id for row in targets]:
        what = f"{len(sources)} sentences and {len(targets)} translations aren't those of each other"
        raise RunError("These can't be paired.", [Problem(what, job.stage.id, f"delete {folder}, and run again")])
    return [Pair(row.id, row.words, other.words) for row, other in zip(sources, targets, strict=True)]


def labelled(job: Job) -> list[Tagged]:
    """The source's labelled sentences."""
    (folder,) = job.inputs_named("labels ").values()
    return read_tagged(folder / EXAMPLES)


def write_translation(job: Job, sources: Sequence[Tagged], targets: Iterable[Words]) -> None:
    """The translator's result: a row for each labelled sentence, under its id."""
    language = job.stage.languages[-1]
    rows = (Tagged(row.id, language, words, ()) for row, words in zip(sources, targets, strict=True))
    write_tagged(job.out / EXAMPLES, rows)


def write_links(folder: Path, rows: Iterable[Iterable[Link]]) -> None:
    """The aligner's result."""
    lines = (" ".join(f"{one}-{other}" for one, other in links) + "\n" for links in rows)
    (folder / LINKS).write_text("".join(lines), encoding="utf-8")


def read_links(folder: Path) -> list[list[Link]]:
    """The links of a stage's result, which needs no more checking."""
    lines = (folder / LINKS).read_text(encoding="utf-8").split("\n")[:-1]
    return [[_link(text) for text in line.split()] for line in lines]


def _link(text: str) -> Link:
    one, _, other = text.partition("-")
    return int(one), int(other)


def told(job: Job, report: dict[str, Any]) -> None:
    """Keep a report beside the result, and show it."""
    (job.out / REPORT).write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    job.report({"kind": "check", **{key: value for key, value in report.items() if not isinstance(value, dict | list)}})


# files made elsewhere


def lines_of(file: Path, name: str) -> list[str]:
    """A file's lines; `name` is what its maker calls it."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        problem = Problem("this is not UTF-8", f"{name}:{line}", f"iconv -f latin1 -t utf-8 {name}")
        raise RunError(f"{name} can't be read.", [problem]) from None
    lines = text.split("\n")
    return [line.rstrip("\r") for line in (lines[:-1] if lines[-1] == "" else lines)]


def check_lengths(lines: Sequence[str], rows: Sequence[object], name: str, what: str) -> None:
    """Refuse a file that has another number of lines than there are sentences."""
    if len(lines) != len(rows):
        first = min(len(lines), len(rows)) + 1
        problem = Problem(
            f"it has {len(lines)} lines, and there are {len(rows)} {what}", f"{name}:{first}",
            "line n is sentence n: a line for each, in the same order",
        )  # fmt: skip
        raise RunError(f"{name} doesn't fit.", [problem])


def read_bitext(file: Path, name: str, sources: Sequence[Tagged]) -> list[Words]:
    """The translations of these sentences; what doesn't belong to them is told with its line."""
    lines = lines_of(file, name)
    check_lengths(lines, sources, name, "labelled sentences")
    both = any(BETWEEN in line for line in lines)
    problems: list[Problem] = []
    found: list[Words] = []
    for number, (line, row) in enumerate(zip(lines, sources, strict=True), 1):
        left, *right = re.split(r"(?:^|\s)\|\|\|(?:\s|$)", line) if both else [" ".join(row.words), line]
        found.append(tuple(right[0].split()) if right else ())
        off = _off(left.split(), right, row)
        if off:
            problems.append(Problem(off[0], f"{name}:{number}", off[1]))
    if problems:
        raise RunError(f"{name} can't be used; {len(problems)} lines are off.", problems[:TOLD])
    return found


def _off(left: list[str], right: list[str], row: Tagged) -> tuple[str, str] | None:
    """What is wrong with a line, and how to mend it."""
    if len(right) != 1:
        sides = len(right) + 1
        return f"a line holds a sentence, ` ||| ` and its translation, and this one has {sides} parts", "mend the line"
    if left != " ".join(row.words).split():
        said = f"`{' '.join(left)}` stands beside the translation, and the labelled sentence is `{' '.join(row.words)}`"
        return said, "the source's words stay as they are labelled, in the same order"
    if not right[0].split():
        return f"`{' '.join(left)}` has no translation", "translate it, or leave the sentence out of the labelled data"
    return None


def read_pharaoh(file: Path, name: str, pairs: Sequence[Pair]) -> list[list[Link]]:
    """The links of these pairs; a trailing ` ||| score` is left out."""
    lines = lines_of(file, name)
    check_lengths(lines, pairs, name, "sentence pairs")
    problems: list[Problem] = []
    found: list[list[Link]] = []
    for number, (line, pair) in enumerate(zip(lines, pairs, strict=True), 1):
        texts = line.partition("|||")[0].split()
        wrong = [text for text in texts if not re.fullmatch(r"\d+-\d+", text)]
        links = [_link(text) for text in texts if text not in wrong]
        far = [f"{i}-{j}" for i, j in links if i >= len(pair.source) or j >= len(pair.target)]
        if wrong:
            what = f"a link is SOURCE-TARGET, such as 0-0, and `{wrong[0]}` is none"
            problems.append(Problem(what, f"{name}:{number}", "mend the line"))
        if far:
            what = (
                f"the link {far[0]} is out of range: the sentence has {len(pair.source)} words and its translation "
                f"{len(pair.target)}, counted from 0"
            )
            problems.append(Problem(what, f"{name}:{number}", "align these very words, cut as they are here"))
        found.append(sorted(set(links)))
    if problems:
        raise RunError(f"{name} can't be used; {len(problems)} lines are off.", problems[:TOLD])
    return found


def untranslated(pairs: Iterable[Pair]) -> Iterator[int]:
    """The lines, from 1, whose translation is missing or is the sentence itself: two words or more, not all names."""
    for number, pair in enumerate(pairs, 1):
        copied = pair.target == pair.source and any(word.islower() for word in pair.source) and len(pair.source) > 1
        if not pair.target or copied:
            yield number

"""The work of data stages: bring what a data set offers into the store, in one form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xlt_core.data.hub import read_hub
from xlt_core.data.records import EXAMPLES, OTHER, PAIRS, TEXT, Tagged, write_tagged
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job


def read(job: Job) -> None:
    """Read what the stage's offer names: the mini world, a file, or the hub."""
    location = str(job.stage.options["location"])
    where, _, rest = location.partition(":")
    if where == "mini":
        from xlt_core.data.mini import read as read_mini

        read_mini(job)
    elif where == "file":
        lines(job)
    else:
        read_hub(job, rest)


def two_columns(job: Job) -> None:
    """The work of the reader `two_columns`."""
    file, language = _file(job), job.fact[2]
    rows = list(read_two_columns(file, language))
    _check_labels(file, rows, set(job.task.labels) if job.task else set())
    write_tagged(job.out / EXAMPLES, rows)


def lines(job: Job) -> None:
    """The work of the reader `lines`, and of files that no reader was chosen for."""
    target = {"text": TEXT, "parallel": PAIRS}.get(job.fact[0], OTHER)
    (job.out / target).write_bytes(_file(job).read_bytes())


def _file(job: Job) -> Path:
    return Path(str(job.stage.options["location"]).removeprefix("file:"))


def read_two_columns(file: Path, language: str) -> Iterator[Tagged]:
    """`word<TAB>tag` a line, a blank line between sentences; what is off is told with its line."""
    words: list[str] = []
    tags: list[str] = []
    count = 0
    problems: list[Problem] = []
    for number, line in enumerate([*_lines(file), ""], 1):
        cells = line.split("\t")
        if not line.strip():
            if words:
                count += 1
                yield Tagged(f"{file.stem}-{count}", language, tuple(words), tuple(tags))
            words, tags = [], []
        elif len(cells) != 2 or not all(cells):
            what = f"a line holds a word, a tab and a tag, and this one has {len(cells)} columns: `{line}`"
            fix = "mend the line: its word, one tab, its tag; a blank line ends a sentence"
            problems.append(Problem(what, f"{file}:{number}", fix))
        else:
            words.append(cells[0])
            tags.append(cells[1])
    if count == 0 and not problems:
        problems.append(Problem("there is no sentence in it", str(file)))
    if problems:
        raise RunError(f"{file} can't be read.", problems[:5])


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        problem = Problem("this is not UTF-8", f"{file}:{line}", f"iconv -f latin1 -t utf-8 {file}")
        raise RunError(f"{file} can't be read.", [problem]) from None


def _check_labels(file: Path, rows: list[Tagged], known: set[str]) -> None:
    unknown = {tag for row in rows for tag in row.tags} - known
    if unknown:
        what = f"tags that the task doesn't have: {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}"
        raise RunError(f"{file} can't be used.", [Problem(what, str(file))])

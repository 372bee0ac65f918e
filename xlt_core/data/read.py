"""The work of data stages: bring what a data set offers into the store, in one form."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from xlt_core.catalog import Catalog, load_object
from xlt_core.data.checksums import sum_of
from xlt_core.data.doubts import LOOKED_AT, doubts
from xlt_core.data.fingerprint import fingerprint
from xlt_core.data.hub import NO_PAIRS, read_hub
from xlt_core.data.readers.labels import Told, settled
from xlt_core.data.readers.source import Source
from xlt_core.data.records import EXAMPLES, OTHER, PAIRS, READ, TEXT, write_tagged
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job
from xlt_core.slots.reading import LabelReader, Reader

FILES = {"text": TEXT, "parallel": PAIRS}
"""What texts are called in the store; anything else without labels is `OTHER`."""
SHOWN = 20
KEPT = "kept"
"""The folder of a result in which the file lies that it was read from, where answers are to be written into it."""
Work = Callable[[Source, Any], Iterator[Any]]
"""What reads: a file and a reader's options to numbered examples, or numbered cells."""


def read(job: Job) -> None:
    """Read what the stage's offer names: the mini world, a file, or the hub."""
    location = str(job.stage.options["location"])
    where, _, rest = location.partition(":")
    if where == "mini":
        from xlt_core.data.mini import read as read_mini

        read_mini(job)
    elif where == "file":
        read_file(job)
    else:
        read_hub(job, rest)
    if job.fact[0] in FILES:
        _look_at(job)


def _look_at(job: Job) -> None:
    """Refuse texts and sentences of which there are none, and say what is odd about translations."""
    name, of = job.fact[:2]
    with (job.out / FILES[name]).open(encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in islice((line for line in lines if line.strip()), LOOKED_AT)]
    if not rows:
        what = f"there is no {'sentence' if name == 'parallel' else 'text'} in what was read for {name}:{of}"
        fix = f"--resource {name}:{of}=FILE with more in it" + NO_PAIRS * (name == "parallel")
        raise RunError("There is nothing to read.", [Problem(what, job.stage.id, fix)])
    for doubt in doubts(rows, of.split("-")) if name == "parallel" else ():
        job.note(doubt)


def read_file(job: Job) -> None:
    """A file, by the reader that the plan names; what is off in it ends the run, with all that was met."""
    source, options, work = opened(job)
    if job.fact[0] == "labels":
        assert isinstance(options, LabelReader)
        told = Told()
        rows = settled(source, work(source, options), options, told)
        source.findings.refuse(source.file)
        if not rows:
            raise RunError(f"{source.file} can't be read.", [Problem("there is no sentence in it", str(source.file))])
        if job.stage.options.get("keep"):
            _keep(job, source.file)
        write_tagged(job.out / EXAMPLES, rows)
        _tell(job, source, told.as_data())
        return
    count = _write(job.out / FILES.get(job.fact[0], OTHER), (cells for _, cells in work(source, options)))
    source.findings.refuse(source.file)
    _tell(job, source, {"rows": count})


def _keep(job: Job, file: Path) -> None:
    """Have the file as it is; it must still be the one that the plan was made for."""
    (job.out / KEPT).mkdir()
    kept = shutil.copyfile(file, job.out / KEPT / file.name)
    if fingerprint(f"file:{kept}") != job.stage.options["content"]:
        problem = Problem("it has changed since the run began", str(file), "the same command again")
        raise RunError(f"{file} can't be read.", [problem])


def opened(job: Job) -> tuple[Source, Reader, Work]:
    """A stage's file, and the reader that reads it: its options and its work."""
    options, work = reader(job.catalog, job.stage.options["reader"])
    file, *beside = (
        Path(place.removeprefix("file:"))
        for place in (job.stage.options["location"], *job.stage.options.get("beside", ()))
    )
    split = job.fact[3] if job.fact[0] == "labels" else ""
    return Source(file, job.stage.languages, split, job.task, tuple(beside)), options, work


def reader(catalog: Catalog, told: Mapping[str, Any]) -> tuple[Reader, Work]:
    """A reader's options and its work, by its name and what it was told.

    >>> options, work = reader(load_catalog(), {"use": "conllu", "rename": {"CONJ": "CCONJ"}})
    """
    card = catalog.get("reading", told["use"]).card
    assert card.work is not None, "a plan with parts that aren't built is refused"
    options: Reader = load_object(card.declares).model_validate({k: v for k, v in told.items() if k != "use"})
    return options, load_object(card.work)


def _write(file: Path, rows: Iterator[tuple[str, ...]]) -> int:
    count = 0
    with file.open("w", encoding="utf-8") as out:
        for count, cells in enumerate(rows, 1):  # noqa: B007
            out.write("\t".join(cells) + "\n")
    return count


def _tell(job: Job, source: Source, told: dict[str, Any]) -> None:
    """What became of the file, kept beside what was read from it; the first remarks in full."""
    known = job.stage.offer.sha256 if job.stage.offer is not None else ""
    if known:
        told["sha256"] = sum_of(source.file)
        if told["sha256"] != known:
            job.note(
                f"{source.file} isn't as {job.stage.part.partition(' in ')[0]} was released, as far as is known: its "
                f"SHA-256 is {told['sha256']}, and the release's {known}"
            )
    remarks = [str(finding.problem()) for finding in source.findings.remarks]
    if source.findings.read_as:
        told["read_as"] = source.findings.read_as
    if remarks:
        told |= {"remarks": len(remarks), "first": remarks[:SHOWN]}
    (job.out / READ).write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    job.report({"kind": "read", **{name: value for name, value in told.items() if name != "first"}})

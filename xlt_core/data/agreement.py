"""Whether task models whose answers will be mixed are to learn the same labels: seen before any of them is trained."""

from __future__ import annotations

import json

from xlt_core.data.records import EXAMPLES, UNLABELLED, read_tagged
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job

LABELS = "labels.json"


def agree(job: Job) -> None:
    """Leave the labels that all have; refuse others, by name."""
    found = {key: _labels(job, facts) for key, facts in job.stage.options["models"].items()}
    common = set.intersection(*found.values())
    if odd := sorted(set.union(*found.values()) - common):
        lacking = "; ".join(f"{key} has no {', '.join(own)}" for key, tags in found.items() if (own := _of(odd, tags)))
        what = f"what they learn from has different labels, and such answers can't be mixed: {lacking}"
        fix = f"data with the same labels, --set reading.labels.rename.{odd[0]}=null, or --set inference=each"
        raise RunError("These can't answer together.", [Problem(what, job.stage.id, fix)])
    (job.out / LABELS).write_text(json.dumps(sorted(common), ensure_ascii=False), encoding="utf-8")


def _labels(job: Job, facts: list[str]) -> set[str]:
    rows = (row for fact in facts for row in read_tagged(job.inputs[fact] / EXAMPLES))
    return {tag for row in rows for tag in row.tags} - {UNLABELLED}


def _of(odd: list[str], tags: set[str], most: int = 5) -> list[str]:
    """The first labels that a model won't learn."""
    return [label for label in odd if label not in tags][:most]

"""The work of the core's combiners: how much each task model counts for a target."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from xlt_core.data.records import OTHER
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job

WEIGHTS = "weights.json"


def write_weights(job: Job, weights: Mapping[str, float]) -> None:
    """A combiner's result; weights of another sum than 1 are a mistake of its work."""
    assert math.isclose(sum(weights.values()), 1.0, abs_tol=1e-6), weights
    (job.out / WEIGHTS).write_text(json.dumps(dict(weights), indent=2) + "\n", encoding="utf-8")


def uniform(job: Job) -> None:
    """All alike."""
    keys = job.stage.options["models"]
    write_weights(job, {key: 1 / len(keys) for key in keys})


def file(job: Job) -> None:
    """From a file, `source<TAB>weight` a line; they are brought to the sum 1."""
    (folder,) = job.inputs_named("resource weights").values()
    keys = list(job.stage.options["models"])
    found: dict[str, float] = {}
    problems = []
    for number, line in enumerate((folder / OTHER).read_text(encoding="utf-8").splitlines(), 1):
        try:
            key, weight = line.split("\t")
            found[key] = float(weight)
        except ValueError:
            what = f"a line holds a source, a tab and a weight, and this one is `{line}`"
            problems.append(Problem(what, f"weights of {job.stage.languages[0]}, line {number}"))
    missing = [key for key in keys if found.get(key, 0.0) < 0 or key not in found]
    if missing and not problems:
        problems.append(Problem(f"no weight, or one below 0, for {', '.join(missing)}", job.stage.id))
    total = sum(found.get(key, 0.0) for key in keys)
    if not problems and total <= 0:
        problems.append(Problem("the weights add up to nothing", job.stage.id))
    if problems:
        raise RunError("The weights can't be used.", problems[:5])
    write_weights(job, {key: found[key] / total for key in keys})

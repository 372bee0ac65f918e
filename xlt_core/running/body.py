"""The body that a run has trained, as a plain transformers folder: for `--backbone DIR`, or for anything else.

    python -m xlt_core.running.body RUN OUT

The last body that all languages share is taken, in fp32, with its language-model head and the tokenizer it was
trained with. Adapters and task heads stay in the store.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from xlt_core.errors import Problem, UnavailableError, UsageError, XltError
from xlt_core.graph.store import Store
from xlt_core.permissions import as_new_files
from xlt_core.report.folder import RunFolder


def export(run: Path, out: Path, store: Path | None = None) -> str:
    """Write the folder; the name of the stage whose body it is.

    >>> export(Path("runs/small"), Path("small_backbone"))       # doctest: +SKIP
    'adapt(24 languages)'
    """
    from xlt_core.engine.net import assemble

    if out.exists():
        raise UsageError("Nothing was exported.", [Problem(f"{out} is there already", "OUT", "a new folder's name")])
    folder, at = RunFolder.open(run), Store.at(store)
    stages = json.loads((folder.path / "plan.json").read_text(encoding="utf-8"))["stages"]
    bodies = {fact: stage for stage in stages for fact in stage["gives"] if _is_body(fact)}
    if not bodies:
        fix = "a run with an adaptation or a training of the whole model"
        raise UnavailableError("Nothing was exported.", [Problem(f"{run} trains no body that all share", "RUN", fix)])
    fact, trained = list(bodies.items())[-1]
    (backbone,) = (stage for stage in stages if "artefact tokenizer:backbone" in stage["gives"])
    for stage in (trained, backbone):
        if not at.has(stage["key"]):
            what = f"the result of {stage['id']} is not in the store {at.root}"
            fix = f"xlt run --config {run}/run.yaml --out {run} --resume, or --store FOLDER"
            raise UnavailableError("Nothing was exported.", [Problem(what, str(run), fix)])
    net = assemble({"artefact tokenizer:backbone": at.path(backbone["key"]), fact: at.path(trained["key"])}, ())
    net.backbone.model.save_pretrained(out)
    net.backbone.tokenizer.save_pretrained(out)
    as_new_files(out)
    return str(trained["id"])


def _is_body(fact: str) -> bool:
    return fact.startswith("parts body/") and fact.endswith("@shared")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    about = "The body that a run has trained, as a transformers folder."
    parser = argparse.ArgumentParser(prog="python -m xlt_core.running.body", description=about)
    parser.add_argument("run", type=Path, metavar="RUN", help="the folder of a run that is finished")
    parser.add_argument("out", type=Path, metavar="OUT", help="a folder that isn't there yet")
    parser.add_argument("--store", type=Path, metavar="PATH", help="where results are kept, if not in the user's cache")
    told = parser.parse_args(arguments)
    try:
        stage = export(told.run, told.out, told.store)
    except XltError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.exit)
    sys.stdout.write(f"{told.out}: the body of {stage}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

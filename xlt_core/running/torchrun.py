"""Several processes that `torchrun` began, at one run: the first does it, the others help where it trains.

torchrun --nproc-per-node 4 -m xlt_core.cli.main run --method madx …
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from xlt_core.engine.processes import joined, processes
from xlt_core.graph.job import Job
from xlt_core.graph.stages import Plan, Stage

TRAINS = ("adaptation", "training")


def invite(stage: Stage, job: Job) -> None:
    """The first process is about to do a stage: where it trains, the others do it too."""
    if processes() > 1 and stage.slot in TRAINS:
        _told((stage.id, str(job.unfinished) if job.unfinished else None, {k: str(v) for k, v in job.inputs.items()}),
              job.settings.device)  # fmt: skip


def dismiss(device: str) -> None:
    """The run is over."""
    if processes() > 1:
        _told(None, device)


def invitation(plan: Plan, job: Job) -> Job | None:
    """Wait for the first process, and return what it does next, with a folder of its own; None when all is done."""
    told = _told(None, job.settings.device)
    if told is None:
        return None
    name, unfinished, inputs = told
    folders = {fact: Path(folder) for fact, folder in inputs.items()}
    out = Path(tempfile.mkdtemp(prefix="xlt-"))
    kept = Path(unfinished) if unfinished else None
    return replace(job, stage=plan[name], inputs=folders, out=out, unfinished=kept)


Told = tuple[str, str | None, dict[str, str]] | None


def _told(message: Told, device: str) -> Told:
    """What the first process says, in every process."""
    import torch
    from accelerate.utils import broadcast_object_list

    joined(cpu=device == "cpu" or not torch.cuda.is_available())
    box = [message]
    broadcast_object_list(box)
    return box[0]

"""The work of a training stage: learn a task from labelled examples."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import torch

from xlt_core.data.encode import SIDE_VALUES, Piece, reader_for, reads_in
from xlt_core.data.records import EXAMPLES, Tagged, read_tagged
from xlt_core.data.schemes import convert, labels_in, scheme_of
from xlt_core.engine.batching import generator
from xlt_core.engine.channels import LanguageVectors, Reading
from xlt_core.engine.checks import Dev
from xlt_core.engine.course import learn
from xlt_core.engine.device import Machine
from xlt_core.engine.net import Net, assemble
from xlt_core.engine.readers import LanguageReaders, with_forms
from xlt_core.engine.terms import stage_options
from xlt_core.engine.vocabularies import SHARED
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job
from xlt_core.model.adapters import Adapter, AdapterShape, TaskAdapter
from xlt_core.model.heads import HeadSpec
from xlt_core.slots.schedule import Training


def train(job: Job) -> None:
    """Train on the labels, measured as `select` says, and keep what it keeps."""
    options = stage_options(job, "training")
    assert isinstance(options, Training)
    machine = Machine.of(job.settings)
    net, pieces, dev = ready(job, options)
    learn(job, net, pieces, options, machine, dev)
    net.save(job.out)


def ready(job: Job, options: Training) -> tuple[Net, list[Piece], Dev]:
    """The net that a task is to be taught to, with what it is taught and measured on."""
    assert job.task is not None and job.stage.seed is not None
    rows, dev = _labelled(job, "train", options.scheme), _labelled(job, "dev")
    rows = _shots(rows, job.stage.options.get("shots", {}), job.stage.seed)
    kept = _share(rows, options.share, job.stage.seed)
    languages = job.stage.languages if options.stack == "language_parts" else ()
    net = assemble(job.inputs, languages, job.stage.languages[-1], Reading.of(job.stage.details))
    _prepare(net, options, job, rows + dev)
    length = min(options.max_length, job.backbone.positions)
    truncate, side = options.too_long == "truncate", options.side_features
    reads = reads_in(job.stage.details)
    unit, on = job.task.unit, options.label_on
    reader = LanguageReaders(net, lambda own: reader_for(unit, own, length, truncate, on, side, reads))
    pieces = reader.stretches(kept, {label: n for n, label in enumerate(net.labels)})
    if not pieces:
        raise RunError("Training can't begin.", [Problem("no labelled sentence has a word", job.stage.id)])
    return net, pieces, Dev(reader, dev)


def _prepare(net: Net, options: Training, job: Job, rows: Sequence[Tagged]) -> None:
    """New parts where no earlier stage made them; and what is trained, and nothing else, left trainable."""
    assert job.task is not None and job.stage.seed is not None
    spec = _head_spec(options, job, rows)
    if net.head is None:
        net.add_head(spec, job.stage.seed)
    assert net.head is not None
    _refuse_other_head(net.head.spec, spec, job)
    if options.train == "task_adapter" and net.task is None:
        # No task adapter in the last layer where the languages' adapters have none there.
        shape = AdapterShape.of(net.backbone, reduction=options.task_reduction, leave_out=_left_out(net))
        net.task = TaskAdapter(job.task.name, shape, generator(job.stage.seed, "task adapter"))
    trained: dict[str, list[torch.nn.Module]] = {
        "all": [net.backbone.base, net.head, *_shared(net, job)],
        "task_adapter": [net.head, *([net.task] if net.task is not None else [])],
        "head": [net.head],
    }
    net.freeze_but(*trained[options.train])


def _shared(net: Net, job: Job) -> list[torch.nn.Module]:
    """What all languages are read by, beside the body: it is trained where the body is."""
    assert job.stage.seed is not None
    if net.reading_as.languages and net.language_ids is None:
        pairs = [fact.rpartition(":")[2].split("-") for fact in job.inputs_named("resource dictionary:")]
        met = [language for pair in pairs for language in pair]
        net.language_ids = LanguageVectors.drawn(
            net.backbone.width, met, job.stage.languages, net.reading_as.languages, job.stage.seed
        )
    rows = [rows for name, rows in net.rows.items() if name.partition(":")[0] == SHARED]
    shared = [net.tables.rows, *([net.language_ids] if net.language_ids is not None else [])]
    return [*rows, *shared]


def _head_spec(options: Training, job: Job, rows: Sequence[Tagged]) -> HeadSpec:
    """The head that the options ask for, with the task's labels or those that occur."""
    assert job.task is not None
    whole = job.task.unit in ("sentence", "pair")
    labels = job.task.labels or tuple(sorted({tag for row in rows for tag in row.tags}))
    if job.task.unit == "span":
        labels = labels_in(options.scheme, labels)
    auto: Literal["pooled", "softmax"] = "pooled" if whole else "softmax"
    side = {str(name): SIDE_VALUES[name] for name in options.side_features}
    kind = auto if options.head == "auto" else options.head
    return HeadSpec(labels, kind, options.scheme, options.label_on == "continuation", side, options.pool)


def _refuse_other_head(found: HeadSpec, wanted: HeadSpec, job: Job) -> None:
    """A head of an earlier training goes on as what it is."""
    names = {"kind": "head", "scheme": "scheme", "continued": "label_on", "side": "side_features", "pool": "pool"}
    other = [name for field, name in names.items() if getattr(found, field) != getattr(wanted, field)]
    if other:
        what = f"the head of the earlier training has another {', '.join(other)}"
        fix = "give both trainings the same " + ", ".join(other)
        raise RunError("Training can't go on from this head.", [Problem(what, job.stage.id, fix)])


def _left_out(net: Net) -> tuple[int, ...]:
    for adapter in net.languages.values():
        assert isinstance(adapter, Adapter)
        return adapter.shape.leave_out
    return ()


def _labelled(job: Job, split: str, scheme: Literal["iob2", "bioes", "oi"] | None = None) -> list[Tagged]:
    """All sentences of a split, language after language, their spans written in a scheme or as they come."""
    folders = [folder for fact, folder in job.inputs_named("labels ").items() if fact.endswith(f":{split}")]
    files = [with_forms(read_tagged(folder / EXAMPLES), folder, job) for folder in folders]
    if scheme is not None and job.task is not None and job.task.unit == "span":
        schemes = [scheme_of(row.tags for row in file) for file in files]
        files = [
            [replace(row, tags=convert(row.tags, old, scheme)) for row in file]
            for file, old in zip(files, schemes, strict=True)
        ]
    rows = [row for file in files for row in file]
    if split == "train" and not rows:
        raise RunError("Training can't begin.", [Problem("there is no labelled sentence to train on", job.stage.id)])
    return rows


def _shots(rows: list[Tagged], most: Mapping[str, int], seed: int) -> list[Tagged]:
    """Of some languages no more than so many sentences, drawn by the seed."""
    kept: set[int] = set(range(len(rows)))
    for language, count in most.items():
        of = [n for n, row in enumerate(rows) if row.language == language]
        order = torch.randperm(len(of), generator=generator(seed, "shots", language)).tolist()
        kept -= {of[n] for n in order[count:]}
    return [rows[n] for n in sorted(kept)]


def _share(rows: list[Tagged], share: float, seed: int) -> list[Tagged]:
    """So much of the examples, drawn by the seed; all of them in their order where it is 1."""
    if share == 1.0:
        return rows
    order = torch.randperm(len(rows), generator=generator(seed, "share")).tolist()
    return [rows[n] for n in sorted(order[: math.ceil(share * len(rows))])]

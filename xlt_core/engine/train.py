"""The work of a training stage: learn a task from labelled sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from xlt_core.config.settings import Budget
from xlt_core.data.encode import Batch, Piece, SubwordReader, reader_for
from xlt_core.data.records import EXAMPLES, Tagged, read_tagged
from xlt_core.engine.batching import generator
from xlt_core.engine.context import Context
from xlt_core.engine.device import arithmetic, prepare
from xlt_core.engine.loop import Event, Term, train_steps
from xlt_core.engine.predict import tag
from xlt_core.engine.score import measure
from xlt_core.engine.tagger import Tagger, load_tagger, trained_folders
from xlt_core.errors import Problem, RunError
from xlt_core.facts import View
from xlt_core.graph.job import Job
from xlt_core.slots.losses import Loss
from xlt_core.slots.schedule import Training


def train(job: Job) -> None:
    """Train, check after each epoch on the sources' development data, keep the best."""
    from xlt_core.config.parts import options_class

    data = {k: v for k, v in job.stage.options.items() if k not in ("losses", "budget", "precision")}
    options = options_class(job.catalog.get("training", job.stage.part)).model_validate(data)
    assert isinstance(options, Training) and job.task is not None and job.stage.seed is not None
    device = prepare(job.settings)
    rows, dev = _labelled(job, "train"), _labelled(job, "dev")
    labels = job.task.labels or tuple(sorted({tag for row in (*rows, *dev) for tag in row.tags}))
    before = trained_folders(job.inputs, job.stage.languages[-1])
    tagger, tokenizer = load_tagger(job.inputs, labels, job.stage.seed, before)
    tagger.to(device)
    tagger.freeze(options.train)
    length = min(options.max_length, job.backbone.positions)
    reader = reader_for(job.task.unit, tokenizer, length, options.too_long == "truncate")
    budget = Budget.read(job.settings.budget) if job.settings.budget else None
    kept = _share(rows, options.share, job.stage.seed)
    pieces = reader.stretches(kept)
    best = _Best(tagger, reader, dev, device, job)
    contexts = _Contexts(tagger, reader, kept, device)
    with arithmetic(job.settings, device):
        for event in train_steps(tagger, _terms(job), pieces, contexts, options, job.stage.seed, budget):
            if event.kind == "epoch" and options.select.keep == "best" and dev:
                best.look(event)
            elif event.kind == "step":
                told = {"step": event.step, "epoch": round(event.epoch, 3), "tokens": event.tokens}
                job.report({"kind": "step", **told, **event.losses})
    best.restore()
    tagger.save(job.out)


def _labelled(job: Job, split: str) -> list[Tagged]:
    """All sentences of a split, language after language."""
    folders = [folder for fact, folder in job.inputs_named("labels ").items() if fact.endswith(f":{split}")]
    rows = [row for folder in folders for row in read_tagged(folder / EXAMPLES)]
    if split == "train" and not rows:
        raise RunError("Training can't begin.", [Problem("there is no labelled sentence to train on", job.stage.id)])
    return rows


def _share(rows: list[Tagged], share: float, seed: int) -> list[Tagged]:
    """So much of the examples, drawn by the seed; all of them in their order where it is 1."""
    if share == 1.0:
        return rows
    order = torch.randperm(len(rows), generator=generator(seed, "share")).tolist()
    return [rows[n] for n in sorted(order[: math.ceil(share * len(rows))])]


def _terms(job: Job) -> list[Term]:
    terms = []
    for name, data in job.stage.options["losses"].items():
        options, work = job.part("loss", data["use"], data)
        assert isinstance(options, Loss)
        terms.append(Term(name, options, work))
    return terms


class _Contexts:
    """Makes a step's context from the stretches that run together."""

    def __init__(self, tagger: Tagger, reader: SubwordReader, rows: Sequence[Tagged], device: torch.device) -> None:
        self.tagger, self.reader, self.rows, self.device = tagger, reader, rows, device
        self.labels = {label: n for n, label in enumerate(tagger.labels)}

    def __call__(self, pieces: Sequence[Piece]) -> Context:
        batch: Batch = self.reader.batch(pieces, self.rows, self.labels).to(self.device)
        return Context({View(): batch}, self.tagger.encode, self.tagger.score)


class _Best:
    """The weights at the check with the best development score; the earlier one where two are equal."""

    def __init__(
        self, tagger: Tagger, reader: SubwordReader, dev: list[Tagged], device: torch.device, job: Job
    ) -> None:
        self.tagger, self.reader, self.dev, self.device, self.job = tagger, reader, dev, device, job
        self.score = float("-inf")
        self.weights: dict[str, torch.Tensor] = {}

    def look(self, event: Event) -> None:
        assert self.job.task is not None
        predicted = tag(self.tagger, self.reader, self.dev, self.device)
        name = self.job.task.metrics[0]
        values = measure(name, [row.tags for row in self.dev], predicted)
        score = values[name]
        self.job.report({"kind": "check", "epoch": round(event.epoch, 3), f"dev {name}": score})
        if score > self.score:
            self.score = score
            trained = ((n, w) for n, w in self.tagger.named_parameters() if w.requires_grad)
            self.weights = {name: weight.detach().clone() for name, weight in trained}

    def restore(self) -> None:
        if self.weights:
            self.tagger.load_state_dict(self.weights, strict=False)

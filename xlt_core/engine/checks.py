"""What a model that is still training is measured by: its loss on text that was held out, or answers. Higher is better.

An evaluator that can select names its function here or in a plugin (`Evaluator.selects`); it is called as
`function(check, options)`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import groupby

import torch

from xlt_core.catalog import load_object
from xlt_core.data.corpus import side_of
from xlt_core.data.encode import Piece, TextReader
from xlt_core.data.records import Tagged
from xlt_core.engine.context import Context
from xlt_core.engine.device import Machine
from xlt_core.engine.dropout import reseed
from xlt_core.engine.feed import Feed
from xlt_core.engine.groups import Joined
from xlt_core.engine.net import Net
from xlt_core.engine.predict import in_data_scheme, tag
from xlt_core.engine.readers import Reader
from xlt_core.engine.retrieval import ranks_of
from xlt_core.engine.score import MEASURES
from xlt_core.engine.states import pooled_states
from xlt_core.engine.update import Term
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job
from xlt_core.slots.base import Options
from xlt_core.slots.evaluation import Evaluator, Retrieval
from xlt_core.slots.schedule import Schedule

AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Dev:
    """Labelled sentences to be answered, and how they are read."""

    reader: Reader
    rows: Sequence[Tagged]


@dataclass(frozen=True, slots=True)
class Check:
    """A model and what it can be measured on."""

    job: Job
    net: Net
    machine: Machine
    options: Schedule
    terms: Sequence[Term] = ()
    feed: Feed | None = None
    held_out: Sequence[Piece] = field(default=())
    dev: Dev | None = None

    @property
    def name(self) -> str:
        """What is measured, as reports call it."""
        by = self.options.select.by
        if by == "task_dev":
            assert self.job.task is not None
            return f"dev {self.job.task.metrics[0]}"
        return {"held_out_loss": "held-out loss"}.get(by, f"dev {by}")

    def value(self) -> float:
        """The model's value now; all processes get the first one's."""
        by = self.options.select.by
        self.net.eval()
        with self.machine.arithmetic():
            found = _by_evaluator(self) if by != "held_out_loss" else -held_out_loss(self)
        return self.machine.same(found)


def _by_evaluator(check: Check) -> float:
    by = check.options.select.by
    assert by != "task_dev" or check.job.task is not None
    name = check.job.task.metrics[0] if by == "task_dev" and check.job.task is not None else by
    declared: type[Options] = load_object(check.job.catalog.get("evaluation", name).card.declares)
    options = declared.model_validate(check.options.select.options)
    assert isinstance(options, Evaluator) and options.selects, "a plan that selects by anything else is refused"
    work: Callable[[Check, Options], float] = load_object(options.selects)
    return float(work(check, options))


def held_out_loss(check: Check) -> float:
    """Σ weight · Σ sum / Σ count over what was held out, its masks always the same ones."""
    assert check.feed is not None and check.job.stage.seed is not None
    sums, counts = [0.0] * len(check.terms), [0.0] * len(check.terms)
    size = check.feed.group or AT_ONCE
    with torch.no_grad():
        for number, start in enumerate(range(0, len(check.held_out), size)):
            reseed(check.job.stage.seed, "held out", number)
            contexts = check.feed(check.held_out[start : start + size], -1 - number)
            for n, term in enumerate(check.terms):
                for ctx in _whole(contexts, check.machine.device) if term.compares else contexts:
                    value, count = term.work(ctx, term.options)
                    sums[n] += float(value)
                    counts[n] += float(count)
    parts = zip(check.terms, sums, counts, strict=True)
    return math.fsum(term.options.weight * value / max(count, 1.0) for term, value, count in parts)


def _whole(contexts: Sequence[Context], device: torch.device) -> list[Context]:
    groups = [list(cuts) for _, cuts in groupby(contexts, key=lambda ctx: ctx.group)]
    return [cuts[0] if len(cuts) == 1 else Joined.of(cuts, Machine(device), nullcontext) for cuts in groups]


def on_dev(check: Check, options: Evaluator) -> float:
    """A measure of the answers for the task's development data."""
    assert check.dev is not None and check.net.head is not None and check.job.task is not None
    rows = check.dev.rows
    if not rows:
        problem = Problem("there is no development sentence", check.job.stage.id, "--set training.select.keep=last")
        raise RunError("Checkpoints can't be compared.", [problem])
    predicted = tag(check.net, check.dev.reader, list(rows), check.machine.device)
    if check.job.task.unit == "span":
        predicted = in_data_scheme(check.net.head, predicted, rows)
    by = check.options.select.by
    name = check.job.task.metrics[0] if by in ("task_dev", "task") else by
    strict = {"strict": True} if getattr(options, "decoding", None) == "strict" else {}
    return MEASURES[name]([row.tags for row in rows], predicted, **strict)[name]


def retrieval(check: Check, options: Retrieval) -> float:
    """Per cent of sentences whose translation is among the nearest, a mean over languages."""
    found = []
    for fact, folder in check.job.inputs_named("resource parallel:").items():
        pair = fact.removeprefix("resource parallel:")
        queries = options.queries or pair.split("-")[1]
        asked = next(code for code in pair.split("-") if code != queries)
        known, there = (_vectors(check, side_of(folder, pair, code), code, options) for code in (queries, asked))
        found.append(ranks_of(known, there).top(options.top[-1]))
    if not found:
        problem = Problem("there is no parallel text to find sentences in", check.job.stage.id)
        raise RunError("Checkpoints can't be compared.", [problem])
    return math.fsum(found) / len(found)


def _vectors(check: Check, lines: Sequence[str], language: str, options: Retrieval) -> torch.Tensor:
    length = min(check.options.max_length, check.job.backbone.positions)
    pieces = TextReader(check.net.tokenizer_of(language), length).stretches(lines, language)
    layer = options.layer_of(check.job.backbone.layers)
    return pooled_states(check.net, pieces, len(lines), layer, options.specials, check.machine.device)

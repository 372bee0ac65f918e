"""The work of an adaptation by language adapters: learn a language from its text, the body frozen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Protocol

from xlt_core.data.corpus import each_line
from xlt_core.data.encode import Piece, TextReader
from xlt_core.data.kept import Stretches
from xlt_core.engine.batching import generator
from xlt_core.engine.course import learn
from xlt_core.engine.device import Machine
from xlt_core.engine.net import Net, assemble
from xlt_core.engine.terms import stage_options
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job
from xlt_core.model.adapters import AdapterShape, LanguageAdapter
from xlt_core.slots.schedule import Adaptation, Madx


class Bottleneck(Protocol):
    """The options that say what a language's adapter is like."""

    @property
    def reduction(self) -> int: ...
    @property
    def invertible(self) -> bool: ...
    @property
    def invertible_reduction(self) -> int: ...
    @property
    def leave_out(self) -> tuple[int, ...]: ...


def madx(job: Job) -> None:
    """Train one language's adapter, its invertible part, its own rows if it has some, and the masked head."""
    options = stage_options(job, "adaptation")
    assert isinstance(options, Madx)
    net = with_adapter(job, options)
    learn(job, net, read_text(job, net, options), options, Machine.of(job.settings))
    net.save(job.out)


def with_adapter(job: Job, options: Bottleneck) -> Net:
    """The net of one language with a new adapter: that, the masked head and the language's own rows are to be trained,
    and nothing else."""
    (language,) = job.stage.languages
    assert job.stage.seed is not None
    net = assemble(job.inputs, ())
    inverse = options.invertible_reduction if options.invertible else None
    shape = AdapterShape.of(
        net.backbone, decoder=True, reduction=options.reduction, activation="relu", leave_out=options.leave_out,
        inverse_reduction=inverse,
    )  # fmt: skip
    adapter = LanguageAdapter(language, shape, generator(job.stage.seed, "language adapter", language))
    net.languages[language] = adapter
    net.freeze_but(adapter, net.rows)
    for weight in net.mlm_head(language).values():
        weight.requires_grad_(True)
    return net


def read_text(job: Job, net: Net, options: Adaptation) -> Sequence[Piece]:
    """The stretches of one language's text, or of its samples: what is over-long goes on in the next."""
    (language,) = job.stage.languages
    length = min(options.max_length, job.backbone.positions)
    return Stretches(
        TextReader(net.tokenizer_of(language), length), lines_to_learn(job, options), language, job.unfinished
    )


def lines_to_learn(job: Job, options: Adaptation) -> Iterator[str]:
    """The lines of one language's text, or its samples, as many as are wanted, one after the other."""
    (language,) = job.stage.languages
    lines = islice(_lines(job, language), options.samples)
    first = next(lines, None)
    if first is None:
        problem = Problem(f"the text of {language} is empty", job.stage.id, f"--resource text:{language}=FILE")
        raise RunError("Adaptation can't begin.", [problem])
    return chain([first], lines)


def _lines(job: Job, language: str) -> Iterator[str]:
    for fact in (f"artefact samples:{language}", f"resource text:{language}"):
        for folder in job.inputs_named(fact).values():
            return each_line(folder)
    raise AssertionError("an adaptation reads a text")

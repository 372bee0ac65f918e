"""The work of an adaptation by language adapters: learn a language from its text, the body frozen."""

from __future__ import annotations

from xlt_core.data.corpus import lines_of
from xlt_core.data.encode import Piece, TextReader
from xlt_core.engine.batching import generator
from xlt_core.engine.course import learn
from xlt_core.engine.device import Machine
from xlt_core.engine.net import Net, assemble
from xlt_core.engine.terms import stage_options
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job
from xlt_core.model.adapters import AdapterShape, LanguageAdapter
from xlt_core.slots.schedule import Madx


def madx(job: Job) -> None:
    """Train one language's adapter, its invertible part and the masked head."""
    options = stage_options(job, "adaptation")
    assert isinstance(options, Madx) and job.stage.seed is not None
    (language,) = job.stage.languages
    machine = Machine.of(job.settings)
    net = assemble(job.inputs, ())
    _add_adapter(net, language, options, job.stage.seed)
    length = min(options.max_length, job.backbone.positions)
    pieces = read_text(job, net, language, length, options.samples)
    learn(job, net, pieces, options, machine)
    net.save(job.out)


def _add_adapter(net: Net, language: str, options: Madx, seed: int) -> None:
    inverse = options.invertible_reduction if options.invertible else None
    shape = AdapterShape.of(
        net.backbone, reduction=options.reduction, activation="relu", leave_out=options.leave_out,
        inverse_reduction=inverse,
    )  # fmt: skip
    adapter = LanguageAdapter(language, shape, generator(seed, "language adapter", language))
    net.languages[language] = adapter
    net.freeze_but(adapter, net.rows)
    for weight in net.mlm_head(language).values():
        weight.requires_grad_(True)


def read_text(job: Job, net: Net, language: str, length: int, most: int | None) -> list[Piece]:
    """The stretches of a language's text, or of its samples."""
    lines = _lines(job, language)[:most]
    pieces = TextReader(net.tokenizer_of(language), length).stretches(lines, language)
    if not pieces:
        problem = Problem(f"the text of {language} is empty", job.stage.id, f"--resource text:{language}=FILE")
        raise RunError("Adaptation can't begin.", [problem])
    return pieces


def _lines(job: Job, language: str) -> list[str]:
    for fact in (f"artefact samples:{language}", f"resource text:{language}"):
        for folder in job.inputs_named(fact).values():
            return lines_of(folder)
    raise AssertionError("an adaptation reads a text")

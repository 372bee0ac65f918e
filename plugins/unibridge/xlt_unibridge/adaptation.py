"""The work of `unibridge.language_adapters`: a language's adapters, head and new embeddings, the body frozen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from xlt_core.data.encode import Piece, TextReader
from xlt_core.engine.adapt import lines_to_learn, read_text, with_adapter
from xlt_core.engine.batching import generator
from xlt_core.engine.course import learn
from xlt_core.engine.device import Machine
from xlt_core.engine.net import Net
from xlt_core.engine.terms import stage_options
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job
from xlt_unibridge.adapters import LanguageAdapters

BLOCKS = (128, 256, 384)
"""Lengths of joined examples in the released code; a source's is the last."""


def language_adapters(job: Job) -> None:
    """Train the parts of one language."""
    options = stage_options(job, "adaptation")
    assert isinstance(options, LanguageAdapters)
    net = with_adapter(job, options)
    if options.mlm_head == "random":
        _redraw_head(net, job)
    pieces = read_text(job, net, options) if options.packing == "sample" else _joined(job, net, options)
    learn(job, net, pieces, options, Machine.of(job.settings))
    net.save(job.out)


def _redraw_head(net: Net, job: Job) -> None:
    """A new transform, and an output bias of zeros."""
    (language,) = job.stage.languages
    draw = generator(job.stage.seed, "masked head", language)
    deviation = float(getattr(net.backbone.config, "initializer_range", 0.02))
    own = net.vocabulary_of(language)
    biases = [] if own is None else [table for name, table in net.rows[own].items() if "bias" in name]  # type: ignore[operator]
    with torch.no_grad():
        for name, weight in net.mlm_head(language).items():
            if weight.ndim > 1:
                weight.normal_(0.0, deviation, generator=draw)
            else:
                weight.fill_(1.0 if name.lower().endswith("norm.weight") else 0.0)
        for bias in biases:
            bias.zero_()


def _joined(job: Job, net: Net, options: LanguageAdapters) -> list[Piece]:
    """Samples with their special tokens, one after the other, cut into equal lengths; what is left over is dropped."""
    (language,) = job.stage.languages
    most = min(options.max_length, job.backbone.positions)
    reader = TextReader(net.tokenizer_of(language), 1 << 30)
    samples = reader.stretches(lines_to_learn(job, options), language)
    length = block_length([len(piece.ids) for piece in samples], job.stage.role == "source", most)
    found = list(blocks(samples, length))
    if not found:
        what = f"all samples of {language} together don't fill one example of {length} pieces"
        raise RunError("Adaptation can't begin.", [Problem(what, job.stage.id, "--set adaptation.packing=sample")])
    return found


def block_length(lengths: Sequence[int], source: bool, most: int) -> int:
    """The smallest of the three lengths above the mean of the samples'; of a source the longest.

    >>> block_length([100, 180], source=False, most=512), block_length([9], source=True, most=512)
    (256, 384)
    """
    mean = sum(lengths) / len(lengths)
    wanted = BLOCKS[-1] if source else next((size for size in BLOCKS if size > mean), BLOCKS[-1])
    return min(wanted, most)


def blocks(samples: Sequence[Piece], length: int) -> Iterator[Piece]:
    """Equal lengths of the samples' pieces. A word is known by where it begins, as before."""
    ids = [number for piece in samples for number in piece.ids]
    first = [mark for piece in samples for mark in piece.first_of]
    for number, start in enumerate(range(0, len(ids) - length + 1, length)):
        part = slice(start, start + length)
        yield Piece(number, tuple(ids[part]), tuple(first[part]), slice(0, length), samples[0].language)

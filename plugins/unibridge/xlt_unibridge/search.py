"""A vocabulary whose size is searched for: the work of `unibridge.alp_search`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import torch

from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job
from xlt_core.model.rows import backbone_layout, write_tokenizer
from xlt_core.model.tokens import tokenizer_from_pieces
from xlt_core.model.unigram import SizeRefused
from xlt_unibridge.corpus import UNSEGMENTED, Corpus, read_corpus
from xlt_unibridge.sizes import Sizes
from xlt_unibridge.vocabulary import AlpSearch
from xlt_unibridge.walk import Found, Rule

TRACE = "trace.json"
SIDE_BY_SIDE = 8
"""Trainings at once at most: what is trained ahead of the walk's end is for nothing."""


def search(job: Job) -> None:
    """Train pieces of rising size until the text gains too little, and write them as the backbone's tokenizer."""
    options = AlpSearch.model_validate(job.stage.options)
    corpus, shape = read_corpus(job), backbone_layout(job)
    _look_at(corpus, options, job)
    rule = Rule(options.start, options.step, options.largest, options.threshold, options.stop)
    workers = min(job.settings.threads or torch.get_num_threads(), SIDE_BY_SIDE)
    coverage = options.coverage_of(job.stage.languages[0])
    sizes = Sizes(job, corpus, coverage, options.longest_line, workers, rule)
    try:
        found = rule.walk(sizes.alp)
    except SizeRefused as refused:
        raise _too_small(refused, options, job) from None
    if found.size < options.start:
        job.note(f"{found.why}: {found.size} pieces are taken in place of the {options.start} to begin with")
    model = sizes.model(found.size)
    write_tokenizer(job.out, tokenizer_from_pieces(model.pieces, shape, model.charsmap, compose=True))
    (job.out / TRACE).write_text(json.dumps(trace(found, rule, corpus), indent=1) + "\n", encoding="utf-8")


def trace(found: Found, rule: Rule, corpus: Corpus) -> dict[str, Any]:
    """What a search met on its way."""
    return {
        "size": found.size, "why": found.why, "rule": asdict(rule),
        "samples": len(corpus.samples), "words_per_sample": corpus.words.total() / len(corpus.samples),
        "characters_per_word": corpus.word_length, "tried": [asdict(tried) for tried in found.tried],
    }  # fmt: skip


def _look_at(corpus: Corpus, options: AlpSearch, job: Job) -> None:
    """Say what is odd about a text before anything is trained on it."""
    language = job.stage.languages[0]
    long = sum(len(sample.encode()) > options.longest_line for sample in corpus.samples)
    if long == len(corpus.samples):
        what = f"every sample of {language} is longer than {options.longest_line} bytes, and would be dropped"
        fix = f"--set vocabulary.{job.stage.role}.longest_line=1048576, or fewer words in a sample"
        raise RunError("There is too little text.", [Problem(what, job.stage.id, fix)])
    if long:
        job.note(
            f"{long} of {len(corpus.samples)} samples are longer than {options.longest_line} bytes: "
            "no piece is learnt from them"
        )
    if corpus.word_length > UNSEGMENTED:
        job.note(
            f"a word of {language} between blanks has {corpus.word_length:.0f} characters: samples are far longer "
            "than in languages that part their words, and the threshold, which is per sample, allows more pieces"
        )


def _too_small(refused: SizeRefused, options: AlpSearch, job: Job) -> RunError:
    what = f"the characters of the text alone are {refused.bound} pieces, and {options.largest} are allowed"
    at = f"vocabulary.{job.stage.role}"
    fix = f"--set {at}.largest={refused.bound * 2}, or --set {at}.coverage=0.9995"
    return RunError("No size is large enough.", [Problem(what, job.stage.id, fix)])

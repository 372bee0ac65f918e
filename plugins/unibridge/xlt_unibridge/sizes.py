"""Sizes as they are trained: each once for a text, several side by side, none twice in any later search."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

import sentencepiece

from xlt_core.graph.job import Job
from xlt_core.model.unigram import SizeRefused, Unigram, train_unigram
from xlt_unibridge.alp import alp, piece_counts
from xlt_unibridge.corpus import Corpus
from xlt_unibridge.walk import Rule

MODEL, TOLD = "unigram.model", "told.json"


@dataclass
class Sizes:
    """What is asked of a size, and what is trained to answer.

    Neither the threshold nor the backbone reaches a trained size, so every search over one text shares them.
    With several workers the sizes that a walk would come to next are trained beside the one that is asked for.

    >>> Sizes(job, corpus, coverage=1.0, longest_line=1 << 20, workers=2).alp(8000)  # doctest: +SKIP
    -1341.4
    """

    job: Job
    corpus: Corpus
    coverage: float
    longest_line: int
    workers: int = 1
    rule: Rule | None = None
    """Says which sizes come next; without it nothing is trained ahead."""
    _folders: dict[int, Path] = field(default_factory=dict)

    def alp(self, size: int) -> float:
        """The average log probability of the text under pieces of this size; `SizeRefused` is raised."""
        told = json.loads((self._folder(size) / TOLD).read_text(encoding="utf-8"))
        if "bound" in told:
            raise SizeRefused(size, told["bound"], told["too_high"])
        self.job.report({"kind": "check", "size": size, "alp": told["alp"]})
        return float(told["alp"])

    def model(self, size: int) -> Unigram:
        return Unigram.of((self._folder(size) / MODEL).read_bytes())

    def _folder(self, size: int) -> Path:
        if size not in self._folders:
            wanted = [size] if self.job.has(_name(size), self._made_from(size)) else self._with_next(size)
            with ThreadPoolExecutor(self.workers) as threads:  # sentencepiece lets go of the interpreter
                self._folders.update(zip(wanted, threads.map(self._train, wanted), strict=True))
        return self._folders[size]

    def _with_next(self, size: int) -> list[int]:
        later = takewhile(lambda next_: next_ > size, islice(self.rule.sizes(size), 1, None)) if self.rule else ()
        return [size, *islice((s for s in later if s not in self._folders), self.workers - 1)]

    def _train(self, size: int) -> Path:
        return self.job.once(_name(size), self._made_from(size), partial(self._write, size))

    def _write(self, size: int, folder: Path) -> None:
        told: dict[str, Any]
        try:
            proto = train_unigram(self.corpus.samples, size, self.coverage, self.longest_line).proto
        except SizeRefused as refused:
            told = {"bound": refused.bound, "too_high": refused.too_high}
        else:
            (folder / MODEL).write_bytes(proto)
            counts = piece_counts(self.corpus.words, cutter(proto))
            told = {"alp": alp(counts, len(self.corpus.samples)), "pieces": int(counts.sum())}
        (folder / TOLD).write_text(json.dumps(told), encoding="utf-8")

    def _made_from(self, size: int) -> Mapping[str, Any]:
        return {
            "text": self.corpus.digest, "size": size, "coverage": self.coverage, "longest_line": self.longest_line,
            "sentencepiece": version("sentencepiece"),
        }  # fmt: skip


def cutter(proto: bytes) -> Callable[[Sequence[str]], Sequence[Sequence[int]]]:
    """What cuts texts to a model's pieces, each by its best cut."""
    processor = sentencepiece.SentencePieceProcessor(model_proto=proto)
    return lambda texts: processor.encode(list(texts), num_threads=1)


def _name(size: int) -> str:
    return f"unigram({size})"

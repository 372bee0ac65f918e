"""Static vectors of pieces: fastText on the text as a tokenizer cuts it, and of it only the vocabulary's rows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from xlt_core.errors import Problem, RunError, UnavailableError
from xlt_core.graph.job import Job
from xlt_core.graph.stages import digest
from xlt_unibridge.corpus import Corpus
from xlt_unibridge.cuts import cut, pieces_of
from xlt_unibridge.embedding import Focus
from xlt_unibridge.fasttext_process import TEXT, vectors

try:
    import fasttext  # noqa: F401  it is run in a process of its own; whether it is there must be known before
except ImportError as error:
    what = "static vectors of pieces need fastText, and it isn't installed; it is compiled when it is"
    fix = "pip install 'xlt-unibridge[fasttext]' (with a C++ compiler), or --set embedding.target=copy_overlap"
    raise UnavailableError("fastText is missing.", [Problem(what, "unibridge", fix)]) from error

VECTORS = "vectors.safetensors"


@dataclass(frozen=True)
class StaticVectors:
    """fastText's vector of each piece, by its id, and how often the piece stood in the text."""

    vectors: Tensor
    """[pieces, dim]; of a piece that never stood there it is made of the vectors of its letters."""
    counts: Tensor
    """[pieces]"""

    @property
    def trained(self) -> Tensor:
        """[pieces]: whether the vector was learnt from the piece itself."""
        lengths: Tensor = self.vectors.norm(dim=1)
        return (self.counts > 0) & (lengths > 0)

    def save(self, folder: Path) -> None:
        save_file({"vectors": self.vectors, "counts": self.counts}, folder / VECTORS)

    @classmethod
    def load(cls, folder: Path) -> StaticVectors:
        found = load_file(folder / VECTORS)
        return cls(found["vectors"], found["counts"])


def static_vectors(
    job: Job, corpus: Corpus, tokenizer: Any, options: Focus, looked_up: Sequence[str] | None = None
) -> StaticVectors:
    """The vectors of a vocabulary, trained once for a text and a tokenizer, whatever else is done with them.

    `looked_up` is what each piece is asked for as, by its id, where that isn't as it stood in the text.
    """
    pieces = pieces_of(tokenizer)
    asked = pieces if looked_up is None else looked_up
    threads = options.threads or job.settings.threads or torch.get_num_threads()
    made_from = {
        "text": corpus.digest, "tokenizer": digest([tokenizer.backend_tokenizer.to_str()]),
        "looked_up": digest(asked), "dim": options.dim, "epochs": options.epochs, "buckets": options.buckets,
        "subsample": options.subsample,
        "threads": "one" if threads == 1 else "several", "fasttext": _version(),
    }  # fmt: skip

    def make(folder: Path) -> None:
        lines = ([pieces[piece] for piece in ids] for ids in cut(tokenizer, corpus.samples))
        try:
            found = train(lines, pieces, asked, options, threads)
        except MemoryError:
            size = f"{4e-9 * options.buckets * options.dim:.1f} GB"
            fix = f"--set embedding.{job.stage.role}.buckets={options.buckets // 10}"
            raise RunError("fastText ran out of memory.", [Problem(f"its table takes {size}", "--", fix)]) from None
        found.save(folder)

    found = StaticVectors.load(job.once("static vectors", made_from, make))
    if not found.trained.any():
        job.note(
            "fastText can't learn from a text of few kinds of pieces, most of which it passes over as too frequent: "
            f"--set embedding.{job.stage.role}.subsample=1"
        )
    return found


def train(
    lines: Iterable[Sequence[str]],
    pieces: Sequence[str],
    looked_up: Sequence[str],
    options: Focus,
    threads: int = 1,
) -> StaticVectors:
    """CBOW over lines of pieces, with 10 negatives and no piece too rare; all else, its seed too, is fastText's own.

    Vectors are zeros where nothing can be learnt.
    """
    settings = {
        "model": "cbow", "dim": options.dim, "epoch": options.epochs, "neg": 10, "minCount": 1,
        "bucket": options.buckets, "t": options.subsample, "thread": threads,
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="xlt-") as folder:
        with (Path(folder) / TEXT).open("w", encoding="utf-8") as text:
            text.writelines(" ".join(line) + "\n" for line in lines)
        found, counts = vectors(Path(folder), pieces, looked_up, settings)
    return StaticVectors(torch.from_numpy(found), torch.from_numpy(counts))


def _version() -> str:
    """fastText's version, under whichever name it was installed."""
    names = packages_distributions().get("fasttext", ["fasttext"])
    return " ".join(f"{name} {version(name)}" for name in names)

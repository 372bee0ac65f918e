"""The text that a vocabulary, and what is known of its pieces, is learnt from."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from xlt_core.data.samples import SAMPLES
from xlt_core.graph.job import Job

UNSEGMENTED = 15.0
"""Characters in a mean word above which the blanks of a script don't part its words."""


@dataclass(frozen=True)
class Corpus:
    """Samples, in the form in which the tokenizers read them (NFC), blank ones left out."""

    samples: tuple[str, ...]

    @cached_property
    def words(self) -> Counter[str]:
        """Whitespace words with their number, in the order in which they are first met."""
        return Counter(word for sample in self.samples for word in sample.split())

    @cached_property
    def digest(self) -> str:
        return sha256("\n".join(self.samples).encode()).hexdigest()[:20]

    @property
    def word_length(self) -> float:
        """Characters in a mean word."""
        return sum(len(word) * count for word, count in self.words.items()) / max(1, self.words.total())


def read_corpus(job: Job) -> Corpus:
    """All samples that a stage reads, of the text itself and then of its other forms."""
    folders = {**job.inputs_named("artefact samples:"), **job.inputs_named("artefact rewritten:")}
    return Corpus(tuple(sample for folder in folders.values() for sample in _lines(folder / SAMPLES)))


def _lines(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if sample := unicodedata.normalize("NFC", line.rstrip("\n")).strip():
                yield sample

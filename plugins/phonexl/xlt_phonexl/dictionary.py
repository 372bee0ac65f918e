"""What a dictionary has of a language's words: translations, each with its form in every channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from xlt_core.data.records import OTHER
from xlt_core.graph.job import Job

LONGEST = 5
"""Words that an entry may be matched with at most."""


class Translation(NamedTuple):
    """A word of another language, and how it stands in other channels."""

    word: str
    language: str
    forms: tuple[tuple[str, str], ...] = ()


class Found(NamedTuple):
    """A run of words, `start` to `stop`, and what could take its place."""

    start: int
    stop: int
    by: Sequence[Translation]


@dataclass(frozen=True, slots=True)
class Dictionary:
    """The translations of a language's words, each alternative once.

    >>> entries = Dictionary({"ab": (Translation("x", "vie"),)}, "span")
    >>> [found[:2] for found in entries.runs(["a", "b", "c"])]
    [(0, 2), (2, 3)]
    """

    of: Mapping[str, Sequence[Translation]]
    match: str = "word"

    def runs(self, words: Sequence[str]) -> list[Found]:
        """Words one by one, or cut into the longest runs that are entries."""
        found, start, most = [], 0, LONGEST if self.match == "span" else 1
        while start < len(words):
            ends = range(min(len(words), start + most), start + 1, -1)
            stop = next((end for end in ends if self._joined(words[start:end])), start + 1)
            found.append(Found(start, stop, self._joined(words[start:stop])))
            start = stop
        return found

    def _joined(self, words: Sequence[str]) -> Sequence[Translation]:
        """A run's entry, written with spaces or without."""
        return self.of.get("".join(words)) or self.of.get(" ".join(words)) or ()

    def coverage(self, sentences: Iterable[Sequence[str]]) -> float:
        """The share of words that are an entry, or part of one."""
        words = covered = 0
        for sentence in sentences:
            words += len(sentence)
            covered += sum(found.stop - found.start for found in self.runs(sentence) if found.by)
        return covered / max(1, words)


def dictionaries(job: Job, match: str) -> dict[str, Dictionary]:
    """The dictionaries that a stage was given, by the language whose words they translate."""
    found: dict[str, dict[str, dict[Translation, None]]] = {}
    for fact, folder in job.inputs_named("resource dictionary:").items():
        source, target = fact.rpartition(":")[2].split("-")
        rows = [line.split("\t") for line in _lines(folder)]
        forms = _forms(job, fact.removeprefix("resource "), target, len(rows))
        for row, said in zip(rows, forms, strict=True):
            translation = Translation(row[len(row) // 2], target, said)
            found.setdefault(source, {}).setdefault(row[0], {})[translation] = None
    return {source: Dictionary({word: tuple(own) for word, own in of.items()}, match) for source, of in found.items()}


def _forms(job: Job, corpus: str, target: str, rows: int) -> list[tuple[tuple[str, str], ...]]:
    """Each row's translation in every channel that the stage was given it in."""
    found: list[tuple[tuple[str, str], ...]] = [()] * rows
    for name, folder in job.inputs_named(f"artefact rewritten:{target}:").items():
        _, channel, of = name.removeprefix("artefact rewritten:").split(":", 2)
        if of == corpus:
            found = [(*had, (channel, form)) for had, form in zip(found, _lines(folder), strict=True)]
    return found


def _lines(folder: Path) -> list[str]:
    return (folder / OTHER).read_text(encoding="utf-8").removesuffix("\n").split("\n")

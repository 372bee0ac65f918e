"""What is summed in a text's words beside their spelling: other channels, each by its own table, and the language."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from xlt_core.data.encode import Batch
from xlt_core.engine.batching import generator
from xlt_core.engine.vocabularies import EMBEDDING, SHARED, TOKENIZER, part_of_fact, scopes_of, serving
from xlt_core.model.rows import read_rows, read_tokenizer

LANGUAGES, ABOUT = "language_ids.safetensors", "language_ids.json"
DEVIATION = 0.02


@dataclass(frozen=True, slots=True)
class Reading:
    """How the plan says that a text is read: the channels summed in it, and whose language vector a target gets."""

    channels: tuple[str, ...] = ()
    languages: str = ""
    """`auto`, `source` or `target`; empty where languages have no vectors."""

    @classmethod
    def of(cls, details: Mapping[str, Any]) -> Reading:
        told = details.get("reads", {}).get("text", {})
        return cls(tuple(told.get("sums", ()))[1:], str(told.get("languages", "")))


class Tables(torch.nn.Module):
    """The rows of channels that have some of their own, by owner and channel: `shared:phonemes`."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = torch.nn.ParameterDict()
        self.tokenizers: dict[str, Any] = {}

    @classmethod
    def read(cls, inputs: Mapping[str, Path], channels: Iterable[str], key: str = "") -> Tables:
        """Those that a stage was given: as an earlier stage trained them, or as they were begun. Of those that several
        task models have each their own of, the ones for `key`."""
        found = cls()
        for channel in channels:
            for name, folder, trained in _given(inputs, channel, key):
                rows = load_file(folder / _file(name))["rows"] if trained else read_rows(folder).rows
                found.rows[name] = torch.nn.Parameter(rows)
            for fact, folder in inputs.items():
                owner, _, served = fact.removeprefix(TOKENIZER).partition(":")
                if fact.startswith(TOKENIZER) and channel in served.split("+") and "text" not in served.split("+"):
                    found.tokenizers[f"{owner}:{served}"] = read_tokenizer(folder)
        return found

    def save(self, folder: Path) -> None:
        """Each table that is trained now, in a file of its own."""
        for name, rows in self.rows.items():
            if rows.requires_grad:
                save_file({"rows": rows.detach().cpu().contiguous()}, folder / _file(name))

    def shared(self) -> Iterator[torch.nn.Parameter]:
        """The tables that all languages read through."""
        for name, rows in self.rows.items():
            if name.partition(":")[0] == SHARED:
                yield rows


def _given(inputs: Mapping[str, Path], channel: str, key: str) -> Iterator[tuple[str, Path, bool]]:
    for fact, folder in inputs.items():
        kind, _, name = fact.partition(" ")
        if kind == "artefact" and name.startswith(EMBEDDING) and name.rpartition(":")[2] == channel:
            yield name.removeprefix(EMBEDDING), folder, False
    trained = [(fact.rpartition("@")[2], fact, folder) for fact, folder in inputs.items() if fact.startswith("parts ")]
    own = scopes_of(SHARED, key)[1:]
    for scope, fact, folder in sorted(trained, key=lambda one: one[0] in own):
        owner = SHARED if scope in own else scope.removeprefix("language:")
        if scope in scopes_of(owner, key) and part_of_fact(fact, scope) == f"{EMBEDDING}{channel}":
            yield f"{owner}:{channel}", folder, True


def _file(name: str) -> str:
    return f"channel.{name.replace(':', '.')}.safetensors"


class LanguageVectors(torch.nn.Module):
    """A vector for each language, added to every unit of it.

    A language that none was ever trained for gets the mean of the sources': `at_test` says whether that holds for all
    targets (`source`), for none (`target`), or for those alone (`auto`).
    """

    def __init__(self, width: int, sources: Sequence[str], at_test: str = "auto") -> None:
        super().__init__()
        self.width, self.sources, self.at_test = width, tuple(sources), at_test
        self.rows = torch.nn.ParameterDict()
        self.begun: dict[str, torch.Tensor] = {}

    @classmethod
    def drawn(cls, width: int, languages: Iterable[str], sources: Sequence[str], at_test: str, seed: int) -> Any:
        """New vectors, N(0, 0.02)."""
        made = cls(width, sources, at_test)
        for code in dict.fromkeys((*sources, *languages)):
            made.rows[code] = torch.nn.Parameter(_normal(width, seed, code))
            made.begun[code] = made.rows[code].detach().clone()
        return made

    @classmethod
    def load(cls, folder: Path) -> LanguageVectors:
        about, rows = json.loads((folder / ABOUT).read_text(encoding="utf-8")), load_file(folder / LANGUAGES)
        made = cls(len(next(iter(rows.values()))), about["sources"], about["at_test"])
        for code, row in rows.items():
            made.rows[code] = torch.nn.Parameter(row)
            if code not in about["learnt"]:
                made.begun[code] = row.clone()
        return made

    def save(self, folder: Path) -> None:
        save_file({code: row.detach().cpu().contiguous() for code, row in self.rows.items()}, folder / LANGUAGES)
        about = {"sources": self.sources, "learnt": sorted(self.learnt), "at_test": self.at_test}
        (folder / ABOUT).write_text(json.dumps(about) + "\n", encoding="utf-8")

    @property
    def learnt(self) -> set[str]:
        """The languages whose vectors have moved since they were drawn."""
        begun = self.begun
        return {code for code, row in self.rows.items() if code not in begun or not _same(row, begun[code])}

    def borrows(self, language: str) -> bool:
        """Whether a language is read with the sources' vectors where it isn't learnt from."""
        if language in self.sources or self.at_test == "target":
            return False
        return self.at_test == "source" or language not in self.learnt

    def forward(self, batch: Batch) -> torch.Tensor:
        """The vector of each unit, [examples, units, width]; special tokens have that of their stretch."""
        units = batch.attention.shape[1]
        spoken = [[*(piece.spoken or [piece.language] * units)] for piece in batch.pieces]
        codes = list(dict.fromkeys(code for row in spoken for code in row))
        number = {code: n for n, code in enumerate(codes)}
        padded = [[number[code] for code in (*row, *[row[0]] * units)[:units]] for row in spoken]
        table = torch.stack([self._row(code) for code in codes])
        return table[torch.tensor(padded, device=table.device)]

    def _row(self, code: str) -> torch.Tensor:
        if not self.training and self.borrows(code):
            return torch.stack([self.rows[source] for source in self.sources]).mean(0)
        if code not in self.rows:
            return _normal(self.width, 0, code).to(next(iter(self.rows.values())).device)
        row: torch.Tensor = self.rows[code]
        return row


def _normal(width: int, seed: int, code: str) -> torch.Tensor:
    return DEVIATION * torch.randn(width, generator=generator(seed, "language vector", code))


def _same(row: torch.Tensor, begun: torch.Tensor) -> bool:
    return torch.equal(row.detach().cpu(), begun.cpu())


def table_of(tables: Tables, language: str, channel: str) -> torch.Tensor | None:
    """The rows that a language's channel is read by, where it has some of its own."""
    name = serving(tables.rows, language, channel)
    return None if name is None else tables.rows[name]

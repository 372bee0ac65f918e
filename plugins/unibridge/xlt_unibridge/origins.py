"""From where each row of a new vocabulary comes, and the rows made so."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from xlt_unibridge.mixtures import Mixtures

ROW_MAP, STATISTICS = "row_map.jsonl", "statistics.json"


@dataclass(frozen=True)
class Origins:
    """Each piece of a new vocabulary stands in one of four: all of them together are the vocabulary."""

    copied: Mapping[int, int]
    """Pieces that the backbone has, too, with its numbers for them."""
    neighbours: Mapping[int, int]
    """Pieces that got the row of the one that they are mutual nearest neighbours with."""
    mixed: Tensor
    """Pieces that got a mixture,"""
    mixtures: Mixtures
    """and of which of the backbone's rows."""
    drawn: Sequence[int]
    """Pieces of which nothing is known."""

    def __len__(self) -> int:
        return len(self.copied) + len(self.neighbours) + len(self.mixed) + len(self.drawn)

    def rows(self, table: Tensor, draw: torch.Generator) -> Tensor:
        """The new rows, from a table of the backbone: drawn ones like its own, in each dimension."""
        made = self._known(table)
        mean, spread = table.mean(0), table.std(0)
        made[list(self.drawn)] = mean + spread * torch.randn(len(self.drawn), table.shape[1], generator=draw)
        return made

    def bias(self, numbers: Tensor) -> Tensor:
        """The new pieces' share of an output bias: nothing for drawn ones."""
        return self._known(numbers)

    def _known(self, table: Tensor) -> Tensor:
        table = table.detach().float()
        made = torch.zeros(len(self), *table.shape[1:])
        for pairs in (self.copied, self.neighbours):
            if pairs:
                made[torch.tensor([*pairs])] = table[torch.tensor([*pairs.values()])]
        if len(self.mixed):
            made[self.mixed] = self.mixtures.of(table)
        return made

    def statistics(self) -> dict[str, int]:
        return {
            "pieces": len(self), "copied": len(self.copied), "neighbours": len(self.neighbours),
            "mixtures": len(self.mixed), "drawn": len(self.drawn),
        }  # fmt: skip

    def write(self, folder: Path, names: Sequence[str], numbers: Mapping[str, Any]) -> None:
        """The map, a line for each piece, and how many there are of each kind."""
        rows = sorted(self._told(), key=lambda row: row[0])
        with (folder / ROW_MAP).open("w", encoding="utf-8") as out:
            for n, how, of in rows:
                row = {"id": n, "piece": names[n], "how": how, "from": of}
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
        (folder / STATISTICS).write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")

    def _told(self) -> Iterator[tuple[int, str, dict[int, float]]]:
        for how, pairs in (("copied", self.copied), ("neighbour", self.neighbours)):
            yield from ((n, how, {source: 1.0}) for n, source in pairs.items())
        rows, weights = self.mixtures.rows.tolist(), self.mixtures.weights.tolist()
        spans = pairwise([*self.mixtures.begins.tolist(), len(rows)])
        for n, (begin, end) in zip(self.mixed.tolist(), spans, strict=True):
            yield n, "mixture", {row: round(w, 6) for row, w in zip(rows[begin:end], weights[begin:end], strict=True)}
        yield from ((n, "drawn", {}) for n in self.drawn)

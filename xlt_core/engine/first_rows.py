"""The works of the core's initialisers: where the rows of new pieces start, without any text to learn from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from xlt_core.engine.batching import generator
from xlt_core.engine.net import assemble
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job
from xlt_core.model.codes import first_codes
from xlt_core.model.overlap import overlap
from xlt_core.model.rows import read_tokenizer, write_rows
from xlt_core.model.vocabulary import Vocabulary, current, unfit

DEVIATION = ("initializer_range", "init_std")
"""What configurations call the standard deviation of a model's own initialiser."""
CODES_OF = "codes_of"
"""The languages whose codes a new language's starts from, where the backbone's tokenizer writes codes."""


@dataclass(frozen=True, slots=True)
class Start:
    """What an initialiser starts from: the model's vocabulary as it is now, and the new pieces' tokenizer."""

    there: Vocabulary
    tokenizer: Any
    deviation: float
    codes: Mapping[int, Sequence[int]]
    """New tokens that stand for a language, each with the backbone's rows whose mean it starts as."""

    @classmethod
    def of(cls, job: Job) -> Start:
        model = assemble({fact: folder for fact, folder in job.inputs.items() if not _own(fact)}, ()).backbone
        deviation = next((getattr(model.config, name) for name in DEVIATION if hasattr(model.config, name)), 0.02)
        own = [read_tokenizer(folder) for fact, folder in job.inputs.items() if _own(fact)]
        tokenizer = own[0] if own else model.tokenizer
        if own and (why := unfit(model, tokenizer)):
            fix = f"another vocabulary: --set vocabulary.{job.stage.role or 'target'}=NAME (xlt list vocabulary)"
            raise RunError("This tokenizer can't serve the backbone.", [Problem(why, job.stage.id, fix)])
        codes = first_codes(tokenizer, model.tokenizer, job.stage.options.get(CODES_OF, ()))
        return cls(current(model), tokenizer, float(deviation), codes)

    @property
    def size(self) -> int:
        return len(self.tokenizer)

    def tables(self) -> dict[str, torch.Tensor]:
        """The matrices that need rows: word vectors, and the output matrix where it is another."""
        named = {"rows": self.there.tables["words"], "output": self.there.tables.get("output")}
        return {name: table.detach() for name, table in named.items() if table is not None}


def _own(fact: str) -> bool:
    return fact.startswith("artefact tokenizer:") and fact.count(":") > 1


def random(job: Job) -> None:
    """Every row drawn, those of known pieces too; Xavier's deviation is √(2/(pieces + width))."""
    start = Start.of(job)
    draw, kind = _draw(job), job.stage.options["init"]
    made = {}
    for name, table in start.tables().items():
        rows = torch.empty(start.size, table.shape[1])
        deviation = start.deviation if kind == "normal" else math.sqrt(2 / (start.size + table.shape[1]))
        if kind == "xavier_uniform":
            made[name] = rows.uniform_(-math.sqrt(3) * deviation, math.sqrt(3) * deviation, generator=draw)
        else:
            made[name] = rows.normal_(0, deviation, generator=draw)
    write_rows(job.out, **made)


def mean(job: Job) -> None:
    """The mean row for every new piece, their own rows for those that the backbone knows."""
    start = Start.of(job)
    made = {name: table.mean(0).repeat(start.size, 1) for name, table in start.tables().items()}
    _write_with_known(job, start, made, overlap(start.tokenizer, start.there.tokenizer))


def copy_overlap(job: Job) -> None:
    """Their own rows for pieces that the backbone knows; the others drawn like its rows, or like its first ones."""
    start = Start.of(job)
    draw, like_table = _draw(job), job.stage.options["draw"] == "like_table"
    made = {}
    for name, table in start.tables().items():
        centre = table.mean(0) if like_table else torch.zeros(table.shape[1])
        spread = table.std(0) if like_table else torch.full((table.shape[1],), start.deviation)
        made[name] = centre + spread * torch.randn(start.size, table.shape[1], generator=draw)
    known = overlap(start.tokenizer, start.there.tokenizer, match=job.stage.options["match"])
    _write_with_known(job, start, made, known)


def _write_with_known(job: Job, start: Start, made: dict[str, torch.Tensor], known: dict[int, int]) -> None:
    """Rows and biases of known pieces copied over what was made; a new piece's bias is 0."""
    here, there = torch.tensor([*known], dtype=torch.long), torch.tensor([*known.values()], dtype=torch.long)
    for name, table in start.tables().items():
        made[name][here] = table[there]
        for new, of in start.codes.items():
            made[name][new] = table[list(of)].mean(0)
    bias = None if start.there.bias is None else torch.zeros(start.size)
    if bias is not None and start.there.bias is not None:
        bias[here] = start.there.bias.detach()[there]
        for new, of in start.codes.items():
            bias[new] = start.there.bias.detach()[list(of)].mean()
    write_rows(job.out, made["rows"], bias, made.get("output"))
    job.report({"kind": "rows", "copied": len(known), "new": start.size - len(known)})


def _draw(job: Job) -> torch.Generator:
    assert job.stage.seed is not None
    return generator(job.stage.seed, "rows", *job.stage.languages, job.stage.channel)

"""How often a sentence's translation is among the nearest, by the states that an encoding left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import normalize

from xlt_core.engine.score import Counts, write_scores
from xlt_core.engine.states import read_states
from xlt_core.graph.job import Job

RANKS = "ranks.tsv"
AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class Found:
    """Of each query the rank of its translation, the number of the nearest, and whether the rank was a tie."""

    ranks: torch.Tensor
    nearest: torch.Tensor
    tied: torch.Tensor

    def top(self, count: int) -> float:
        """Per cent whose translation is among so many nearest."""
        return 100.0 * float((self.ranks <= count).double().mean())

    def counts(self, count: int) -> Counts:
        """The same, sentence by sentence."""
        right = (self.ranks <= count).numpy().astype(np.int64)
        ones = np.ones_like(right)
        return Counts(np.stack([right, ones, ones], axis=-1)[:, None])


def ranks_of(queries: torch.Tensor, candidates: torch.Tensor) -> Found:
    """Ranks by cosine; the nth candidate is the nth query's translation.

    rank = 1 + how many candidates are strictly nearer; of those just as near, the ones with a lower number come first.
    """
    one, other = (normalize(states.double(), dim=-1) for states in (queries, candidates))
    blocks = [_ranked(one[start : start + AT_ONCE] @ other.T, start) for start in range(0, len(one), AT_ONCE)]
    return Found(*(torch.cat(column) for column in zip(*blocks, strict=True)))


def _ranked(scores: torch.Tensor, start: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ranks of the candidates `start`, `start + 1`, ... in rows of scores."""
    own = torch.arange(start, start + len(scores))
    gold = scores.gather(1, own.unsqueeze(1))
    same = scores == gold
    before = torch.arange(scores.shape[1]).unsqueeze(0) < own.unsqueeze(1)
    ranks = 1 + (scores > gold).sum(1) + (same & before).sum(1)
    return ranks, scores.argmax(1), same.sum(1) > 1


def retrieval(job: Job) -> None:
    """The work of the evaluator: the sources' first language asks, or the one that was named."""
    (target,) = job.stage.languages
    kept = {fact.split(":")[2]: read_states(folder) for fact, folder in job.inputs_named("artefact states").items()}
    (asks,) = [language for language in kept if language != target]
    found = ranks_of(kept[asks].states, kept[target].states)
    top = [int(count) for count in job.stage.options["top"]]
    values = {f"top{count}": found.top(count) for count in top}
    values["tied"] = 100.0 * float(found.tied.double().mean())
    write_scores(job.out, f"top{top[-1]}", values, len(found.ranks))
    _write_ranks(job, found, asks, target)


def _write_ranks(job: Job, found: Found, *languages: str) -> None:
    columns: Sequence[Sequence[int]] = (found.ranks.tolist(), (found.nearest + 1).tolist())
    with (job.out / RANKS).open("w", encoding="utf-8") as out:
        out.write("\t".join(("sentence", f"rank in {languages[1]}", "nearest")) + "\n")
        out.writelines(f"{n}\t{rank}\t{near}\n" for n, (rank, near) in enumerate(zip(*columns, strict=True), 1))

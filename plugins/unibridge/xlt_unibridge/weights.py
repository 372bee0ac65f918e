"""The work of `unibridge.harmony`: how near each source's states of the same sentences are to the target's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from xlt_core.engine.states import read_states
from xlt_core.engine.weigh import write_weights
from xlt_core.graph.job import Job

SMALLEST = 1e-6
"""Distance below which sources are as near as can be."""


def harmony(job: Job) -> None:
    """w = softmax over sources of 1/ℓ_s."""
    (target,) = job.stage.languages
    keys = list(job.stage.options["models"])
    distances = {key: _distance(job.inputs, target, key) for key in keys}
    job.report({"kind": "distances", **distances})
    write_weights(job, harmony_weights(distances))


def _distance(inputs: Mapping[str, Path], target: str, source: str) -> float:
    pairs = f"parallel:{target}-{source}"
    of = {fact.split(":")[2]: folder for fact, folder in inputs.items() if f":{pairs}:" in fact}
    if target == source:
        return 0.0
    return mean_distance(*(read_states(of[language]).states for language in (target, source)))


def mean_distance(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    """ℓ = (1/K) Σ_k ‖h_t^k − h_s^k‖₂

    >>> mean_distance(torch.tensor([[0.0, 0.0], [1.0, 1.0]]), torch.tensor([[3.0, 4.0], [1.0, 1.0]]))
    2.5
    """
    return float((ours.double() - theirs.double()).norm(dim=-1).mean())


def harmony_weights(distances: Mapping[str, float]) -> dict[str, float]:
    """w_s = exp(1/ℓ_s) / Σ exp(1/ℓ)

    >>> {key: round(weight, 4) for key, weight in harmony_weights({"eng": 2.5, "zho": 1.0, "rus": 2.0}).items()}
    {'eng': 0.2546, 'zho': 0.464, 'rus': 0.2814}
    """
    near = torch.tensor([1 / max(distance, SMALLEST) for distance in distances.values()], dtype=torch.float64)
    return dict(zip(distances, torch.softmax(near, 0).tolist(), strict=True))

"""Several task models that answer together: ŷ = Σ w·logits. Where they differ in small parts alone, in one pass.

What each would answer alone, and all alike, is told by the same logits: it costs no pass more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from xlt_core.data.encode import Batch
from xlt_core.engine.channels import Reading
from xlt_core.engine.net import TASK_ADAPTER, Net, assemble, folders_of
from xlt_core.model.adapters import ParallelTaskAdapters, TaskAdapter
from xlt_core.model.heads import Head, mixed
from xlt_core.slots.inference import UNIFORM


class SideBySide(torch.nn.Module):
    """Task adapters and heads of several task models over one body: a pass encodes an input once for all of them.

    >>> several = SideBySide(net, tasks, heads)                  # doctest: +SKIP
    >>> several.scores(batch)                                    # doctest: +SKIP
    """

    def __init__(self, net: Net, tasks: Sequence[TaskAdapter], heads: Sequence[Head]) -> None:
        super().__init__()
        self.net, self.tasks = net, ParallelTaskAdapters(tasks)
        self.heads = torch.nn.ModuleList(heads)

    @property
    def first(self) -> Head:
        """One of the heads, whose labels are those of all."""
        (head, *_) = self.heads
        assert isinstance(head, Head)
        return head

    def scores(self, batch: Batch) -> torch.Tensor:
        """Every unit's logits by each model, [examples, units, models, classes]."""
        with self.net.at_work(batch.language, self.tasks) as stack:
            states = self.net.encoded(stack, batch, frozenset({"last"}))["last"]
        heads = [head for head in self.heads if isinstance(head, Head)]
        each = [
            head.scores(self.net.dropout(own), batch.side, batch.attention)
            for head, own in zip(heads, states, strict=True)
        ]
        return torch.stack(each, dim=2)


@dataclass(frozen=True, slots=True)
class Mix:
    """An answer's name, the weight of each model in it, and the head that decides by the mixed logits."""

    name: str
    weights: tuple[float, ...]
    head: Head

    def of(self, logits: torch.Tensor) -> torch.Tensor:
        """Σ w·logits of every unit, [units, classes], from [units, models, classes]."""
        return torch.einsum("umc,m->uc", logits, torch.tensor(self.weights, dtype=logits.dtype))


def mixes(keys: Sequence[str], weights: Sequence[float], heads: Sequence[Head]) -> list[Mix]:
    """The answer that was asked for, and beside it each model's own and that of all alike, where they are others."""
    alike = [1 / len(keys)] * len(keys)
    found = [Mix("", tuple(weights), mixed(heads, weights))]
    if len(keys) < 2:
        return found
    found += [
        Mix(key, tuple(map(float, (k == key for k in keys))), head) for key, head in zip(keys, heads, strict=True)
    ]
    same = all(math.isclose(one, other) for one, other in zip(weights, alike, strict=True))
    return found if same else [*found, Mix(UNIFORM, tuple(alike), mixed(heads, alike))]


def side_by_side(
    inputs: Mapping[str, Path],
    languages: Sequence[str],
    keys: Sequence[str],
    reading: Reading | None = None,
) -> SideBySide | None:
    """The task models of some keys over one body; None where they differ in more than task adapter and head."""
    adapters = [folders_of(inputs, "parts task_adapter:", key) for key in keys]
    bodies = {tuple(folders_of(inputs, "parts body/", key)) for key in keys}
    if len(keys) < 2 or len(bodies) > 1 or not all(adapters):
        return None
    net = assemble(inputs, languages, keys[0], reading)
    tasks, heads = [], []
    for key, (folder,) in zip(keys, adapters, strict=True):
        tasks.append(TaskAdapter.load(folder / TASK_ADAPTER))
        net.load_head(folders_of(inputs, "parts head:", key)[-1])
        assert net.head is not None
        heads.append(net.head)
    if len({str(task.shape) for task in tasks}) > 1:
        return None
    net.task = None
    return SideBySide(net, tasks, heads)

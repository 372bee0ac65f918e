"""Several task models that answer together: ŷ = Σ w·logits. Where they differ in small parts alone, in one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from xlt_core.data.encode import Batch
from xlt_core.engine.channels import Reading
from xlt_core.engine.net import TASK_ADAPTER, Net, assemble, folders_of
from xlt_core.model.adapters import ParallelTaskAdapters, TaskAdapter
from xlt_core.model.heads import Head


class SideBySide(torch.nn.Module):
    """Task adapters and heads of several task models over one body: a pass encodes an input once for all of them.

    >>> several = SideBySide(net, tasks, heads, [0.7, 0.3])      # doctest: +SKIP
    >>> several.scores(batch)                                    # doctest: +SKIP
    """

    def __init__(self, net: Net, tasks: Sequence[TaskAdapter], heads: Sequence[Head], weights: Sequence[float]) -> None:
        super().__init__()
        self.net, self.tasks = net, ParallelTaskAdapters(tasks)
        self.heads = torch.nn.ModuleList(heads)
        self.weights = tuple(weights)

    def scores(self, batch: Batch) -> torch.Tensor:
        """Σ w·logits of every unit, [examples, units, classes]."""
        with self.net.at_work(batch.language, self.tasks) as stack:
            states = self.net.encoded(stack, batch, frozenset({"last"}))["last"]
        total: torch.Tensor | None = None
        for weight, head, own in zip(self.weights, self.heads, states, strict=True):
            assert isinstance(head, Head)
            scores = weight * head.scores(self.net.dropout(own), batch.side)
            total = scores if total is None else total + scores
        assert total is not None
        return total


def side_by_side(
    inputs: Mapping[str, Path],
    languages: Sequence[str],
    keys: Sequence[str],
    weights: Sequence[float],
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
    return SideBySide(net, tasks, heads, weights)

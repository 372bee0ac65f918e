"""What a training learns from looking at itself: which weights to keep, when to stop, when to slow down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from xlt_core.engine.loop import Event
from xlt_core.slots.schedule import Plateau, Schedule

Measure = Callable[[], float]
"""The model's value as it is now; higher is better."""


class Watch:
    """Measures a model as `select` says, and draws the conclusions; it stands in checkpoints.

    >>> watch = Watch(net, Finetune(), measure)                     # doctest: +SKIP
    >>> for event in train_steps(..., watch=watch): watch.see(event)       # doctest: +SKIP
    >>> watch.finish()                                              # doctest: +SKIP
    """

    def __init__(self, model: torch.nn.Module, options: Schedule, measure: Measure) -> None:
        self.model, self.select, self.measure = model, options.select, measure
        self.falls = Falls(options.plateau) if options.lr_schedule == "plateau" else None
        self.every = None if self.select.every == "epoch" else int(self.select.every.split()[0])
        self.best: float | None = None
        self.weights: dict[str, torch.Tensor] = {}
        self.waited, self.last = 0, -1

    @property
    def factor(self) -> float:
        """What learning rates are multiplied by."""
        return self.falls.factor if self.falls else 1.0

    @property
    def over(self) -> bool:
        """Whether patience has run out."""
        return self.select.patience is not None and self.waited >= self.select.patience

    def see(self, event: Event) -> float | None:
        """The value, where it is time to measure; the end of the last epoch always is."""
        due = event.kind == "end" or (
            event.kind == "epoch" if self.every is None else event.kind == "step" and event.step % self.every == 0
        )
        if not due or event.step == self.last:
            return None
        self.last = event.step
        value = self.measure()
        if self.falls:
            self.falls.hear(value)
        if event.step > self.select.strictly_after:
            self._weigh(value)
        return value

    def _weigh(self, value: float) -> None:
        """The earlier one of two that are equal stays."""
        if self.best is not None and not value > self.best:
            self.waited += 1
            return
        self.best, self.waited = value, 0
        if self.select.keep == "best":
            trained = ((name, weight) for name, weight in self.model.named_parameters() if weight.requires_grad)
            self.weights = {name: weight.detach().clone() for name, weight in trained}

    def finish(self) -> None:
        """Put the best weights back, where they are what is kept and there are any."""
        if self.weights:
            self.model.load_state_dict(self.weights, strict=False)

    def state_dict(self) -> dict[str, Any]:
        falls = self.falls.state_dict() if self.falls else {}
        return {
            "best": self.best, "weights": self.weights, "waited": self.waited, "last": self.last, "falls": falls,
        }  # fmt: skip

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.best, self.weights = state["best"], state["weights"]
        self.waited, self.last = state["waited"], state["last"]
        if self.falls:
            self.falls.load_state_dict(state["falls"])


class Falls:
    """The plateau rule: the rate falls when more than `patience` checks in a row were no better than the best.

    Better is what differs from the best by more than a share of it. Values are higher for better: a loss −0.5 after
    −1.0 is better by half.

    >>> falls = Falls(Plateau(factor=0.5, patience=1, threshold=0.1))
    >>> [falls.hear(-loss) or falls.factor for loss in (1.0, 0.95, 0.93, 0.85)]
    [1.0, 1.0, 0.5, 0.5]
    """

    def __init__(self, options: Plateau) -> None:
        self.options, self.factor, self.best, self.waited = options, 1.0, float("-inf"), 0

    def hear(self, value: float) -> None:
        if value > self.best + self.options.threshold * abs(self.best) or self.best == float("-inf"):
            self.best, self.waited = value, 0
            return
        self.waited += 1
        if self.waited > self.options.patience:
            self.factor, self.waited = self.factor * self.options.factor, 0

    def state_dict(self) -> dict[str, float]:
        return {"factor": self.factor, "best": self.best, "waited": self.waited}

    def load_state_dict(self, state: dict[str, float]) -> None:
        self.factor, self.best, self.waited = state["factor"], state["best"], int(state["waited"])

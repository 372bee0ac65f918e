"""What a stopped stage needs to go on to the same bits, written between steps and never in the middle of one."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import torch

from xlt_core.engine.device import Machine
from xlt_core.errors import Problem, RunError

FILE = "checkpoint.pt"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training is: steps and tokens in all, the epoch, batches of it that are done, and seconds spent."""

    step: int = 0
    tokens: int = 0
    epoch: int = 0
    within: int = 0
    seconds: float = 0.0

    def further(self, tokens: int) -> Progress:
        return replace(self, step=self.step + 1, tokens=self.tokens + tokens, within=self.within + 1)

    def next_epoch(self) -> Progress:
        return replace(self, epoch=self.epoch + 1, within=0)


class Stateful(Protocol):
    """Something that a training carries along beside its model: the best weights so far."""

    def state_dict(self) -> dict[str, Any]: ...
    def load_state_dict(self, state: dict[str, Any]) -> object: ...


@dataclass
class Checkpoint:
    """A file that is replaced every so often, and when a stop is asked for.

    >>> checkpoint = Checkpoint(folder, every=30.0, carried={"best": best})     # doctest: +SKIP
    >>> at = checkpoint.restore(model, optim, machine)                          # doctest: +SKIP
    >>> with checkpoint.stops(): checkpoint.between_steps(model, optim, at, machine)    # doctest: +SKIP
    """

    folder: Path
    every: float = 30.0
    carried: Mapping[str, Stateful] = field(default_factory=dict)
    goes_on: bool = True
    """Whether what the file holds is of this very training."""
    _last: float = field(default_factory=time.monotonic)
    _asked: bool = False

    @property
    def file(self) -> Path:
        return self.folder / FILE

    def restore(self, model: torch.nn.Module, optim: torch.optim.Optimizer, machine: Machine) -> Progress | None:
        """Put everything back as it was; None where there is nothing to go on from."""
        if not self.goes_on or not self.file.is_file():
            return None
        state = torch.load(self.file, map_location="cpu", weights_only=True)
        with torch.no_grad():
            for name, weight in _trained(model).items():
                weight.copy_(state["model"][name])
        optim.load_state_dict(state["optim"])
        for name, carried in self.carried.items():
            carried.load_state_dict(state["carried"][name])
        machine.scaler.load_state_dict(state["scale"])
        return Progress(**state["progress"])

    def restore_carried(self) -> None:
        """Put back what was carried along, and nothing else; as it is where there is nothing to go on from."""
        if self.file.is_file():
            state = torch.load(self.file, map_location="cpu", weights_only=True)
            for name, carried in self.carried.items():
                carried.load_state_dict(state["carried"][name])

    def between_steps(
        self, model: torch.nn.Module, optim: torch.optim.Optimizer, at: Progress, machine: Machine
    ) -> None:
        """Save when it is time; save and stop when a stop was asked for, of whichever process."""
        asked = machine.any(self._asked)
        if machine.rank == 0 and (asked or time.monotonic() - self._last >= self.every):
            self.save(model, optim, at, machine)
            self._last = time.monotonic()
        if asked:
            raise KeyboardInterrupt

    def save(self, model: torch.nn.Module, optim: torch.optim.Optimizer, at: Progress, machine: Machine) -> None:
        """Write beside the old file, then put it in its place: there is always a whole one. Nothing random needs
        keeping: all that is drawn is drawn anew for each step."""
        state = {
            "model": {name: weight.detach() for name, weight in _trained(model).items()},
            "optim": optim.state_dict(),
            "carried": {name: carried.state_dict() for name, carried in self.carried.items()},
            "scale": machine.scaler.state_dict(),
            "progress": asdict(at),
        }
        fresh = self.file.with_suffix(".new")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with fresh.open("wb") as opened:
                torch.save(state, opened)
                opened.flush()
                os.fsync(opened.fileno())
            fresh.replace(self.file)
        except (OSError, RuntimeError) as error:
            fresh.unlink(missing_ok=True)
            kept = "the last checkpoint is whole" if self.file.is_file() else "nothing was saved yet"
            problem = Problem(f"the checkpoint can't be written ({error}); {kept}", str(self.folder), "make room there")
            raise RunError("Training stopped.", [problem]) from None

    @contextmanager
    def stops(self) -> Iterator[None]:
        """Ctrl-C and SIGTERM wait for the end of the step; a second one doesn't."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

        def ask(number: int, frame: Any) -> None:
            if self._asked:
                raise KeyboardInterrupt
            self._asked = True

        for number in before:
            signal.signal(number, ask)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _trained(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}

"""Where a stage is computed, with what arithmetic, and with how many processes at it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

import torch

from xlt_core.config.settings import Settings
from xlt_core.engine.memory import keep_freed
from xlt_core.engine.processes import joined, processes
from xlt_core.errors import Problem, UsageError

TYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}


def prepare(settings: Settings) -> torch.device:
    """The device of a run; threads and determinism are set on the way."""
    if settings.threads:
        torch.set_num_threads(settings.threads)
    if settings.deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # else its sums depend on what ran before
    torch.use_deterministic_algorithms(settings.deterministic)
    wanted = settings.device
    found = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    if found == "cpu" or wanted == "cpu":
        keep_freed()
    if wanted == "auto":
        return _own(torch.device(found))
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there[wanted]:
        problem = Problem(f"there is no {wanted} device here", "--device", f"--device {found}")
        raise UsageError("The device can't be used.", [problem])
    return _own(torch.device(wanted))


def _own(device: torch.device) -> torch.device:
    """Of several GPUs the one that is this process's."""
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if device.type == "cuda" else device


def arithmetic(settings: Settings, device: torch.device) -> AbstractContextManager[object]:
    """Autocast for bf16 and fp16, nothing for fp32."""
    if settings.precision not in TYPES:
        return nullcontext()
    return torch.autocast(device.type, dtype=TYPES[settings.precision])


@dataclass
class Machine:
    """This process among those that train together: one sum over all of them, one answer for all of them.

    >>> machine = Machine.of(settings)                  # doctest: +SKIP
    >>> machine.backward([loss]); machine.step(optim, model, clip=1.0)      # doctest: +SKIP
    """

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    precision: str = "fp32"
    rank: int = 0
    ranks: int = 1

    def __post_init__(self) -> None:
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=self.precision == "fp16")

    @classmethod
    def of(cls, settings: Settings) -> Machine:
        """What `--device` and `--precision` ask for; with several processes their group is joined first."""
        device = prepare(settings)
        if processes() == 1:
            return cls(device, settings.precision)
        state = joined(cpu=device.type == "cpu")
        return cls(device, settings.precision, state.process_index, state.num_processes)

    def arithmetic(self) -> AbstractContextManager[object]:
        if self.precision not in TYPES:
            return nullcontext()
        return torch.autocast(self.device.type, dtype=TYPES[self.precision])

    def sum(self, tensor: torch.Tensor) -> torch.Tensor:
        """The sum of what each process holds."""
        if self.ranks == 1:
            return tensor
        from accelerate.utils import reduce

        total: torch.Tensor = reduce(tensor, reduction="sum")
        return total

    def any(self, one: bool) -> bool:
        """Whether it holds in any process."""
        return one if self.ranks == 1 else bool(self.sum(torch.tensor(float(one), device=self.device)) > 0)

    def same(self, value: float) -> float:
        """What the first process found: so all of them decide alike."""
        if self.ranks == 1:
            return value
        own = torch.tensor(value if self.rank == 0 else 0.0, dtype=torch.float64, device=self.device)
        return float(self.sum(own))

    def backward(self, losses: Sequence[torch.Tensor], gradients: Sequence[torch.Tensor | None] | None = None) -> None:
        """Gradients of the losses; of tensors among them that a gradient is given for, onwards from that."""
        given = gradients or [None] * len(losses)
        scaled = [self.scaler.scale(own) if known is None else own for own, known in zip(losses, given, strict=True)]
        torch.autograd.backward(scaled, list(given))

    def sum_gradients(self, weights: Iterable[torch.nn.Parameter]) -> None:
        """Add up the gradients of all processes, in one call; what has none in any of them keeps none."""
        if self.ranks == 1:
            return
        trained = [weight for weight in weights if weight.requires_grad]
        has = self.sum(torch.tensor([float(weight.grad is not None) for weight in trained], device=self.device))
        used = [weight for weight, there in zip(trained, has.tolist(), strict=True) if there]
        if not used:
            return
        own = [torch.zeros_like(w) if w.grad is None else w.grad for w in used]
        flat = self.sum(torch.cat([grad.flatten() for grad in own]))
        for weight, part in zip(used, torch.split(flat, [weight.numel() for weight in used]), strict=True):
            weight.grad = part.view_as(weight)

    def step(self, optim: torch.optim.Optimizer, model: torch.nn.Module, clip: float | None) -> bool:
        """Move the weights, their gradient no longer than `clip`; False where it was not a number and they stayed.

        Under fp16 such a step is left out and the scale halved; elsewhere nothing is scaled, and it is a mistake.
        """
        self.scaler.unscale_(optim)
        weights = [weight for weight in model.parameters() if weight.grad is not None]
        norm = torch.nn.utils.clip_grad_norm_(weights, clip if clip else float("inf"))
        finite = bool(torch.isfinite(norm))
        if finite or self.precision == "fp16":
            self.scaler.step(optim)
            self.scaler.update()
        optim.zero_grad(set_to_none=True)
        return finite or self.precision == "fp16"

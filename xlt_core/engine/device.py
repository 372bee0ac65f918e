"""Where a stage is computed, and with what arithmetic."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

from xlt_core.config.settings import Settings
from xlt_core.errors import Problem, UsageError


def prepare(settings: Settings) -> torch.device:
    """The device of a run; threads and determinism are set on the way."""
    if settings.threads:
        torch.set_num_threads(settings.threads)
    torch.use_deterministic_algorithms(settings.deterministic)
    wanted = settings.device
    found = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    if wanted == "auto":
        return torch.device(found)
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there[wanted]:
        problem = Problem(f"there is no {wanted} device here", "--device", f"--device {found}")
        raise UsageError("The device can't be used.", [problem])
    return torch.device(wanted)


def arithmetic(settings: Settings, device: torch.device) -> AbstractContextManager[object]:
    """Autocast for bf16 and fp16, nothing for fp32."""
    types = {"bf16": torch.bfloat16, "fp16": torch.float16}
    if settings.precision not in types:
        return nullcontext()
    return torch.autocast(device.type, dtype=types[settings.precision])

"""What a stage costs: seconds, of the clock and of the processor, memory at its highest, tokens."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Report = Callable[[dict[str, Any]], None]

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
PEAK = "5"
"""What the kernel is told, so that the highest memory is counted anew."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a stage took."""

    seconds: float
    device_seconds: float
    """Processor seconds of all threads; on a GPU the clock's, for which it was held."""
    peak_mb: float
    """The most memory of its process meanwhile, libraries included; on a GPU the most of the device's."""
    tokens: int = 0

    def as_data(self) -> dict[str, Any]:
        """What is kept of it: `{"seconds": 1.5, …}`; tokens where any were counted."""
        told = {
            "seconds": round(self.seconds, 3),
            "device_seconds": round(self.device_seconds, 3),
            "peak_mb": round(self.peak_mb, 1),
        }
        return {**told, "tokens": self.tokens} if self.tokens else told


@dataclass
class Meter:
    """Runs from `start` to `read`.

    >>> meter = Meter.start()
    >>> meter.read().tokens
    0
    """

    clock: float = field(default_factory=time.monotonic)
    processor: float = field(default_factory=time.process_time)
    tokens: int = 0

    @classmethod
    def start(cls) -> Meter:
        """Count from now on."""
        with suppress(OSError):  # elsewhere than on Linux it is the highest of the whole process
            CLEAR.write_text(PEAK)
        if (cuda := _cuda()) is not None:
            cuda.reset_peak_memory_stats()
        return cls()

    def watching(self, report: Report) -> Report:
        """A report that counts the tokens it tells of, on their way."""

        def told(event: dict[str, Any]) -> None:
            self.tokens = max(self.tokens, int(event.get("tokens", 0)))
            report(event)

        return told

    def read(self) -> Cost:
        """What it took so far."""
        seconds, cuda = time.monotonic() - self.clock, _cuda()
        on_device = cuda.max_memory_allocated() if cuda is not None else 0
        if on_device:
            return Cost(seconds, seconds, on_device / 1e6, self.tokens)
        return Cost(seconds, time.process_time() - self.processor, _peak(), self.tokens)


def _peak() -> float:
    """Megabytes of memory at the highest."""
    try:
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    except (OSError, StopIteration):
        kept = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return kept / 1e6 if sys.platform == "darwin" else kept * 1024 / 1e6


def _cuda() -> Any:
    """Torch's handle of the GPU, where torch is at work on one."""
    torch = sys.modules.get("torch")
    return torch.cuda if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized() else None

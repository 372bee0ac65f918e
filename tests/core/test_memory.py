"""What one step frees serves the next."""

from __future__ import annotations

import subprocess
import sys

import pytest

from xlt_core.engine.memory import keep_freed

TURNS = """
import resource, sys
import torch
from xlt_core.config.settings import Settings
from xlt_core.engine.device import prepare

prepare(Settings(method="zero_shot", backbone="mini", device="cpu"))
for turn in range(8):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    blocks = [torch.full((n << 20,), 1, dtype=torch.uint8) for n in (64, 8, 64)]
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    del blocks
"""


@pytest.mark.skipif(not keep_freed(), reason="this C library can't be told to keep memory")
def test_what_a_step_frees_is_not_asked_for_again() -> None:
    told = subprocess.run([sys.executable, "-c", TURNS], check=True, capture_output=True, text=True).stdout
    pages = [int(line) for line in told.split()]  # the second and third may ask for more: blocks begin at round places
    assert all(later < pages[0] / 20 for later in pages[4:]), f"pages asked for turn by turn: {pages}"

"""Killed at any moment, the same command again ends in the same bits."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ASKED = (
    "run", "--method", "zero_shot", "--backbone", "mini", "--targets", "vie", "--set", "training.epochs=2",
    "--checkpoint", "0.2", "--threads", "1",
)  # fmt: skip


def begun(out: str, store: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "xlt_core.cli.main", *ASKED, "--out", out, "--store", str(store)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def outcome(folder: Path) -> tuple[object, bytes]:
    scores = json.loads((folder / "scores.json").read_text("utf-8"))["scores"]
    return scores, (folder / "predictions" / "vie-ner.tsv").read_bytes()


def whole_results(store: Path) -> None:
    """Every result that is there has its manifest, and nothing half-written has one."""
    for manifest in store.rglob("manifest.json"):
        named = json.loads(manifest.read_text("utf-8"))["files"]
        assert all((manifest.parent / name).is_file() for name in named)


KILLS = int(os.environ.get("XLT_KILLS", "12"))
"""In all; `make soak` asks for a hundred."""
EACH = 6


@pytest.mark.parametrize("seed", range(KILLS // EACH))
def test_killed_at_random_moments_it_ends_in_the_same_bits(seed: int, tmp_path: Path) -> None:
    undisturbed = begun("whole", tmp_path / "one")
    started = time.monotonic()
    assert undisturbed.wait(timeout=200) == 0
    length = time.monotonic() - started
    draw = random.Random(seed)
    kills, turn, store, went_on = 0, 0, tmp_path / "other-0", False
    while True:
        turn += 1
        process = begun(f"turn-{turn}", store)
        try:
            told = process.communicate(timeout=length * draw.uniform(0.3, 0.7) if kills < EACH else 200)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
            kills += 1
            went_on = went_on or any(store.rglob("checkpoint.pt"))
            whole_results(store)
            continue
        assert process.returncode == 0, told[1]
        assert outcome(Path(f"turn-{turn}")) == outcome(Path("whole"))
        assert not any(store.rglob("checkpoint.pt")), "what a finished stage no longer needs is gone"
        if kills == EACH:
            break
        store = tmp_path / f"other-{turn}"  # it got to its end between two kills: from the beginning
    assert went_on

"""Stages side by side: the same results, and a stop or a death that leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from xlt_core.cores import cores

ASKED = (
    "run", "--method", "zero_shot", "--backbone", "mini", "--targets", "vie", "--seeds", "2",
    "--checkpoint", "0.2", "--threads", "1",
)  # fmt: skip
needs_two_cores = pytest.mark.skipif(cores() < 2, reason="jobs side by side want two cores")


def begun(out: str, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "xlt_core.cli.main", *ASKED, *more, "--out", out]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(child) for child in children]


def wait_for(what: str, condition: object, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < until, what
        time.sleep(0.1)


def scores(out: str) -> list[object]:
    rows = json.loads(Path(out, "scores.json").read_text("utf-8"))["scores"]
    return sorted(rows, key=lambda row: row["seed"])


@needs_two_cores
def test_two_jobs_give_what_one_gives(tmp_path: Path) -> None:
    short = ("--budget", "12steps")
    one = begun("one", *short, "--store", str(tmp_path / "a"))
    assert one.wait(timeout=200) == 0
    two = begun("two", *short, "--jobs", "2", "--store", str(tmp_path / "b"))
    assert two.wait(timeout=200) == 0, two.communicate()[1]
    assert scores("one") == scores("two")
    for seed in (1, 2):
        name = Path("predictions", f"vie-ner#{seed}.tsv")
        assert (Path("one") / name).read_bytes() == (Path("two") / name).read_bytes()


@needs_two_cores
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_stop_saves_what_goes_on_and_a_death_takes_the_workers_along(how: int, tmp_path: Path) -> None:
    store = tmp_path / "store"
    process = begun("stopped", "--jobs", "2", "--store", str(store))
    wait_for("both trainings", lambda: len(list(store.rglob("checkpoint.pt"))) == 2)
    workers = workers_of(process)
    assert len(workers) >= 2
    os.kill(process.pid, how)
    told = process.communicate(timeout=100)[1]
    assert process.returncode == (130 if how == signal.SIGTERM else -how)
    assert how == signal.SIGKILL or "--resume" in told
    wait_for("the workers' end", lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers), 20)
    assert len(list(store.rglob("checkpoint.pt"))) == 2


def test_more_jobs_than_cores_are_refused() -> None:
    process = begun("crowd", "--jobs", str(cores() + 1))
    told = process.communicate(timeout=60)[1]
    assert process.returncode == 2
    assert f"--jobs {cores()}" in told and not Path("crowd").exists()

"""Two processes on a CPU give what one gives: losses, gradients, and the trained weights."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.conftest import Run
from tests.core.letters import NUMBERS, Letters, corpus, tagger
from tests.core.test_update import TERMS, WANTED, gradients, same
from xlt_core.data.encode import SubwordReader
from xlt_core.engine.device import Machine
from xlt_core.engine.feed import Feed
from xlt_core.engine.loop import train_steps
from xlt_core.slots.schedule import Finetune

CASES: tuple[tuple[tuple[str, ...], bool, int], ...] = (
    (("task",), False, 100_000),
    (("task", "mlm"), False, 30),
    (("contrast",), False, 100_000),
    (("task", "mlm", "contrast"), False, 40),
    (("mlm",), True, 40),
)


def trained(machine: Machine) -> torch.Tensor:
    model = tagger()
    pieces = SubwordReader(Letters(), 32).stretches(corpus([1, 7, 3, 2, 5, 6, 4]), NUMBERS)
    feed = Feed(model, WANTED, 1, torch.device("cpu"), 100, 4, machine.ranks)
    terms = [TERMS["task"], TERMS["contrast"]]
    for _ in train_steps(model, terms, pieces, feed, Finetune(batch=4, epochs=2, lr=1e-2), 1, None, machine=machine):
        pass
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


def one_of_two(rank: int, port: int, out: str) -> None:
    os.environ.update(WORLD_SIZE="2", RANK=str(rank), LOCAL_RANK=str(rank), MASTER_ADDR="127.0.0.1",
                      MASTER_PORT=str(port), ACCELERATE_USE_CPU="true")  # fmt: skip
    torch.set_num_threads(1)
    from xlt_core.config.settings import Settings

    machine = Machine.of(Settings(method="", backbone="", device="cpu"))
    assert (machine.rank, machine.ranks) == (rank, 2)
    found = [gradients(names, tokens, machine, owned) for names, owned, tokens in CASES]
    torch.save({"updates": found, "trained": trained(machine)}, Path(out) / f"{rank}.pt")
    torch.distributed.destroy_process_group()


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    out = tmp_path_factory.mktemp("two")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    torch.multiprocessing.spawn(one_of_two, args=(port, str(out)), nprocs=2)
    return [torch.load(out / f"{rank}.pt", weights_only=True) for rank in (0, 1)]


@pytest.mark.parametrize("number", range(len(CASES)))
def test_two_processes_give_the_losses_and_gradients_of_one(number: int, two: list[Any]) -> None:
    names, owned, _ = CASES[number]
    alone = gradients(names, 100_000, owned=owned)
    for process in two:
        same(process["updates"][number], alone)


def test_two_processes_train_the_weights_that_one_trains(two: list[Any]) -> None:
    alone = trained(Machine())
    assert torch.equal(two[0]["trained"], two[1]["trained"])
    torch.testing.assert_close(two[0]["trained"], alone, atol=1e-4, rtol=1e-3)


@pytest.mark.slow
def test_torchrun_does_a_run_with_two_processes(xlt: Run, tmp_path: Path) -> None:
    asked = (
        "run", "--method", "zero_shot", "--backbone", "mini", "--targets", "vie", "--device", "cpu", "--threads", "1",
        "--budget", "3steps", "--add", "training.losses.mlm=0.5", "--set", "training.select.keep=last",
    )  # fmt: skip
    assert xlt(*asked, "--out", "one", "--store", str(tmp_path / "one")).returncode == 0
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--rdzv-backend", "c10d",
                "--rdzv-endpoint", "localhost:0", "-m", "xlt_core.cli.main"]  # fmt: skip
    done = subprocess.run([*torchrun, *asked, "--out", "two", "--store", str(tmp_path / "two")], capture_output=True,
                          text=True, timeout=200, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("zero_shot@1") == 1, "one of them tells"
    one, two = (_losses(Path(name) / "metrics.jsonl") for name in ("one", "two"))
    assert len(one) == 3 and all(a == pytest.approx(b, abs=1e-4) for a, b in zip(one, two, strict=True))


def _losses(file: Path) -> list[dict[str, float]]:
    events = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [{name: event[name] for name in ("task", "mlm")} for event in events if event["kind"] == "step"]

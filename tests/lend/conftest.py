"""Runs that are used after they ended. Their store, data and backbone are gone: their folders are all there is."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

import pytest

import xlt_core
from xlt_core import run

MADX = [
    "adaptation.epochs=1", "adaptation.source.samples=64", "adaptation.target.samples=64", "training.lr=0.02",
]  # fmt: skip
MIXED = ["training.models=one_per_source", "inference=uniform", "training.head=crf", "training.max_length=16"]
LATIN = ["representation.text.channel=latin", "rewriting.latin=mini_latin"]


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the runs, which the first process that wants them makes for all."""
    base = tmp_path_factory.getbasetemp()
    made = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "lent"
    with (made.parent / "lent.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.is_dir():
            _make(made.with_name("lent-begun"), tmp_path_factory.mktemp("store"))
            made.with_name("lent-begun").rename(made)
    return shutil.copytree(made, base / "runs")


def _make(place: Path, store: Path) -> None:
    local = shutil.copytree(Path(xlt_core.__file__).parent / "mini/backbones/subword", place / "local")
    known = {"threads": 1, "loudness": -1, "store": store, "budget": "20steps"}
    mini = {"backbone": "mini", **known}
    run(method="zero_shot", targets="vie,tur", out=place / "whole", **mini)
    run(method="zero_shot", targets="vie", task="nli", out=place / "nli", **mini)
    run(method="madx", targets="vie,tur", set=MADX, out=place / "swapped", **mini)
    run(method="madx", targets="vie", sources="eng,zho", set=[*MADX, *MIXED], out=place / "mixed", **mini)
    few = {**known, "budget": "3steps", "data": "mini", "backbone": str(local)}
    run(method="zero_shot", targets="amh", set=LATIN, seeds="2", out=place / "latin", **few)
    shutil.rmtree(store)
    shutil.rmtree(local)

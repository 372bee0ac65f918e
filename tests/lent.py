"""Small runs that several tests use, each made once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from xlt_core import run
from xlt_core.report.folder import RunFolder

FEW = ("adaptation.epochs=1", "adaptation.source.samples=64", "adaptation.target.samples=64")


def made(folder: Path, name: str, method: str, changed: Iterable[str] = (), **asked: object) -> RunFolder:
    """A run in the mini world, with a store of its own beside it."""
    few = FEW if method == "madx" else ()
    told = {"backbone": "mini", "threads": 1, "budget": "4steps", "loudness": -1, **asked}
    return run(method=method, set=[*few, *changed], out=folder / name, store=folder / "store", **told)

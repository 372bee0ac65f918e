"""Sources whose answers are mixed must learn the same labels, and that is seen before any of them is trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from xlt_core import plan, run
from xlt_core.errors import RunError
from xlt_core.graph.store import Store

MIXED: dict[str, Any] = {
    "method": "zero_shot", "backbone": "mini", "task": "topic", "sources": "eng,rus", "targets": "tur",
    "set": ["training.models=one_per_source", "inference=uniform", "training.epochs=1"],
}  # fmt: skip


def topics(folder: Path, **labels: str) -> str:
    for code, own in {"tur": "food sport", **labels}.items():
        (folder / code).mkdir(parents=True)
        rows = [f"{topic} number {n}\t{topic}" for n in range(4) for topic in own.split()]
        for split in ("train", "dev", "test"):
            text = "\n".join(["text\tlabel", *rows]) + "\n"
            (folder / code / f"{split}.tsv").write_text(text, encoding="utf-8")
    return str(folder)


def test_other_labels_are_refused_by_name_before_training(tmp_path: Path) -> None:
    data = topics(tmp_path / "data", eng="food sport music", rus="food sport law")
    with pytest.raises(RunError, match="These can't answer together") as met:
        run(**MIXED, data=data, out="out")
    (problem,) = met.value.problems
    assert "eng has no law; rus has no music" in problem.what and "--set inference=each" in problem.fix
    store = Store.at(None)
    assert not [key for key in store.known() if str(store.manifest(key).about["stage"]).startswith("train")]


def test_the_same_labels_pass_and_each_for_itself_needs_none(tmp_path: Path) -> None:
    data = topics(tmp_path / "data", eng="food sport", rus="sport food")
    assert run(**MIXED, data=data, out="out").scores["scores"]
    other = topics(tmp_path / "other", eng="food sport music", rus="food sport law")
    apart = {**MIXED, "set": ["training.models=one_per_source", "inference=each"]}
    assert not plan(**apart, data=other).of("agree")


def test_a_task_that_says_its_labels_needs_no_look() -> None:
    assert not plan(**{**MIXED, "task": "ner"}).of("agree") and plan(**MIXED).of("agree")

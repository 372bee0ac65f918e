"""Real runs in the mini world of what stands beside zero-shot fine-tuning: tasks, adapters, several sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlt_core import run
from xlt_core.errors import UsageError

QUICK = [
    "adaptation.source.samples=160", "adaptation.target.samples=160", "adaptation.epochs=1",
    "training.epochs=1",
]  # fmt: skip


def files(folder: Path) -> set[str]:
    return {file.name for file in folder.rglob("*") if file.is_file()}


def test_madx_adapts_learns_and_swaps() -> None:
    made = run(method="madx", backbone="mini", targets="vie,tur", set=QUICK, out="madx")
    done = [record["stage"] for record in made.scores["stages"]]
    assert {"adapt(eng)", "adapt(vie)", "adapt(tur)", "train(eng, ner)", "predict(tur, ner)"} <= set(done)
    again = run(method="madx", backbone="mini", targets="vie,swh", set=QUICK, out="madx-2")
    kept = {record["stage"] for record in again.scores["stages"] if record["from_store"]}
    assert {"adapt(eng)", "adapt(vie)", "train(eng, ner)", "predict(vie, ner)"} <= kept
    assert "adapt(swh)" not in kept and again.score("vie") == made.score("vie")


def test_sources_with_adapters_of_their_own_answer_together() -> None:
    edits = [*QUICK, "training.models=one_per_source", "inference=uniform"]
    made = run(method="madx", backbone="mini", sources="eng,rus", targets="vie", set=edits, out="several")
    done = [record["stage"] for record in made.scores["stages"]]
    assert {"adapt(eng)", "adapt(rus)", "train(eng, ner)", "train(rus, ner)", "predict(vie, ner)"} <= set(done)


@pytest.mark.parametrize(
    ("task", "metric", "epochs", "bar"),
    [("topic", "macro_f1", 4, 25), ("nli", "accuracy", 2, 25), ("pos", "accuracy", 3, 60)],
)
def test_tasks_of_all_units_are_learnt(task: str, metric: str, epochs: int, bar: float) -> None:
    made = run(
        method="zero_shot", backbone="mini", task=task, targets="swh", set=[f"training.epochs={epochs}"], out=task
    )
    assert made.score("swh", metric) > bar
    if task == "topic":
        assert made.score("swh") == made.score("swh", "macro_f1") != made.score("swh", "accuracy")
        with pytest.raises(UsageError, match="no span_f1 of swh"):
            made.score("swh", "span_f1")


@pytest.mark.parametrize("task", ["absa", "roles"])
def test_spans_of_all_kinds_are_learnt(task: str) -> None:
    edits = ["training.epochs=2", *(["training.side_features=[predicate]"] if task == "roles" else [])]
    made = run(method="zero_shot", backbone="mini", task=task, targets="swh", set=edits, out=task)
    assert made.score("swh") >= 0
    table = next((Path(made.path) / "predictions").glob("*.tsv")).read_text("utf-8").split("\n\n")
    assert len([block for block in table if block.strip()]) == 300


@pytest.mark.parametrize(("representation", "backbone"), [("words", "mini"), ("character", "mini:char")])
def test_other_units_are_read(representation: str, backbone: str) -> None:
    edits = [f"representation={representation}", "training.epochs=2"]
    made = run(method="zero_shot", backbone="mini", targets="swh", set=edits, out=representation)
    assert made.config["backbone"] == backbone
    assert made.score("swh") > (40 if representation == "words" else 5)

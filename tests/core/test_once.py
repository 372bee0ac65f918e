"""What several stages can use is made once; what a stage has to say is shown and kept; what repeats says so."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from xlt_core import plan
from xlt_core.catalog import load_catalog
from xlt_core.config.settings import Settings
from xlt_core.graph.job import Job
from xlt_core.graph.store import Store
from xlt_core.report.progress import Progress
from xlt_core.slots.backbones import MINI
from xlt_core.slots.losses import TaskLoss
from xlt_core.slots.schedule import Finetune

MADE_FROM = {"text": "abc", "size": 8000}


@pytest.fixture
def job(tmp_path: Path) -> Job:
    stage = plan(method="zero_shot", backbone="mini", targets="vie")["train(eng, ner)"]
    settings, heard = Settings(method="any", backbone="mini"), lambda event: None
    return Job(stage, {}, tmp_path, settings, MINI, None, load_catalog(), heard, store=Store(tmp_path / "store"))


def writer(made: list[str], text: str = "x") -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        made.append(text)
        (folder / "file").write_text(text)

    return make


def test_it_is_made_once_whoever_asks(job: Job) -> None:
    made: list[str] = []
    assert not job.has("pieces", MADE_FROM)
    first = job.once("pieces", MADE_FROM, writer(made))
    other = replace(job, stage=replace(job.stage, key="of another stage", options={}))
    assert job.has("pieces", MADE_FROM) and other.once("pieces", dict(MADE_FROM), writer(made)) == first
    assert made == ["x"] and (first / "file").read_text() == "x"


@pytest.mark.parametrize("what", ["pieces", "vectors"])
def test_what_it_is_made_from_tells_it_apart(job: Job, what: str) -> None:
    made: list[str] = []
    folders = {job.once("pieces", MADE_FROM, writer(made)), job.once(what, {**MADE_FROM, "size": 9000}, writer(made))}
    assert len(folders) == 2 and len(made) == 2


def test_a_failure_leaves_nothing(job: Job) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("half")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        job.once("pieces", MADE_FROM, fail)
    made: list[str] = []
    assert not job.has("pieces", MADE_FROM)
    assert [file.name for file in job.once("pieces", MADE_FROM, writer(made)).glob("[fh]*")] == ["file"]


def test_damage_is_made_good(job: Job) -> None:
    made: list[str] = []
    folder = job.once("pieces", MADE_FROM, writer(made, "whole"))
    (folder / "file").write_text("harm!")
    assert (job.once("pieces", MADE_FROM, writer(made, "whole")) / "file").read_text() == "whole"
    assert made == ["whole", "whole"]


def test_a_note_is_shown_at_once() -> None:
    made = plan(method="zero_shot", backbone="mini", targets="vie")
    stage, stream = made["train(eng, ner)"], io.StringIO()
    progress = Progress({stage.key: f"[1/1] {stage.id}"}, stream=stream)
    progress.begun(stage.key)
    progress.event(stage.key, {"kind": "note", "text": "half of it is unknown"})
    assert stream.getvalue().endswith("train(eng, ner): half of it is unknown\n")


def test_a_part_may_repeat_under_some_options_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def repeats(options: dict[str, Any]) -> bool:
        return bool(options["batch"] == 8)

    monkeypatch.setattr(Finetune, "repeats", staticmethod(repeats))
    for batch, told in ((8, None), (16, False)):
        made = plan(method="zero_shot", backbone="mini", targets="vie", set=[f"training.batch={batch}"])
        assert made["train(eng, ner)"].details.get("repeatable") is told
        assert made["predict(vie, ner)"].details.get("repeatable") is None
    monkeypatch.setattr(TaskLoss, "repeatable", False)
    made = plan(method="zero_shot", backbone="mini", targets="vie", set=["training.batch=8"])
    assert made["train(eng, ner)"].details.get("repeatable") is False

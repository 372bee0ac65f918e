"""A key is made from all that can change a result: with each of it changed, another key, and nowhere else."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from xlt_core import plan
from xlt_core.compose.keys import key_of
from xlt_core.graph.stages import Plan
from xlt_core.running.workshop import about
from xlt_core.slots.evaluation import SpanF1
from xlt_core.slots.losses import TaskLoss
from xlt_core.slots.reading import TwoColumns
from xlt_core.slots.representation import Subword
from xlt_core.slots.schedule import Finetune

ASKED: dict[str, Any] = {"method": "zero_shot", "backbone": "mini", "targets": "vie"}
TRAINED = ["train(eng, ner)", "predict(vie, ner)", "score:span_f1(vie, ner)"]
PART = """
from typing import ClassVar
from xlt_core.hooks import Card, hookimpl
from xlt_core.slots.evaluation import Evaluator
from xlt_core.slots.losses import Loss
XLT_API = 1
@hookimpl
def xlt_losses():
    yield Card("my.calm", "Calms.", "my_parts:Calm", work="my_parts:calm")
@hookimpl
def xlt_evaluators():
    yield Card("my.count", "Counts.", "my_parts:Count", work="my_parts:count")
class Calm(Loss):
    pass
class Count(Evaluator):
    pass
def calm(ctx, options): ...
def count(job): ...
"""


def changed(one: Plan, other: Plan) -> list[str]:
    return [a.id for a, b in zip(one, other, strict=True) if a.key != b.key]


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Callable[[str, str], Plan]]:
    """The plan with parts of a file in it; its text may be another each time, as it would be in a new process."""

    def planned(text: str, *adds: str) -> Plan:
        sys.modules.pop("my_parts", None)
        (tmp_path / "my_parts.py").write_text(text, encoding="utf-8")
        return plan(**ASKED, plugins=[tmp_path / "my_parts.py"], add=adds)

    yield planned
    sys.modules.pop("my_parts", None)


def test_the_version_of_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    before = plan(**ASKED)
    for part in (Finetune, TaskLoss, Subword):
        with monkeypatch.context() as patched:
            patched.setattr(part, "version", 99)
            assert changed(before, plan(**ASKED)) == TRAINED, part
    monkeypatch.setattr(SpanF1, "version", 99)
    assert changed(before, plan(**ASKED)) == TRAINED, "it chose the checkpoint, and it gave the score"


def test_the_options_of_a_part_and_of_its_losses() -> None:
    before = plan(**ASKED)
    assert changed(before, plan(**ASKED, set=["training.lr=1e-3"])) == TRAINED
    assert changed(before, plan(**ASKED, set=["training.losses.task=0.5"])) == TRAINED


def test_precision_where_something_is_trained() -> None:
    assert changed(plan(**ASKED), plan(**ASKED, precision="bf16")) == TRAINED


def test_what_the_machine_is_told_is_no_part_of_it() -> None:
    assert changed(plan(**ASKED), plan(**ASKED, device="cpu", threads=1, deterministic=True)) == []


def test_the_seed_only_where_a_stage_draws() -> None:
    one, two = plan(**ASKED, seeds="1,2"), plan(**ASKED, seeds="1,3")
    assert [a.id for a, b in zip(one, two, strict=True) if a.key != b.key] == [f"{name}#2" for name in TRAINED]
    assert one["train(eng, ner)#1"].key == plan(**ASKED)["train(eng, ner)"].key


def test_the_content_of_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in ("eng/train", "eng/dev", "vie/test"):
        path = tmp_path / "mine" / f"{file}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Anna\tB-PER\n\n", encoding="utf-8")
    asked = {**ASKED, "data": str(tmp_path / "mine")}
    before = plan(**asked)
    assert changed(before, plan(**asked)) == []
    (tmp_path / "mine" / "vie" / "test.tsv").write_text("Anna\tO\n\n", encoding="utf-8")
    assert changed(before, plan(**asked)) == ["labels(vie, ner, test)", *TRAINED[1:]]
    before = plan(**asked)
    monkeypatch.setattr(TwoColumns, "version", 99)
    assert len(changed(before, plan(**asked))) == 6, "the reader's version"


def test_the_versions_of_libraries_that_a_part_names(monkeypatch: pytest.MonkeyPatch) -> None:
    before = plan(**ASKED)
    monkeypatch.setattr(Finetune, "libraries", ("sentencepiece",))
    named = plan(**ASKED)
    assert changed(before, named) == TRAINED
    version = importlib.metadata.version
    assert named["train(eng, ner)"].details["key_from"]["libraries"] == {"sentencepiece": version("sentencepiece")}
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "9.9" if name == "sentencepiece" else version(name))
    assert changed(named, plan(**ASKED)) == TRAINED
    monkeypatch.setattr(TaskLoss, "libraries", ("no-such-library",))
    told = plan(**ASKED)["train(eng, ner)"].details["key_from"]["libraries"]
    assert told == {"no-such-library": "not installed", "sentencepiece": "9.9"}


def test_the_file_of_a_part_that_is_loaded_from_one(parts: Callable[..., Plan]) -> None:
    loss, evaluator = "training.losses.my.calm=0.1", "evaluation=my.count"
    before = parts(PART, loss, evaluator)
    assert changed(before, parts(PART, loss, evaluator)) == []
    after = parts(PART + "\n# a word more\n", loss, evaluator)
    assert changed(before, after) == [*TRAINED, "score:my.count(vie, ner)"]
    assert set(after["train(eng, ner)"].details["key_from"]["sources"]) == {"loss my.calm"}
    assert "sources" not in after["predict(vie, ner)"].details["key_from"], "it changed by what it reads"


def test_a_file_counts_as_it_was_when_it_was_loaded(parts: Callable[..., Plan], tmp_path: Path) -> None:
    """What a process has imported is what it runs, whatever is written to the file meanwhile."""
    loss = "training.losses.my.calm=0.1"
    before = parts(PART, loss)
    file = tmp_path / "my_parts.py"
    file.write_text(PART + "\n# edited\n", encoding="utf-8")
    assert changed(before, plan(**ASKED, plugins=[file], add=[loss])) == []


def test_what_the_task_calls_its_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    from xlt_core.slots import tasks

    before = plan(**ASKED)
    monkeypatch.setattr(tasks, "NER", dataclasses.replace(tasks.NER, labels=("O", "B-X", "I-X")))
    assert len(changed(before, plan(**ASKED))) == 6, "all but the backbone"


def test_a_part_that_cannot_repeat_itself_is_marked_and_keeps_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = plan(**ASKED)
    monkeypatch.setattr(TaskLoss, "repeatable", False)
    after = plan(**ASKED)
    assert changed(before, after) == []
    assert [stage.id for stage in after if stage.details.get("repeatable") is False] == ["train(eng, ner)"]


def test_a_manifest_tells_all_that_a_key_was_made_from() -> None:
    made = plan(**{**ASKED, "method": "madx"}, seeds=2)
    assert len(made.stages) > 10
    for stage in made:
        kept = json.loads(json.dumps(about(stage, made), default=str))
        assert key_of(kept) == stage.key

"""Joint adaptation of a whole body, on texts and on sentences joined with their translations."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

from xlt_core import plan, run
from xlt_core.budget import Budget
from xlt_core.data.rows import RowReader
from xlt_core.engine.joint import mixed
from xlt_core.engine.net import BODY
from xlt_core.errors import RefusedError, RunError
from xlt_core.graph.store import Store
from xlt_core.model.backbone import BackboneModel
from xlt_core.model.shapes import byte_tokenizer
from xlt_core.running.body import main
from xlt_core.slots.schedule import Pretrain
from xlt_core.slots.shapes import SHAPES

RUN = {"method": "pretrain", "backbone": "mini", "targets": "eng,vie"}
TEXT = "the king sees a red house\nwe eat bread\n\nthe house is old\n" * 8


def steps(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [event for event in map(json.loads, lines) if event.get("kind") == "step"]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Two texts and their translations, as a folder of one's own."""
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "eng.txt").write_text(TEXT, encoding="utf-8")
    (folder / "vie.txt").write_text("vua thấy nhà đỏ\nchúng tôi ăn bánh mì\n" * 3, encoding="utf-8")
    (folder / "eng-vie.tsv").write_text("the house\tnhà\nbread\t\nthe king\tvua\n", encoding="utf-8")
    return folder


def test_the_plan_is_one_stage_over_all_languages() -> None:
    made = plan(method="pretrain", backbone="mini")
    (stage,) = made.of("adapt")
    assert len(stage.languages) == 6 and stage.gives == ("parts body/pretrained@shared",)
    assert any(need.startswith("resource parallel:") for need in stage.needs) and made.unbuilt() == []


def test_texts_alone_need_no_translations(texts: Path) -> None:
    made = plan(**RUN, data=str(texts), set=["adaptation.streams={unlabelled: 1.0}"])
    assert not made.of("parallel")


def test_the_whole_body_learns_and_the_next_stage_stands_on_it(texts: Path) -> None:
    edits = ["adaptation.epochs=3", "adaptation.lr=3e-3", "adaptation.batch=8"]
    made = run(**RUN, data=str(texts), set=edits, out="joint")
    losses = [event["mlm"] for event in steps(made.path)]
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])
    (key,) = [record["key"] for record in made.scores["stages"] if record["stage"].startswith("adapt")]
    before = load_file(Path(__file__).parents[2] / "xlt_core/mini/backbones/subword/model.safetensors")
    trained = load_file(Store.at(None).path(key) / BODY)
    assert all(not torch.equal(trained[name], before[name].float()) for name in trained if name in before)
    assert main([str(made.path), "small"]) == 0 and main([str(made.path), "small"]) == 2
    exported = BackboneModel.load(Path("small")).model.state_dict()
    assert all(torch.equal(exported[name], weight) for name, weight in trained.items())
    again = plan(method="zero_shot", backbone="small", data="mini", task="ner", sources="eng", targets="vie")
    assert again.of("backbone")[0].part == "small"
    stacked = plan(method="zero_shot", backbone="mini", set=["adaptation=pretrain"])
    assert "parts body/pretrained@shared" in stacked.of("train")[0].needs


def test_translations_of_pairs_are_read_where_they_are_named() -> None:
    made = plan(**{**RUN, "targets": "eng,vie,tur"}, set=["adaptation.parallel=[eng-vie,vie-tur]"])
    needs = {need for need in made.of("adapt")[0].needs if need.startswith("resource parallel")}
    assert needs == {"resource parallel:eng-vie", "resource parallel:vie-tur"}
    with pytest.raises(RefusedError, match="translations of hin are read"):
        plan(**RUN, set=["adaptation.parallel=[eng-hin]"])


def test_streams_stand_in_the_shares_that_were_asked() -> None:
    reader = RowReader(byte_tokenizer(SHAPES["xlm-roberta-base"], 64), 64)
    texts = {"eng": reader.text(["a b"] * 90, "eng"), "vie": reader.text(["c"] * 10, "vie")}
    pairs = {"eng-vie": reader.text(["a c"] * 30, "eng")}
    options = Pretrain(streams={"unlabelled": 1.0, "parallel": 3.0}, mix="uniform")
    rows = mixed({"unlabelled": texts, "parallel": pairs}, options, 1)
    counts = Counter(reader.tokenizer.decode(row.ids, skip_special_tokens=True).strip() for row in rows)
    assert counts["a b"] == counts["c"]
    assert counts["a c"] == pytest.approx(3 * (counts["a b"] + counts["c"]), rel=0.02)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("eng-vie.tsv", "one\ttwo\tthree\n", "the row has 3 columns, and nothing says which 2"),
     ("eng-vie.tsv", "one\t\n", "there is no sentence in what was read"),
     ("vie.txt", "\n\n", "there is no text in what was read")],
)  # fmt: skip
def test_what_cannot_be_read_is_told(texts: Path, name: str, content: str, said: str) -> None:
    (texts / name).write_text(content, encoding="utf-8")
    with pytest.raises(RunError, match=said):
        run(**RUN, data=str(texts), out="bad")


@given(st.integers(1, 10**9), st.sampled_from(["steps", "tokens"]))
def test_a_budget_is_read_back_as_it_was_written(amount: int, unit: Any) -> None:
    budget = Budget(amount=amount, unit=unit)
    assert Budget.read(str(budget)) == budget

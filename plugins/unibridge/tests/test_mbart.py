"""The preset `mbart` from text to mixed answers, on a small folder laid out as the hub lays its own out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.model.mbart_folder import mbart
from xlt_core import plan, run
from xlt_core.engine.net import Net
from xlt_core.graph.store import Store
from xlt_core.model.adapters import LanguageAdapter
from xlt_core.model.backbone import BackboneModel
from xlt_core.model.rows import read_tokenizer
from xlt_core.report.folder import RunFolder

SMALL = [
    "vocabulary.target.text.start=300", "vocabulary.target.text.step=100", "vocabulary.target.text.largest=500",
    "vocabulary.target.text.words=16", "embedding.target.text.dim=8", "embedding.target.text.epochs=1",
    "embedding.target.text.words=16", "embedding.target.text.buckets=2000", "embedding.target.text.subsample=1",
    "embedding.target.text.threads=1", "adaptation.words=null", "adaptation.source.samples=60",
    "adaptation.target.samples=60", "adaptation.epochs=1", "training.share=0.1", "training.epochs=1",
]  # fmt: skip


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Store, RunFolder]:
    folder = tmp_path_factory.mktemp("mbart")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XLT_HOME", str(folder / "home"))
        made = run(
            method="unibridge", preset="mbart", backbone=str(mbart(folder / "mbart")), data="mini", sources="eng,rus",
            targets="amh,khm", set=SMALL, out=str(folder / "out"),
        )  # fmt: skip
    return folder, Store(folder / "home" / "store"), made


def stage(finished: tuple[Path, Store, RunFolder], name: str) -> Path:
    _, store, made = finished
    return store.path({record["stage"]: record["key"] for record in made.scores["stages"]}[name])


def test_it_ends_with_scores_and_weights(finished: tuple[Path, Store, RunFolder]) -> None:
    made = finished[2]
    assert {row["target"] for row in made.scores["scores"]} == {"amh", "khm"}
    weights = json.loads((stage(finished, "weights(amh)") / "weights.json").read_text("utf-8"))
    assert set(weights) == {"eng", "rus"} and sum(weights.values()) == pytest.approx(1.0)
    told = [json.loads(line) for line in (Path(made.path) / "metrics.jsonl").read_text("utf-8").splitlines()]
    steps = [event for event in told if event.get("kind") == "step"]
    assert all(event["denoising"] > 0 for event in steps if event["stage"].startswith("adapt("))
    anchored = {event["stage"] for event in steps if "unibridge.kl" in event}
    assert anchored == {"adapt(amh)", "adapt(khm)"}


def test_a_new_code_starts_as_the_mean_of_the_sources_and_a_known_one_is_copied(
    finished: tuple[Path, Store, RunFolder],
) -> None:
    model = BackboneModel.load(finished[0] / "mbart")
    table, tokenizer = model.words.weight.detach(), model.tokenizer
    for language, code, of in (("amh", "amh_XX", ["en_XX", "ru_RU"]), ("khm", "km_KH", ["km_KH"])):
        own = read_tokenizer(stage(finished, f"tokenizer({language})"))
        number = own.convert_tokens_to_ids(code)
        assert own("a").tokens()[0] == code and number == len(own) - 2
        begun = load_file(stage(finished, f"embedding({language})") / "rows.safetensors")
        torch.testing.assert_close(begun["rows"][number], table[tokenizer.convert_tokens_to_ids(of)].mean(0))
        learnt = load_file(stage(finished, f"adapt({language})") / f"rows.{language}.text.safetensors")
        assert not torch.equal(learnt["words"][number], begun["rows"][number]), "it is trained as all rows are"
        row_map = stage(finished, f"embedding({language})") / "row_map.jsonl"
        rows = [json.loads(line) for line in row_map.read_text("utf-8").splitlines()]
        assert [row["id"] for row in rows] == list(range(len(own)))
        assert rows[number]["how"] == ("mixture" if len(of) > 1 else "copied")


def test_each_source_is_read_with_its_own_code(finished: tuple[Path, Store, RunFolder]) -> None:
    net = Net(BackboneModel.load(finished[0] / "mbart"))
    assert [net.tokenizer_of(language)("a").tokens()[0] for language in ("eng", "rus")] == ["en_XX", "ru_RU"]
    assert len({net.vocabularies_of(language) for language in ("eng", "rus")}) == 2, "a reader each"
    # the frozen model has no code of Amharic's: it reads with the one that its tokenizer comes with
    assert net.tokenizer_of("amh")("a").tokens()[0] == "en_XX"


def test_language_adapters_act_in_both_stacks_and_task_adapters_where_heads_read(
    finished: tuple[Path, Store, RunFolder],
) -> None:
    shape = LanguageAdapter.load(stage(finished, "adapt(amh)") / "adapter").shape
    assert (shape.acting, shape.acting_in_decoder) == ((0, 1), (0, 1))
    assert (shape.decoder_depth, shape.inverse_reduction) == (3, 2)
    task = json.loads((stage(finished, "train(eng, ner)") / "task_adapter" / "adapter.json").read_text("utf-8"))
    assert task["shape"]["decoder_depth"] == 0


def test_its_rows_hang_on_the_sources_and_those_of_other_backbones_do_not(tmp_path: Path) -> None:
    folder = str(mbart(tmp_path / "mbart"))

    def key(sources: str, **asked: str) -> str:
        made = plan(**{"method": "unibridge", "targets": "amh", "data": "mini", "sources": sources, **asked})
        return made["embedding(amh)"].key

    assert key("eng,rus", preset="mbart", backbone=folder) != key("eng,ara", preset="mbart", backbone=folder)
    assert key("eng,rus", backbone="mini") == key("eng,ara", backbone="mini")


def test_nothing_of_it_is_missing() -> None:
    assert plan(method="unibridge", preset="mbart", targets="amh").unbuilt() == []

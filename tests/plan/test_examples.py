"""Every example is what it says it is: a run that can be planned."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from xlt_core import plan

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_an_example_plans(file: Path, tmp_path: Path) -> None:
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    given = {"data": str(texts_of(told["targets"], tmp_path))} if told["method"] == "pretrain" else {}
    assert len(plan(config=file, **given).stages) > 10


def texts_of(languages: list[str], folder: Path) -> Path:
    """The files that a user is told to bring: a text for each language, and translations in all of them."""
    for name in (*(f"{code}.txt" for code in languages), f"{'-'.join(languages)}.tsv"):
        (folder / name).write_text("", encoding="utf-8")
    return folder


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 2


def test_one_example_mixes_all_five_papers() -> None:
    made = plan(config=next(file for file in EXAMPLES if file.name == "five_papers.yaml"))
    losses = {name for stage in made for name in stage.options.get("losses", ())}
    owners = {name.split(".")[0] for name in {stage.part for stage in made} | losses if "." in name}
    assert owners >= {"unibridge", "phonexl", "mtlws", "translit_ppa", "phoneme_gap"}

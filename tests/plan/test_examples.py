"""Every example is what it says it is: a run that can be planned."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlt_core import plan

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_an_example_plans(file: Path) -> None:
    assert len(plan(config=file).stages) > 10


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 2


def test_one_example_mixes_all_five_papers() -> None:
    made = plan(config=next(file for file in EXAMPLES if file.name == "five_papers.yaml"))
    losses = {name for stage in made for name in stage.options.get("losses", ())}
    owners = {name.split(".")[0] for name in {stage.part for stage in made} | losses if "." in name}
    assert owners >= {"unibridge", "phonexl", "mtlws", "translit_ppa", "phoneme_gap"}

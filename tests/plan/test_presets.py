"""Every preset of every recipe plans, given the files it asks for."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from xlt_core import plan
from xlt_core.catalog import load_catalog
from xlt_core.config.resolve import read_recipe
from xlt_core.errors import RefusedError

CATALOG = load_catalog({})
PRESETS = [
    (entry.name, preset) for entry in CATALOG.all("method") for preset in read_recipe(entry.card).data["presets"]
]
SOURCES, TARGETS = ("eng", "zho", "jpn"), ("spa", "deu", "nld", "fra", "ita", "por", "fin", "tur", "rus", "vie", "kor")


@pytest.mark.parametrize(("method", "preset"), PRESETS, ids=["-".join(pair) for pair in PRESETS])
def test_a_preset_plans(method: str, preset: str, tmp_path: Path) -> None:
    kinds = ("dictionary", "translation")
    keys = [f"{kind}:{source}-{target}" for kind in kinds for source, target in product(SOURCES, TARGETS)]
    for key in keys:
        (tmp_path / key.replace(":", "-")).write_text("")
    resources = {key: str(tmp_path / key.replace(":", "-")) for key in keys}
    recipe = read_recipe(CATALOG.get("method", method).card).data
    told = recipe["presets"][preset]
    targets = {"nli": "quy,grn", "pos": "amh,lij"}.get(preset, "amh,khm")
    asked = {} if "targets" in told else {"targets": targets}
    made = plan(method=method, preset=preset, resources=resources, **asked)
    assert made.stages


def test_presets_were_found() -> None:
    assert len(PRESETS) > 30


def test_an_empty_preset_name_is_told() -> None:
    with pytest.raises(RefusedError):
        plan(method="mtlws", preset="ner")  # its translations are missing, and that is told

"""Every committed table of results is what it says it is: runs that can be planned."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from xlt_core.compose.compose import compose
from xlt_core.running.machine import Machine

ROOT = Path(__file__).parents[2]
TABLES, DATA = sorted((ROOT / "benchmarks" / "tables").glob("*.yaml")), ROOT.parent / "shared" / "data"


def script(path: str) -> Any:
    """A script of the repository as a module."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def results() -> Any:
    return script("benchmarks/results.py")


@pytest.mark.parametrize("file", TABLES, ids=lambda file: file.stem)
def test_a_table_plans(file: Path, results: Any, tmp_path: Path) -> None:
    told = file.read_text(encoding="utf-8")
    if "{data}" in told and not DATA.is_dir():
        pytest.skip("there is no ../shared/data here")
    data = DATA
    if "examples/phonexl_release.py" in told:
        data = tmp_path / "release"
        script("examples/phonexl_release.py").main(DATA, data)
    # a backbone that is yet to be made has the shape of the one in the package
    tables = results.read(file, {"data": str(data), **({"backbone": "mini"} if "small_backbone" in told else {})})
    assert tables
    for table in tables:
        for row in table.rows:
            (_, config) = next(table.configs(row))
            assert compose(config).of("predict") or compose(config).run["task"] == "retrieval"


def test_there_are_tables() -> None:
    assert TABLES


def test_a_row_takes_an_ablation_of_the_method_as_the_preset_states_it(results: Any, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        "seeds: 2\nflags: {backbone: mini, targets: [amh]}\ntables:\n  mini:\n    title: x\n    rows:\n"
        "      whole: {method: unibridge}\n      fixed: {method: unibridge, ablation: fixed_size}\n",
        encoding="utf-8",
    )
    (table,) = results.read(file, {})
    configs = {row: list(table.configs(row)) for row in table.rows}
    assert [seed for seed, _ in configs["whole"]] == [1, 2]
    assert all(
        config.settings.seeds == config.settings.adaptation_seeds == (seed,) for seed, config in configs["whole"]
    )
    parts = {row: compose(own[0][1])["tokenizer(amh)"] for row, own in configs.items()}
    assert parts["whole"].part == "unibridge.alp_search"
    assert parts["fixed"].part == "fixed_size" and parts["fixed"].options["size"] == 450


def test_what_is_finished_is_not_done_again(results: Any, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        "seeds: 1\nflags: {method: zero_shot, backbone: mini, sources: [eng], targets: [tur], budget: 2steps}\n"
        "tables:\n  mini:\n    title: x\n    rows:\n      one way: {}\n      another: {set: [training.lr=1e-4]}\n",
        encoding="utf-8",
    )

    def done() -> dict[str, Any]:
        machine = Machine(resume=True, loudness=-1)
        results.done(file, results.read(file, {}), tmp_path / "out", machine, tmp_path, "as typed")
        found: dict[str, Any] = json.loads((tmp_path / "own.json").read_text(encoding="utf-8"))
        return found

    first = done()
    assert [run["row"] for run in first["tables"]["mini"]["runs"]] == ["one way", "another"]
    assert all(run["languages"]["tur"]["examples"] == 300 for run in first["tables"]["mini"]["runs"])
    folder = tmp_path / "out" / "own" / "mini" / "1"
    (folder / "another" / "scores.json").unlink()
    whole = folder / "one_way" / "scores.json"
    before = whole.stat().st_mtime_ns
    again = done()
    assert (folder / "another" / "scores.json").is_file() and whole.stat().st_mtime_ns == before
    assert [run["languages"] for run in again["tables"]["mini"]["runs"]] == [
        run["languages"] for run in first["tables"]["mini"]["runs"]
    ]

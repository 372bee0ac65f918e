"""Ablations and sweeps: one plan in which what is shared is done once."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from xlt_core.api import request
from xlt_core.compose.compose import compose
from xlt_core.config.variants import variants
from xlt_core.errors import UsageError

Run = Callable[..., "subprocess.CompletedProcess[str]"]
SHORT = ("--backbone", "mini", "--targets", "vie", "--threads", "1", "--budget", "4steps")


def test_an_ablation_runs_only_the_stages_that_differ(xlt: Run) -> None:
    asked = ("run", "--method", "madx", *SHORT, "--ablate", "no_invertible", "--out", "a", "--json")
    done = xlt(*asked)
    assert done.returncode == 0, done.stderr
    study = json.loads(Path("a/study.json").read_text("utf-8"))
    assert [row["name"] for row in study["variants"]] == ["full", "no_invertible"]
    assert study["variants"][1]["differs"] == "--set adaptation.invertible=false"
    told = {name: json.loads(Path("a", name, "scores.json").read_text("utf-8")) for name in ("full", "no_invertible")}
    made = {name: {row["stage"] for row in of["stages"] if not row["from_store"]} for name, of in told.items()}
    all_stages = {row["stage"] for row in told["no_invertible"]["stages"]}
    shared = {name for name in all_stages if name.startswith(("backbone", "labels", "text"))}
    assert made["full"] == all_stages
    assert made["no_invertible"] == all_stages - shared
    runs = json.loads(done.stdout)["rows"]
    assert [Path(row["folder"]).name for row in runs] == ["full", "no_invertible"]
    again = xlt("run", "--method", "madx", *SHORT, "--ablate", "no_invertible", "--out", "a", "--resume")
    assert again.returncode == 0 and "no_invertible" in again.stdout, again.stderr
    assert again.stderr.count("in store") == len({row["key"] for of in told.values() for row in of["stages"]})


def test_the_variant_that_is_best_on_source_development_data_alone_meets_the_test_data(xlt: Run) -> None:
    asked = (
        "run",
        "--method",
        "zero_shot",
        *SHORT,
        "--budget",
        "40steps",
        "--vary",
        "training.lr=1e-9,2e-3",
        "--select",
        "source_dev",
    )
    done = xlt(*asked, "--out", "a")
    assert done.returncode == 0, done.stderr
    study = json.loads(Path("a/study.json").read_text("utf-8"))
    assert study["selected"] == "training.lr=2e-3"
    dev = {row["name"]: row["dev"] for row in study["variants"]}
    assert dev["training.lr=2e-3"] > dev["training.lr=1e-9"]
    assert Path("a/training.lr=2e-3/scores.json").is_file()
    assert not Path("a/training.lr=1e-9/scores.json").exists()
    assert not Path("a/training.lr=1e-9/predictions").exists()


def test_a_plan_of_a_study_counts_what_each_variant_adds(xlt: Run) -> None:
    done = xlt("plan", "--method", "madx", "--backbone", "mini", "--ablate")
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line.split()[1:4] for line in done.stdout.splitlines() if line.strip()}
    whole, own, waiting = map(int, rows["full"])
    assert whole == own == waiting
    assert int(rows["no_invertible"][1]) < whole


def test_several_varied_options_are_crossed_and_settings_can_be_varied_too() -> None:
    asked = request(method="zero_shot", backbone="mini", targets="vie")
    made = variants(asked, None, ["training.lr=1e-4,5e-4", "task=ner,pos"])
    assert [variant.name for variant in made] == [
        "training.lr=1e-4,task=ner", "training.lr=1e-4,task=pos",
        "training.lr=5e-4,task=ner", "training.lr=5e-4,task=pos",
    ]  # fmt: skip
    assert len({compose(variant.config).of("train")[0].key for variant in made}) == 4


@pytest.mark.parametrize(
    ("ablate", "vary", "said"),
    [
        ("no_inertible", [], "did you mean `no_invertible`"),
        (None, ["training.lr"], "--vary training.lr=1e-4,5e-4"),
        (None, ["training.lr=1e-4,1e-4"], "stands twice"),
        (None, ["targets=amh,khm"], "a list itself"),
        (None, ["training.lrr=1,2"], "training.lrr"),
    ],
)
def test_a_study_that_is_off_is_refused_before_anything(ablate: str | None, vary: list[str], said: str) -> None:
    with pytest.raises(UsageError) as refused:
        variants(request(method="madx", backbone="mini"), ablate, vary)
    assert said in refused.value.text()

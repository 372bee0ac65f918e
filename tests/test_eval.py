"""A finished run on other data, and for targets that it hadn't."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., "subprocess.CompletedProcess[str]"]
SHORT = ("--method", "zero_shot", "--backbone", "mini", "--targets", "vie", "--threads", "1", "--budget", "8steps")


def test_a_finished_run_is_scored_on_other_data_and_for_other_targets_without_training(xlt: Run) -> None:
    assert xlt("run", *SHORT, "--out", "a", "-q").returncode == 0
    Path("mine/swh").mkdir(parents=True)
    Path("mine/swh/test.tsv").write_text("Asha\tB-PER\nanaishi\tO\nDodoma\tB-LOC\n", encoding="utf-8")
    done = xlt("eval", "a", "--data", "mine", "--targets", "swh", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [row["target"] for row in told["scores"]] == ["swh"] and told["folder"] == "a/eval-1"
    stages = {row["stage"]: row["from_store"] for row in told["stages"]}
    assert stages["train(eng, ner)"] and not stages["predict(swh, ner)"]
    more = xlt("eval", "a", "--targets", "vie,tur")
    assert more.returncode == 0 and "tur" in more.stdout and "[6/10] train(eng, ner): in store" in more.stderr
    whole, other = (json.loads(Path(name, "scores.json").read_text("utf-8")) for name in ("a", "a/eval-2"))
    assert whole["scores"][0] == other["scores"][0]


def test_what_would_have_to_be_trained_again_is_refused(xlt: Run, tmp_path: Path) -> None:
    assert xlt("run", *SHORT, "--out", "a", "-q").returncode == 0
    shutil.rmtree(tmp_path / "xlt-home")
    done = xlt("eval", "a")
    assert done.returncode == 4
    assert "train(eng, ner): its result is not in the store" in done.stderr and "Traceback" not in done.stderr
    assert not Path("a/eval-1").exists()


def test_a_target_can_be_added_to_a_finished_run(xlt: Run) -> None:
    assert xlt("run", *SHORT, "--out", "a", "-q").returncode == 0
    done = xlt("run", "--config", "a/run.yaml", "--targets", "vie,khm", "--out", "a", "--resume")
    assert done.returncode == 0 and "train(eng, ner): in store" in done.stderr, done.stderr
    scores = json.loads(Path("a/scores.json").read_text("utf-8"))["scores"]
    assert [row["target"] for row in scores] == ["vie", "khm"]
    fewer = xlt("run", "--config", "a/run.yaml", "--targets", "khm", "--out", "a", "--resume")
    assert fewer.returncode == 2 and "holds another run" in fewer.stderr

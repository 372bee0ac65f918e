"""A real run: offline, from a command to a run folder with scores, and once more from its own file."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xlt_core import load, plan, run
from xlt_core.errors import RefusedError, RunError, UnavailableError, UsageError
from xlt_core.report import runs

Run = Callable[..., "subprocess.CompletedProcess[str]"]
SHORT = ("--method", "zero_shot", "--backbone", "mini", "--targets", "vie,swh", "--set", "training.epochs=1")
BRIEF = (*SHORT, "--budget", "6steps")
ACME = Path(__file__).parent / "third_party" / "acme"


def test_two_words_give_scores_that_a_stranger_can_find_again(xlt: Run, tmp_path: Path) -> None:
    done = xlt("run", *SHORT, "--out", "first")
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("assumed: preset mini (the backbone is mini); task ner; sources eng")
    assert "Vietnamese" in done.stdout and "span_f1" in done.stdout
    folder = load("first")
    assert {"run.yaml", "plan.json", "metrics.jsonl", "scores.json", "README.md"} <= {
        f.name for f in folder.path.iterdir()
    }
    assert folder.scores["protocol"] == "zero_shot" and folder.scores["selection"] == ["task_dev"]
    assert folder.score("swh") > 35, "transfer to Swahili, far above chance"
    rows = (folder.path / "predictions" / "vie-ner.tsv").read_text(encoding="utf-8").split("\n\n")
    assert len(rows) >= 300 and all(len(line.split("\t")) == 3 for line in rows[0].splitlines())

    again = xlt("run", "--config", "first/run.yaml", "--out", "second", "--json")
    assert json.loads(again.stdout)["scores"] == folder.scores["scores"]
    assert all(record["from_store"] for record in json.loads(again.stdout)["stages"])
    assert (Path("second") / "run.yaml").read_text() == (Path("first") / "run.yaml").read_text()

    elsewhere = xlt("run", "--config", "first/run.yaml", "--out", "third", "--store", str(tmp_path / "other"), "--json")
    assert json.loads(elsewhere.stdout)["scores"] == folder.scores["scores"], "computed anew, the same to the bit"

    there = xlt("run", *SHORT, "--out", "first")
    assert there.returncode == 2
    assert there.stderr.endswith(
        "Nothing was begun.\n  1. --out: first is already there\n     Try: --resume to go on in it, or --out first-2\n"
    )


def test_a_folder_is_gone_on_with_only_if_it_holds_this_run(xlt: Run) -> None:
    assert xlt("run", *BRIEF, "--out", "a").returncode == 0
    assert xlt("run", *BRIEF, "--out", "a", "--resume").returncode == 0
    other = xlt("run", *BRIEF, "--out", "a", "--resume", "--set", "training.lr=1e-3")
    assert other.returncode == 2 and "--resume: a holds another run" in other.stderr
    Path("b").mkdir()
    empty = xlt("run", *BRIEF, "--out", "b", "--resume")
    assert empty.returncode == 2 and "b holds no run to go on with" in empty.stderr


def test_a_library_that_is_missing_is_met_before_anything_is_begun(tmp_path: Path, xlt: Run) -> None:
    file = tmp_path / "my_needy.py"
    file.write_text(
        "from xlt_core.hooks import Card, hookimpl\nfrom xlt_core.slots.losses import Loss\nXLT_API = 1\n"
        "@hookimpl\ndef xlt_losses():\n"
        "    yield Card('my.needy', 'Needs much.', 'my_needy:Needy', work='nowhere_to_be_had:work')\n"
        "class Needy(Loss):\n    pass\n"
    )
    done = xlt("run", *SHORT, "--plugin", str(file), "--add", "training.losses.my.needy=1")
    assert done.returncode == 2 and "No module named 'nowhere_to_be_had'" in done.stderr
    assert not Path("runs").exists()


def test_training_changes_the_result_and_nothing_else_does(tmp_path: Path) -> None:
    asked = {"method": "zero_shot", "backbone": "mini", "targets": "vie"}
    kept, other = plan(**asked), plan(**asked, set=["training.lr=1e-3"])
    changed = [a.id for a, b in zip(kept, other, strict=True) if a.key != b.key]
    assert changed == ["train(eng, ner)", "predict(vie, ner)", "score:span_f1(vie, ner)"]
    assert [s.key for s in plan(**asked, threads=1, device="cpu")] == [s.key for s in kept]


def test_several_seeds_share_what_does_not_draw() -> None:
    made = plan(method="zero_shot", backbone="mini", targets="vie", seeds=3)
    assert len(made.of("train")) == 3 and len(made.of("labels")) == 3 and len(made.of("backbone")) == 1


def test_each_source_answers_apart_and_a_head_alone_trains() -> None:
    folder = run(
        method="zero_shot",
        backbone="mini",
        sources="eng,rus",
        targets="tur",
        set=["training.models=one_per_source", "inference=each", "training.train=head", "training.steps=6"],
        out="each",
    )
    assert [row["by"] for row in folder.scores["scores"]] == ["eng", "rus"]


def test_task_models_are_mixed_by_weights(tmp_path: Path) -> None:
    """All weight on one source answers as that source alone; equal weights answer as neither has to."""
    asked = {"method": "zero_shot", "backbone": "mini", "sources": "eng,rus", "targets": "tur"}
    flags = ["training.models=one_per_source", "training.epochs=1"]
    alone = run(**asked, set=[*flags, "inference=single", "inference.source=rus"], out="alone")
    (tmp_path / "w.tsv").write_text("eng\t0\nrus\t3\n")
    weights = {"weights:tur": str(tmp_path / "w.tsv")}
    mixed = run(**asked, set=[*flags, "inference=file"], resources=weights, out="mixed")
    told = [(folder.path / "predictions" / "tur-ner.tsv").read_text() for folder in (alone, mixed)]
    assert told[0] == told[1]
    uniform = run(**asked, set=[*flags, "inference=uniform"], out="uniform")
    assert (uniform.path / "predictions" / "tur-ner.tsv").read_text() != told[0]
    (tmp_path / "w.tsv").write_text("eng\t1\n")
    with pytest.raises(RunError, match="no weight, or one below 0, for rus"):
        run(**asked, set=[*flags, "inference=file"], resources=weights, out="missing")


@pytest.mark.parametrize("first", ["all", "head"])
def test_a_second_training_goes_on_from_the_first(first: str) -> None:
    """A head that barely moves on: the scores are those of the first training, whatever that trained."""
    asked = {"method": "zero_shot", "backbone": "mini", "targets": "swh"}
    once = [f"training.train={first}", "training.share=0.3", "training.select.keep=last"]
    still = "training={use: finetune, train: head, lr: 1e-12, weight_decay: 0, steps: 1, select: {keep: last}}"
    one = run(**asked, set=once, out="one")
    two = run(**asked, set=once, add=[still], out="two")
    told = [(folder.path / "predictions" / "swh-ner.tsv").read_text() for folder in (one, two)]
    assert told[0] == told[1]


@pytest.mark.parametrize("budget", ["5steps", "1ktokens"])
def test_a_budget_ends_training(budget: str) -> None:
    folder = run(method="zero_shot", backbone="mini", targets="vie", budget=budget, out="short")
    steps = [json.loads(line) for line in (folder.path / "metrics.jsonl").read_text().splitlines()]
    assert max(event.get("step", 0) for event in steps) <= 6


def test_a_stage_may_have_a_budget_of_its_own() -> None:
    asked: dict[str, Any] = {"method": "madx", "backbone": "mini", "sources": "eng", "targets": "vie"}
    folder = run(**asked, budget="2steps", set=["training.budget=4steps"], out="apart")
    last: dict[str, int] = {}
    for line in (folder.path / "metrics.jsonl").read_text().splitlines():
        event = json.loads(line)
        last[event["stage"]] = max(event.get("step", 0), last.get(event["stage"], 0))
    assert {stage: steps for stage, steps in last.items() if steps} == {
        "adapt(eng)": 2, "adapt(vie)": 2, "train(eng, ner)": 4,
    }  # fmt: skip
    assert runs.Run.open(folder.path).budget == "2steps + 4steps"


def test_data_of_ones_own(tmp_path: Path) -> None:
    for language, words in (("eng", "Anna sleeps ."), ("vie", "Anna ngủ .")):
        folder = tmp_path / "mine" / language
        folder.mkdir(parents=True)
        lines = "\n".join(f"{w}\t{'B-PER' if w == 'Anna' else 'O'}" for w in words.split())
        for split in ("train", "dev", "test"):
            (folder / f"{split}.tsv").write_text((lines + "\n\n") * 8, encoding="utf-8")
    asked = {"method": "zero_shot", "backbone": "mini", "targets": "vie", "data": str(tmp_path / "mine")}
    made = run(**asked, out="mine", set=["training.epochs=2"])
    assert made.scores["scores"][0]["examples"] == 8

    (tmp_path / "mine" / "vie" / "test.tsv").write_text("Anna\tB-PER\nngủ O\n.\tO\n", encoding="utf-8")
    with pytest.raises(RunError, match=r"vie/test.tsv:2: a line holds a word, a tab and a tag"):
        run(**asked, out="damaged", set=["training.epochs=2"])
    assert not Path("damaged/metrics.jsonl").exists(), "what is off is met before any training"
    (tmp_path / "mine" / "vie" / "test.tsv").write_text("Anna\tB-NAME\n", encoding="utf-8")
    with pytest.raises(RunError, match="tags that the task doesn't have: B-NAME"):
        run(**asked, out="unknown", set=["training.epochs=2"])
    (tmp_path / "mine" / "vie" / "test.tsv").write_bytes("Anna\tB-PER\nngủ\tO\n".encode("utf-16"))
    with pytest.raises(RunError, match=r"test.tsv:1: this is not UTF-8"):
        run(**asked, out="utf16", set=["training.epochs=2"])


def test_without_development_data_the_last_weights_are_kept_when_asked(tmp_path: Path) -> None:
    for file in ("eng/train", "vie/test"):
        path = tmp_path / "mine" / f"{file}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Anna\tB-PER\nsleeps\tO\n\n" * 4, encoding="utf-8")
    asked = {"method": "zero_shot", "backbone": "mini", "targets": "vie", "data": str(tmp_path / "mine"), "out": "a"}
    with pytest.raises(RefusedError) as caught:
        run(**asked)
    (problem,) = caught.value.problems
    assert "needs dev labels of eng (English)" in problem.what
    flag = problem.fix.rpartition("--set ")[2]
    assert run(**asked, set=[flag, "training.epochs=1"]).scores["scores"][0]["examples"] == 4


def test_a_damaged_file_ends_a_run_with_1_and_its_line(xlt: Run, tmp_path: Path) -> None:
    for file in ("eng/train", "eng/dev", "vie/test"):
        path = tmp_path / f"{file}.tsv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("Anna\tB-PER\n\n", encoding="utf-8")
    (tmp_path / "vie" / "test.tsv").write_text("Anna\tB-PER\nin\tO\textra\n", encoding="utf-8")
    done = xlt("run", "--method", "zero_shot", "--backbone", "mini", "--targets", "vie", "--data", str(tmp_path))
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert f"{tmp_path}/vie/test.tsv:2: a line holds a word, a tab and a tag, and this one has 3 columns" in done.stderr


def test_a_folder_that_is_no_run() -> None:
    with pytest.raises(UnavailableError, match=r"is no run: it holds no run\.yaml"):
        load("nowhere")


def test_a_device_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="there is no mps device here"):
        run(method="zero_shot", backbone="mini", targets="vie", device="mps", out="mps")


@pytest.fixture
def acme(tmp_path: Path) -> str:
    """The third party's plugin, installed with pip from its own folder into a folder of its own."""
    site = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--target", str(site)]
    subprocess.run([*command, str(ACME)], check=True, capture_output=True, timeout=180)
    return str(site)


def test_a_ten_line_plugin_of_a_third_party_is_planned_and_run(xlt: Run, acme: str) -> None:
    text = [line for file in (ACME / "xlt_acme").glob("*.py") for line in file.read_text().splitlines()]
    assert len([line for line in text if line.strip() and not line.startswith("from")]) == 10
    asked = (*BRIEF, "--add", "training.losses.acme.calm=0.1")
    planned = xlt("plan", *asked, "--json", PYTHONPATH=acme)
    assert json.loads(planned.stdout)["run"]["training"][0]["losses"]["acme.calm"]["weight"] == 0.1
    done = xlt("run", *asked, "--out", "calm", PYTHONPATH=acme)
    assert done.returncode == 0, done.stderr
    losses = [json.loads(line) for line in (Path("calm") / "metrics.jsonl").read_text().splitlines()]
    assert losses[0]["acme.calm"] > 0
    without = xlt("run", "--config", "calm/run.yaml", "--out", "again")
    assert without.returncode == 2
    assert "no loss is called `acme.calm`" in without.stderr


def test_a_plugin_file_is_copied_into_the_run(xlt: Run, tmp_path: Path) -> None:
    text = "".join((ACME / "xlt_acme" / name).read_text() for name in ("calm.py", "plugin.py"))
    file = tmp_path / "my_calm.py"
    file.write_text(text.replace("xlt_acme.calm:", "my_calm:").replace("acme.calm", "my.calm"), encoding="utf-8")
    asked = (*BRIEF, "--plugin", str(file), "--add", "training.losses.my.calm=0.1")
    assert xlt("run", *asked, "--out", "mine").returncode == 0
    file.unlink()
    again = xlt("run", "--config", "mine/run.yaml", "--out", "again")
    assert again.returncode == 0, again.stderr


def test_a_method_file_is_copied_into_the_run(tmp_path: Path) -> None:
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("task: ner\ntargets: [vie]\ntraining: {use: finetune, lr: 5e-4, epochs: 1, batch: 64}\n")
    made = run(method=str(recipe), backbone="mini", budget="6steps", out="mine")
    assert (made.path / "files" / "mine.yaml").read_text() == recipe.read_text()
    recipe.unlink()
    assert run(config=made.path / "run.yaml", out="again").scores["scores"] == made.scores["scores"]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_keeps_what_is_finished_and_says_how_to_go_on(stop: signal.Signals) -> None:
    command = [sys.executable, "-m", "xlt_core.cli.main", "run", *SHORT, "--out", "stopped"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "train(eng, ner): step" in line:
                process.send_signal(stop)
                break
        rest = process.stderr.read()
    assert process.returncode == 130
    assert "Stopped; 5 of 10 stages are finished and kept." in rest
    (fix,) = [line for line in rest.splitlines() if "Try: " in line]
    again = [sys.executable, "-m", "xlt_core.cli.main", *fix.partition("xlt ")[2].split()]
    done = subprocess.run(again, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "labels(eng, ner, train): in store" in done.stderr


@pytest.mark.parametrize(
    "flags", [("--precision", "bf16"), ("--precision", "fp16"), ("--deterministic",), ("--threads", "1")]
)
def test_flags_of_the_machine(xlt: Run, flags: tuple[str, ...]) -> None:
    done = xlt("run", *BRIEF, "--targets", "vie", "--out", "a", *flags)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--set", "training.select.by=phoneme_gap.rpd"), "not built yet: selection by"),
    ],
)
def test_what_is_not_built_is_refused_and_not_ignored(xlt: Run, flags: tuple[str, ...], said: str) -> None:
    done = xlt("run", *SHORT, *flags)
    assert (done.returncode, said in done.stderr) == (3, True), done.stderr


def test_the_command_is_installed() -> None:
    command = Path(sysconfig.get_path("scripts")) / "xlt"
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("xlt, version")

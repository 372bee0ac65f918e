"""Runs as they lie in their folders: read back, listed, shown, and damaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run as Call
from tests.report.made import a_run, two_runs
from xlt_core.cli.main import call
from xlt_core.engine.score import measure_macro_f1
from xlt_core.errors import UnavailableError
from xlt_core.report.comparable import open_all
from xlt_core.report.compare import compare
from xlt_core.report.runs import read_answers


@pytest.fixture
def two() -> tuple[Path, Path]:
    return two_runs()


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("scores.json", "{", "scores.json: this is no JSON"),
        ("scores.json", "[]", "scores.json: it has no scores"),
        ("scores.json", '{"scores": [{"evaluator": "span_f1"}]}', "aren't those that plan.json plans"),
        ("plan.json", "{}", "plan.json: it has no stages"),
        ("predictions/vie-ner#1.tsv", "a\tO\tO\n\n", "these answers give span_f1 0.00"),
        ("predictions/vie-ner#1.tsv", "a\tO\n\n", "vie-ner#1.tsv:1: line 1 has 2 columns"),
        ("predictions/vie-ner#1.tsv", "a\tO\tO", "its last line doesn't end"),
        ("run.yaml", "a: [", "run.yaml"),
    ],
)
def test_damage_is_told_with_its_file(two: tuple[Path, Path], file: str, text: str, told: str, capfd: Any) -> None:
    (two[1] / file).write_text(text, encoding="utf-8")
    assert call(["compare", "one", "two"]) in (2, 4)
    assert told in capfd.readouterr().err


def test_a_missing_file_of_answers_is_told(two: tuple[Path, Path]) -> None:
    (two[1] / "predictions" / "swh-ner#2.tsv").unlink()
    with pytest.raises(UnavailableError, match=r"swh-ner#2.tsv: No such file"):
        compare(open_all(two, None))


def test_answers_read_back_are_those_written(tmp_path: Path) -> None:
    """Words with odd letters, a sentence without words, tasks about whole sentences and pairs."""
    file = tmp_path / "a.tsv"
    file.write_bytes("a\u2028b\tO\tB-PER\nc\rd\tO\tO\n\n\n\tO\tO\n\n".encode())
    read = read_answers(file)
    assert read.asked == [("a\u2028b", "c\rd"), (), ("",)]
    assert read.predicted == [["B-PER", "O"], [], ["O"]]
    file.write_text("one two\tthree\tyes\tno\nfour\tfive\tno\tno\n")
    read = read_answers(file)
    assert read.asked == [("one two", "three"), ("four", "five")] and read.gold == [["yes"], ["no"]]
    assert measure_macro_f1(read.gold, read.predicted)["macro_f1"] == pytest.approx(100 / 3)


def test_runs_are_listed_whatever_their_state(two: tuple[Path, Path], xlt: Call) -> None:
    (two[1] / "scores.json").unlink()
    (a_run("third", {"vie": (0.5,) * 3}) / "scores.json").write_text("{")
    Path("no_run").mkdir()
    done = xlt("runs", ".")
    lines = {line.split()[2]: line for line in done.stdout.splitlines()[1:]}
    assert set(lines) == {"one", "two", "third"}
    assert "span_f1" in lines["one"] and "±" in lines["one"]
    assert lines["two"].endswith("not finished") and "damaged: this is no JSON" in lines["third"]
    states = [item["state"] for item in json.loads(xlt("runs", ".", "--json").stdout)["items"]]
    assert sorted(state.partition(":")[0] for state in states) == ["damaged", "done", "not finished"]
    assert xlt("runs", "no_run").stdout == "no runs in no_run\n"
    there = xlt("runs")
    assert there.returncode == 4 and "there is no folder runs" in there.stderr


def test_show_tells_what_a_run_was_and_its_scores(two: tuple[Path, Path], xlt: Call) -> None:
    done = xlt("show", "one")
    assert done.returncode == 0
    assert "budget            3 epochs" in done.stdout and "Vietnamese" in done.stdout
    told = json.loads(xlt("show", "one", "--json").stdout)
    assert told["xlt"] == "show" and len(told["scores"]) == 6 and told["predictions"][0] == "swh-ner#1.tsv"
    (two[0] / "scores.json").unlink()
    assert xlt("show", "one").returncode == 4


def test_a_run_without_scores_is_one_all_the_same(two: tuple[Path, Path], xlt: Call) -> None:
    for name in ("plan.json", "scores.json"):
        data = json.loads((two[1] / name).read_text())
        (two[1] / name).write_text(json.dumps(data | {"stages": [], "scores": []}))
    assert "nothing was measured" in xlt("runs", ".").stdout and xlt("show", "two").returncode == 0
    done = xlt("compare", "one", "two")
    assert done.returncode == 3 and "in two nothing was measured" in done.stderr

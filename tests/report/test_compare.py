"""Runs in one table: what it shows, what it tests, what it refuses; and the lists of runs."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run as Call
from tests.report.made import a_run, changed, two_runs
from xlt_core import run
from xlt_core.engine.score import measure_spans
from xlt_core.errors import RefusedError, UsageError
from xlt_core.report.comparable import open_all
from xlt_core.report.compare import Comparison, compare
from xlt_core.report.compare_text import as_csv, as_latex, as_text
from xlt_core.report.runs import Run, read_answers


def compared(*paths: Path, **asked: Any) -> Comparison:
    return compare(open_all(paths, None), **asked)


@pytest.fixture
def two() -> tuple[Path, Path]:
    return two_runs()


def test_what_is_more_than_chance_is_marked(two: tuple[Path, Path]) -> None:
    made = compared(*two)
    cells = made.rows[1].cells
    assert [cells[target].tested.mark for target in ("vie", "swh")] == [0, 1]  # type: ignore[union-attr]
    swahili = cells["swh"].tested
    assert swahili is not None and made.rows[0].cells["swh"].tested is None
    assert swahili.found.low > 0 and swahili.corrected == pytest.approx(2 * swahili.found.p)
    mean = made.rows[1].mean
    assert mean is not None and mean.tested is not None and mean.tested.corrected == mean.tested.found.p
    text = as_text(made)
    lines = {line.split()[0]: line for line in text.splitlines() if line.startswith("  ")}
    assert lines["two"].count("▲") == 2 and "▲" not in lines["one"] and "▼" not in text.partition("\n\nmean")[0]
    assert "3 epochs" in lines["one"] and "1, 2, 3" in lines["one"] and "Holm's correction over 2 languages" in text


def test_means_and_deviations_are_those_of_the_scores(two: tuple[Path, Path]) -> None:
    rows = json.loads((two[0] / "scores.json").read_text())["scores"]
    each = {target: [row["values"]["span_f1"] for row in rows if row["target"] == target] for target in ("vie", "swh")}
    told = compared(*two).as_data()["rows"][0]
    assert told["targets"]["vie"]["values"] == each["vie"]
    assert told["targets"]["vie"]["mean"] == pytest.approx(sum(each["vie"]) / 3)
    by_seed = [(one + other) / 2 for one, other in zip(*each.values(), strict=True)]
    mean = sum(by_seed) / 3
    assert told["mean"]["mean"] == pytest.approx(mean)
    assert told["mean"]["std"] == pytest.approx((sum((value - mean) ** 2 for value in by_seed) / 2) ** 0.5)


def test_the_first_run_or_another_is_what_the_rest_is_held_against(two: tuple[Path, Path]) -> None:
    made = compare(open_all(two, two[1]))
    assert [row.name for row in made.rows] == ["two", "one"]
    assert made.rows[1].cells["swh"].tested.mark == -1  # type: ignore[union-attr]


def test_a_repeated_comparison_says_the_same(two: tuple[Path, Path]) -> None:
    assert compared(*two).as_data() == compared(*two).as_data()
    assert compared(*two).as_data() != compared(*two, seed=1).as_data()


def test_seeds_that_vary_leave_the_same_means_unmarked() -> None:
    one = a_run("one", {"vie": (0.6, 0.6, 0.6)})
    steady = a_run("steady", {"vie": (0.8, 0.8, 0.8)}, draw=7)
    shaky = a_run("shaky", {"vie": (0.99, 0.8, 0.61)}, draw=7)
    marks = [row.cells["vie"].tested.mark for row in compared(one, steady, shaky).rows[1:]]  # type: ignore[union-attr]
    assert marks == [1, 0]


def test_seeds_are_paired_whatever_their_order() -> None:
    """Seed by seed the second is better by the same; in another order it would vary as much as the seeds do."""
    one = a_run("one", {"vie": (0.3, 0.5, 0.7)}, seeds=(1, 2, 3))
    other = a_run("other", {"vie": (0.8, 0.6, 0.4)}, seeds=(3, 2, 1))
    made = compared(one, other)
    found = made.rows[1].cells["vie"].tested
    assert found is not None and found.mark == 1
    assert not any("seeds differ" in note for note in made.notes)
    apart = compared(one, a_run("apart", {"vie": (0.8, 0.6, 0.4)}, seeds=(6, 5, 4), budget="9steps"))
    assert apart.rows[1].cells["vie"].tested.mark == 0  # type: ignore[union-attr]
    assert any("seeds differ" in note for note in apart.notes)


def test_runs_that_differ_in_their_seeds_alone_are_one() -> None:
    parts = [a_run(f"parts/{seed}", {"vie": (0.5 + seed / 10,)}, seeds=(seed,)) for seed in (1, 2, 3)]
    whole = a_run("whole", {"vie": (0.6, 0.7, 0.8)}, seeds=(1, 2, 3))
    other = a_run("other", {"vie": (0.9,)}, seeds=(1,), budget="9steps")
    made = compared(*parts, other)
    assert [row.name for row in made.rows] == ["parts", "other"]
    (alone,) = compared(whole).rows
    assert made.rows[0].cells["vie"].as_data() == alone.cells["vie"].as_data()
    assert made.notes[0] == "parts: 3 runs that differ in their seeds alone"
    twice = a_run("twice", {"vie": (0.1,)}, seeds=(2,))
    assert [row.name for row in compared(*parts, twice).rows] == ["parts", "twice"], "the same seed once more"
    beside = [a_run(f"parts/b-{seed}", {"vie": (0.3,)}, seeds=(seed,), budget="9steps") for seed in (1, 2)]
    assert [row.name for row in compared(*parts, *beside).rows] == ["1", "b-1"], "one folder holds both"


def test_results_on_one_adaptation_are_not_independent() -> None:
    """Four results of two adaptations, far apart from each other: two, not four, that speak for a difference."""
    one = a_run("one", {"vie": (0.5, 0.5, 0.5, 0.5)}, seeds=(1, 2, 3, 4))
    other = a_run("other", {"vie": (0.75, 0.74, 0.9, 0.91)}, seeds=(1, 2, 3, 4))
    assert compared(one, other).rows[1].cells["vie"].tested.mark == 1  # type: ignore[union-attr]
    pairs = {1: (1, 1), 2: (1, 2), 3: (2, 1), 4: (2, 2)}
    for path in (one, other):
        changed(path / "scores.json", lambda data: [_adapted(row, pairs[row["seed"]]) for row in data["scores"]])
    made = compared(one, other)
    assert made.rows[1].cells["vie"].tested.mark == 0  # type: ignore[union-attr]
    assert any(note.startswith("fewer than 3 seeds in one, other") for note in made.notes)
    assert "1, 2 × 2 adaptations" in as_text(made)


def _adapted(row: dict[str, Any], pair: tuple[int, int]) -> None:
    row["adaptation_seed"], row["seed"] = pair


def test_the_transfer_gap_is_there_where_the_source_was_scored_and_else_absent() -> None:
    with_source = a_run("with", {"eng": (0.95, 0.9, 0.92), "vie": (0.5, 0.6, 0.55)})
    without = a_run("without", {"vie": (0.5, 0.6, 0.55)})
    made = compared(with_source, without)
    told = made.as_data()["rows"]
    eng, vie = (told[0]["targets"][target] for target in ("eng", "vie"))
    assert vie["gap"]["mean"] == pytest.approx(eng["mean"] - vie["mean"]) and "gap" not in eng
    assert "gap" not in told[1]["targets"]["vie"] and "gap" not in told[1]["mean"]
    assert made.averaged == ["vie"], "the source is no target to transfer to"
    lines = as_text(made).splitlines()
    assert lines[2].split()[-1] == "gap" and lines[4].split()[-1] == "-"
    assert [row["gap"] for row in csv.DictReader(as_csv(made).splitlines()) if row["run"] == "without"] == ["", ""]


def test_targets_of_one_run_alone_are_shown_and_not_averaged() -> None:
    made = compared(a_run("one", {"vie": (0.5,) * 3, "amh": (0.4,) * 3}), a_run("two", {"vie": (0.6,) * 3}, draw=2))
    assert made.columns == ["vie", "amh"] and made.averaged == ["vie"]
    one, two = as_text(made).splitlines()[3:5]
    assert re.search(r"\d[ ▲▼]*  -  +\d", two) and " - " not in one, "a hole between Vietnamese and the mean"
    assert any("the mean is over vie" in note for note in made.notes)


def test_one_run_is_a_table_without_a_test(two: tuple[Path, Path]) -> None:
    text = as_text(compared(two[0]))
    assert "▲" not in text and "±" in text


def test_csv_holds_every_number(two: tuple[Path, Path]) -> None:
    made = compared(*two)
    rows = list(csv.DictReader(as_csv(made).splitlines()))
    assert [(row["run"], row["target"]) for row in rows] == [
        (name, target) for name in ("one", "two") for target in ("vie", "swh", "mean")
    ]
    told = made.as_data()["rows"][1]["targets"]["swh"]
    assert float(rows[4]["mean"]) == told["mean"] and float(rows[4]["p_holm"]) == told["difference"]["p_holm"]
    assert rows[1]["p"] == "" and rows[1]["sentences"] == "60" and rows[4]["against"] == "one"


def test_latex_is_a_tabular_with_its_letters_escaped(two: tuple[Path, Path]) -> None:
    lines = as_latex(compared(*two)).splitlines()
    body = lines[lines.index(r"\midrule") + 1 : lines.index(r"\bottomrule")]
    assert len(body) == 2 and all(line.count("&") == body[0].count("&") and line.endswith(r"\\") for line in body)
    assert r"zero\_shot@1" in body[0] and r"^{\uparrow}$" in body[1]
    assert all(line.startswith("%") for line in lines[: lines.index(next(x for x in lines if "begin{tab" in x))])


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"budget": "200steps"}, "budgets differ: one: 3 epochs; other: 200steps"),
        ({"protocol": "supervised"}, "protocols differ: one: zero_shot; other: supervised"),
        ({"backbone": "mini-char"}, "backbones differ: one: mini; other: mini-char"),
        ({"sources": ["eng", "rus"]}, "source languages differ: one: eng; other: eng, rus"),
        ({"data": "mini"}, "data sets differ: one: the task's own; other: mini"),
    ],
)
def test_what_makes_runs_less_alike_is_told(other: dict[str, Any], told: str) -> None:
    paths = a_run("one", {"vie": (0.5,) * 3}), a_run("other", {"vie": (0.5,) * 3}, **other)
    assert f"note: {told}" in as_text(compared(*paths))


def test_few_seeds_are_told() -> None:
    one, other = (a_run(name, {"vie": (0.5,)}, seeds=(1,)) for name in ("one", "other"))
    assert any(note.startswith("one seed each") for note in compared(one, other).notes)
    two = a_run("two", {"vie": (0.5, 0.5)}, seeds=(1, 2))
    assert any(note.startswith("fewer than 3 seeds in two, one") for note in compared(two, one).notes)


def test_too_few_draws_for_many_languages_are_told() -> None:
    targets = ("vie", "swh", "tur", "amh", "hin", "rus")
    one, other = (a_run(name, dict.fromkeys(targets, (0.5,) * 3)) for name in ("one", "other"))
    assert any("--draws 240" in note for note in compared(one, other, draws=100).notes)
    assert not any("--draws" in note for note in compared(one, other, draws=240).notes)


def test_runs_of_other_tasks_or_sentences_are_refused(two: tuple[Path, Path]) -> None:
    task = a_run("task", {"vie": (0.5,) * 3}, task="absa")
    with pytest.raises(RefusedError, match="their tasks differ: one: ner; task: absa"):
        compared(two[0], task)
    sentences = a_run("sentences", {"vie": (0.5,) * 3, "swh": (0.5,) * 3}, words_vie="other")
    with pytest.raises(RefusedError) as caught:
        compared(two[0], sentences)
    assert caught.value.problems[0].what == "sentences was tested on other sentences than one: vie"
    assert caught.value.problems[0].fix == "--targets swh leaves them out"
    assert compared(two[0], sentences, targets=["swh"]).columns == ["swh"]
    with pytest.raises(RefusedError, match="hin and one have no target in common: one: vie, swh; hin: hin"):
        compared(two[0], a_run("hin", {"hin": (0.5,) * 3}))


def test_other_labels_and_other_ways_to_measure_are_refused(two: tuple[Path, Path]) -> None:
    other = Path("other")
    shutil.copytree(two[0], other)
    changed(other / "plan.json", lambda plan: [s["options"].update(decoding="strict") for s in plan["stages"]])
    with pytest.raises(RefusedError, match="span_f1 was not measured alike"):
        compared(two[0], other)
    shutil.rmtree(other)
    shutil.copytree(two[0], other)
    for file in (other / "predictions").glob("vie*"):
        file.write_text(file.read_text().replace("\tO\tO\n", "\tB-MISC\tB-MISC\n", 1))
    changed(other / "scores.json", lambda scores: [_scored_again(other, row) for row in scores["scores"]])
    with pytest.raises(RefusedError, match="other was tested on other labels than one: vie"):
        compared(two[0], other)


def _scored_again(folder: Path, row: dict[str, Any]) -> None:
    answers = read_answers(folder / "predictions" / f"{row['target']}-ner#{row['seed']}.tsv")
    row["values"] = measure_spans(answers.gold, answers.predicted)


def test_measures(two: tuple[Path, Path]) -> None:
    made = compared(*two, metric="span_f1:PER")
    assert made.metric == "span_f1:PER" and made.rows[1].cells["swh"].tested is not None
    with pytest.raises(UsageError, match="no run has `recal`; did you mean `recall`"):
        compared(*two, metric="recal")
    changed(two[1] / "scores.json", lambda scores: [row["values"].pop("recall") for row in scores["scores"]])
    with pytest.raises(RefusedError, match="two has no `recall`; it has span_f1, precision"):
        compared(*two, metric="recall")


def test_a_measure_that_counts_no_sentences_is_shown_and_not_tested(two: tuple[Path, Path]) -> None:
    for path in two:
        changed(path / "plan.json", lambda plan: [s.update(part="acme.nice", after=[]) for s in plan["stages"]])
        changed(path / "scores.json", lambda scores: [row.update(evaluator="acme.nice") for row in scores["scores"]])
    made = compared(*two)
    assert all(cell.tested is None for cell in made.rows[1].cells.values())
    assert "note: no difference was tested: this measure has no counts per sentence" in as_text(made)


def test_folders_that_hold_no_finished_run_are_all_told(two: tuple[Path, Path], xlt: Call) -> None:
    (two[1] / "scores.json").unlink()
    done = xlt("compare", "one", "two", "nowhere")
    assert done.returncode == 4 and not done.stdout
    assert "two has no scores: it didn't end" in done.stderr and "nowhere is no run" in done.stderr
    assert "--out two --resume goes on with it" in done.stderr


def test_the_command_line(two: tuple[Path, Path], xlt: Call) -> None:
    told = json.loads(xlt("compare", "one", "two", "--json", "--targets", "sw").stdout)
    assert (told["xlt"], told["columns"], told["against"]) == ("compare", ["swh"], "one")
    table = xlt("compare", "one", "two", "--format", "csv")
    assert table.returncode == 0 and len(table.stdout.splitlines()) == 7
    assert xlt("compare", "one", "one").returncode == 2
    both = xlt("compare", "one", "--json", "--format", "csv")
    assert both.returncode == 2 and "ask for one of them" in both.stderr
    unknown = xlt("compare", "one", "two", "--targets", "tur")
    assert unknown.returncode == 2 and "no run scored tur; they scored vie, swh" in unknown.stderr
    assert xlt("compare").returncode == 2


def test_real_runs(tmp_path: Path) -> None:
    """Of one's own few sentences: two task models that answer apart, against one of both."""
    for language in ("eng", "rus", "vie"):
        folder = tmp_path / "mine" / language
        folder.mkdir(parents=True)
        for split in ("train", "dev", "test"):
            (folder / f"{split}.tsv").write_text("Anna\tB-PER\nin\tO\nRoma\tB-LOC\n\n" * 8, encoding="utf-8")
    asked = {"method": "zero_shot", "backbone": "mini", "sources": "eng,rus", "data": str(tmp_path / "mine")}
    flags = ["training.epochs=1"]
    each = ["training.models=one_per_source", "inference=each"]
    run(**asked, targets="vie", seeds=2, set=[*flags, *each], out="each")
    one = run(**asked, targets="vie,eng", seeds=2, set=flags, budget="2steps", out="both")
    made = compared(one.path, Path("each"))
    assert [row.title for row in made.rows] == ["both", "each by eng", "each by rus"]
    assert all(row.cells["vie"].tested is not None for row in made.rows[1:])
    assert made.rows[0].mean is not None and made.rows[0].mean.gaps
    assert Run.open(one.path).budget == "2steps" and any("budgets differ" in note for note in made.notes)

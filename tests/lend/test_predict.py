"""A finished run labels new text: with its folder alone, and as it labelled its own test sentences."""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path

import pytest

from xlt_core import plan
from xlt_core.cli.main import call
from xlt_core.data.asked import Asked, asked, form_of
from xlt_core.graph.stages import Plan
from xlt_core.running import predict as predicting
from xlt_core.slots.tasks import NER, NLI, TOPIC


def columns(file: Path, *wanted: int) -> str:
    """Some cells of each line of a table; blank lines stay blank."""
    lines = file.read_text("utf-8").removesuffix("\n").split("\n")
    rows = [line.split("\t") for line in lines]
    return "".join("\t".join(row[n] for n in wanted if n < len(row)) + "\n" for row in rows)


def told(capfd: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> str:
    assert call([str(one) for one in arguments]) == code, capfd.readouterr().err
    out, err = capfd.readouterr()
    return out if not code else err


@pytest.mark.parametrize(
    ("name", "answers", "flags"),
    [
        ("swapped", "vie-ner", ["--lang", "vie"]),
        ("swapped", "tur-ner", ["--lang", "tr"]),
        ("latin", "amh-ner#2", ["--seed", "2"]),
    ],
)
def test_a_runs_own_test_words_get_the_labels_that_the_run_gave_them(
    runs: Path, name: str, answers: str, flags: list[str], capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(predicting, "AT_ONCE", 250)  # the sentences of a file and the blank lines between them: 600
    table = runs / name / "predictions" / f"{answers}.tsv"
    Path("words.tsv").write_text(columns(table, 0), encoding="utf-8")
    assert told(capfd, "predict", runs / name, "words.tsv", *flags) == columns(table, 0, 2)


def test_pairs_of_texts_are_labelled_line_by_line(runs: Path, capfd: pytest.CaptureFixture[str]) -> None:
    table = runs / "nli/predictions/vie-nli.tsv"
    Path("texts.tsv").write_text(columns(table, 0, 1), encoding="utf-8")
    assert told(capfd, "predict", runs / "nli", "texts.tsv") == columns(table, 0, 1, 3)


def test_lines_that_are_piped_in_come_back_in_their_order_with_their_other_cells(
    runs: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def piped(text: str, *flags: str) -> str:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        return told(capfd, "predict", runs / "swapped", "--lang", "vie", *flags)

    labelled = piped("\nXin\t1\tx\nchào\t2\r\n\n\n  \nHà\t3")
    assert columns_of(labelled) == ["", "Xin\t1\tx\t?", "chào\t2\t?", "", "", "  ", "Hà\t3\t?"]
    assert columns_of(piped("Xin  chào\n\nHà\n", "--raw")) == ["Xin\t?", "chào\t?", "", "", "Hà\t?", ""]
    assert piped("") == ""


def columns_of(labelled: str) -> list[str]:
    """The lines, each label as a question mark."""
    lines = labelled.removesuffix("\n").split("\n")
    return [line.rpartition("\t")[0] + "\t?" if line.strip() else line for line in lines]


def test_what_cannot_be_labelled_is_said_with_the_line_and_the_way_out(
    runs: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    swapped = runs / "swapped"
    assert "several targets: vie, tur" in told(capfd, "predict", swapped, code=2)
    assert f"xlt eval {swapped} --targets khm" in told(capfd, "predict", swapped, "--lang", "khm", code=2)
    assert "several answer: 1, 2" in told(capfd, "predict", runs / "latin", code=2)
    assert "there is none of 3; there are 1, 2" in told(capfd, "predict", runs / "latin", "--seed", "3", code=2)
    assert "one model answers" in told(capfd, "predict", runs / "nli", "--from", "eng", code=2)
    Path("off").write_text("Xin\n\n\tchào\n", encoding="utf-8")
    assert "off:3: there is no word before the tab" in told(capfd, "predict", swapped, "off", "--lang", "vie", code=1)
    assert "off:1: two texts with a tab" in told(capfd, "predict", runs / "nli", "off", code=1)
    assert "No such file" in told(capfd, "predict", swapped, "nowhere", "--lang", "vie", code=4)
    carried = Path(shutil.copytree(swapped, tmp_path / "carried"))
    (head,) = carried.glob("parts/*/head.safetensors")
    head.write_bytes(head.read_bytes()[:-1] + b"?")
    changed = told(capfd, "predict", carried, "off", "--lang", "vie", code=1)
    assert "train(eng, ner) can't be used" in changed and "head.safetensors: has changed" in changed
    shutil.rmtree(carried / "parts")
    assert "lies neither in" in told(capfd, "predict", carried, "off", "--lang", "vie", code=4)


def test_a_run_keeps_what_it_can_be_used_with_and_no_data(runs: Path) -> None:
    planned = json.loads((runs / "swapped/plan.json").read_text("utf-8"))["stages"]
    stages = {stage["key"]: stage["id"] for stage in planned}
    kept = {stages[folder.name] for folder in (runs / "swapped/parts").iterdir()}
    assert kept == {"backbone(mini)", "adapt(vie)", "adapt(tur)", "train(eng, ner)"}


@pytest.mark.parametrize("method", ["zero_shot", "unibridge", "phonexl"])
def test_a_plan_is_read_back_as_it_was_written(method: str) -> None:
    made = plan(method=method, backbone="mini")
    written = json.loads(json.dumps(made.as_data(), default=str))
    assert json.loads(json.dumps(Plan.from_data(written).as_data(), default=str)) == written
    again = Plan.from_data(written)
    assert [(s.id, s.key, s.after, s.needs, s.languages, s.offer) for s in again] == [
        (s.id, s.key, s.after, s.needs, s.languages, s.offer) for s in made
    ]


def test_text_is_cut_as_each_task_asks() -> None:
    lines = [(1, "a b\tx"), (2, ""), (3, "c")]
    assert list(asked(lines, form_of(NER, raw=False), "f")) == [Asked(("a b",), ("a b\tx",)), "", Asked(("c",), ("c",))]
    raw = Asked(("a", "b", "x"), ("a", "b", "x"), apart=True)
    assert list(asked(lines[:2], form_of(NER, raw=True), "f")) == [raw, ""]
    assert next(iter(asked(lines, form_of(TOPIC, raw=False), "f"))) == Asked(("a", "b"), ("a b\tx",))
    assert next(iter(asked(lines, form_of(NLI, raw=False), "f"))) == Asked(("a", "b"), ("a b\tx",), ("x",))

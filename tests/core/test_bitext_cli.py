"""`xlt data translate`, `align`, `project`: folders that say what made them, and nothing of one's own overwritten."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xlt_core.cli.main import call as cli

Call = Callable[..., tuple[int, str, str]]

ENGLISH = "Anna\tB-PER\nLee\tI-PER\nsleeps\tO\n\nrain\tO\n\nin\tO\nOslo\tB-LOC\n\n"
SPANISH = "duerme Anna Lee\nlluvia\nen Oslo\n"
LINKS = "0-1 1-2 2-0\n0-0\n0-0 1-1\n"


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """The command line in this process."""

    def asked(*arguments: object) -> tuple[int, str, str]:
        code = cli([str(one) for one in arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return asked


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder of one's own, with a translation and links made elsewhere."""
    made = tmp_path / "own"
    (made / "eng").mkdir(parents=True)
    (made / "eng" / "train.tsv").write_text(ENGLISH, encoding="utf-8")
    (made / "eng-spa.bitext").write_text(SPANISH, encoding="utf-8")
    (made / "eng-spa.links").write_text(LINKS, encoding="utf-8")
    return made


PROJECT = ("--to", "spa", "--with", "mtlws.span_to_span")


def test_labels_cross_over_in_three_commands(call: Call, tmp_path: Path) -> None:
    out = tmp_path / "crossed"
    assert call("data", "translate", "mini", "--to", "tur,vie", "--with", "mini", "--out", out)[0] == 0
    assert call("data", "align", out, "--to", "tur", "--with", "mtlws.diagonal_ibm2")[0] == 0
    code, told, _ = call("data", "project", out, "--to", "tur", "--with", "mtlws.span_to_span", "--json")
    assert code == 0
    report = {one["file"]: one for one in json.loads(told)["files"]}
    assert set(report) == {"tur/train.tsv"} and (out / "eng-vie.bitext").is_file()
    for name, own in report.items():
        assert own["sentences"] == 600 and own["kept"] + sum(own["dropped"].values()) == 600
        assert own["spans"] == own["spans_kept"] + sum(own["spans_lost"].values())
        assert (out / name).read_text(encoding="utf-8").count("\n\n") == own["kept"]
    # an ordinary data folder: a run learns from it as from any other
    asked = (
        "plan",
        "--method",
        "zero_shot",
        "--backbone",
        "mini",
        "--data",
        out,
        "--sources",
        "tur",
        "--targets",
        "zho",
    )
    code, _, err = call(*asked, "--set", "training.select.keep=last")
    assert code == 3 and "test labels of zho" in err and "train labels" not in err


def test_every_file_says_what_made_it_and_of_what(call: Call, folder: Path) -> None:
    asked = ("data", "project", folder, *PROJECT, "--set", "projection.lost=drop_span")
    assert call(*asked)[0] == 0
    known = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))["files"]
    (name,) = known
    own = known[name]
    assert name == "spa/train.tsv"
    assert own["sha256"] == hashlib.sha256((folder / name).read_bytes()).hexdigest()
    assert (own["verb"], own["part"], own["options"]["lost"]) == ("project", "mtlws.span_to_span", "drop_span")
    assert own["from"].startswith("xlt-mtlws ") and own["report"]["spans_kept"] == 2
    assert sources(own) == {
        str(folder / file): hashlib.sha256((folder / file).read_bytes()).hexdigest()
        for file in ("eng/train.tsv", "eng-spa.bitext", "eng-spa.links")
    }


def sources(told: dict[str, Any]) -> dict[str, str]:
    """The files at the ends of a record, with their hashes."""
    found: dict[str, str] = {}
    for one in told.get("read", ()):
        found |= sources(one)
        if "sha256" in one:
            found[one["location"].removeprefix("file:")] = one["sha256"]
    return found


def test_the_labels_are_those_of_the_translation(call: Call, folder: Path) -> None:
    assert call("data", "project", folder, *PROJECT)[0] == 0
    assert (folder / "spa" / "train.tsv").read_text(encoding="utf-8") == (
        "duerme\tO\nAnna\tB-PER\nLee\tI-PER\n\nlluvia\tO\n\nen\tO\nOslo\tB-LOC\n\n"
    )


def test_tags_copied_word_by_word_are_written_as_iob2(call: Call, folder: Path) -> None:
    (folder / "eng-spa.links").write_text("0-2 1-1 2-0\n0-0\n0-0 1-1\n", encoding="utf-8")
    assert call("data", "project", folder, "--to", "spa", "--with", "mtlws.word_to_word")[0] == 0
    tags = [
        line.split("\t")[1]
        for line in (folder / "spa" / "train.tsv").read_text(encoding="utf-8").split("\n\n")[0].split("\n")
    ]
    assert tags[0] == "O" and {tag[2:] for tag in tags[1:]} == {"PER"} and all(tag[0] in "BI" for tag in tags[1:])


def test_another_folder_is_made_whole(call: Call, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert call("data", "align", folder, "--to", "spa", "--with", "identity", "--out", other)[0] == 0
    assert (other / "eng-spa.links").read_text(encoding="utf-8") == "0-0 1-1 2-2\n0-0\n0-0 1-1\n"
    assert (folder / "eng-spa.links").read_text(encoding="utf-8") == LINKS
    assert call("data", "project", other, *PROJECT)[0] == 0
    known = json.loads((other / "provenance.json").read_text(encoding="utf-8"))["files"]
    assert set(known) == {"eng/train.tsv", "eng-spa.bitext", "eng-spa.links", "spa/train.tsv"}


def test_nothing_of_ones_own_is_overwritten(call: Call, folder: Path) -> None:
    code, _, err = call("data", "align", folder, "--to", "spa", "--with", "identity")
    assert code == 3 and "wasn't made by this command" in err and "--out" in err
    assert (folder / "eng-spa.links").read_text(encoding="utf-8") == LINKS
    assert call("data", "project", folder, *PROJECT)[0] == 0
    assert call("data", "project", folder, *PROJECT)[0] == 0  # what was made here may be made again
    (folder / "spa" / "train.tsv").write_text("mine\tO\n\n", encoding="utf-8")
    code, _, err = call("data", "project", folder, *PROJECT)
    assert code == 3 and "was changed since it was made" in err
    assert (folder / "spa" / "train.tsv").read_text(encoding="utf-8") == "mine\tO\n\n"


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("eng-spa.bitext", "duerme Anna Lee\nlluvia\n", "eng-spa.bitext:3: it has 2 lines"),
        ("eng-spa.bitext", "duerme Anna Lee\n\nen Oslo\n", "eng-spa.bitext:2: `rain` has no translation"),
        ("eng-spa.links", "0-1 1-2 2-0\n0-0\n", "eng-spa.links:3: it has 2 lines"),
        ("eng-spa.links", "0-1 1-2 2-3\n0-0\n0-0\n", "eng-spa.links:1: the link 2-3 is out of range"),
    ],
)
def test_files_that_do_not_fit_are_named_with_the_line(
    call: Call, folder: Path, file: str, text: str, told: str
) -> None:
    (folder / file).write_text(text, encoding="utf-8")
    code, _, err = call("data", "project", folder, *PROJECT)
    assert code == 1 and told in err and not (folder / "spa").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--to", "spa", "--with", "mtlws.span_to_spam"), 2, "did you mean `mtlws.span_to_span`?"),
        (("--to", "spa", "--with", "mtlws.span_to_span", "--set", "projection.lots=1"), 2, "lost"),
        (("--to", "qqx", "--with", "mtlws.span_to_span"), 2, "qqx"),
        (("--to", "deu", "--with", "mtlws.span_to_span"), 3, "--resource translation:eng-deu=FILE"),
        (("--to", "spa", "--with", "mtlws.span_to_span", "--task", "nli"), 3, "nli"),
    ],
)
def test_mistakes_are_told(call: Call, folder: Path, arguments: tuple[str, ...], code: int, told: str) -> None:
    found, _, err = call("data", "project", folder, *arguments)
    assert found == code and told in err


def test_roles_are_refused_since_two_columns_cannot_say_of_which_word_they_are(call: Call, tmp_path: Path) -> None:
    asked = ("data", "translate", "mini", "--task", "roles", "--to", "tur", "--with", "mini", "--out", tmp_path / "out")
    code, _, err = call(*asked)
    assert code == 3 and "the word that they are about" in err and not (tmp_path / "out").exists()


def test_a_dictionary_translates_and_knows_the_links(call: Call, folder: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.tsv"
    words.write_text("sleeps\tduerme\nrain\tla lluvia\nin\ten\n", encoding="utf-8")
    out = tmp_path / "out"
    asked = ("data", "translate", folder, "--to", "spa", "--with", "mtlws.word_by_word", "--out", out)
    code, _, err = call(*asked)
    assert code == 3 and "--resource dictionary:eng-spa=FILE" in err
    assert call(*asked, "--resource", f"dictionary:eng-spa={words}")[0] == 0
    assert (out / "eng-spa.bitext").read_text(encoding="utf-8").splitlines()[1] == "rain ||| la lluvia"
    assert (out / "eng-spa.links").read_text(encoding="utf-8").splitlines()[1] == "0-0 0-1"
    assert call("data", "project", out, *PROJECT)[0] == 0
    assert "Oslo\tB-LOC" in (out / "spa" / "train.tsv").read_text(encoding="utf-8")

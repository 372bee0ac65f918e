"""Answers of runs: in the test set's own format or, without a file, in the plainest; and in real files."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from tests.data.answering import corpora, pairs, read, unpacked
from tests.data.reading import CATALOG, FEW
from xlt_core import run
from xlt_core.catalog import load_object
from xlt_core.data.answered import write_as_read, write_plain
from xlt_core.data.folders import Folder
from xlt_core.data.read import reader
from xlt_core.data.readers.labels import Told, settled
from xlt_core.data.readers.source import Source
from xlt_core.data.records import Tagged
from xlt_core.data.sets import DataSet
from xlt_core.running.answered import write_answers
from xlt_core.running.lent import Lent
from xlt_core.running.workshop import folders_of
from xlt_core.slots.tasks import ABSA, NER, NLI, ROLES, TOPIC, Task

# where there is no file


@given(corpus=corpora())
@FEW
def test_what_comes_from_no_file_is_written_in_two_columns(tmp_path: Path, corpus: list[Any]) -> None:
    rows = [Tagged(str(n), "eng", tuple(words), tags) for n, (words, tags, _) in enumerate(corpus)]
    file = write_plain(tmp_path, NER, rows)
    assert file.name == "test-eng.tsv"
    assert [(row.words, row.tags) for row in read(file, NER, use="two_columns")] == [(r.words, r.tags) for r in rows]


@given(found=pairs)
@FEW
def test_and_whole_texts_in_a_table(tmp_path: Path, found: list[tuple[str, str, str, str]]) -> None:
    rows = [
        Tagged(str(n), "eng", tuple(one.split()), (label,), tuple(two.split()))
        for n, (one, two, label, _) in enumerate(found)
    ]
    assert read(write_plain(tmp_path, NLI, rows), NLI, use="table") == rows
    rows = [replace(row, second=()) for row in rows]
    assert read(write_plain(tmp_path, TOPIC, rows), TOPIC, use="table") == rows


def test_and_roles_as_conllu(tmp_path: Path) -> None:
    rows = [
        Tagged("a:2", "eng", ("She", "goes", "home", "now"), ("B-A0", "O", "B-A4", "I-A4"), marked=1),
        Tagged("b:1", "eng", ("Go",), ("O",), marked=0, upos=("VERB",)),
    ]
    file = write_plain(tmp_path, ROLES, rows)
    again = read(file, ROLES, use="propositions")
    assert [(row.words, row.tags, row.marked) for row in again] == [(row.words, row.tags, row.marked) for row in rows]


# in a run


def test_a_run_writes_its_answers_into_the_test_set_as_it_was_when_it_was_read() -> None:
    Path("mine/vie").mkdir(parents=True)
    file = Path("mine/vie/test.conll.gz")
    content = "# dữ liệu\n1\tAnh\tB-PERSON\t-\n2\tđi\tO\t-\n\n# 2\n1\tHà\tB-LOC\t-\n2\tNội\tI-LOC\t-\n"
    file.write_bytes(gzip.compress(content.encode()))
    options = ("columns", "word=1", "tag=2", "comments=true", "rename.PERSON=PER")
    told = [f"reading.labels{'.' if '=' in one else '='}{one}" for one in options]
    asked: dict[str, Any] = {"method": "zero_shot", "backbone": "mini", "targets": "vie", "test_data": "mine"}
    made = run(**asked, set=[*told, "training.epochs=1"], out="a")
    table = Path(made.path, "predictions/vie-ner.tsv").read_text("utf-8")
    predicted = iter([line.split("\t")[2].replace("PER", "PERSON") for line in table.splitlines() if line])
    lines = [line.split("\t") for line in content.split("\n")]
    expected = ["\t".join((*own[:2], next(predicted), *own[3:]) if len(own) > 1 else own) for own in lines]
    new = Path(made.path, "predictions/vie-ner/test.conll.gz")
    assert unpacked(new).decode() == "\n".join(expected)

    whole = new.read_bytes()
    new.unlink()
    stages = json.loads(Path(made.path, "plan.json").read_text("utf-8"))["stages"]
    (labels,) = [stage for stage in stages if stage["id"].startswith("labels(vie")]
    file.write_bytes(b"")
    assert labels["options"]["keep"]
    again = Lent.open(Path(made.path), None)
    write_answers(again.folder, again.plan, again.config, folders_of(again.plan, again.store))
    assert new.read_bytes() == whole, "what has become of the original since makes no difference"


def test_a_run_of_the_mini_world_writes_the_plainest_format() -> None:
    made = run(method="zero_shot", backbone="mini", targets="vie", task="nli", out="a", budget="4steps")
    table = [line.split("\t") for line in Path(made.path, "predictions/vie-nli.tsv").read_text("utf-8").splitlines()]
    head, *rows = Path(made.path, "predictions/vie-nli/test-vie.tsv").read_text("utf-8").splitlines()
    assert head == "id\tsentence1\tsentence2\tlabel"
    assert [row.split("\t")[1:] for row in rows] == [[one, two, said] for one, two, _, said in table]


# the shared data

DATA = Path(__file__).parents[3] / "shared" / "data"
SHARED = (
    "ud/UD_Finnish-TDT", "ud/UD_Amharic-ATT", "ud/UD_Chinese-GSD", "pos/masakhapos", "ner/masakhaner1", "ner/uner",
    "ner/turku", "ner/wikigold", "phonexl/full_updated_panx", "phonexl/full_updated_udpos", "sib200", "srl",
    "nli/americasnli", "nli/myxnli", "nli/kornli", "nli/sick", "nli/ocnli", "absa/multibooked_ca", "absa/tsa-md",
)  # fmt: skip


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data aren't here")
@pytest.mark.parametrize("name", SHARED)
def test_real_files_hold_what_was_answered_and_else_what_they_held(tmp_path: Path, name: str) -> None:
    """Each file of a few is answered with its labels, one taken for another. Where nothing was renamed, left out or
    lost by the format itself, the labels put back make the file that it was, byte for byte."""
    sets = [one for one in (load_object(e.card.declares) for e in CATALOG.all("data")) if isinstance(one, DataSet)]
    told = next(one for one in sets if one.name == "universal_dependencies") if name.startswith("ud/") else None
    within = Folder(name, DATA / name, sets, told)
    assert within.known is not None
    task: Task = load_object(CATALOG.get("task", within.known.gives.partition(":")[2]).card.declares)
    small = sorted(
        (found.file.stat().st_size, n) for n, found in enumerate(within.found) if found.layout.kind == "labels"
    )
    for _, n in small[:2]:
        found = within.found[n]
        _check_real(found.file, task, {**within.reading(found, found.languages[0].code), "unknown": "drop"}, tmp_path)


def _check_real(file: Path, task: Task, told: dict[str, Any], out: Path) -> None:
    options, work = reader(CATALOG, told)
    source, said = Source(file, ("eng",), "test", task), Told()
    raw = list(work(source, options))
    rows = settled(source, raw, options, said)  # type: ignore[arg-type]
    tags = _turned(rows, task)

    def written(old: Path, into: str, answers: Sequence[Sequence[str]]) -> Path:
        own = [replace(row, tags=tuple(tags)) for row, tags in zip(rows, answers, strict=True)]
        return write_as_read(out / into, old, CATALOG, told, task, own)

    new = written(file, "answered", tags)
    again = [row for row in read(new, task, **told) if said.left_out == 0 or row.tags != ("_",)]
    assert [(row.words, row.second, row.marked, row.tags) for row in again] == [
        (row.words, row.second, row.marked, own) for row, own in zip(rows, tags, strict=True)
    ], file
    lossy = said.renamed.keys() - {"CONJ → CCONJ"} or said.scheme == "io" or task is ABSA or "where" in told
    if not lossy or task is ROLES:
        back = written(new, "back", [row.tags for row in rows])
        assert unpacked(back) == unpacked(file), file


def _turned(rows: Sequence[Tagged], task: Task) -> list[tuple[str, ...]]:
    """Each label as the one before it in the alphabet; spans as they stand."""
    spans = task.unit == "span"
    names = sorted({tag[2:] if spans else tag for row in rows for tag in row.tags if not spans or tag != "O"})
    other = {name: names[place - 1] for place, name in enumerate(names)}
    if not spans:
        return [tuple(other[tag] for tag in row.tags) for row in rows]
    return [tuple(tag if tag == "O" else f"{tag[:2]}{other[tag[2:]]}" for tag in row.tags) for row in rows]

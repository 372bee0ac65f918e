"""Answers in tables: in the rows they were asked of, in whatever format, and no other column has changed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from tests.data.answering import answered, pairs, read, there_and_back
from tests.data.reading import FEW
from xlt_core.slots.tasks import NLI, TOPIC

HEAD = ("premise", "label", "hypothesis", "more")


def as_parquet(found: Sequence[Sequence[str]], classes: bool = False) -> bytes:
    import pyarrow
    import pyarrow.parquet

    columns: dict[str, Any] = {name: [own[n] for own in found] for n, name in enumerate(HEAD)}
    columns["nested"] = [[1, 2]] * len(found)
    table = pyarrow.table(columns)
    if classes:
        numbers = pyarrow.array([NLI.labels.index(own[1]) for own in found])
        told = {"info": {"features": {"label": {"names": list(NLI.labels), "_type": "ClassLabel"}}}}
        table = table.set_column(1, "label", numbers).replace_schema_metadata({"huggingface": json.dumps(told)})
    out = io.BytesIO()
    pyarrow.parquet.write_table(table, out)
    return out.getvalue()


def as_text(found: Sequence[Sequence[str]], sign: str, marks: int) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=sign, lineterminator="\n", quoting=marks).writerows([HEAD, *found])  # type: ignore[arg-type]
    return out.getvalue().encode()


def as_json(found: Sequence[Sequence[str]], **told: Any) -> bytes:
    return "".join(json.dumps(dict(zip(HEAD, own, strict=True)), **told) + "\n" for own in found).encode()


TABLES: dict[str, Callable[[Sequence[Sequence[str]]], bytes]] = {
    "a.tsv": lambda found: as_text(found, "\t", csv.QUOTE_MINIMAL),
    "b.csv": lambda found: as_text(found, ",", csv.QUOTE_MINIMAL),
    "c.csv": lambda found: as_text(found, ",", csv.QUOTE_ALL),
    "a.jsonl": lambda found: as_json(found, ensure_ascii=False),
    "b.jsonl": lambda found: as_json(found, separators=(",", ":")),
}


@pytest.mark.parametrize("name", TABLES)
@given(found=pairs)
@FEW
def test_tables(tmp_path: Path, found: list[tuple[str, str, str, str]], name: str) -> None:
    file = tmp_path / name
    rows = [(one, label, two, f"{one}\n\n, {two}" if ".csv" in name else "x") for one, two, label, _ in found]
    file.write_bytes(TABLES[name](rows))
    there_and_back(file, NLI, [(answer,) for *_, answer in found], use="table")


@pytest.mark.parametrize("classes", [False, True])
@given(found=pairs)
@FEW
def test_parquet(tmp_path: Path, found: list[tuple[str, str, str, str]], classes: bool) -> None:
    """All columns and what the file says of them; numbers of classes stay numbers."""
    import pyarrow.parquet

    file = tmp_path / "a.parquet"
    file.write_bytes(as_parquet([(one, label, two, "x") for one, two, label, _ in found], classes))
    new = answered(file, NLI, [(answer,) for *_, answer in found], use="table")
    before, after = (pyarrow.parquet.read_table(one) for one in (file, new))
    assert before.schema.equals(after.schema, check_metadata=True)
    assert before.drop_columns("label").equals(after.drop_columns("label"))
    assert [row.tags[0] for row in read(new, NLI, use="table")] == [answer for *_, answer in found]


def test_rows_that_do_not_count_are_not_written(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("lang\ttext\tlabel\nsw\ta\tx\nen\tb\ty\nsw\tc\ty\n")
    new = answered(tmp_path / "a.tsv", TOPIC, [("y",), ("x",)], use="table", where={"lang": "sw"})
    assert new.read_text() == "lang\ttext\tlabel\nsw\ta\ty\nsw\tc\tx\n"
    (tmp_path / "a.csv").write_text('\n"lang",text,label\nsw,"a\n,b",x\n\nen,b,y\nsw,c,y')
    new = answered(tmp_path / "a.csv", TOPIC, [("y, z",), ("x",)], use="table", where={"lang": "sw"})
    assert new.read_text() == '\n"lang",text,label\nsw,"a\n,b","y, z"\nsw,c,x'
    (tmp_path / "b.tsv").write_text("go  north geo\nva it\n")
    (tmp_path / "n.jsonl").write_text('{"text": "a", "label": 1}\n{"text": "b", "label": 0}\n')
    new = answered(tmp_path / "n.jsonl", TOPIC, [("0",), ("1",)], use="table")
    assert new.read_text() == '{"text": "a", "label": 0}\n{"text": "b", "label": 1}\n'
    (tmp_path / "c.tsv").write_text("go north\tgeo\nva\tit\n")
    new = answered(tmp_path / "c.tsv", TOPIC, [("it",), ("it",)], use="table")
    assert new.read_text() == "go north\tit\nva\tit\n"

"""Readers of tables: what is written is read again, in whatever format; a row that can't be read is told."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.reading import FEW, mistakes, read, word
from xlt_core.slots.tasks import NLI, TOPIC

sentence = st.lists(word, min_size=1, max_size=4).map(" ".join)
pairs = st.lists(st.tuples(sentence, sentence, st.sampled_from(NLI.labels)), min_size=1, max_size=5)


def as_table(kind: str, found: Sequence[Sequence[str]]) -> bytes:
    head = ("premise", "hypothesis", "label")
    if kind == "jsonl":
        return "".join(
            json.dumps(dict(zip(head, own, strict=True)), ensure_ascii=False) + "\n" for own in found
        ).encode()
    if kind == "parquet":
        import pyarrow
        import pyarrow.parquet

        out = io.BytesIO()
        columns = {name: [own[n] for own in found] for n, name in enumerate(head)}
        pyarrow.parquet.write_table(pyarrow.table(columns), out)
        return out.getvalue()
    text = io.StringIO()
    csv.writer(text, delimiter="\t" if kind == "tsv" else ",", lineterminator="\n").writerows([head, *found])
    return text.getvalue().encode()


@pytest.mark.parametrize("kind", ["tsv", "csv", "jsonl", "parquet"])
@given(found=pairs)
@FEW
def test_tables_there_and_back(tmp_path: Path, found: list[tuple[str, str, str]], kind: str) -> None:
    """Texts with quotation marks and commas, too; runs of space are one space to a reader of words."""
    file = tmp_path / f"a.{kind}"
    file.write_bytes(as_table(kind, found))
    rows_, source, _ = read(file, NLI)
    assert mistakes(source) == []
    assert [(row.words, row.second, row.tags[0]) for row in rows_] == [
        (tuple(one.split()), tuple(two.split()), label) for one, two, label in found if one.split() and two.split()
    ]


def test_columns_go_by_name_by_number_and_by_what_stands_in_another(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("set\ts_en\tlang\tcategory\nTRAIN\tgo north\ten\tgeo\nTEST\tva\tit\tgeo\n")
    found = read(tmp_path / "a.tsv", TOPIC, "table", text="s_en", where={"set": "TEST"})[0]
    assert [(row.words, row.tags) for row in found] == [(("va",), ("geo",))]
    _, source, _ = read(tmp_path / "a.tsv", TOPIC, "table", where={"nothing": "x"})
    assert "there is no column for text, nothing; the file has set, s_en, lang, category" in mistakes(source)[0][1]
    (tmp_path / "b.tsv").write_text("go north\tgeo\n")
    assert read(tmp_path / "b.tsv", TOPIC)[0][0].tags == ("geo",)


def test_a_row_that_can_not_be_read_is_told_and_none_is_dropped_in_silence(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("premise\thypothesis\tlabel\na\tb\tneutral\nc\td\ne\t\tneutral\nf\tg\tmaybe\n")
    found, source, _ = read(tmp_path / "a.tsv", NLI)
    assert [line for line, _ in mistakes(source)] == [3, 4, 5] and len(found) == 1
    (tmp_path / "b.csv").write_text('premise,hypothesis,label\n"a,b,neutral\nc,d,neutral\n')
    assert "this is no CSV" in mistakes(read(tmp_path / "b.csv", NLI)[1])[0][1]

"""Readers of whatever bytes: what is whole is read, what is damaged is told with its place, and none is lost."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.reading import CONLLU, FEW, NEWER, XML, corpora, mistakes, read, written
from xlt_core.slots.tasks import ABSA, NER, NLI, POS, ROLES, TOPIC

LABELLED = [
    ("two_columns", NER), ("columns", NER), ("prefixed", NER), ("phonexl.phonetic_tsv", NER), ("conllu", POS),
    ("propositions", ROLES), ("opinions", ABSA), ("opinions_xml", ABSA), ("table", TOPIC), ("table", NLI),
    ("auto", NER),
]  # fmt: skip
SAMPLES = {
    "two_columns": "a\tB-PER\nb\tO\n\n", "columns": "a x B-PER\nb y O\n\n", "prefixed": "en:a\tB-PER\nen:b\tO\n\n",
    "phonexl.phonetic_tsv": "a\tB-PER\tx\ty\n\n", "conllu": CONLLU, "propositions": NEWER,
    "opinions": '[{"text": "a b", "targets": []}]', "opinions_xml": XML,
    "table": "sentence1\tsentence2\tlabel\na\tb\tneutral\n", "auto": "a\tB-PER\n\n",
}  # fmt: skip


@pytest.mark.parametrize("place", range(len(LABELLED)))
@given(data=st.data())
@FEW
def test_no_bytes_end_in_a_traceback(tmp_path: Path, place: int, data: st.DataObject) -> None:
    """Random bytes, and good files with random bytes put in: examples that are whole, or a mistake that is told."""
    use, task = LABELLED[place]
    good = SAMPLES[use].encode() * 2
    at = data.draw(st.integers(0, len(good)))
    dirt = data.draw(st.binary(max_size=12) | st.sampled_from([b"\n", b"\t", b"\xff", b"\0", b'"', b"\x1f\x8b", b"\r"]))
    ending = data.draw(st.sampled_from(["", ".csv", ".jsonl", ".parquet"]) if use == "table" else st.just(""))
    file = tmp_path / f"dirt{ending}"
    file.write_bytes(data.draw(st.sampled_from([dirt, good[:at] + dirt + good[at:]])))
    found, source, _ = read(file, task, use)
    for row in found:
        assert row.words and len(row.tags) in (1, len(row.words))
    for one in source.findings:
        assert one.file == file and one.line >= 0 and one.what


@given(corpora(), st.data())
@FEW
def test_no_sentence_is_dropped_in_silence(tmp_path: Path, corpus: list[Any], data: st.DataObject) -> None:
    """A byte is lost: as many sentences are read as before, or it is told, or the file has fewer empty lines."""
    text = written(corpus, "{word}\t{tag}").encode()
    at = data.draw(st.integers(0, len(text) - 1))
    kept = text[:at] + text[at + 1 :]
    (tmp_path / "a.tsv").write_bytes(kept)
    found, source, _ = read(tmp_path / "a.tsv", NER, "two_columns")
    assert mistakes(source) or len(found) == sum(bool(part.strip(b"\n")) for part in kept.split(b"\n\n"))


def test_damage_is_told_with_its_place(tmp_path: Path) -> None:
    packed = gzip.compress(b"a\tO\n" * 50_000)
    (tmp_path / "a.gz").write_bytes(packed[: len(packed) // 2])
    assert "the compressed file is damaged after line" in mistakes(read(tmp_path / "a.gz", NER, "two_columns")[1])[0][1]
    (tmp_path / "b").write_bytes(b"Anna\tO\n" + "Zoé\tO\n".encode("latin1") + b"a\0b\tO\n")
    assert mistakes(read(tmp_path / "b", NER, "two_columns")[1]) == [
        (2, "this is not UTF-8"), (3, "there is a zero byte: this is no text file"),
    ]  # fmt: skip
    assert "it can't be read" in mistakes(read(tmp_path / "none", NER, "two_columns")[1])[0][1]

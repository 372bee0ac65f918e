"""Answers in columns of words: read again, in the file's own scheme and names, and nothing else has changed."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.answering import answered, corpora, read, there_and_back
from tests.data.reading import FEW
from xlt_core.data.readers.again import Unwritable
from xlt_core.data.readers.back import own_names
from xlt_core.data.readers.labels import named
from xlt_core.data.schemes import Scheme, to_scheme
from xlt_core.slots.tasks import NER, NLI, POS, ROLES, TOPIC

COLUMNS: list[tuple[str, str, dict[str, Any]]] = [
    ("{word}\t{tag}", "two_columns", {}),
    ("{word}  {tag}", "columns", {}),
    ("{word}\tNN\t{word}\t{tag}", "columns", {}),
    ("{word} {tag} B-NP x", "columns", {"tag": 1}),
    ("en:{word}\t{tag}", "prefixed", {}),
    ("{n}\t{word}\t{tag}\t-\t-", "columns", {"word": 1, "tag": 2, "comments": True}),
    ("{word}\t{tag}\t\t{word}", "phonexl.phonetic_tsv", {}),
]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("line", "use", "told"), COLUMNS)
@given(corpus=corpora(), end=st.sampled_from(["\n", "\r\n"]), ends=st.booleans())
@FEW
def test_columns(
    tmp_path: Path, corpus: list[Any], line: str, use: str, told: dict[str, Any], packed: bool, end: str, ends: bool
) -> None:
    """With comments and the marks of documents, whatever ends a line or a file, packed or with a byte order mark."""
    front = "# id = 1\n" if told.get("comments") else "-DOCSTART- O\n\n" if line.startswith("{word}  ") else "\n"
    text = front + "\n\n".join(
        "\n".join(line.format(word=w, tag=t, n=n) for n, (w, t) in enumerate(zip(words, tags, strict=True), 1))
        for words, tags, _ in corpus
    )
    content = (text + "\n" * ends).replace("\n", end).encode("utf-8" if packed else "utf-8-sig")
    file = tmp_path / "a.tsv"
    file.write_bytes(gzip.compress(content) if packed else content)
    scheme = {"tags": "iob2"} if use == "columns" else {}
    written = there_and_back(file, NER, [answers for _, _, answers in corpus], use=use, **told, **scheme)
    assert written.count(b"\n") == content.count(b"\n")


@pytest.mark.parametrize("scheme", ["iob1", "iob2", "bioes"])
@given(corpus=corpora())
@FEW
def test_tags_are_written_in_the_files_own_scheme(tmp_path: Path, corpus: list[Any], scheme: Scheme) -> None:
    """Here as elsewhere against the scheme's own definition: the answers, converted, stand in the lines."""
    file = tmp_path / "a.conll"
    rows = [(words, to_scheme(tags, scheme)) for words, tags, _ in corpus]
    lines = ("".join(f"{w} {t}\n" for w, t in zip(words, tags, strict=True)) for words, tags in rows)
    file.write_text("\n".join(lines), encoding="utf-8")
    written = there_and_back(file, NER, [answers for *_, answers in corpus], use="columns", tags=scheme).decode()
    tags = [line.rpartition(" ")[2] for line in written.split("\n") if line]
    assert tags == [tag for *_, answers in corpus for tag in to_scheme(answers, scheme)]


def test_other_letters_and_io_are_written_again(tmp_path: Path) -> None:
    (tmp_path / "bilou").write_text("a U-PER\nb B-LOC\nc I-LOC\nd L-LOC\n")
    tags = ("B-LOC", "I-LOC", "I-LOC", "B-PER")
    assert there_and_back(tmp_path / "bilou", NER, [tags], use="columns") == b"a B-LOC\nb I-LOC\nc L-LOC\nd U-PER\n"
    (tmp_path / "bmewo").write_text("a W-PER\nb B-LOC\nc M-LOC\nd E-LOC\n")
    assert there_and_back(tmp_path / "bmewo", NER, [tags], use="columns") == b"a B-LOC\nb M-LOC\nc E-LOC\nd W-PER\n"
    (tmp_path / "io").write_text("a I-PER\nb O\nc I-PER\nd I-PER\n")
    new = answered(tmp_path / "io", NER, [("B-LOC", "B-LOC", "O", "B-PER")], use="columns")
    assert new.read_text() == "a I-LOC\nb I-LOC\nc O\nd I-PER\n", "in IO one can't see where the second name begins"


def test_what_a_model_writes_wrongly_stands_as_it_wrote_it(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a B-PER\nb I-PER\nc O\n")
    new = answered(tmp_path / "a", NER, [("O", "I-PER", "B-LOC")], use="columns")
    assert new.read_text() == "a O\nb I-PER\nc B-LOC\n"


# conll-u and roles

CONLLU = """# newdoc
# sent_id = first
# text = vámonos al mar
1-2\tvámonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tvamos\tir\tVERB\t_\t_\t0\troot\t_\t_
2\tnos\tnosotros\tPRON\t_\t_\t1\tobj\t_\t_
2.1\tnada\t_\tNOUN\t_\t_\t_\t_\t_\t_
3\ty\ty\tCONJ\t_\t_\t1\tcc\t_\t_

1\tsolo\tsolo\tADJ\t_\t_\t0\troot\t_\tSpaceAfter=No
"""


def test_conllu_keeps_comments_ranges_and_empty_nodes_and_calls_labels_as_it_did(tmp_path: Path) -> None:
    file = tmp_path / "es_a-ud-test.conllu"
    file.write_text(CONLLU, encoding="utf-8")
    tags = [("CCONJ", "PRON", "X"), ("NOUN",)]
    written = there_and_back(file, POS, tags, use="conllu", rename={"CONJ": "CCONJ"}).decode()
    changed = {"ir\tVERB": "ir\tCONJ", "y\tCONJ": "y\tX", "solo\tADJ": "solo\tNOUN"}
    expected = CONLLU
    for old, new in changed.items():
        expected = expected.replace(old, new)
    assert written == expected


LONG = """# sent_id = s
1\tShe\tshe\tPRON\t_\t_\t2\tnsubj\t2:nsubj\t_\t_\tARG0\tARG0
2\twanted\twant\tVERB\t_\t_\t0\troot\t0:root\t_\twant.01\tV\t_
3-4\ttogo\t_\t_\t_\t_\t_\t_\t_\t_\t_
3\tto\tto\tPART\t_\t_\t4\tmark\t4:mark\t_\t_\t_\t_
4\tgo\tgo\tVERB\t_\t_\t2\txcomp\t2:xcomp\t_\tgo.01\tARG1\tV
5\tnow\tnow\tADV\t_\t_\t4\tadvmod\t4:advmod\t_\t_\t_\tR-ARGM-TMP

# nothing happens
1\t***\t***\tPUNCT\t_\t_\t0\troot\t0:root\t_\t_\t
"""


def test_roles_are_called_as_the_file_calls_them_and_predicates_stay_marked(tmp_path: Path) -> None:
    file = tmp_path / "en-up-test.conllu"
    file.write_text(LONG, encoding="utf-8")
    tags = [("O", "O", "B-A2", "I-A2", "O"), ("B-AM-LOC", "O", "B-C-A1", "O", "B-R-AM-TMP")]
    written = there_and_back(file, ROLES, tags, use="propositions").decode().splitlines()
    assert [line.split("\t")[11:] for line in written if line[:1].isdigit() and line[1] == "\t"] == [
        ["_", "ARGM-LOC"], ["V", "_"], ["ARG2", "C-ARG1"], ["ARG2", "V"], ["_", "R-ARGM-TMP"], [""],
    ]  # fmt: skip
    short = LONG.replace("ARGM-", "AM-").replace("ARG", "A")
    file.write_text(short, encoding="utf-8")
    assert b"\tAM-LOC\n" in there_and_back(file, ROLES, tags, use="propositions")
    said = answered(file, ROLES, [("O", "B-A1", "O", "O", "O"), tags[1]], use="propositions").read_text()
    assert "\twant.01\tA1\t_\n" in said, "an answer stands where it was given"
    kept = [("O", "B-V", "O", "O", "B-ARG9"), ("O", "O", "O", "O", "O")]
    file.write_text(LONG, encoding="utf-8")
    there_and_back(file, ROLES, kept, use="propositions", inventory="as_written", keep_predicate=True)


# labels


def test_labels_have_the_files_own_names_or_the_tasks_where_several_are_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a B-person\nb B-geo\nc B-place\nd B-MISC\n")
    told = {"rename": {"person": "PER", "geo": "LOC", "place": "LOC", "MISC": "O", "firm": "ORG"}}
    new = answered(tmp_path / "a", NER, [("B-LOC", "B-ORG", "I-ORG", "B-PER")], use="columns", **told)
    assert new.read_text() == "a B-LOC\nb B-firm\nc I-firm\nd B-person\n"
    assert [row.tags for row in read(new, NER, use="columns", **told)] == [("B-LOC", "B-ORG", "I-ORG", "B-PER")]


@given(seen=st.sets(st.sampled_from(["PER", "per", "person", "MISC", "O"])), data=st.data())
@FEW
def test_a_name_that_is_put_back_is_read_as_the_same_label(seen: set[str], data: st.DataObject) -> None:
    known = {"O", "PER", "LOC"}
    pairs = st.dictionaries(st.sampled_from(["person", "MISC", "place"]), st.sampled_from(sorted(known)))
    rename = data.draw(pairs)
    names = own_names(seen, rename, known)
    for label in known:
        assert named(names.get(label, label), rename, known) == label


def test_examples_that_were_left_out_have_no_gold_label_in_the_place_of_an_answer(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("sentence1\tsentence2\tlabel\na\tb\tNEUTRAL\nc\td\t-\ne\tf\tENTAILMENT\n")
    told: dict[str, Any] = {"use": "table", "rename": {"-": None}}
    new = answered(tmp_path / "a.tsv", NLI, [("entailment",), ("neutral",)], **told)
    assert new.read_text() == "sentence1\tsentence2\tlabel\na\tb\tENTAILMENT\nc\td\t_\ne\tf\tNEUTRAL\n"
    (tmp_path / "b").write_text("a B-X\nb O\n\nc B-PER\n")
    new = answered(tmp_path / "b", NER, [("O",)], use="columns", rename={"X": None})
    assert new.read_text() == "a O\nb O\n\nc O\n"


def test_a_label_that_a_column_can_not_hold_is_told_and_not_written_askew(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("text\tlabel\na b\tx\n")
    with pytest.raises(Unwritable, match="can't stand in a column"):
        answered(tmp_path / "a.tsv", TOPIC, [("so\tcalled",)], use="table")
    assert not (tmp_path / "answered").exists()

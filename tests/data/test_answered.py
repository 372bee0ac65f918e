"""Answers in the data's own format: what was answered is read again, and nothing else in the file has changed."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlt_core import run
from xlt_core.catalog import load_catalog, load_object
from xlt_core.data.answered import write_as_read, write_plain
from xlt_core.data.folders import Folder
from xlt_core.data.read import reader
from xlt_core.data.readers.again import Unwritable
from xlt_core.data.readers.back import own_names
from xlt_core.data.readers.labels import Told, named, settled
from xlt_core.data.readers.source import Source
from xlt_core.data.records import Tagged
from xlt_core.data.schemes import Scheme, to_scheme
from xlt_core.data.sets import DataSet
from xlt_core.running.answered import write_answers
from xlt_core.running.lent import Lent
from xlt_core.running.workshop import folders_of
from xlt_core.slots.tasks import ABSA, NER, NLI, POS, ROLES, TOPIC, Task

CATALOG = load_catalog()
FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""A file is written for each example; the folder is the same."""
DATA = Path(__file__).parents[3] / "shared" / "data"


def read(file: Path, task: Task, **told: Any) -> list[Tagged]:
    options, work = reader(CATALOG, told)
    source = Source(file, ("eng",), "test", task)
    rows = settled(source, work(source, options), options, Told())  # type: ignore[arg-type]
    source.findings.refuse(file)
    return rows


def answered(file: Path, task: Task, tags: Sequence[Sequence[str]], /, **told: Any) -> Path:
    """The file with these answers, in another folder."""
    rows = read(file, task, **told)
    answers = [replace(row, tags=tuple(own)) for row, own in zip(rows, tags, strict=True)]
    return write_as_read(file.parent / "answered", file, CATALOG, told, task, answers)


def there_and_back(file: Path, task: Task, tags: Sequence[Sequence[str]], /, **told: Any) -> bytes:
    """Answers are read again, of the same words; with the labels put back the file is the one that it was."""
    before, content = read(file, task, **told), file.read_bytes()
    new = answered(file, task, tags, **told)
    after = read(new, task, **told)
    assert [replace(row, tags=()) for row in after] == [replace(row, tags=()) for row in before]
    assert [row.tags for row in after] == [tuple(own) for own in tags]
    back = answered(new, task, [row.tags for row in before], **told)
    assert unpacked(back) == unpacked(file) and content == file.read_bytes()
    return unpacked(new)


def unpacked(file: Path) -> bytes:
    content = file.read_bytes()
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


word = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=" "), min_size=1, max_size=5).filter(
    lambda own: own != "NULL"  # which SemEval's files write where an opinion has no target
)


@st.composite
def spans(draw: st.DrawFn, length: int) -> tuple[str, ...]:
    """IOB2 without a mistake."""
    tags: list[str] = []
    while len(tags) < length:
        kind, size = draw(st.tuples(st.sampled_from(["", "PER", "LOC"]), st.integers(1, 3)))
        tags += [f"{'I' if n else 'B'}-{kind}" if kind else "O" for n in range(size)]
    return tuple(tags[:length])


@st.composite
def corpora(draw: st.DrawFn) -> list[tuple[list[str], tuple[str, ...], tuple[str, ...]]]:
    """Words, their tags, and other tags that are answered."""
    found = []
    for length in draw(st.lists(st.integers(1, 5), min_size=1, max_size=4)):
        words = draw(st.lists(word, min_size=length, max_size=length))
        found.append((words, draw(spans(length)), draw(spans(length))))
    return found


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


# tables

text = st.lists(word | st.sampled_from(['"', '""', ",", '"a,b"']), min_size=1, max_size=4).map(" ".join)
labels = st.sampled_from(NLI.labels)
pairs = st.lists(st.tuples(text, text, labels, labels), min_size=1, max_size=5)
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


# opinions

XML = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<!-- reviews -->
<Reviews><Review rid="1"><sentences>
<sentence id="1:0"><text>Food's great &amp; "the" service wasn't.</text>
  <Opinions>
    <Opinion target="Food" category="FOOD#QUALITY" polarity="positive" from="0" to="4"/>
    <Opinion target="NULL" category="X" polarity="negative" from="0" to="0"></Opinion>
  </Opinions>
</sentence>
<sentence id="1:1"><text>Nothing.</text></sentence>
<sentence id="1:2"><text>No thing.</text><Opinions/></sentence>
</sentences></Review></Reviews>
"""


def test_opinions_in_xml_keep_all_that_is_no_opinion(tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_text(XML, encoding="utf-8-sig")
    tags = [("O", "O", "O", "B-NEG", "I-NEG", "I-NEG", "B-POS", "O", "O"), ("B-NEU", "O"), ("O", "O", "O")]
    assert read(file, ABSA, use="opinions_xml")[0].words[2:6] == ("&", '"', "the", '"')
    new = answered(file, ABSA, tags, use="opinions_xml")
    assert [row.tags for row in read(new, ABSA, use="opinions_xml")] == tags
    written = new.read_text("utf-8-sig")
    assert """<Opinions><Opinion target='"the"' polarity="negative" from="15" to="20"/>""" in written
    assert '<text>Nothing.</text><Opinions><Opinion target="Nothing" polarity="neutral" from="0" to="7"/>' in written
    assert written.count("<Opinions/>") == 1 and written.count("<Opinion ") == 3 and "FOOD#QUALITY" not in written
    assert written.startswith(XML[: XML.index("<Opinions>")]) and written.endswith("</sentences></Review></Reviews>\n")
    older = (
        '<s><sentence id="1"><text>Good tea</text><aspectTerms><aspectTerm term="tea" polarity="conflict" from="5" '
        'to="8"/></aspectTerms></sentence></s>'
    )
    (tmp_path / "b.xml").write_text(older)
    new = answered(tmp_path / "b.xml", ABSA, [("B-POS", "O")], use="opinions_xml", rename={"CONFLICT": "O"})
    assert '<aspectTerm term="Good" polarity="positive" from="0" to="4"/></aspectTerms>' in new.read_text()


sayings = st.lists(st.lists(word, min_size=1, max_size=5), min_size=1, max_size=4)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("kind", ["Target", "location", "from"])
@given(said=sayings, data=st.data())
@FEW
def test_opinions_in_json(tmp_path: Path, said: list[list[str]], kind: str, indent: int | None, data: Any) -> None:
    key = "opinions" if kind == "Target" else "targets"
    old = {
        "Target": {"Source": [[], []], "Target": [["x"], ["0:1"]], "Polarity": "Positive", "Intensity": "Strong"},
        "location": {"text": "x", "location": {"begin": 0, "end": 1}, "sentiment": "positive", "detected_by": 1},
        "from": {"target": "x", "from": 0, "to": 1, "polarity": "positive"},
    }[kind]
    items = [{"id": n, "text": " ".join(words), key: [old], "more": {"x": [1.0]}} for n, words in enumerate(said)]
    file = tmp_path / "a.json"
    written = json.dumps(items, indent=indent) + "\n"
    file.write_text(written)
    rows = read(file, ABSA, use="opinions")
    tags = [data.draw(spans(len(row.words))) for row in rows]
    tags = [tuple(tag.replace("PER", "POS").replace("LOC", "NEU") for tag in own) for own in tags]
    new = answered(file, ABSA, tags, use="opinions")
    assert [row.tags for row in read(new, ABSA, use="opinions")] == tags
    assert [{**own, key: []} for own in json.loads(new.read_text())] == [{**own, key: []} for own in items]
    assert new.read_text().partition(key)[0] == written.partition(key)[0] and new.read_text()[-2:] == "]\n"


def test_opinions_a_line_each(tmp_path: Path) -> None:
    lines = ['{"text":"A tea é","opinions":[],"n":1}', "", '{"text":"x","opinions":[]}']
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    new = answered(tmp_path / "a.jsonl", ABSA, [("O", "B-NEG", "I-NEG"), ("O",)], use="opinions")
    listed = '[{"Source":[[],[]],"Target":[["tea é"],["2:7"]],"Polar_expression":[[],[]],"Polarity":"negative"}]'
    assert new.read_text("utf-8") == "\n".join([lines[0].replace("[]", listed), "", lines[2]])


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

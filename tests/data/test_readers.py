"""Readers: what is written is read again, in whatever format; what can't be read is told with its line."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlt_core.catalog import load_catalog
from xlt_core.data.read import reader
from xlt_core.data.readers.labels import Told, settled
from xlt_core.data.readers.source import Source
from xlt_core.data.records import Tagged
from xlt_core.data.schemes import Scheme, to_scheme
from xlt_core.errors import RunError
from xlt_core.slots.reading import LabelReader
from xlt_core.slots.tasks import ABSA, NER, NLI, POS, ROLES, TOPIC, Task

CATALOG = load_catalog()
FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""A file is written for each example; the folder is the same."""


def read(
    file: Path,
    task: Task | None,
    use: str = "auto",
    split: str = "test",
    languages: Sequence[str] = ("eng",),
    **told: Any,
) -> tuple[list[Tagged], Source, Told]:
    """A file's examples, what was met in it, and what became of its labels."""
    options, work = reader(CATALOG, {"use": use, **told})
    assert isinstance(options, LabelReader)
    source, settled_to = Source(file, ("eng",), split, task), Told()
    return settled(source, work(source, options), options, settled_to), source, settled_to


def rows(
    file: Path, use: str, languages: Sequence[str], beside: Sequence[Path] = (), **told: Any
) -> list[tuple[str, ...]]:
    """A file's cells; a mistake in it is raised."""
    options, work = reader(CATALOG, {"use": use, **told})
    source = Source(file, tuple(languages), beside=tuple(beside))
    found = [cells for _, cells in work(source, options)]
    source.findings.refuse(file)
    return found


def mistakes(source: Source) -> list[tuple[int, str]]:
    return [(one.line, one.what) for one in source.findings.mistakes]


# words as they may be: any letters, spaces that aren't ASCII's, marks, but no line end, tab or space
word = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=" "), min_size=1, max_size=6)


@st.composite
def spans(draw: st.DrawFn) -> tuple[str, ...]:
    """IOB2 without a mistake."""
    tags: list[str] = []
    pieces = st.lists(st.tuples(st.sampled_from(["", "PER", "LOC"]), st.integers(1, 3)), min_size=1, max_size=4)
    for kind, length in draw(pieces):
        tags += [f"{'I' if n else 'B'}-{kind}" if kind else "O" for n in range(length)]
    return tuple(tags)


@st.composite
def corpora(draw: st.DrawFn) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Sentences of words and tags."""
    found = []
    for tags in draw(st.lists(spans(), min_size=1, max_size=4)):
        words = draw(st.lists(word, min_size=len(tags), max_size=len(tags)))
        found.append((tuple(words), tags))
    return found


def written(corpus: Sequence[tuple[Sequence[str], Sequence[str]]], line: str) -> str:
    """`line` says how a word, its tag and its number are written."""
    return "".join(
        "".join(line.format(word=w, tag=t, n=n) + "\n" for n, (w, t) in enumerate(zip(*row, strict=True), 1)) + "\n"
        for row in corpus
    )


FORMATS: list[tuple[str, str, dict[str, Any]]] = [
    ("{word}\t{tag}", "two_columns", {}),
    ("{word} {tag}", "columns", {}),
    ("{word}\tNN\tB-NP\t{tag}", "columns", {}),
    ("en:{word}\t{tag}", "prefixed", {}),
    ("{n}\t{word}\t{tag}\t-\t-", "columns", {"word": 1, "tag": 2, "comments": True}),
    ("{word}\t{tag}\t\t{word}", "phonexl.phonetic_tsv", {}),
]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("line", "use", "told"), FORMATS)
@given(corpus=corpora())
@FEW
def test_columns_there_and_back(
    tmp_path: Path, corpus: list[Any], line: str, use: str, told: dict[str, Any], packed: bool
) -> None:
    """Byte order mark or none, packed or plain: no word, tag or sentence is lost or changed."""
    text = written(corpus, line).encode("utf-8-sig" if packed else "utf-8")
    file = tmp_path / ("a.tsv.gz" if packed else "a.tsv")
    file.write_bytes(gzip.compress(text, 1) if packed else text)
    found, source, _ = read(file, NER, use, **told)
    assert mistakes(source) == []
    assert [(row.words, row.tags) for row in found] == corpus


@pytest.mark.parametrize("scheme", ["iob1", "iob2", "bioes"])
@given(corpus=corpora())
@FEW
def test_every_scheme_is_told_apart_and_becomes_iob2(tmp_path: Path, corpus: list[Any], scheme: Scheme) -> None:
    """Where letters alone can't tell, as in a file of single words, both readings say the same spans."""
    file = tmp_path / "a.conll"
    file.write_text(written([(w, to_scheme(t, scheme)) for w, t in corpus], "{word} {tag}"), encoding="utf-8")
    found, source, _ = read(file, NER, "columns", tags=scheme)
    assert [row.tags for row in found] == [tags for _, tags in corpus]
    assert list(source.findings) == []
    by_letters = read(file, NER, "columns")[2].scheme
    assert by_letters == scheme or scheme == "iob1" or not any(tag != "O" for _, tags in corpus for tag in tags)


def test_other_letters_and_io_are_read(tmp_path: Path) -> None:
    (tmp_path / "bilou").write_text("a U-PER\nb B-LOC\nc I-LOC\nd L-LOC\n")
    assert read(tmp_path / "bilou", NER, "columns")[0][0].tags == ("B-PER", "B-LOC", "I-LOC", "I-LOC")
    (tmp_path / "io").write_text("a I-PER\nb I-PER\nc O\nd I-LOC\n")
    found, _, told = read(tmp_path / "io", NER, "columns")
    assert found[0].tags == ("B-PER", "I-PER", "O", "B-LOC") and told.scheme == "io"


@pytest.mark.parametrize(
    ("broken", "tags", "grave"),
    [
        ("keep", ("O", "I-PER", "B-LOC", "I-PER"), 0),
        ("repair", ("O", "B-PER", "B-LOC", "B-PER"), 0),
        ("refuse", ("O", "I-PER", "B-LOC", "I-PER"), 1),
    ],
)
def test_what_no_scheme_allows_is_told_with_its_line_and_mended_on_request(
    tmp_path: Path, broken: str, tags: tuple[str, ...], grave: int
) -> None:
    (tmp_path / "a").write_text("x O\n\na O\nb I-PER\nc B-LOC\nd I-PER\n")
    found, source, told = read(tmp_path / "a", NER, "columns", broken=broken)
    assert found[1].tags == tags and told.broken == 2
    (one,) = source.findings
    assert one.line == 3 and one.grave == bool(grave) and "`I-PER` at `b` is no span of iob2" in one.what


# conll-u

CONLLU = """# newdoc
# sent_id = first
# text = vámonos al mar
1-2\tvámonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tvamos\tir\tVERB\t_\t_\t0\troot\t_\t_
2\tnos\tnosotros\tPRON\t_\t_\t1\tobj\t_\t_
2.1\tnada\t_\tNOUN\t_\t_\t_\t_\t_\t_
3\t#\t#\tCONJ\t_\t_\t1\tcc\t_\t_

1\tsolo\tsolo\tADJ\t_\t_\t0\troot\t_\t_
"""


def test_conllu_keeps_words_and_leaves_out_ranges_empty_nodes_and_comments(tmp_path: Path) -> None:
    file = tmp_path / "es_a-ud-dev.conllu"
    file.write_text(CONLLU, encoding="utf-8")
    one, two = read(file, POS, rename={"CONJ": "CCONJ"})[0]
    assert (one.id, one.words, one.tags) == ("first", ("vamos", "nos", "#"), ("VERB", "PRON", "CCONJ"))
    assert (two.id, two.words) == ("es_a-ud-dev-2", ("solo",))


def test_every_mistake_of_a_file_is_found_in_one_go(tmp_path: Path) -> None:
    file = tmp_path / "a.conllu"
    lines = CONLLU.replace("2\tnos", "3\tnos").replace("1\tsolo\tsolo\tADJ", "x\tsolo\tsolo\tADJ").splitlines()
    file.write_text("\n".join([*lines, "2\tcorto\tADJ"]), encoding="utf-8")
    _, source, _ = read(file, POS, rename={"CONJ": "CCONJ"})
    told = mistakes(source)
    assert [line for line, _ in told] == [6, 10, 11]
    assert "this word has the number 3, and word 2 of the sentence would stand here" in told[0][1]
    assert "`x` is no number of a word" in told[1][1] and "this one has 3" in told[2][1]
    with pytest.raises(RunError, match=r"a\.conllu:6: .*\n.*\n.*a\.conllu:10: "):
        source.findings.refuse(file)


NEWER = """# sent_id = s
1\tShe\tshe\tPRON\t_\t_\t2\tnsubj\t2:nsubj\t_\t_\tARG0\tARG0
2\twanted\twant\tVERB\t_\t_\t0\troot\t0:root\t_\twant.01\tV\t_
3\tto\tto\tPART\t_\t_\t4\tmark\t4:mark\t_\t_\t_\t_
4\tgo\tgo\tVERB\t_\t_\t2\txcomp\t2:xcomp\t_\tgo.01\tARG1\tV
5\tnow\tnow\tADV\t_\t_\t4\tadvmod\t4:advmod\t_\t_\t_\tR-ARGM-TMP

1\t***\t***\tPUNCT\t_\t_\t0\troot\t0:root\t_\t_\t
"""
OLDER = """1\tViikko\tviikko\tNOUN\t_\t_\t2\tnsubj\t_\t_\tA0
2\talkoi\talkaa\tVERB\t_\t_\t0\troot\tY\tstart.01\t_
"""


def test_roles_are_an_example_for_each_predicate_with_one_set_of_names(tmp_path: Path) -> None:
    file = tmp_path / "en-up-dev.conllu"
    file.write_text(NEWER, encoding="utf-8")
    one, two = read(file, ROLES)[0]
    assert (one.marked, one.tags) == (1, ("B-A0", "O", "O", "B-A1", "O"))
    assert (two.marked, two.tags) == (3, ("B-A0", "O", "O", "O", "B-R-AM-TMP"))
    assert one.upos == ("PRON", "VERB", "PART", "VERB", "ADV") and one.id != two.id
    kept = read(file, ROLES, "propositions", inventory="as_written", keep_predicate=True)[0]
    assert kept[0].tags == ("B-ARG0", "B-V", "O", "B-ARG1", "O")
    file.write_text(OLDER, encoding="utf-8")
    assert [(row.marked, row.tags) for row in read(file, ROLES)[0]] == [(1, ("B-A0", "O"))]
    file.write_text(OLDER.replace("\tY\tstart.01", "\t_\t_"), encoding="utf-8")
    assert "this sentence marks 0 predicates, and has 1 columns of roles" in mistakes(read(file, ROLES)[1])[0][1]


# labels


def test_data_sets_with_other_labels_are_brought_to_the_tasks(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a B-MISC\nb I-MISC\nc B-PERSON\nd B-LOC\n\ne B-X\n")
    found, source, told = read(tmp_path / "a", NER, "columns", rename={"MISC": "O", "PERSON": "PER", "X": None})
    assert [row.tags for row in found] == [("O", "O", "B-PER", "B-LOC")] and mistakes(source) == []
    assert told.renamed == {"MISC → O": 1, "PERSON → PER": 1, "X → None": 1} and told.left_out == 1


@pytest.mark.parametrize(
    ("unknown", "split", "tags"),
    [("miss", "test", ("B-DATE", "I-DATE", "B-PER")), ("miss", "train", ("O", "O", "B-PER")),
     ("drop", "test", ("O", "O", "B-PER"))],
)  # fmt: skip
def test_labels_that_the_task_lacks_are_missed_or_dropped_and_told(
    tmp_path: Path, unknown: str, split: str, tags: tuple[str, ...]
) -> None:
    (tmp_path / "a").write_text("1 B-DATE\nMay I-DATE\nAnna B-PER\n")
    found, source, told = read(tmp_path / "a", NER, "columns", split, unknown=unknown)
    assert found[0].tags == tags and told.unknown == {"DATE": 1} and mistakes(source) == []
    refused = read(tmp_path / "a", NER, "columns", split)[1]
    assert "tags that the task doesn't have: B-DATE; it has LOC, O, ORG, PER" in mistakes(refused)[0][1]


def test_a_word_whose_label_is_dropped_has_none_and_a_sentence_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a NOUN\nb FOO\n")
    assert read(tmp_path / "a", POS, "columns", unknown="drop")[0][0].tags == ("NOUN", "_")
    (tmp_path / "b").write_text("sentence1\tsentence2\tlabel\na\tb\tNEUTRAL\nc\td\t-\n")
    found, _, told = read(tmp_path / "b", NLI, rename={"-": None})
    assert [row.tags for row in found] == [("neutral",)] and told.left_out == 1


# tables

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


# opinions

XML = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Reviews><Review rid="1"><sentences>
<sentence id="1:0"><text>Food's great, the service wasn't.</text><Opinions>
  <Opinion target="Food" category="FOOD#QUALITY" polarity="positive" from="0" to="4"/>
  <Opinion target="service" category="SERVICE" polarity="negative" from="18" to="25"/>
  <Opinion target="service" category="SERVICE#G" polarity="neutral" from="18" to="25"/>
  <Opinion target="NULL" category="X" polarity="negative" from="0" to="0"/></Opinions></sentence>
<sentence id="1:1"><text>Nothing.</text></sentence>
</sentences></Review></Reviews>
"""


def test_opinions_in_xml_and_in_both_kinds_of_json(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(XML, encoding="utf-8")
    one, two = read(tmp_path / "a.xml", ABSA)[0]
    assert one.words == ("Food's", "great", ",", "the", "service", "wasn't", ".")
    assert one.tags == ("B-POS", "O", "O", "O", "B-NEG", "O", "O") and set(two.tags) == {"O"}
    assert read(tmp_path / "a.xml", ABSA, "opinions_xml", ties="drop")[0][0].tags[4] == "O"

    target = {"text": "hot tea", "location": {"begin": 4, "end": 11}, "sentiment": "positive"}
    (tmp_path / "b.json").write_text(json.dumps([{"text": "Our hot tea.", "targets": [target]}]))
    assert read(tmp_path / "b.json", ABSA)[0][0].tags == ("O", "B-POS", "I-POS", "O")
    opinion = {"Target": [["tea"], ["2:5"]], "Polarity": "Negative", "Polar_expression": [["bad"], ["6:9"]]}
    implicit = {"Target": [[], []], "Polarity": "Positive"}
    (tmp_path / "c.json").write_text(
        json.dumps([{"sent_id": "s", "text": "A tea bad .", "opinions": [opinion, implicit]}])
    )
    (row,) = read(tmp_path / "c.json", ABSA)[0]
    assert (row.id, row.words, row.tags) == ("s", ("A", "tea", "bad", "."), ("O", "B-NEG", "O", "O"))
    (tmp_path / "d.json").write_text(
        '[{"text": "x", "targets": [{"location": {"begin": 0, "end": 9}, "sentiment": "a"}]}]'
    )
    assert "a target's place isn't in the text" in mistakes(read(tmp_path / "d.json", ABSA)[1])[0][1]


def test_a_target_without_a_word_is_told_and_left_out(tmp_path: Path) -> None:
    target = {"location": {"begin": 1, "end": 2}, "sentiment": "positive"}
    (tmp_path / "a.json").write_text(json.dumps([{"text": "a  b", "targets": [target]}]))
    (row,), source, _ = read(tmp_path / "a.json", ABSA)
    assert row.tags == ("O", "O")
    assert [one.what for one in source.findings.remarks] == ["item 1: the target at 1 to 2 has no word: left out"]


# texts side by side


def test_files_of_different_length_are_told_and_never_paired_askew(tmp_path: Path) -> None:
    (tmp_path / "a.en").write_text("one\ntwo\nthree\n")
    (tmp_path / "a.fr").write_text("un\ndeux\n")
    with pytest.raises(RunError, match=r"a\.fr ends before line 3"):
        rows(tmp_path / "a.en", "sides", ("eng", "fra"), [tmp_path / "a.fr"])
    (tmp_path / "a.fr").write_text("un\n\ntrois\n")
    assert rows(tmp_path / "a.en", "sides", ("eng", "fra"), [tmp_path / "a.fr"]) == [("one", "un"), ("three", "trois")]


def test_dictionaries_are_joined_through_the_language_that_both_have(tmp_path: Path) -> None:
    (tmp_path / "en_hi.tsv").write_text("a lot\tbahut\ncat\tbilli\n")
    (tmp_path / "en_fr.tsv").write_text("cat\tchat\ncat\tchatte\na lot\tbeaucoup\ndog\tchien\n")
    joined = rows(tmp_path / "en_hi.tsv", "through", ("hin", "fra"), [tmp_path / "en_fr.tsv"])
    assert joined == [("bahut", "beaucoup"), ("billi", "chat"), ("billi", "chatte")]
    assert rows(tmp_path / "en_hi.tsv", "pairs", ("hin", "eng"), columns=[1, 0])[0] == ("bahut", "a lot")
    (tmp_path / "muse.txt").write_text("cat chat\ncat chat\ndog chien\n")
    assert rows(tmp_path / "muse.txt", "pairs", ("eng", "fra"), unique=True) == [("cat", "chat"), ("dog", "chien")]


def test_sentences_are_joined_by_their_number(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("index_id\tcategory\ttext\n7\tx\tseven\n9\tx\tnine\n")
    (tmp_path / "b.tsv").write_text("index_id\tcategory\ttext\n9\tx\tneuf\n7\tx\tsept\n")
    told = {"id": "index_id", "text": "text"}
    assert rows(tmp_path / "a.tsv", "by_id", ("eng", "fra"), [tmp_path / "b.tsv"], **told) == [
        ("seven", "sept"), ("nine", "neuf"),
    ]  # fmt: skip
    (tmp_path / "b.tsv").write_text("index_id\tcategory\ttext\n9\tx\tneuf\n9\tx\tsept\n")
    with pytest.raises(RunError, match=r"b\.tsv:3: the sentence 9 stands twice"):
        rows(tmp_path / "a.tsv", "by_id", ("eng", "fra"), [tmp_path / "b.tsv"], **told)


def test_word_links(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("0-0 1-2\n\n2-1\n")
    assert rows(tmp_path / "a", "pharaoh", ("eng", "fra")) == [("0-0 1-2",), ("",), ("2-1",)]
    (tmp_path / "a").write_text("0-0 1?2\n")
    with pytest.raises(RunError, match="`1\\?2` is no link"):
        rows(tmp_path / "a", "pharaoh", ("eng", "fra"))


# whatever bytes


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

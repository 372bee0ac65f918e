"""Readers of labelled words: what is written is read again; what can't be read is told with its line."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from tests.data.reading import CONLLU, FEW, NEWER, corpora, mistakes, read, written
from xlt_core.data.schemes import Scheme, to_scheme
from xlt_core.errors import RunError
from xlt_core.slots.tasks import NER, NLI, POS, ROLES

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


# conll-u and roles


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

"""Spans as tags in four schemes: there and back, leniently read, and scored alike."""

from __future__ import annotations

import json
import os
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.letters import Letters
from xlt_core import run
from xlt_core.data.encode import IGNORED, SubwordReader
from xlt_core.data.records import EXAMPLES, Tagged, write_tagged
from xlt_core.data.schemes import Scheme, convert, from_scheme, labels_in, scheme_of, spans_of, to_scheme
from xlt_core.engine.score import spans as scored
from xlt_core.engine.train import _labelled
from xlt_core.errors import RunError
from xlt_core.model.heads import HeadSpec
from xlt_core.slots.tasks import ABSA, NER, ROLES


@st.composite
def regular(draw: st.DrawFn) -> tuple[str, ...]:
    """IOB2 without a mistake; spans may touch."""
    tags: list[str] = []
    for kind, length in draw(st.lists(st.tuples(st.sampled_from(["", "A", "B"]), st.integers(1, 4)), max_size=8)):
        tags += [f"{'I' if n else 'B'}-{kind}" if kind else "O" for n in range(length)]
    return tuple(tags)


def any_tags(edges: str) -> st.SearchStrategy[list[str]]:
    """Anything that a model could say."""
    return st.lists(st.sampled_from(["O", *(f"{edge}-{kind}" for edge in edges for kind in "AB")]), max_size=9)


def test_later_pieces_of_a_word_may_go_on_with_its_span() -> None:
    numbers = {"O": 0, "B-PER": 1, "I-PER": 2}
    row = Tagged("0", "eng", ("abc", "de", "fg"), ("B-PER", "I-PER", "O"))
    (piece,) = SubwordReader(Letters(), 32, label_on="inside").stretches([row], numbers)
    assert piece.labels == (IGNORED, 1, 2, 2, 2, 2, 0, 0, IGNORED)


@given(regular(), st.sampled_from(["iob1", "bioes", "iob2"]))
def test_there_and_back_nothing_is_lost(tags: tuple[str, ...], scheme: Scheme) -> None:
    assert from_scheme(to_scheme(tags, scheme), scheme) == tags


@given(regular())
def test_oi_loses_only_the_border_between_neighbours_of_one_type(tags: tuple[str, ...]) -> None:
    back = from_scheme(to_scheme(tags, "oi"), "oi")
    assert [tag.partition("-")[2] for tag in back] == [tag.partition("-")[2] for tag in tags]
    touching = any(one.last + 1 == two.first and one.kind == two.kind for one, two in pairwise(spans_of(tags)))
    assert (back == tags) != touching


@given(any_tags("BI"), st.booleans())
def test_iob2_is_read_as_it_is_scored(tags: list[str], strict: bool) -> None:
    read = {(span.first, span.last, span.kind) for span in spans_of(tags) if span.regular or not strict}
    assert read == scored(tags, strict)


@given(any_tags("BIES"))
def test_what_a_model_says_in_bioes_scores_the_same_in_iob2(tags: list[str]) -> None:
    said = spans_of(tags, "bioes")
    assert {(span.first, span.last, span.kind) for span in said} == scored(from_scheme(tags, "bioes"))


@pytest.mark.parametrize(
    ("tags", "lenient", "strict"),
    [
        ("S-A", {(0, 0, "A")}, True),
        ("B-A I-A E-A", {(0, 2, "A")}, True),
        ("B-A I-A", {(0, 1, "A")}, False),
        ("O E-A", {(1, 1, "A")}, False),
        ("B-A E-B", {(0, 0, "A"), (1, 1, "B")}, False),
        ("B-A O E-A", {(0, 0, "A"), (2, 2, "A")}, False),
    ],
)
def test_mistakes_in_bioes_count_for_lenient_scoring_and_not_for_strict(
    tags: str, lenient: set[tuple[int, int, str]], strict: bool
) -> None:
    written = from_scheme(tags.split(), "bioes")
    assert scored(written) == lenient
    assert scored(written, strict=True) == (lenient if strict else set())


def test_each_scheme_on_one_sentence() -> None:
    tags = ("B-A", "I-A", "B-A", "O", "B-B", "I-B", "I-B")
    assert to_scheme(tags, "bioes") == ("B-A", "E-A", "S-A", "O", "B-B", "I-B", "E-B")
    assert to_scheme(tags, "iob1") == ("I-A", "I-A", "B-A", "O", "I-B", "I-B", "I-B")
    assert to_scheme(tags, "oi") == ("I-A", "I-A", "I-A", "O", "I-B", "I-B", "I-B")
    assert to_scheme((), "bioes") == ()


@given(any_tags("BIES"), st.sampled_from(["iob2", "bioes", "oi"]))
def test_in_the_same_scheme_nothing_is_mended(tags: list[str], scheme: Scheme) -> None:
    assert convert(tags, scheme, scheme) == tuple(tags)


def test_the_labels_of_a_scheme() -> None:
    assert labels_in("iob2", NER.labels) == NER.labels
    assert labels_in("oi", ("B-A", "O", "I-A", "B-B")) == ("O", "I-A", "I-B")
    assert len(labels_in("bioes", ABSA.labels)) == 13
    assert labels_in("bioes", labels_in("oi", NER.labels)) == labels_in("bioes", NER.labels)


@given(regular())
def test_every_converted_tag_is_one_of_the_labels(tags: tuple[str, ...]) -> None:
    for scheme in ("iob2", "bioes", "oi", "iob1"):
        assert {*to_scheme(tags, scheme)} <= {*labels_in(scheme, tags)}


def test_the_scheme_of_data_is_seen_by_its_letters() -> None:
    assert scheme_of([("O",), ("B-A", "I-A")]) == "iob2"
    assert scheme_of([("O", "S-A")]) == scheme_of([("B-A", "E-A")]) == "bioes"
    assert scheme_of([("I-A", "O")]) == "oi"
    assert scheme_of([("O",), ()]) == "iob2"


def test_tags_that_write_no_spans_are_refused_by_name() -> None:
    with pytest.raises(RunError, match="this is none: ARG0, V-"):
        scheme_of([("ARG0", "B-A", "V-", "O")])


@pytest.mark.parametrize(
    ("scheme", "taught"),
    [("bioes", ("B-A0", "E-A0", "O", "S-A1")), ("iob2", ("B-A0", "I-A0", "O", "B-A1")), (None, None)],
)
def test_what_is_taught_is_converted_from_each_files_own_scheme(tmp_path: Path, scheme: Any, taught: Any) -> None:
    files = {"oi": ("I-A0", "I-A0", "O", "I-A1"), "iob2": ("B-A0", "I-A0", "O", "B-A1")}
    for name, tags in files.items():
        (tmp_path / name).mkdir()
        write_tagged(tmp_path / name / EXAMPLES, [Tagged(name, "eng", tuple("abcd"), tags)])
    inputs = {f"labels roles:{name}:train": tmp_path / name for name in files}
    job: Any = SimpleNamespace(task=ROLES, inputs_named=lambda _: inputs)
    assert [row.tags for row in _labelled(job, "train", scheme)] == ([taught] * 2 if taught else [*files.values()])


def test_roles_are_learnt_in_another_scheme_and_written_in_their_own() -> None:
    chosen = ["side_features=[pos, predicate]", "scheme=bioes", "head=crf", "label_on=first", "steps=2", "batch=8"]
    flags = [f"training.{choice}" for choice in chosen]
    folder = run(method="zero_shot", backbone="mini", targets="vie", task="roles", set=flags, out="roles")
    table = (folder.path / "predictions" / "vie-roles.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line]
    assert {tag[:2] for _, gold, said in rows for tag in (gold, said)} <= {"O", "I-"}
    head = next(Path(os.environ["XLT_HOME"]).rglob("head.json"))
    told = HeadSpec.read(json.loads(head.read_text(encoding="utf-8")))
    assert (told.kind, told.scheme, tuple(told.side)) == ("crf", "bioes", ("pos", "predicate"))
    assert told.labels[:5] == ("O", "B-ARG0", "I-ARG0", "E-ARG0", "S-ARG0")

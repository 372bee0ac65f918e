"""Scores that count pieces: what is right of each piece, what is said of it, and in which order they stand."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from tests.core.test_engine import LABELS, NUMBERS, Letters, corpus, tagger
from xlt_core import run
from xlt_core.data.encode import SubwordReader
from xlt_core.data.records import Tagged
from xlt_core.engine.mixing import mixes
from xlt_core.engine.pieces import PIECES, Every, beside_each_other, write_pieces
from xlt_core.engine.predict import tags_of, word_scores
from xlt_core.engine.score import measure_spans, subtoken_f1
from xlt_core.errors import RunError
from xlt_core.graph.store import Store

CPU = torch.device("cpu")


def lines(file: Path) -> list[dict[str, list[str]]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_what_goes_on_a_begun_span_is_inside_it_wherever_the_sentence_was_cut(tmp_path: Path) -> None:
    net = tagger()
    assert net.head is not None
    rows = [Tagged("0", "eng", ("abc", "d", "efgh", "ij"), ("B-PER", "I-PER", "O", "B-PER")), *corpus([9, 2])]
    every: Every = [[] for _ in rows]
    reader = SubwordReader(Letters(), 7)  # long sentences in several stretches, the short ones read first
    scores = word_scores(net, reader, rows, CPU, None, every)
    (mix,) = mixes(("all",), [1.0], [net.head])
    single = [[(word, own.unsqueeze(0)) for word, own in pieces] for pieces in every]
    write_pieces(tmp_path / PIECES, mix, single, rows)
    told = lines(tmp_path / PIECES)
    assert told[0]["gold"] == ["B-PER", "I-PER", "I-PER", "I-PER", "O", "O", "O", "O", "B-PER", "I-PER"]
    assert [len(line["said"]) for line in told] == [sum(map(len, row.words)) for row in rows]
    words = tags_of(net.head, scores, [len(row.words) for row in rows])
    for row, line, tags in zip(rows, told, words, strict=True):
        firsts = [sum(map(len, row.words[:n])) for n in range(len(row.words))]
        assert [line["said"][place] for place in firsts] == list(tags), "of first pieces what is said of words"


def test_models_that_cut_words_otherwise_have_no_pieces_in_common() -> None:
    one: Every = [[(0, torch.zeros(3)), (0, torch.ones(3))]]
    other: Every = [[(0, torch.ones(3)), (0, torch.zeros(3))]]
    ((first, second),) = beside_each_other([one, other])
    assert first[1].tolist() == [[0.0] * 3, [1.0] * 3] and second[1].tolist() == [[1.0] * 3, [0.0] * 3]
    assert beside_each_other([one, [[(0, torch.zeros(3))]]]) == []


def test_it_is_the_f1_of_pieces_and_needs_a_head_that_tags_them(tmp_path: Path) -> None:
    rows = [{"gold": ["B-PER", "I-PER", "O"], "said": ["B-PER", "O", "O"]}, {"gold": ["B-PER"], "said": ["B-PER"]}]
    (tmp_path / PIECES).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    job: Any = SimpleNamespace(
        inputs_named=lambda start: {start: tmp_path}, out=tmp_path, stage=SimpleNamespace(id="score:subtoken_f1(amh)")
    )
    subtoken_f1(job)
    found = json.loads((tmp_path / "scores.json").read_text("utf-8"))
    assert found["values"] == {"subtoken_f1": pytest.approx(50.0)} and found["examples"] == 2
    (tmp_path / PIECES).unlink()
    with pytest.raises(RunError, match="only a softmax over pieces") as met:
        subtoken_f1(job)
    assert "--drop evaluation.subtoken_f1" in met.value.text() and (LABELS, NUMBERS)


def test_a_run_scores_pieces_beside_words() -> None:
    made = run(
        method="zero_shot", backbone="mini", targets="vie", out="pieces", add=["evaluation=subtoken_f1"],
        set=["training.label_on=all", "training.epochs=1", "training.share=0.5"],
    )  # fmt: skip
    by = {row["headline"]: row for row in made.scores["scores"]}
    folders = {record["stage"]: Store.at(None).path(record["key"]) for record in made.scores["stages"]}
    told = lines(folders["predict(vie, ner)"] / PIECES)
    wanted = measure_spans([line["gold"] for line in told], [line["said"] for line in told])["span_f1"]
    assert by["subtoken_f1"]["values"]["subtoken_f1"] == wanted and by["span_f1"]["examples"] == len(told) == 300

"""Readers of opinions: targets in XML and in JSON are tags of words, and one that has no word is told."""

from __future__ import annotations

import json
from pathlib import Path

from tests.data.reading import XML, mistakes, read
from xlt_core.slots.tasks import ABSA


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

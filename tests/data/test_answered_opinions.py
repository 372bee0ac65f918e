"""Answers as opinions: their targets are read again, and what is no opinion has not changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.answering import answered, read, spans, word
from tests.data.reading import FEW
from xlt_core.slots.tasks import ABSA

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

"""What tests of readers share: a file that is read, words and tags that may stand in one, good files of three kinds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from xlt_core.catalog import load_catalog
from xlt_core.data.read import reader
from xlt_core.data.readers.labels import Told, settled
from xlt_core.data.readers.source import Source
from xlt_core.data.records import Tagged
from xlt_core.slots.reading import LabelReader
from xlt_core.slots.tasks import Task

CATALOG = load_catalog()
FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""A file is written for each example; the folder is the same."""

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
NEWER = """# sent_id = s
1\tShe\tshe\tPRON\t_\t_\t2\tnsubj\t2:nsubj\t_\t_\tARG0\tARG0
2\twanted\twant\tVERB\t_\t_\t0\troot\t0:root\t_\twant.01\tV\t_
3\tto\tto\tPART\t_\t_\t4\tmark\t4:mark\t_\t_\t_\t_
4\tgo\tgo\tVERB\t_\t_\t2\txcomp\t2:xcomp\t_\tgo.01\tARG1\tV
5\tnow\tnow\tADV\t_\t_\t4\tadvmod\t4:advmod\t_\t_\t_\tR-ARGM-TMP

1\t***\t***\tPUNCT\t_\t_\t0\troot\t0:root\t_\t_\t
"""
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


def mistakes(source: Source) -> list[tuple[int, str]]:
    return [(one.line, one.what) for one in source.findings.mistakes]


# letters of words as they may be: any, spaces that aren't ASCII's, marks, but no line end, tab or space
letters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=" ")
word = st.text(letters, min_size=1, max_size=6)


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

"""How is a file read? A reader for each kind of thing that files hold: labels, texts, dictionaries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from pydantic import Field

from xlt_core.errors import Problem
from xlt_core.site import Site
from xlt_core.slots.base import Options

HERE = "xlt_core.data.readers"
TagScheme = Literal["auto", "io", "iob1", "iob2", "bioes"]


class Reader(Options):
    """Base of readers.

    Its work takes a `Source` and the options, and gives what it reads bit by bit: of labels `(line, Tagged)`, of
    anything else `(line, cells)`. What it can't read it reports to `source.findings`, and goes on.
    """

    reads: ClassVar[tuple[str, ...]] = ("labels",)
    """The kinds that it can read: `labels`, `text`, `parallel`, `dictionary`, `translation`, `alignment`."""


class LabelReader(Reader):
    """Base of readers of labelled examples. Whatever a file writes, the store has the task's own labels and IOB2."""

    units: ClassVar[tuple[str, ...]] = ("span", "word")
    """The units of task that it can read."""
    writes: ClassVar[str] = ""
    """What writes a file of its format again (`module:function`), where it can: `function(source, options, answers)`,
    with the tags of every example in the file's order, as the reader's work gives them, gives the file's bytes with
    those tags in it and all else as it was."""

    rename: dict[str, str | None] = {}
    """Labels of the data → the task's, as `{MISC: O, CONJ: CCONJ}`; with null the example is left out."""
    unknown: Literal["refuse", "miss", "drop"] = "refuse"
    """Labels that the task doesn't have: refused; kept, so that they count as misses; or dropped."""
    broken: Literal["keep", "repair", "refuse"] = "keep"
    """Tag sequences that no scheme allows, such as an I- after O."""

    def refusals(self, at: Site) -> Iterable[Problem]:
        task = at.run.task
        if task is not None and task.unit not in self.units and "labels" in self.reads:
            what = f"it reads labels of a {' or a '.join(self.units)}, and {task.name} labels a {task.unit}"
            yield Problem(what, fix="--set reading.labels=auto")


class Auto(LabelReader):
    """Whatever the file looks like: its name's ending, its columns and its labels say which reader fits."""

    writes = f"{HERE}.sniff:auto_answered"
    units = ("span", "word", "sentence", "pair")


class TwoColumns(LabelReader):
    """`word<TAB>tag` a line, a blank line between sentences."""

    writes = f"{HERE}.columns:two_columns_answered"


class Columns(LabelReader):
    """Columns, parted by tabs or spaces, of the CoNLL shared tasks and what looks like them."""

    writes = f"{HERE}.columns:columns_answered"

    word: int = Field(0, ge=0)
    """The word's column."""
    tag: int = -1
    """The tag's; -1 is the last."""
    tags: TagScheme = "auto"
    """The scheme that the file is written in."""
    comments: bool = False
    """Whether a line that begins with # is none of the sentence; in most files it is the word #."""


class Prefixed(LabelReader):
    """`en:word<TAB>tag` or `word<TAB>tag` a line: WikiANN, as it is packed in two ways."""

    writes = f"{HERE}.columns:prefixed_answered"


class Conllu(LabelReader):
    """CoNLL-U: one example a sentence, its words' universal parts of speech."""

    writes = f"{HERE}.conllu:conllu_answered"
    units = ("word",)


class Propositions(LabelReader):
    """CoNLL-U with semantic roles: one example for each predicate."""

    writes = f"{HERE}.conllu:propositions_answered"
    units = ("span",)

    inventory: Literal["short", "as_written"] = "short"
    """Whether `ARG0` is `A0` and `ARGM-TMP` is `AM-TMP`, so that all languages have one set of names."""
    keep_predicate: bool = False
    """Whether the predicate's own `V` is kept."""


class Opinions(LabelReader):
    """JSON with a text and its opinions, each a target by character positions and a polarity."""

    writes = f"{HERE}.opinions_answered:opinions_answered"
    units = ("span",)

    ties: Literal["first_listed", "drop"] = "first_listed"
    """What becomes of a target that is listed with two polarities equally often."""


class OpinionsXml(Opinions):
    """The XML of SemEval's shared tasks on aspects (2014 to 2016): targets that are named, with their polarity."""

    writes = f"{HERE}.opinions_answered:opinions_xml_answered"


class Table(LabelReader):
    """A sentence, or a pair of them, and its label a row: TSV, CSV, JSON lines or Parquet.

    Columns go by their name in the header, or by their number from 0 where there is none.
    """

    writes = f"{HERE}.classes:classes_answered"
    units = ("sentence", "pair")

    text: int | str | None = None
    """The column of the text or of the first sentence; by its name where none is said."""
    second: int | str | None = None
    """The column of a pair's second sentence."""
    label: int | str | None = None
    """The column of the label."""
    id: int | str | None = None
    """The column of the example's number."""
    where: dict[str, str] = {}
    """Rows that count: column → value."""


class Lines(Reader):
    """A text, a sentence or a pair a line, as it stands."""

    reads = ("text", "parallel", "dictionary", "translation", "alignment", "weights", "distances")


class Sides(Reader):
    """Files that go together: line n of each is the same sentence."""

    reads = ("parallel", "dictionary")


class Pairs(Reader):
    """A table with one language a column: TSV, CSV, JSON lines or Parquet."""

    reads = ("parallel", "dictionary")

    columns: tuple[int | str, ...] = ()
    """The languages' columns in their order, by name or by number from 0; the first ones by default."""
    separator: Literal["auto", "tab", "space", "comma"] = "auto"
    """What parts columns."""
    unique: bool = False
    """Whether a row that stands twice counts once."""


class ById(Reader):
    """A table for each language, in which a number says which sentences are the same."""

    reads = ("parallel",)

    id: int | str = "id"
    """The number's column."""
    text: int | str = "text"
    """The sentence's column."""


class Through(Reader):
    """Two dictionaries joined through the language that both have."""

    reads = ("dictionary",)

    columns: tuple[int | str, ...] = (0, 1)
    """In both files, the shared language's column and the other's."""


class Pharaoh(Reader):
    """Word links, `0-0 1-2` a line, counted from 0."""

    reads = ("alignment",)

"""How are the papers' files read?"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from xlt_core.slots.reading import Reader


class ConllColumns(Reader):
    """Columns of the CoNLL shared tasks, any tag scheme, document marks left out."""

    word: int = Field(0, ge=0)
    """The word's column."""
    tag: int = -1
    """The tag's; -1 is the last."""
    tags: Literal["auto", "io", "iob1", "iob2", "bioes"] = "auto"
    """The scheme that the file is written in."""


class Semeval16Xml(Reader):
    """SemEval 2016 task 5: a polarity for each explicit aspect, implicit ones left out."""

    ties: Literal["first_listed", "drop"] = "first_listed"
    """What becomes of a span that is listed with two polarities equally often."""


class UniversalPropositions(Reader):
    """One example for each predicate; labels brought to one inventory."""

    keep_predicate: bool = False
    """Whether the predicate's own `V` is kept."""


class JsonLines(Reader):
    """One example a line: tokens with spans or tags, or a translated pair with its links."""

    reads = ("labels", "translation", "alignment")

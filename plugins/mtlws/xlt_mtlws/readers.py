"""How are the papers' files read?"""

from __future__ import annotations

from xlt_core.slots.reading import Columns, OpinionsXml, Propositions, Reader


class ConllColumns(Columns):
    """Columns of the CoNLL shared tasks, any tag scheme, document marks left out."""


class Semeval16Xml(OpinionsXml):
    """SemEval 2016 task 5: a polarity for each explicit aspect, implicit ones left out."""


class UniversalPropositions(Propositions):
    """One example for each predicate; labels brought to one inventory."""


class JsonLines(Reader):
    """One example a line: tokens with spans or tags, or a translated pair with its links."""

    reads = ("labels", "translation", "alignment")

"""The tasks: what is labelled, what stands under a name, which measures are its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

UPOS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT",
    "SCONJ", "SYM", "VERB", "X",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Task:
    """One task. `metrics` are evaluators, the first is the one that selects; `data` the default sets."""

    name: str
    title: str
    unit: Literal["span", "word", "sentence", "pair", "none"]
    labels: tuple[str, ...]
    metrics: tuple[str, ...]
    data: tuple[str, ...]
    sources: tuple[str, ...] = ("eng",)


def _spans(*types: str) -> tuple[str, ...]:
    return ("O", *(f"{edge}-{kind}" for kind in types for edge in "BI"))


NER = Task("ner", "named entities", "span", _spans("PER", "ORG", "LOC"), ("span_f1",), ("wikiann",))
POS = Task("pos", "parts of speech", "word", UPOS, ("accuracy",), ("universal_dependencies",))
ROLES = Task("roles", "semantic roles of a marked predicate", "span", (), ("span_f1",), ("universal_propositions",))
ABSA = Task("absa", "aspects and their polarity", "span", _spans("POS", "NEG", "NEU"), ("span_f1",), ("semeval16",))
TOPIC = Task("topic", "topic of a sentence", "sentence", (), ("macro_f1", "accuracy"), ("sib200",))
NLI = Task(
    "nli",
    "does one sentence follow from another?",
    "pair",
    ("entailment", "neutral", "contradiction"),
    ("accuracy",),
    ("xnli", "americas_nli"),
)
RETRIEVAL = Task("retrieval", "find a sentence's translation", "none", (), ("retrieval",), ("tatoeba",))

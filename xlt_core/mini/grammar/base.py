"""What the grammars share: templates with slots, words with their labels, joining words to a text.

A template is a line of words and slots: "from/ADP@place {place} and/CCONJ {goal:in}". "{goal:in}" is the slot
goal in the form "in"; "from/ADP@place" is a word that marks the slot place, "and/CCONJ" one that belongs to
the pattern. Each kind of filler has a method of its own name here, which a language overrides where it needs
more. The slot "time" appears in a template as {early} and {late}: where the time stands when it opens the
sentence, and where it stands otherwise.

Every word says what it is there for (`of`), so that alignments, roles and glosses need no guess.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from xlt_core.mini.lexicon import Entry, concepts, entries
from xlt_core.mini.meaning import FULL_NAMES, Filler, Meaning


class Word(NamedTuple):
    """A word of a sentence with its gold labels and what it says.

    `of` is "thing/noun.book" for the word of a concept in a slot, "thing/" for one that marks the slot (an
    article, a case, a classifier), "+CCONJ" for a word of the pattern itself.
    """

    form: str
    upos: str
    ner: str = "O"
    of: str = ""


Phrase = list[Word]

_UPOS: Mapping[str, str] = {
    "given": "PROPN", "family": "PROPN", "place": "PROPN", "org": "PROPN", "verb": "VERB", "adj": "ADJ",
}  # fmt: skip


def words(said: str, upos: str = "X", of: str = "") -> Phrase:
    """The words of a form: "in/ADP 2015/NUM"; a word without a tag gets the one given."""
    pairs = (part.partition("/") for part in said.split())
    return [Word(form, tag or upos, of=of) for form, _, tag in pairs]


def entity(phrase: Phrase, label: str) -> Phrase:
    """The phrase as one entity in IOB2; an article before the name is no part of it."""
    article = 1 if len(phrase) > 1 and phrase[0].upos == "DET" else 0
    return phrase[:article] + [
        word._replace(ner=f"{'I' if at else 'B'}-{label}") for at, word in enumerate(phrase[article:])
    ]


def _of_template(item: str) -> Word:
    form, _, tag = item.partition("/")
    upos, _, slot = tag.partition("@")
    return Word(form, upos, of=f"{slot}/" if slot else f"+{upos}")


class Grammar(ABC):
    """One language: its lexicon and its way of saying each pattern."""

    language: ClassVar[str]
    templates: ClassVar[Mapping[str, str]]
    stop: ClassVar[str] = "."
    spaced: ClassVar[bool] = True
    family_first: ClassVar[tuple[str, ...]] = FULL_NAMES
    """The cultures whose people are named family name first in this language."""
    head_last: ClassVar[bool] = False
    """Where the head of a name or a noun phrase of several nouns stands: "Tokyo University"."""

    def __init__(self) -> None:
        self._entries = entries(self.language)

    def entry(self, concept: str) -> Entry:
        return self._entries[concept]

    def said(self, concept: str, index: int = 0) -> Phrase:
        """A form of a concept as the lexicon lists it: the plain one, or the one with this number."""
        return self.worded(concept, self.entry(concept).form(index))

    def worded(self, concept: str, form: str) -> Phrase:
        """A form of a concept that the grammar has chosen or made itself ("in/ADP 2015/NUM")."""
        return words(form, _UPOS.get(concept.partition(".")[0], "NOUN"), of=concept)

    def tags(self, concept: str) -> tuple[str, ...]:
        return concepts()[concept]

    def sentence(self, meaning: Meaning) -> Phrase:
        phrase: Phrase = []
        for item in self.templates[meaning.pattern].split():
            if not item.startswith("{"):
                phrase.append(_of_template(item))
                continue
            slot, _, form = item.strip("{}").partition(":")
            if slot in ("early", "late"):
                if meaning.time_first != (slot == "early"):
                    continue
                slot = "time"
            phrase += [word._replace(of=f"{slot}/{word.of}") for word in self.slot(meaning, slot, form)]
        first = phrase[0]._replace(form=self.capital(phrase[0].form))
        return [first, *phrase[1:], Word(self.stop, "PUNCT", of="+STOP")]

    def capital(self, word: str) -> str:
        return word[0].upper() + word[1:]

    def slot(self, meaning: Meaning, slot: str, form: str) -> Phrase:
        filler = meaning.slots.get(slot, ())
        if not filler:
            return []
        kind = filler[0].partition(".")[0]
        if kind == "given":
            return entity(self.person(filler), "PER")
        if kind == "place":
            return self.place(filler[0], form)
        if kind == "org":
            return self.org(filler[0], form)
        if kind == "role":
            return self.role(filler, form)
        if kind == "noun":
            return self.thing(filler, form)
        if kind == "verb":
            return self.verb(filler[0], form, meaning)
        if kind == "adj":
            return self.quality(filler[0], meaning.slots[form][0] if form else "")
        return self.said(filler[0])

    def person(self, name: Filler) -> Phrase:
        """A person's names in the order of that person's culture."""
        woman = int("f" in self.tags(name[0]))
        parts = [self.said(part, woman) for part in name]
        if self.tags(name[0])[0] in self.family_first:
            parts.reverse()
        return [word for part in parts for word in part]

    def place(self, place: str, form: str) -> Phrase:
        return entity(self.said(place), "LOC")

    def org(self, org: str, form: str) -> Phrase:
        return entity(self.said(org), "ORG")

    @abstractmethod
    def role(self, role: Filler, form: str) -> Phrase:
        """Someone by what they do: the nurse, the student."""

    @abstractmethod
    def thing(self, thing: Filler, form: str) -> Phrase:
        """Forms: none (an object), this, quality (the adjective said of it), very (a very ... one),
        the (a known one that is spoken of: the soup was good), known (a known one as an object)."""

    def verb(self, verb: str, form: str, meaning: Meaning) -> Phrase:
        return self.said(verb)

    def quality(self, quality: str, of: str) -> Phrase:
        """An adjective said of a noun ("the soup was good"), in agreement with that noun."""
        return self.said(quality)

    def mass(self, noun: str) -> bool:
        return "mass" in self.tags(noun)

    def text(self, forms: list[str]) -> str:
        """The words as they are written: no space before a mark (nor, here and there, anywhere)."""
        if not self.spaced:
            return "".join(forms)
        joined = ""
        for form in forms:
            joined += form if not joined or form in (".", ",", "'s") else f" {form}"
        return joined

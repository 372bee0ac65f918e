"""Swahili: noun classes rule the prefixes of adjectives, verbs and demonstratives."""

from __future__ import annotations

from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word, entity, words
from xlt_core.mini.meaning import Filler, Meaning

_ASSOCIATIVE = {"1": "wa", "3": "wa", "5": "la", "6": "ya", "7": "cha", "9": "ya"}
_THIS = {"1": "huyu", "3": "huu", "5": "hili", "6": "haya", "7": "hiki", "9": "hii"}
_SUBJECT = {"1": "a", "3": "u", "5": "li", "6": "ya", "7": "ki", "9": "i"}
# The feature that holds an irregular adjective form, and the prefix where there is none.
_ADJECTIVE = {
    "1": ("m", "m"), "3": ("m", "m"), "5": ("j", ""), "6": ("p", "ma"), "7": ("k", "ki"), "9": ("n", ""),
}  # fmt: skip


class Swahili(Grammar):
    language = "swh"
    templates: ClassVar = {
        "act": "{early} {who} {do:who} {thing} {where:in} {late}",
        "visit": "{early} {who} {do:who} {place} {late}",
        "meet": "{early} {who} na/CCONJ {whom} {do} {place:in} {late}",
        "work": "{who} {do} katika/ADP {org} {place:in}",
        "judge": "{early} {who} {do:who>org} {org} {late}",
        "open": "{early} {org} {do:org} {thing} {place:in} {late}",
        "travel": "{early} {who} {do:who} kutoka/ADP {place} kwenda/VERB {goal} {late}",
        "born": "{who} {do:who} {place:in} lakini/CCONJ {now} {goal:in}",
        "appoint": "{early} {who} {do} {title} wa/ADP {org} {late}",
        "send": "{early} {org} {do:org} {job} {place:in} {late}",
        "name": "jina/NOUN la/ADP {role} mpya/ADJ ni/AUX {who}",
        "town": "{place} ni/AUX {kind:very}",
        "thing": "{thing:this} ni/AUX {thing:quality} sana/ADV",
    }

    def place(self, place: str, form: str) -> Phrase:
        name = entity(self.said(place), "LOC")
        if form != "in":
            return name
        return [Word("mjini" if "city" in self.tags(place) else "nchini", "NOUN"), *name]

    def role(self, role: Filler, form: str) -> Phrase:
        noun, *qualities = role
        return [*self.said(noun), *(word for quality in qualities for word in self._agreeing(quality, "1"))]

    def thing(self, thing: Filler, form: str) -> Phrase:
        noun, *qualities = thing
        noun_class = self.entry(noun).get("c")
        described = [word for quality in qualities for word in self._agreeing(quality, noun_class)]
        if form == "this":
            return [*self.said(noun), Word(_THIS[noun_class], "DET")]
        if form == "quality":
            return described
        return [*self.said(noun), *described, *([Word("sana", "ADV")] if form == "very" else [])]

    def _agreeing(self, quality: str, noun_class: str) -> Phrase:
        entry = self.entry(quality)
        stem = entry.form()
        if stem.startswith("a "):
            return [Word(_ASSOCIATIVE[noun_class], "ADP"), *words(stem.removeprefix("a "), "NOUN")]
        if entry.get("same"):
            return words(stem, "ADJ")
        irregular, prefix = _ADJECTIVE[noun_class]
        return [Word(entry.get(irregular) or prefix + stem, "ADJ")]

    def verb(self, verb: str, form: str, meaning: Meaning) -> Phrase:
        """In the past, with the prefix of its subject and, after ">", that of its object."""
        said = self.said(verb)
        if self.entry(verb).get("whole"):
            return said
        subject, _, thing = form.partition(">")
        marks = _SUBJECT[self._class_of(meaning.slots[subject])] + "li"
        if thing:
            marks += _SUBJECT[self._class_of(meaning.slots[thing])]
        return [Word(marks + said[0].form, "VERB"), *said[1:]]

    def _class_of(self, filler: Filler) -> str:
        return self.entry(filler[0]).get("c", "1")


GRAMMAR = Swahili

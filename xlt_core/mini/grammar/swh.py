"""Swahili: noun classes rule the prefixes of adjectives, verbs and demonstratives."""

from __future__ import annotations

from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word, entity
from xlt_core.mini.meaning import Filler, Meaning

_ASSOCIATIVE = {"1": "wa", "2": "wa", "3": "wa", "5": "la", "6": "ya", "7": "cha", "9": "ya", "10": "za"}
_THIS = {"1": "huyu", "2": "hawa", "3": "huu", "5": "hili", "6": "haya", "7": "hiki", "9": "hii", "10": "hizi"}
_SUBJECT = {"1": "a", "2": "wa", "3": "u", "5": "li", "6": "ya", "7": "ki", "9": "i", "10": "zi"}
# The feature that holds an irregular adjective form, and the prefix where there is none.
_ADJECTIVE = {
    "1": ("m", "m"), "2": ("w", "wa"), "3": ("m", "m"), "5": ("j", ""), "6": ("p", "ma"), "7": ("k", "ki"),
    "9": ("n", ""), "10": ("n", ""),
}  # fmt: skip


class Swahili(Grammar):
    language = "swh"
    templates: ClassVar = {
        "act": "{early} {who} {do:who} {thing} {where:in} {late}",
        "visit": "{early} {who} {do:who} {place} {late}",
        "meet": "{early} {who} na/CCONJ {whom} {do} {place:in} {late}",
        "work": "{who} {do} katika/ADP@org {org} {place:in}",
        "judge": "{early} {who} {do:who>org} {org} {late}",
        "open": "{early} {org} {do:org} {thing} {place:in} {late}",
        "travel": "{early} {who} {do:who} kutoka/ADP@place {place} kwenda/VERB@goal {goal} {late}",
        "born": "{who} {do:who} {place:in} lakini/CCONJ {now} {goal:in}",
        "appoint": "{early} {who} {do} {title} wa/ADP@org {org} {late}",
        "send": "{early} {org} {do:org} {job} {place:in} {late}",
        "name": "jina/NOUN la/ADP@role {role} mpya/ADJ ni/AUX {who}",
        "town": "{place} ni/AUX {kind:very}",
        "thing": "{thing:this} ni/AUX {thing:quality} sana/ADV",
        "like": "{early} {who} {do:who>aspect} {aspect:known} {where:in} {late}",
        "rate": "{aspect:the} {where:in} {quality:aspect}",
        "both": "{aspect:the} {quality:aspect} lakini/CCONJ {other:the} {contrast:other}",
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
            return [Word(_ASSOCIATIVE[noun_class], "ADP"), *self.worded(quality, stem.removeprefix("a "))]
        if entry.get("same"):
            return self.said(quality)
        irregular, prefix = _ADJECTIVE[noun_class]
        return self.worded(quality, entry.get(irregular) or prefix + stem)

    def quality(self, quality: str, of: str) -> Phrase:
        noun_class = self.entry(of).get("c")
        return [Word(f"{_SUBJECT[noun_class]}likuwa", "AUX"), *self._agreeing(quality, noun_class)]

    def verb(self, verb: str, form: str, meaning: Meaning) -> Phrase:
        """In the past, with the prefix of its subject and, after ">", that of its object."""
        entry = self.entry(verb)
        if entry.get("whole"):
            return self.said(verb)
        subject, _, thing = form.partition(">")
        person = self._class_of(meaning.slots[subject])
        marks = "haku" if entry.get("neg") else f"{_SUBJECT[person]}li"
        if thing:
            marks += self._object(verb, self._class_of(meaning.slots[thing]))
        return self.worded(verb, marks + entry.form())

    def _object(self, verb: str, noun_class: str) -> str:
        """What is ordered is no one yet, and fish that is eaten is no animal: neither is marked."""
        return "" if "dish" in self.tags(verb) or noun_class == "1" else _SUBJECT[noun_class]

    def _class_of(self, filler: Filler) -> str:
        return self.entry(filler[0]).get("c", "1")


GRAMMAR = Swahili

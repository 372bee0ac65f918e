"""Khmer."""

from __future__ import annotations

from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word, entity, words
from xlt_core.mini.meaning import Filler, Meaning


class Khmer(Grammar):
    language = "khm"
    stop = "។"
    spaced = False
    templates: ClassVar = {
        "act": "{early} {who} {do} {thing} {do:after} {where:in} {late}",
        "visit": "{early} {who} {do} {place:kind} {late}",
        "meet": "{early} {who} និង/CCONJ {whom} {do} {place:in} {late}",
        "work": "{who} {do} ឱ្យ/ADP@org {org} {place:in}",
        "judge": "{early} {who} {do} {org} {late}",
        "open": "{early} {org} {do} {thing} {place:in} {late}",
        "travel": "{early} {who} {do} ពី/ADP@place {place:kind} ទៅ/ADP@goal {goal:kind} {late}",
        "born": "{who} {do} {place:in} ប៉ុន្តែ/CCONJ {now} {goal:kind}",
        "appoint": "{early} {who} {do} ជា/ADP@title {title} នៃ/ADP@org {org} {late}",
        "send": "{early} {org} {do} {job:a} ទៅ/ADP@place {place:kind} {late}",
        "name": "{role} ថ្មី/ADJ មាន/VERB ឈ្មោះ/NOUN ថា/SCONJ {who}",
        "town": "{place} ជា/AUX {kind:very}",
        "thing": "{thing:this} {thing:quality} ណាស់/ADV",
        "like": "{early} {who} {do} {aspect:the} {where:in} {do:after} {late}",
        "rate": "{aspect:the} {where:in} {quality}",
        "both": "{aspect:the} {quality} ប៉ុន្តែ/CCONJ {other:the} {contrast}",
    }

    def __init__(self) -> None:
        super().__init__()
        people = (entry for concept, entry in self._entries.items() if concept.startswith(("given.", "family.")))
        self._names = {name for entry in people for form in entry.forms for name in form.split()}

    def text(self, forms: list[str]) -> str:
        """Unspaced, but for the space that parts the names of one person."""
        joined = ""
        for before, form in zip(("", *forms), forms, strict=False):
            joined += f" {form}" if {before, form} <= self._names else form
        return joined

    def place(self, place: str, form: str) -> Phrase:
        name = entity(self.said(place), "LOC")
        kind = self.entry(place).get("kind", "ទីក្រុង" if "city" in self.tags(place) else "ប្រទេស")
        if not form:
            return name
        named = name if kind == "none" else [Word(kind, "NOUN"), *name]
        return [Word("នៅ", "ADP"), *named] if form == "in" else named

    def org(self, org: str, form: str) -> Phrase:
        name = entity(self.said(org), "ORG")
        firm = "firm" in self.tags(org) and not self.entry(org).get("bare")
        return [Word("ក្រុមហ៊ុន", "NOUN"), *name] if firm else name

    def role(self, role: Filler, form: str) -> Phrase:
        phrase = [word for part in role for word in self.said(part)]
        return [*phrase, Word("ម្នាក់", "NUM")] if form == "a" else phrase

    def thing(self, thing: Filler, form: str) -> Phrase:
        noun, *qualities = thing
        described = [word for quality in qualities for word in self.said(quality)]
        if form == "this":
            return [*self.said(noun), Word("នេះ", "DET")]
        if form == "the":
            return self.said(noun)
        if form == "quality":
            return described
        one = Word("មួយ", "NUM")
        if form == "very":
            return [*self.said(noun), Word("ដ៏", "PART"), *described, one]
        counted = [] if self.mass(noun) else [one, *words(self.entry(noun).get("cl"), "NOUN")]
        return [*self.said(noun), *described, *counted]

    def verb(self, verb: str, form: str, meaning: Meaning) -> Phrase:
        entry = self.entry(verb)
        if form == "after":
            return self.said(verb, 1) if len(entry.forms) > 1 else []
        done = [] if entry.get("past") == "no" else [Word("បាន", "AUX")]
        return done + self.said(verb)


GRAMMAR = Khmer

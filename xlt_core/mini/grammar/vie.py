"""Vietnamese."""

from __future__ import annotations

from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word, entity, words
from xlt_core.mini.meaning import Filler, Meaning


class Vietnamese(Grammar):
    language = "vie"
    templates: ClassVar = {
        "act": "{early} {who} {do} {thing} {where:in} {late}",
        "visit": "{early} {who} {do} {place} {late}",
        "meet": "{early} {who} và/CCONJ {whom} {do} {place:in} {late}",
        "work": "{who} {do} cho/ADP {org} {place:in}",
        "judge": "{early} {who} {do} {org} {late}",
        "open": "{early} {org} {do} {thing} {place:in} {late}",
        "travel": "{early} {who} {do} từ/ADP {place} đến/ADP {goal} {late}",
        "born": "{who} {do} {place:in} nhưng/CCONJ {now} {goal:in}",
        "appoint": "{early} {who} {do} {title} của/ADP {org} {late}",
        "send": "{early} {org} {do} {job:a} đến/ADP {place} {late}",
        "name": "{role} mới/ADJ tên/NOUN là/AUX {who}",
        "town": "{place} là/AUX {kind:very}",
        "thing": "{thing:this} rất/ADV {thing:quality}",
    }

    def place(self, place: str, form: str) -> Phrase:
        name = entity(self.said(place), "LOC")
        return [Word("ở", "ADP"), *name] if form == "in" else name

    def role(self, role: Filler, form: str) -> Phrase:
        phrase = [word for part in role for word in self.said(part)]
        return [Word("một", "NUM"), *phrase] if form == "a" else phrase

    def thing(self, thing: Filler, form: str) -> Phrase:
        noun, *qualities = thing
        described = [word for quality in qualities for word in self.said(quality)]
        counted = [*words(self.entry(noun).get("cl"), "NOUN"), *self.said(noun)]
        if form == "this":
            return [*counted, Word("này", "DET")]
        if form == "quality":
            return described
        if form == "very":
            return [Word("một", "NUM"), *counted, Word("rất", "ADV"), *described]
        return [*([] if self.mass(noun) else [Word("một", "NUM")]), *counted, *described]

    def verb(self, verb: str, form: str, meaning: Meaning) -> Phrase:
        done = [] if self.entry(verb).get("past") == "no" else [Word("đã", "ADV")]
        return done + self.said(verb)


GRAMMAR = Vietnamese

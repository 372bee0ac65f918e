"""Vietnamese."""

from __future__ import annotations

from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word, entity, words
from xlt_core.mini.meaning import FULL_NAMES, Filler, Meaning


class Vietnamese(Grammar):
    language = "vie"
    family_first = (*FULL_NAMES, "japanese")
    templates: ClassVar = {
        "act": "{early} {who} {do:thing} {thing} {where:in} {late}",
        "visit": "{early} {who} {do} {place} {late}",
        "meet": "{early} {who} và/CCONJ {whom} {do} {place:in} {late}",
        "work": "{who} {do} cho/ADP@org {org} {place:in}",
        "judge": "{early} {who} {do} {org} {late}",
        "open": "{early} {org} {do} {thing} {place:in} {late}",
        "travel": "{early} {who} {do} từ/ADP@place {place} đến/ADP@goal {goal} {late}",
        "born": "{who} {do} {place:in} nhưng/CCONJ {now} {goal:in}",
        "appoint": "{early} {who} {do} {title} của/ADP@org {org} {late}",
        "send": "{early} {org} {do} {job:a} đến/ADP@place {place} {late}",
        "name": "{role} mới/ADJ tên/NOUN là/AUX {who}",
        "town": "{place} là/AUX {kind:very}",
        "thing": "{thing:this} rất/ADV {thing:quality}",
        "like": "{early} {who} {do} {aspect:known} {where:in} {late}",
        "rate": "{aspect:the} {where:in} rất/ADV {quality:aspect}",
        "both": "{aspect:the} rất/ADV {quality:aspect} nhưng/CCONJ {other:the} rất/ADV {contrast:other}",
    }

    def slot(self, meaning: Meaning, slot: str, form: str) -> Phrase:
        # What is pointed out by its place needs no "that".
        form = "the" if form == "known" and "where" in meaning.slots else form
        return super().slot(meaning, slot, form)

    def place(self, place: str, form: str) -> Phrase:
        name = entity(self.said(place), "LOC")
        return [Word("ở", "ADP"), *name] if form == "in" else name

    def role(self, role: Filler, form: str) -> Phrase:
        phrase = [word for part in role for word in self.said(part)]
        return [Word("một", "NUM"), *phrase] if form == "a" else phrase

    def thing(self, thing: Filler, form: str) -> Phrase:
        noun, *qualities = thing
        described = [word for quality in qualities for word in self.quality(quality, noun)]
        counted = [*words(self.entry(noun).get("cl"), "NOUN"), *self.said(noun)]
        if form == "this":
            return [*counted, Word("này", "DET")]
        if form == "the":
            return counted
        if form == "known":
            # Staff and service are no single things: those there, not that one.
            there = {"people", "care"} & set(self.tags(noun))
            return [*counted, *(words("ở/ADP đó/PRON") if there else words("đó/DET"))]
        if form == "quality":
            return described
        if form == "very":
            return [Word("một", "NUM"), *counted, Word("rất", "ADV"), *described]
        return [*([] if self.mass(noun) else [Word("một", "NUM")]), *counted, *described]

    def verb(self, verb: str, form: str, meaning: Meaning) -> Phrase:
        """What the verb is depends on the slot that the form names: one wins a match but earns a medal."""
        done = [] if self.entry(verb).get("past") == "no" else [Word("đã", "ADV")]
        return done + (self._fitting(verb, meaning.slots[form][0]) if form else self.said(verb))

    def quality(self, quality: str, of: str) -> Phrase:
        return self._fitting(quality, of)

    def _fitting(self, concept: str, noun: str) -> Phrase:
        """The form for nouns of a tag where there is one, else the usual."""
        forms = (self.entry(concept).get(tag) for tag in self.tags(noun))
        return self.worded(concept, next(filter(None, forms), self.entry(concept).form()))


GRAMMAR = Vietnamese

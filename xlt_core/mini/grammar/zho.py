"""Chinese (Mandarin, Simplified script)."""

from __future__ import annotations

from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word, entity
from xlt_core.mini.meaning import FAMILY_FIRST, Filler


class Chinese(Grammar):
    language = "zho"
    stop = "。"
    spaced = False
    templates: ClassVar = {
        "act": "{early} {who} {late} {where:in} {do} {thing}",
        "visit": "{early} {who} {late} {do} {place}",
        "meet": "{early} {who} 和/CCONJ {whom} {late} {place:in} {do}",
        "work": "{who} {place:in} 为/ADP {org} {do}",
        "judge": "{early} {who} {late} {do} {org}",
        "open": "{early} {org} {late} {place:in} {do} {thing}",
        "travel": "{early} {who} {late} 从/ADP {place} {do} {goal}",
        "born": "{who} {do} {place:in} ，/PUNCT 但/CCONJ {now} {goal:in}",
        "appoint": "{early} {who} {late} {do} {org} 的/PART {title}",
        "send": "{early} {org} {late} {do} {job:a} 去/VERB {place}",
        "name": "新/ADJ {role:bare} 叫/VERB {who}",
        "town": "{place} 是/AUX {kind:very}",
        "thing": "{thing:this} 很/ADV {thing:quality}",
    }

    def person(self, name: Filler) -> Phrase:
        names = super().person(name)
        if self.tags(name[0])[0] in FAMILY_FIRST:
            # 王芳 is one word; a name from elsewhere is written with a dot between its parts.
            return [Word("".join(word.form for word in names), "PROPN")]
        return names if len(names) == 1 else [names[0], Word("·", "PUNCT"), *names[1:]]

    def place(self, place: str, form: str) -> Phrase:
        name = entity(self.said(place), "LOC")
        return [Word("在", "ADP"), *name] if form == "in" else name

    def role(self, role: Filler, form: str) -> Phrase:
        noun, *qualities = role
        if form == "bare":
            return self.said(noun)
        counted = Word("一", "NUM") if form == "a" else Word("那", "DET")
        described = [word for quality in qualities for word in self.said(quality)]
        return [counted, self._classifier(noun), *described, *self.said(noun)]

    def thing(self, thing: Filler, form: str) -> Phrase:
        noun, *qualities = thing
        if form == "this":
            return [Word("这", "DET"), self._classifier(noun), *self.said(noun)]
        if form == "quality":
            return [self._predicate(qualities[0])]
        one = [Word("一", "NUM"), self._classifier(noun)]
        if form == "very":
            very = [Word("很", "ADV"), self._predicate(qualities[0]), Word("的", "PART")]
            return [*one, *very, *self.said(noun)]
        described = [word for quality in qualities for word in self.said(quality)]
        return [*([] if self.mass(noun) else one), *described, *self.said(noun)]

    def _classifier(self, noun: str) -> Word:
        return Word(self.entry(noun).get("cl"), "NOUN")

    def _predicate(self, quality: str) -> Word:
        return Word(self.entry(quality).get("pred"), "ADJ")


GRAMMAR = Chinese

"""Chinese (Mandarin, Simplified script)."""

from __future__ import annotations

from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word, entity
from xlt_core.mini.meaning import FULL_NAMES, Filler, Meaning


class Chinese(Grammar):
    language = "zho"
    stop = "。"
    spaced = False
    head_last = True
    family_first = (*FULL_NAMES, "japanese")
    templates: ClassVar = {
        "act": "{early} {who} {late} {where:in} {do} {thing}",
        "visit": "{early} {who} {late} {do} {place}",
        "meet": "{early} {who} 和/CCONJ {whom} {late} {place:in} {do}",
        "work": "{who} {place:in} 为/ADP@org {org} {do}",
        "judge": "{early} {who} {late} {do} {org}",
        "open": "{early} {org} {late} {place:in} {do} {thing}",
        "travel": "{early} {who} {late} 从/ADP@place {place} {do} {goal}",
        "born": "{who} {do} {place:in} ，/PUNCT 但/CCONJ {now} {goal:in}",
        "appoint": "{early} {who} {late} {do} {org} 的/PART@org {title}",
        "send": "{early} {org} {late} {do} {job:a} 去/VERB@place {place}",
        "name": "新/ADJ {role:bare} 叫/VERB {who}",
        "town": "{place} 是/AUX {kind:very}",
        "thing": "{thing:this} 很/ADV {thing:quality}",
        "like": "{early} {who} {late} {do} {where:of} {aspect:known}",
        "rate": "{where:of} {aspect:the} 很/ADV {quality:aspect}",
        "both": "{aspect:the} 很/ADV {quality:aspect} ，/PUNCT 但/CCONJ {other:the} 很/ADV {contrast:other}",
    }

    def slot(self, meaning: Meaning, slot: str, form: str) -> Phrase:
        if form == "of" and slot in meaning.slots:
            # "the soup of the restaurant": the place without its preposition.
            return [*self.said(meaning.slots[slot][0])[1:], Word("的", "PART")]
        if form == "known" and "where" in meaning.slots:
            form = "the"
        return super().slot(meaning, slot, form)

    def person(self, name: Filler) -> Phrase:
        """王芳 is written without a mark; a name from farther off has a dot between its parts."""
        names = super().person(name)
        if len(names) == 1 or self.tags(name[0])[0] in self.family_first:
            return names
        return [names[0], Word("·", "PUNCT"), *names[1:]]

    def place(self, place: str, form: str) -> Phrase:
        name = entity(self.said(place), "LOC")
        return [Word("在", "ADP"), *name] if form == "in" else name

    def role(self, role: Filler, form: str) -> Phrase:
        noun, *qualities = role
        if form == "bare":
            return self.said(noun)
        counted = Word("一", "NUM") if form == "a" else Word("那", "DET")
        described = [word for quality in qualities for word in self.said(quality)]
        return [counted, *self._classifier(noun), *described, *self.said(noun)]

    def thing(self, thing: Filler, form: str) -> Phrase:
        noun, *qualities = thing
        if form == "this":
            return [Word("这", "DET"), *self._classifier(noun), *self.said(noun)]
        if form == "the":
            return self.said(noun)
        if form == "known":
            that = [Word("那", "DET"), *self._classifier(noun)]
            # What is not counted is "the one there": 那里的服务.
            return [*(that if len(that) > 1 else [Word("那里", "PRON"), Word("的", "PART")]), *self.said(noun)]
        if form == "quality":
            return self.quality(qualities[0], noun)
        one = [Word("一", "NUM"), *self._classifier(noun)]
        if form == "very":
            very = [Word("很", "ADV"), *self.quality(qualities[0], noun), Word("的", "PART")]
            return [*one, *very, *self.said(noun)]
        described = [word for quality in qualities for word in self.said(quality)]
        return [*([] if self.mass(noun) else one), *described, *self.said(noun)]

    def quality(self, quality: str, of: str) -> Phrase:
        return self.worded(quality, self.entry(quality).get("pred"))

    def _classifier(self, noun: str) -> Phrase:
        classifier = self.entry(noun).get("cl")
        return [Word(classifier, "NOUN")] if classifier else []


GRAMMAR = Chinese

"""English."""

from __future__ import annotations

from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word, entity
from xlt_core.mini.meaning import Filler


class English(Grammar):
    language = "eng"
    templates: ClassVar = {
        "act": "{early} {who} {do} {thing} {where:in} {late}",
        "visit": "{early} {who} {do} {place} {late}",
        "meet": "{early} {who} and/CCONJ {whom} {do} {place:in} {late}",
        "work": "{who} {do} for/ADP@org {org} {place:in}",
        "judge": "{early} {who} {do} {org} {late}",
        "open": "{early} {org} {do} {thing} {place:in} {late}",
        "travel": "{early} {who} {do} from/ADP@place {place} to/ADP@goal {goal} {late}",
        "born": "{who} {do} {place:in} but/CCONJ {now} {goal:in}",
        "appoint": "{early} {who} {do} {title} of/ADP@org {org} {late}",
        "send": "{early} {org} {do} {job:a} to/ADP@place {place} {late}",
        "name": "the/DET@role new/ADJ {role:bare} 's/PART name/NOUN is/AUX {who}",
        "town": "{place} is/AUX {kind:very}",
        "thing": "{thing:this} is/AUX very/ADV {thing:quality}",
        "like": "{early} {who} {do} {aspect:the} {where:in} {late}",
        "rate": "{aspect:the} {where:in} was/AUX {quality}",
        "both": "{aspect:the} was/AUX {quality} but/CCONJ {other:the} was/AUX {contrast}",
    }
    head_last = True

    def place(self, place: str, form: str) -> Phrase:
        name = entity(self.said(place), "LOC")
        return [Word("in", "ADP"), *name] if form == "in" else name

    def role(self, role: Filler, form: str) -> Phrase:
        noun = self._described(role)
        if form == "bare":
            return noun
        return self._with_article(noun) if form == "a" else [Word("the", "DET"), *noun]

    def thing(self, thing: Filler, form: str) -> Phrase:
        noun, *quality = thing
        if form == "this":
            return [Word("this", "DET"), *self.said(noun)]
        if form == "the":
            return [Word("the", "DET"), *self.said(noun)]
        if form == "quality":
            return self.said(quality[0])
        if form == "very":
            return [Word("a", "DET"), Word("very", "ADV"), *self._described(thing)]
        phrase = self._described(thing)
        return phrase if self.mass(noun) else self._with_article(phrase, self.entry((*quality, noun)[0]).get("article"))

    def _described(self, filler: Filler) -> Phrase:
        noun, *qualities = filler
        return [word for quality in qualities for word in self.said(quality)] + self.said(noun)

    def _with_article(self, phrase: Phrase, article: str = "") -> Phrase:
        article = article or ("an" if phrase[0].form[0] in "aeiou" else "a")
        return [Word(article, "DET"), *phrase]


GRAMMAR = English

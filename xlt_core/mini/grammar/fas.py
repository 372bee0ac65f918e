"""Persian (Iran): the ezafe is written where the press writes it, a known object takes را."""

from __future__ import annotations

from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word, entity
from xlt_core.mini.meaning import Filler, Meaning


def ezafe(form: str) -> str:
    """A word with the linking vowel, which shows after a vowel only: خانهٔ, چاقوی."""
    # After ا the letters ه and و are consonants: دانشگاه, گاو.
    if form[-1] == "ه" and form[-2] != "ا":
        return form + "\N{ARABIC HAMZA ABOVE}"
    vowel = form[-1] == "ا" or (form[-1] == "و" and form[-2] != "ا")
    return form + "ی" if vowel else form


def indefinite(form: str) -> str:
    return form + ("یی" if form[-1] in "او" else "ی")


class Persian(Grammar):
    language = "fas"
    templates: ClassVar = {
        "act": "{early} {who} {late} {where:in} {thing} {do}",
        "visit": "{early} {who} {late} از/ADP@place {place} {do}",
        "meet": "{early} {who} و/CCONJ {whom} {late} {place:in} با/ADP هم/PRON {do}",
        "work": "{who} {place:in} برای/ADP@org {org} {do}",
        "judge": "{early} {who} {late} از/ADP@org {org} {do}",
        "open": "{early} {org} {late} {place:in} {thing} {do}",
        "travel": "{early} {who} {late} از/ADP@place {place} به/ADP@goal {goal} {do}",
        "born": "{who} {place:in} {do} ولی/CCONJ {goal:in} {now}",
        "appoint": "{early} {who} {late} به/ADP@title عنوان/NOUN@title {title:of} {org} {do}",
        "send": "{early} {org} {late} {job:a} به/ADP@place {place} {do}",
        "name": "نام/NOUN {role:of} جدید/ADJ@role {who} است/AUX",
        "town": "{place} {kind:very} است/AUX",
        "thing": "{thing:this} بسیار/ADV {thing:quality} است/AUX",
        "like": "{early} {who} {late} {where:in} {aspect:the} {do}",
        "rate": "{aspect:of} {where:of} {quality:aspect}",
        "both": "{aspect:the} {quality:aspect} ولی/CCONJ {other:the} {contrast:other}",
    }

    def slot(self, meaning: Meaning, slot: str, form: str) -> Phrase:
        filler = meaning.slots.get(slot)
        if not filler:
            return super().slot(meaning, slot, form)
        if slot == "where" and form == "of":
            return self.said(filler[0], 1)
        phrase = super().slot(meaning, slot, form)
        if form == "of" and (slot != "aspect" or "where" in meaning.slots):
            return self._linked(phrase)
        return self._object(phrase, filler[0], meaning) if slot in ("thing", "aspect") else phrase

    def _object(self, phrase: Phrase, noun: str, meaning: Meaning) -> Phrase:
        """An object with what marks it: a known one always, another one with the verbs that ask for it."""
        if "do" not in meaning.slots:
            return phrase
        verb = self.entry(meaning.slots["do"][0])
        if verb.get("obj") == "از":
            return [Word("از", "ADP"), *phrase]
        marked = verb.get("obj") or verb.get("ra") in ("all", *self.tags(noun))
        return [*phrase, Word("را", "PART")] if marked else phrase

    def _linked(self, phrase: Phrase) -> Phrase:
        return [*phrase[:-1], phrase[-1]._replace(form=ezafe(phrase[-1].form))]

    def place(self, place: str, form: str) -> Phrase:
        name = entity(self.said(place), "LOC")
        return [Word("در", "ADP"), *name] if form == "in" else name

    def role(self, role: Filler, form: str) -> Phrase:
        # Without "that", the man (مرد) could be read as the verb "died".
        known = self.entry(role[0]).get("the") if not form else ""
        article = [Word("یک", "NUM")] if form == "a" else [Word(known, "DET")] if known else []
        return [*article, *self._described(role)]

    def thing(self, thing: Filler, form: str) -> Phrase:
        noun, *qualities = thing
        if form in ("the", "of"):
            return self.said(noun)
        if form == "this":
            return [Word("این", "DET"), *self.said(noun)]
        if form == "quality":
            return self.said(qualities[0])
        if form == "very":
            quality = self.worded(qualities[0], indefinite(self.entry(qualities[0]).form()))
            return [*self.said(noun), Word("بسیار", "ADV"), *quality]
        return [*([] if self.mass(noun) else [Word("یک", "NUM")]), *self._described(thing)]

    def _described(self, filler: Filler) -> Phrase:
        phrase = self.said(filler[0])
        for quality in filler[1:]:
            phrase = [*self._linked(phrase), *self.said(quality)]
        return phrase

    def quality(self, quality: str, of: str) -> Phrase:
        """With the verb "was" or "were" that goes with the noun."""
        return [*self.said(quality), Word("بودند" if self.entry(of).get("n") == "p" else "بود", "AUX")]


GRAMMAR = Persian

"""Russian: cases are listed in the lexicon, gender and number agree here."""

from __future__ import annotations

from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word, entity
from xlt_core.mini.meaning import Filler, Meaning

_THIS = {"m": "этот", "f": "эта", "n": "это"}
_WAS = {"m": "был", "f": "была", "n": "было"}
_PAST = ("m", "f", "n", "p")
# The columns of an adjective in the lexicon: masculine, feminine, feminine accusative, neuter.
_NOMINATIVE = {"m": 0, "f": 1, "n": 3}
_ACCUSATIVE = {"m": 0, "f": 2, "n": 3}


class Russian(Grammar):
    language = "rus"
    templates: ClassVar = {
        "act": "{early} {who} {late} {do:who} {thing} {where:in}",
        "visit": "{early} {who} {late} {do:who} {place:acc}",
        "meet": "{early} {who} и/CCONJ {whom} {late} {do} {place:in}",
        "work": "{who} {do} {org:in} {place:in}",
        "judge": "{early} {who} {late} {do:who} {org:acc}",
        "open": "{early} {org} {late} {do:org} {thing} {place:in}",
        "travel": "{early} {who} {late} {do:who} из/ADP@place {place:gen} {goal:to}",
        "born": "{who} {do:who} {place:in} ,/PUNCT но/CCONJ {now} {goal:in}",
        "appoint": "{early} {who} {late} {do:who} {title} {org:gen}",
        "send": "{early} {org} {late} {do:org} {job:acc} {place:to}",
        "name": "{role:new} зовут/VERB {who}",
        "town": "{place} —/PUNCT {kind:very}",
        "thing": "{thing:this} очень/ADV {thing:quality}",
        "like": "{early} {who} {late} {do:who} {aspect:known} {where}",
        "rate": "{aspect:the} {where} {quality:aspect}",
        "both": "{aspect:the} {quality:aspect} ,/PUNCT но/CCONJ {other:the} {contrast:other}",
    }

    def place(self, place: str, form: str) -> Phrase:
        return self._name(place, form, "LOC")

    def org(self, org: str, form: str) -> Phrase:
        return self._name(org, form, "ORG")

    def _name(self, name: str, form: str, label: str) -> Phrase:
        """A name in a case, or after "in" (prepositional) or "to" (accusative)."""
        case = {"in": "pre", "to": "acc"}.get(form, form)
        phrase = entity(self._in_case(name, case), label)
        return [Word(self.entry(name).get("v", "в"), "ADP"), *phrase] if form in ("in", "to") else phrase

    def _in_case(self, concept: str, case: str) -> Phrase:
        entry = self.entry(concept)
        return self.worded(concept, entry.get(case) or entry.form())

    def slot(self, meaning: Meaning, slot: str, form: str) -> Phrase:
        if form != "known":
            return super().slot(meaning, slot, form)
        verb = self.entry(meaning.slots["do"][0])
        before = [Word(verb.get("p"), "ADP")] if verb.get("p") else []
        return [*before, *self._in_case(meaning.slots[slot][0], verb.get("case", "acc"))]

    def role(self, role: Filler, form: str) -> Phrase:
        noun, *qualities = role
        gender = self.entry(noun).get("g")
        if form == "new":
            return [Word("новую" if gender == "f" else "нового", "ADJ"), *self._in_case(noun, "acc")]
        described = [word for quality in qualities for word in self.said(quality, _NOMINATIVE[gender])]
        return [*described, *self._in_case(noun, form)]

    def thing(self, thing: Filler, form: str) -> Phrase:
        noun, *qualities = thing
        gender = self.entry(noun).get("g")
        if form == "the":
            return self.said(noun)
        agreement = (_NOMINATIVE if form else _ACCUSATIVE)[gender]
        described = [word for quality in qualities for word in self.said(quality, agreement)]
        if form == "this":
            return [Word(_THIS[gender], "DET"), *self.said(noun)]
        if form == "quality":
            return described
        if form == "very":
            return [Word("очень", "ADV"), *described, *self.said(noun)]
        return [*described, *self._in_case(noun, "acc")]

    def quality(self, quality: str, of: str) -> Phrase:
        """With "was", in the instrumental."""
        gender = self.entry(of).get("g")
        feminine = gender == "f"
        form = self.entry(quality).form(_NOMINATIVE["f" if feminine else "m"])
        soft = form[-3] in ("жшчщ" if feminine else "жшчщгкх")
        ending = ("ей" if soft else "ой") if feminine else ("им" if soft else "ым")
        return [Word(_WAS[gender], "AUX"), *self.worded(quality, form[:-2] + ending)]

    def verb(self, verb: str, form: str, meaning: Meaning) -> Phrase:
        """In agreement with the slot that the form names."""
        if not form:
            return self.said(verb)
        subject = meaning.slots[form][0]
        gender = self.entry(subject).get("g") or ("f" if "f" in self.tags(subject) else "m")
        return self.said(verb, _PAST.index(gender))


GRAMMAR = Russian

"""Urdu: who did something stands with نے and the verb agrees with the object."""

from __future__ import annotations

from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word, entity
from xlt_core.mini.meaning import Filler, Meaning

_CASES = {"erg": "نے", "dat": "کو"}
_OF = {"m": "کا", "f": "کی", "p": "کے"}
_WAS = {"m": "تھا", "f": "تھی", "p": "تھے"}
# The columns of the lexicon; the masculine plural of an adjective is its masculine oblique.
_VERB = {"m": 0, "f": 1, "p": 2}
_ADJECTIVE = {"m": 0, "f": 2, "p": 1}


class Urdu(Grammar):
    language = "urd"
    stop = "۔"
    templates: ClassVar = {
        "act": "{early} {who:subject} {late} {where:in} {thing} {do:thing}",
        "visit": "{early} {who:erg} {late} {place} {do}",
        "meet": "{early} {who} اور/CCONJ {whom} نے/ADP@whom {late} {place:in} {do}",
        "work": "{who} {place:in} {org} کے/ADP@org لیے/ADP@org {do:who}",
        "judge": "{early} {who:erg} {late} {org} {do}",
        "open": "{early} {org} نے/ADP@org {late} {place:in} {thing} {do:thing}",
        "travel": "{early} {who:erg} {late} {place} سے/ADP@place {goal} کا/ADP@goal {do}",
        "born": "{who} {place:in} {do:who} لیکن/CCONJ {goal:in} {now:who}",
        "appoint": "{early} {who:dat} {late} {org:of} {title} {do}",
        "send": "{early} {org} نے/ADP@org {late} {job:a} {place} {do}",
        "name": "{role:new} کا/ADP@role نام/NOUN {who} ہے/AUX",
        "town": "{place} {kind:very} ہے/AUX",
        "thing": "{thing:this} بہت/ADV {thing:quality} ہے/AUX",
        "like": "{early} {who:subject} {late} {where:in} {aspect:known} {do:aspect}",
        "rate": "{where:of} {aspect:the} {quality:aspect}",
        "both": "{aspect:the} {quality:aspect} لیکن/CCONJ {other:the} {contrast:other}",
    }
    head_last = True

    def text(self, forms: list[str]) -> str:
        return super().text(forms).replace(f" {self.stop}", self.stop)

    def slot(self, meaning: Meaning, slot: str, form: str) -> Phrase:
        filler = meaning.slots.get(slot)
        if not filler:
            return []
        verb = self.entry(meaning.slots["do"][0]) if "do" in meaning.slots else None
        if verb and form == "subject":
            form = verb.get("subject", "erg")
        if verb and slot in ("thing", "aspect"):
            form += verb.get("object")
        if slot == "where" and form == "of":
            return [*self.said(filler[0], 1), Word(_OF[self._gender(meaning.slots["aspect"][0])], "ADP")]
        phrase = super().slot(meaning, slot, form)
        if slot == "org" and form == "of":
            # The title takes the gender of who bears it.
            phrase.append(Word(_OF[self._gender(meaning.slots["who"][0])], "ADP"))
        return [*phrase, Word(_CASES[form], "ADP")] if form in _CASES else phrase

    def _gender(self, concept: str) -> str:
        return self.entry(concept).get("g") or ("f" if "f" in self.tags(concept) else "m")

    def place(self, place: str, form: str) -> Phrase:
        name = entity(self.said(place), "LOC")
        return [*name, Word("میں", "ADP")] if form == "in" else name

    def role(self, role: Filler, form: str) -> Phrase:
        if form == "a":
            return [Word("ایک", "NUM"), *self._described(role, oblique=True), Word("کو", "ADP")]
        if form == "new":
            new = Word("نئی" if self._gender(role[0]) == "f" else "نئے", "ADJ")
            return [new, *self._described(role, oblique=True)]
        return self._described(role, oblique=form in _CASES)

    def thing(self, thing: Filler, form: str) -> Phrase:
        noun, *qualities = thing
        if form == "this":
            return [Word("یہ", "DET"), *self.said(noun)]
        if form == "quality":
            return self.said(qualities[0], _ADJECTIVE[self._gender(noun)])
        if form.startswith(("the", "known")):
            return self.said(noun, int(form.endswith("obl")))
        one = [] if self.mass(noun) else [Word("ایک", "NUM")]
        very = [Word("بہت", "ADV")] if form == "very" else []
        return [*one, *very, *self._described(thing, oblique=form == "obl")]

    def _described(self, filler: Filler, oblique: bool) -> Phrase:
        noun, *qualities = filler
        gender = self._gender(noun)
        agreement = 1 if oblique and gender == "m" else _ADJECTIVE[gender]
        return [word for quality in qualities for word in self.said(quality, agreement)] + self.said(noun, int(oblique))

    def verb(self, verb: str, form: str, meaning: Meaning) -> Phrase:
        """In agreement with the slot that the form names, or with a subject that has no case."""
        if not form:
            return self.said(verb)
        slot = "who" if self.entry(verb).get("subject") == "nom" else form
        return self.said(verb, _VERB[self._gender(meaning.slots[slot][0])])

    def quality(self, quality: str, of: str) -> Phrase:
        """With the verb "was" in agreement with the noun."""
        gender = self._gender(of)
        return [*self.said(quality, _ADJECTIVE[gender]), Word(_WAS[gender], "AUX")]


GRAMMAR = Urdu

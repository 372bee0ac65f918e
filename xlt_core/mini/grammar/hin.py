"""Hindi: the subject of a perfective takes ने and the verb agrees with the object, or the subject takes को."""

from __future__ import annotations

from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word, entity
from xlt_core.mini.meaning import Filler, Meaning


class Hindi(Grammar):
    language = "hin"
    stop = "।"
    head_last = True
    templates: ClassVar = {
        "act": "{early} {who:subject} {late} {where:in} {thing:object} {do:thing}",
        "visit": "{early} {who:subject} {late} {place} की/ADP@place {do}",
        "meet": "{early} {who} और/CCONJ {whom} {late} {place:in} {do:both}",
        "work": "{who} {place:in} {org} के/ADP@org लिए/ADP@org {do:who}",
        "judge": "{early} {who:subject} {late} {org} की/ADP@org {do}",
        "open": "{early} {org:subject} {late} {place:in} {thing} {do:thing}",
        "travel": "{early} {who} {late} {place} से/ADP@place {goal} {do:who}",
        "born": "{who} का/ADP@who {do} {place:in} {do:event} था/AUX@do ,/PUNCT लेकिन/CCONJ "
        "अब/ADV@now वह/PRON@who {goal:in} {now:who}",
        "appoint": "{early} {who} को/ADP@who {late} {org:of-who} {title} {do}",
        "send": "{early} {org:subject} {late} {job:a} को/ADP@job {place} {do}",
        "name": "{role:new} का/ADP@role नाम/NOUN {who} है/AUX",
        "town": "{place} {kind:very} है/AUX",
        "thing": "{thing:this} बहुत/ADV {thing:quality} है/AUX",
        "like": "{early} {who:subject} {late} {where:of-aspect} {aspect:the} {do:aspect}",
        "rate": "{where:of-aspect} {aspect:the} {quality:aspect}",
        "both": "{aspect:the} {quality:aspect} ,/PUNCT लेकिन/CCONJ {other:the} {contrast:other}",
    }

    def slot(self, meaning: Meaning, slot: str, form: str) -> Phrase:
        """With the postposition that the verb or the noun spoken of asks for."""
        if slot not in meaning.slots:
            return []
        verb = self.entry(meaning.slots["do"][0]) if "do" in meaning.slots else None
        if form in ("subject", "object"):
            marker = verb.get(form) if verb else ""
            phrase = super().slot(meaning, slot, "oblique" if marker else "")
            return [*phrase, Word(marker, "ADP")] if marker else phrase
        if not form.startswith("of-"):
            return super().slot(meaning, slot, form)
        owned = meaning.slots[form.removeprefix("of-")][0]
        if slot == "where":
            # What is ordered is ordered in the place; what is liked or praised is the place's own.
            if verb and verb.get("subject") == "ने":
                return super().slot(meaning, slot, "")
            name = self.said(meaning.slots[slot][0], 1)
        else:
            name = super().slot(meaning, slot, "")
        return [*name, Word("की" if self._feminine(owned) else "का", "ADP")]

    def place(self, place: str, form: str) -> Phrase:
        name = entity(self.said(place), "LOC")
        return [*name, Word("में", "ADP")] if form == "in" else name

    def role(self, role: Filler, form: str) -> Phrase:
        noun = role[0]
        oblique = form in ("oblique", "new", "a")
        described = self._described(role, oblique)
        if form == "new":
            return [Word("नई" if self._feminine(noun) else "नए", "ADJ"), *described]
        return [Word("एक", "DET"), *described] if form == "a" else described

    def thing(self, thing: Filler, form: str) -> Phrase:
        noun, *qualities = thing
        if form == "this":
            return [Word("यह", "DET"), *self.said(noun)]
        if form == "the":
            return self.said(noun)
        if form == "quality":
            return self._agreeing(qualities[0], noun)
        one = [] if self.mass(noun) else [Word("एक", "DET")]
        very = [Word("बहुत", "ADV")] if form == "very" else []
        return [*one, *very, *self._described(thing, form == "oblique")]

    def verb(self, verb: str, form: str, meaning: Meaning) -> Phrase:
        """In agreement with the slot that the form names, or with the subject where that has no postposition."""
        if form == "both":
            return self.said(verb, int(all(self._feminine(meaning.slots[slot][0]) for slot in ("who", "whom"))))
        if form in ("", "event"):
            return self.said(verb, int(form == "event"))
        agrees = form if self.entry(verb).get("subject") else "who"
        return self.said(verb, int(self._feminine(meaning.slots[agrees][0])))

    def quality(self, quality: str, of: str) -> Phrase:
        return [*self._agreeing(quality, of), Word("थी" if self._feminine(of) else "था", "AUX")]

    def text(self, forms: list[str]) -> str:
        return super().text(forms).replace(f" {self.stop}", self.stop)

    def _described(self, filler: Filler, oblique: bool) -> Phrase:
        noun, *qualities = filler
        described = [word for quality in qualities for word in self._agreeing(quality, noun, oblique)]
        return described + self.said(noun, int(oblique))

    def _agreeing(self, quality: str, noun: str, oblique: bool = False) -> Phrase:
        return self.said(quality, 2 if self._feminine(noun) else int(oblique))

    def _feminine(self, concept: str) -> bool:
        if concept.startswith("given."):
            return "f" in self.tags(concept)
        return self.entry(concept).get("g") == "f"


GRAMMAR = Hindi

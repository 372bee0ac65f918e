"""Modern Greek: gender, case and number agree here; a name takes its article, which is no part of it."""

from __future__ import annotations

import unicodedata
from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word, entity
from xlt_core.mini.meaning import Filler, Meaning

_ARTICLE = {
    "nom": {"m": "ο", "f": "η", "n": "το", "p": "οι"},
    "acc": {"m": "τον", "f": "τη", "n": "το", "p": "τις"},
    "gen": {"m": "του", "f": "της", "n": "του", "p": "των"},
    "in": {"m": "στον", "f": "στη", "n": "στο", "p": "στις"},
}
_ONE = {"nom": {"m": "ένας", "f": "μια", "n": "ένα"}, "acc": {"m": "έναν", "f": "μια", "n": "ένα"}}
_THIS = {"m": "αυτός", "f": "αυτή", "n": "αυτό"}
# The columns of an adjective in the lexicon; the masculine accusative (μεγάλο, βαρύ) looks like the neuter.
_AGREEMENT = {"nom": {"m": 0, "f": 1, "n": 2}, "acc": {"m": 2, "f": 1, "n": 2}}
# What pleases is the subject of these verbs, and who is pleased stands after "to".
_PLEASING = ("verb.like", "verb.dislike")


def keeps_nu(after: str) -> bool:
    """Whether την and στην keep their ν: before vowels and stops, in Greek letters or (for firms) in Latin."""
    plain = unicodedata.normalize("NFD", after.lower())
    return plain[0] in "αεηιουωκπτξψaeioubcdgkptqxy" or plain[:2] in ("μπ", "ντ", "γκ")


class Greek(Grammar):
    language = "ell"
    templates: ClassVar = {
        "act": "{early} {who} {do} {thing} {where:in} {late}",
        "visit": "{early} {who} {do} {place:acc} {late}",
        "meet": "{early} {who} και/CCONJ {whom} {do} {place:in} {late}",
        "work": "{who} {do} {org:in} {place:in}",
        "judge": "{early} {who} {do} {org:acc} {late}",
        "open": "{early} {org:nom} {do:org} {thing} {place:in} {late}",
        "travel": "{early} {who} {do} από/ADP@place {place:acc} {goal:in} {late}",
        "born": "{who} {do} {place:in} ,/PUNCT αλλά/CCONJ {now} {goal:in}",
        "appoint": "{early} {who} {do} {title} {org:gen} {late}",
        "send": "{early} {org:nom} {do:org} {job:a} {place:in} {late}",
        "name": "{role:new} λέγεται/VERB {who:bare}",
        "town": "{place:nom} είναι/AUX {kind:very}",
        "thing": "{thing:this} είναι/AUX πολύ/ADV {thing:quality}",
        "like": "{early} {who:feel} {do} {aspect:felt} {where} {late}",
        "rate": "{aspect:the} {where} ήταν/AUX {quality:aspect}",
        "both": "{aspect:the} ήταν/AUX {quality:aspect} ,/PUNCT αλλά/CCONJ {other:the} ήταν/AUX {contrast:other}",
    }

    def slot(self, meaning: Meaning, slot: str, form: str) -> Phrase:
        filler = meaning.slots.get(slot, ())
        pleasing = meaning.slots.get("do", ("",))[0] in _PLEASING
        if form == "feel":
            form = "in" if pleasing else "nom"
        elif form == "felt":
            form = "the" if pleasing else "known"
        kind = filler[0].partition(".")[0] if filler else ""
        if kind == "given":
            return self._named(filler, form or "nom")
        if kind == "title":
            return self.said(filler[0], int("f" in self.tags(meaning.slots["who"][0])))
        return super().slot(meaning, slot, form)

    def _named(self, name: Filler, form: str) -> Phrase:
        person = self.person(name)
        tags = self.tags(name[0])
        if form == "in" and {"greek", "m"} <= set(tags):
            # A foreign name (Κάρλος) is the same in every case.
            person = [word._replace(form=word.form.removesuffix("ς")) for word in person]
        person = entity(person, "PER")
        return person if form == "bare" else self._with_article(person, "f" if "f" in tags else "m", form)

    def place(self, place: str, form: str) -> Phrase:
        return self._name(place, form, "LOC")

    def org(self, org: str, form: str) -> Phrase:
        return self._name(org, form, "ORG")

    def _name(self, name: str, case: str, label: str) -> Phrase:
        phrase = entity(self._in_case(name, case), label)
        return self._with_article(phrase, self.entry(name).get("g"), case)

    def _in_case(self, concept: str, case: str) -> Phrase:
        entry = self.entry(concept)
        case = "acc" if case == "in" else case
        if listed := entry.get(case):
            return self.worded(concept, listed)
        *before, last = self.said(concept)
        if case == "acc" and entry.get("g") in ("m", "f"):
            last = last._replace(form=last.form.removesuffix("ς"))
        return [*before, last]

    def _with_article(self, phrase: Phrase, gender: str, case: str) -> Phrase:
        article = _ARTICLE[case][gender]
        if article in ("τη", "στη") and keeps_nu(phrase[0].form):
            article += "ν"
        return [Word(article, "ADP" if case == "in" else "DET"), *phrase]

    def role(self, role: Filler, form: str) -> Phrase:
        noun, gender = role[0], self.entry(role[0]).get("g")
        if form == "new":
            newly = Word(self.entry("adj.new").form(_AGREEMENT["nom"][gender]), "ADJ")
            return self._with_article([newly, *self.said(noun)], gender, "nom")
        if form == "a":
            return [Word(_ONE["acc"][gender], "DET"), *self._described(role, "acc")]
        return self._with_article(self._described(role, "acc" if form == "in" else "nom"), gender, form or "nom")

    def thing(self, thing: Filler, form: str) -> Phrase:
        noun, *qualities = thing
        gender = self.entry(noun).get("g")
        if form == "this":
            return [Word(_THIS[gender], "DET"), *self._with_article(self.said(noun), gender, "nom")]
        if form == "quality":
            return self.quality(qualities[0], noun)
        if form in ("the", "known"):
            case = "nom" if form == "the" else "acc"
            return self._with_article(self._in_case(noun, case), gender, case)
        if form == "very":
            return [Word(_ONE["nom"][gender], "DET"), Word("πολύ", "ADV"), *self._described(thing, "nom")]
        phrase = self._described(thing, "acc")
        return phrase if self.mass(noun) else [Word(_ONE["acc"][gender], "DET"), *phrase]

    def _described(self, filler: Filler, case: str) -> Phrase:
        noun, *qualities = filler
        agreement = _AGREEMENT[case][self.entry(noun).get("g")]
        described = [word for quality in qualities for word in self.said(quality, agreement)]
        return [*described, *self._in_case(noun, case)]

    def quality(self, quality: str, of: str) -> Phrase:
        return self.said(quality, _AGREEMENT["nom"][self.entry(of).get("g")])

    def verb(self, verb: str, form: str, meaning: Meaning) -> Phrase:
        """In the number of the slot that the form names."""
        return self.said(verb, int(bool(form) and self.entry(meaning.slots[form][0]).get("g") == "p"))


GRAMMAR = Greek

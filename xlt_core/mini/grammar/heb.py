"""Hebrew: particles of one letter and the article are written together with the word they come before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word, entity
from xlt_core.mini.meaning import Filler, Meaning

_IN, _TO, _FROM, _AND, _OF = "ב", "ל", "מ", "ו", "של"
_GENDERS = "mfp"
# Words of a pattern that agree: with which slots, in the order of the sentence, and how they change.
_AGREES: Mapping[str, tuple[str, ...]] = {"name": ("role",), "rate": ("aspect",), "both": ("aspect", "other")}
_AGREEING = {"החדש": ("החדש", "החדשה"), "היה": ("היה", "הייתה", "היו")}
_THIS = {"m": "הזה", "f": "הזאת", "p": "האלה"}


def attach(particle: str, phrase: Phrase) -> Phrase:
    """A particle written together with the first word; a single vav that would come inside the word is doubled."""
    first = phrase[0]
    single = first.form.startswith("ו") and not first.form.startswith("וו")
    vav = "ו" if single and particle != _AND else ""
    return [first._replace(form=particle + vav + first.form), *phrase[1:]]


class Hebrew(Grammar):
    language = "heb"
    templates: ClassVar = {
        "act": "{early} {who} {do:who} {thing} {where:ב} {late}",
        "visit": "{early} {who} {do:who} {place:ב} {late}",
        "meet": "{early} {who} {whom:ו} {do} {place:ב} {late}",
        "work": "{who} {do:who} {org:ב} {place:ב}",
        "judge": "{early} {who} {do:who} את/ADP@org {org} {late}",
        "open": "{early} {org} {do:org} {thing} {place:ב} {late}",
        "travel": "{early} {who} {do:who} {place:מ} {goal:ל} {late}",
        "born": "{who} {do:who} {place:ב} אבל/CCONJ {now:who} {goal:ב}",
        "appoint": "{early} {who} {do:who} {title:ל} {org:של} {late}",
        "send": "{early} {org} {do:org} {job:a} {place:ל} {late}",
        "name": "שם/NOUN {role:the} החדש/ADJ הוא/PRON {who}",
        "town": "{place} היא/PRON {kind:very}",
        "thing": "{thing:this} {thing:quality} מאוד/ADV",
        "like": "{early} {who} {do:who} את/ADP@aspect {aspect:the} {where} {late}",
        "rate": "{aspect:the} {where} היה/AUX {quality:aspect}",
        "both": "{aspect:the} היה/AUX {quality:aspect} אבל/CCONJ {other:the} היה/AUX {contrast:other}",
    }

    def sentence(self, meaning: Meaning) -> Phrase:
        """Words of the pattern agree too: the new (nurse), it was."""
        genders = [self._gender(meaning.slots[slot][0]) for slot in _AGREES.get(meaning.pattern, ())]
        phrase = super().sentence(meaning)
        agreeing = [at for at, word in enumerate(phrase) if word.of.startswith("+") and word.form in _AGREEING]
        for at, gender in zip(agreeing, genders, strict=True):
            phrase[at] = phrase[at]._replace(form=_AGREEING[phrase[at].form][_GENDERS.index(gender)])
        return phrase

    def slot(self, meaning: Meaning, slot: str, form: str) -> Phrase:
        if slot == "thing" and "do" in meaning.slots:
            form = self.entry(meaning.slots["do"][0]).get("by")
        if slot == "title":
            phrase = self.said(meaning.slots["title"][0], _GENDERS.index(self._gender(meaning.slots["who"][0])))
        else:
            phrase = super().slot(meaning, slot, form)
        if form == _OF and not self.entry(meaning.slots["title"][0]).get("bound"):
            return [Word(_OF, "ADP"), *phrase]
        # Spots have their "in" in the lexicon: "in the" melts there too.
        attached = form in (_IN, _TO, _FROM, _AND) and phrase and not meaning.slots[slot][0].startswith("spot.")
        return attach(form, phrase) if attached else phrase

    def org(self, org: str, form: str) -> Phrase:
        name = entity(self.said(org), "ORG")
        if form != _IN:
            return name
        # The article melts into "in".
        return [name[0]._replace(form=name[0].form.removeprefix("ה")), *name[1:]]

    def role(self, role: Filler, form: str) -> Phrase:
        noun, *qualities = role
        if form == "a":
            return self.said(noun)
        described = self._qualities(qualities, self._gender(noun))
        return self._definite(noun) + [word._replace(form="ה" + word.form) for word in described]

    def thing(self, thing: Filler, form: str) -> Phrase:
        noun, *qualities = thing
        gender = self._gender(noun)
        described = self._qualities(qualities, gender)
        if form == "the":
            return self._definite(noun)
        if form == "this":
            return [*self._definite(noun), Word(_THIS[gender], "DET")]
        if form == "quality":
            return described
        very = [Word("מאוד", "ADV")] if form == "very" else []
        return [*self.said(noun), *described, *very]

    def verb(self, verb: str, form: str, meaning: Meaning) -> Phrase:
        if not form:
            return self.said(verb)
        woman = self._gender(meaning.slots[form][0]) == "f"
        prize = self.entry(verb).get("prize").split()
        if prize and "prize" in self.tags(meaning.slots["thing"][0]):
            return self.worded(verb, prize[woman])
        return self.said(verb, int(woman))

    def quality(self, quality: str, of: str) -> Phrase:
        return self.said(quality, _GENDERS.index(self._gender(of)))

    def _qualities(self, qualities: list[str], gender: str) -> Phrase:
        return [word for quality in qualities for word in self.said(quality, _GENDERS.index(gender))]

    def _gender(self, concept: str) -> str:
        return self.entry(concept).get("g") or ("f" if "f" in self.tags(concept) else "m")

    def _definite(self, noun: str) -> Phrase:
        entry = self.entry(noun)
        return self.worded(noun, entry.get("def") or "ה" + entry.form())


GRAMMAR = Hebrew

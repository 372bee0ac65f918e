"""Amharic: prepositions and the article are written on the word, the verb comes last and knows its subject."""

from __future__ import annotations

from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word, entity
from xlt_core.mini.meaning import Filler, Meaning

_IN, _FROM, _FOR, _OF = "በ", "ከ", "ለ", "የ"
_PREFIX = {"in": _IN, "from": _FROM, "for": _FOR, "of": _OF}
_THIS = {"m": "ይህ", "f": "ይህች", "p": "እነዚህ"}
_IS = {"m": "ነው", "f": "ናት", "p": "ናቸው"}
_WAS = {"m": "ነበር", "f": "ነበረች", "p": "ነበሩ"}


def definite(word: str, gender: str) -> str:
    """The word with its article: መምህር → መምህሩ, ተማሪ → ተማሪው, ነርስ → ነርሷ, ታዋቂ → ታዋቂዋ.

    A letter of the sixth order (without a vowel, or with the shortest) takes the vowel itself: of eight
    letters in a row of the alphabet the second has u, the last wa.
    """
    if ord(word[-1]) % 8 != 5:
        return word + ("ዋ" if gender == "f" else "ው")
    return word[:-1] + chr(ord(word[-1]) + (2 if gender == "f" else -4))


class Amharic(Grammar):
    language = "amh"
    stop = "።"
    head_last = True
    templates: ClassVar = {
        "act": "{early} {who} {late} {where:in} {thing} {do:who}",
        "visit": "{early} {who} {late} {place:acc} {do:who}",
        "meet": "{early} {who} እና/CCONJ {whom} {late} {place:in} {do}",
        "work": "{who} {place:in} {org:for} {do:who}",
        "judge": "{early} {who} {late} {org:acc} {do:who}",
        "open": "{early} {org} {late} {place:in} {thing} {do}",
        "travel": "{early} {who} {late} {place:from} ወደ/ADP@goal {goal} {do:who}",
        "born": "{who} {place:in} {do:who} ፣/PUNCT ነገር/CCONJ ግን/CCONJ {goal:in} {now:who}",
        "appoint": "{early} {who} {late} {org:of} {title} {do:who}",
        "send": "{early} {org} {late} {job:a} ወደ/ADP@place {place} {do}",
        "name": "{role:of} ስም/NOUN {who} ነው/AUX",
        "town": "{place} {kind:very} ናት/AUX",
        "thing": "{thing:this} በጣም/ADV {thing:quality} {thing:is}",
        "like": "{early} {who} {late} {where} {aspect:acc} {do:who}",
        "rate": "{where:of} {aspect:the} {quality} {aspect:was}",
        "both": "{aspect:the} {quality} {aspect:was} ፣/PUNCT {other:the} ግን/CCONJ {contrast} {other:was}",
    }

    def text(self, forms: list[str]) -> str:
        return " ".join(forms).replace(" ።", "።").replace(" ፣", "፣")

    def slot(self, meaning: Meaning, slot: str, form: str) -> Phrase:
        """The soup at the hotel is the hotel's soup: one article is enough."""
        if slot == "where" and form == "of" and slot in meaning.slots:
            first, *others = self.said(meaning.slots[slot][0])
            return [first._replace(form=_OF + first.form.removeprefix(_IN)), *others]
        if slot == "aspect" and form == "the" and "where" in meaning.slots:
            return self.said(meaning.slots[slot][0])
        return super().slot(meaning, slot, form)

    def place(self, place: str, form: str) -> Phrase:
        return entity(self._marked(self.said(place), form), "LOC")

    def org(self, org: str, form: str) -> Phrase:
        return entity(self._marked(self.said(org), form), "ORG")

    def _marked(self, name: Phrase, form: str) -> Phrase:
        """A name with the preposition on its first word or the mark of the object on its last."""
        if form == "acc":
            return [*name[:-1], name[-1]._replace(form=name[-1].form + "ን")]
        if form not in _PREFIX:
            return name
        # The genitive of a name (የዓለም ባንክ) gives way to any other preposition: ለዓለም ባንክ.
        return [name[0]._replace(form=_PREFIX[form] + name[0].form.removeprefix(_OF)), *name[1:]]

    def role(self, role: Filler, form: str) -> Phrase:
        noun, *qualities = role
        woman = "f" in self.tags(noun)
        if form == "a":
            described = [word for quality in qualities for word in self.said(quality)]
            return [Word("አንዲት" if woman else "አንድ", "NUM"), *described, *self.said(noun)]
        if form == "of":
            return [Word("የአዲሷ" if woman else "የአዲሱ", "ADJ"), *self.said(noun)]
        return self._definite(role, "f" if woman else "m")

    def thing(self, thing: Filler, form: str) -> Phrase:
        noun, *qualities = thing
        gender = self.entry(noun).get("g", "m")
        if form == "this":
            return [Word(_THIS[gender], "DET"), *self.said(noun)]
        if form in ("is", "was"):
            return [Word((_IS if form == "is" else _WAS)[gender], "AUX")]
        if form in ("the", "acc"):
            return self._marked(self._definite(thing, gender), form)
        described = [word for quality in qualities for word in self.said(quality)]
        if form == "quality":
            return described
        if form == "very":
            return [Word("በጣም", "ADV"), *described, *self.said(noun)]
        one = [] if self.mass(noun) else [Word("አንዲት" if gender == "f" else "አንድ", "NUM")]
        return [*one, *described, *self.said(noun)]

    def _definite(self, filler: Filler, gender: str) -> Phrase:
        """The article stands on the adjective, or where there is none on the noun (its last word)."""
        noun, *qualities = filler
        phrase = self.said(noun)
        if qualities:
            said = self.entry(qualities[0]).form()
            return [*self.worded(qualities[0], definite(said, gender)), *phrase]
        last = self.entry(noun).get("def") or definite(phrase[-1].form, gender)
        return [*phrase[:-1], phrase[-1]._replace(form=last)]

    def verb(self, verb: str, form: str, meaning: Meaning) -> Phrase:
        """In agreement with the slot that the form names; an organisation is masculine."""
        woman = form and "f" in self.tags(meaning.slots[form][0])
        return self.said(verb, 1 if woman else 0)


GRAMMAR = Amharic

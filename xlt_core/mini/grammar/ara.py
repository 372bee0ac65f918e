"""Arabic (Modern Standard): the verb comes first; nouns lose or take "ال" and the accusative "ا" here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word, entity
from xlt_core.mini.meaning import Filler, Meaning

# Words of a pattern that agree: with whom, slot by slot in the order of the sentence, and how they change.
_AGREES: Mapping[str, tuple[str, ...]] = {
    "born": ("who",), "name": ("role",), "rate": ("aspect",), "both": ("aspect", "other"),
}  # fmt: skip
_FEMININE = {"لكنه": "لكنها", "الجديد": "الجديدة", "كان": "كانت"}


def attach(prefix: str, phrase: Phrase) -> Phrase:
    """A particle of one letter, written together with the first word: و, ب, and ل, which melts into the article."""
    first = phrase[0]
    melts = prefix == "ل" and first.form.startswith("ال")
    return [first._replace(form="لل" + first.form[2:] if melts else prefix + first.form), *phrase[1:]]


class Arabic(Grammar):
    language = "ara"
    templates: ClassVar = {
        "act": "{early} {do:who} {who} {thing} {where:in} {late}",
        "visit": "{early} {do:who} {who} {place} {late}",
        "meet": "{early} {do:who} {who} {whom:و} {place:in} {late}",
        "work": "{do:who} {who} لدى/ADP@org {org} {place:in}",
        "judge": "{early} {do:who} {who} {org} {late}",
        "open": "{early} {do:org} {org} {thing} {place:in} {late}",
        "travel": "{early} {do:who} {who} من/ADP@place {place} إلى/ADP@goal {goal} {late}",
        "born": "{do:who} {who} {place:in} لكنه/CCONJ {now:who} {goal:in}",
        "appoint": "{early} {do:who} {who} {title:who} {org:ل} {late}",
        "send": "{early} {do:org} {org} {job:acc} إلى/ADP@place {place} {late}",
        "name": "اسم/NOUN {role} الجديد/ADJ {who}",
        "town": "{place} {kind:very}",
        "thing": "{thing:this} {thing:quality} جدا/ADV",
        "like": "{early} {do:who} {who} {aspect:the} {where:in} {late}",
        "rate": "كان/AUX {aspect:the} {where:in} {quality:aspect}",
        "both": "كان/AUX {aspect:the} {quality:aspect} لكن/CCONJ {other:the} كان/AUX {contrast:other}",
    }

    def sentence(self, meaning: Meaning) -> Phrase:
        """Words of the pattern agree too: the new (nurse), but she lives, it was."""
        genders = [self._gender(meaning.slots[slot][0]) for slot in _AGREES.get(meaning.pattern, ())]
        phrase = super().sentence(meaning)
        agreeing = [at for at, word in enumerate(phrase) if word.of.startswith("+") and word.form in _FEMININE]
        for at, gender in zip(agreeing, genders, strict=True):
            if gender == "f":
                phrase[at] = phrase[at]._replace(form=_FEMININE[phrase[at].form])
        return phrase

    def slot(self, meaning: Meaning, slot: str, form: str) -> Phrase:
        if slot == "thing" and "do" in meaning.slots:
            form = self.entry(meaning.slots["do"][0]).get("by")
        if slot == "title":
            return self.said(meaning.slots["title"][0], int(self._gender(meaning.slots[form][0]) == "f"))
        phrase = super().slot(meaning, slot, form)
        return attach(form, phrase) if form in ("و", "ل", "ب") else phrase

    def place(self, place: str, form: str) -> Phrase:
        name = entity(self.said(place), "LOC")
        return [Word("في", "ADP"), *name] if form == "in" else name

    def role(self, role: Filler, form: str) -> Phrase:
        noun, *qualities = role
        if form == "acc":
            return self._accusative(noun)
        woman = self._gender(noun) == "f"
        described = [word for quality in qualities for word in self._adjective(quality, woman)]
        return self._definite(noun) + [word._replace(form="ال" + word.form) for word in described]

    def thing(self, thing: Filler, form: str) -> Phrase:
        noun, *qualities = thing
        woman = self._gender(noun) == "f"
        objective = form == ""
        described = [word for quality in qualities for word in self._adjective(quality, woman, objective)]
        if form == "the":
            return self._definite(noun)
        if form == "this":
            return [Word("هذه" if woman else "هذا", "DET"), *self._definite(noun)]
        if form == "quality":
            return described
        if form == "very":
            return [*self.said(noun), *described, Word("جدا", "ADV")]
        return [*(self._accusative(noun) if objective else self.said(noun)), *described]

    def verb(self, verb: str, form: str, meaning: Meaning) -> Phrase:
        """Before its subject a verb stands in the singular and agrees with the first of several."""
        return self.said(verb, int(self._gender(meaning.slots[form][0]) == "f"))

    def quality(self, quality: str, of: str) -> Phrase:
        return self._adjective(quality, self._gender(of) == "f", accusative=True)

    def _gender(self, concept: str) -> str:
        return self.entry(concept).get("g") or ("f" if "f" in self.tags(concept) else "m")

    def _definite(self, noun: str) -> Phrase:
        entry = self.entry(noun)
        return self.worded(noun, entry.get("def") or "ال" + entry.form())

    def _accusative(self, noun: str) -> Phrase:
        entry = self.entry(noun)
        ending = "" if self._gender(noun) == "f" else "ا"
        return self.worded(noun, entry.get("acc") or entry.form() + ending)

    def _adjective(self, quality: str, woman: bool, accusative: bool = False) -> Phrase:
        forms = self.entry(quality).forms
        plain, feminine, objective = forms if len(forms) == 3 else (forms[0], forms[0] + "ة", forms[0] + "ا")
        return self.worded(quality, feminine if woman else objective if accusative else plain)


GRAMMAR = Arabic

"""Korean: particles stand on the word and fit its last sound."""

from __future__ import annotations

from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word
from xlt_core.mini.lexicon import entries
from xlt_core.mini.meaning import FULL_NAMES, Filler, Meaning

# After a consonant, after a vowel.
_PARTICLES = {
    "은": ("은", "는"),
    "을": ("을", "를"),
    "과": ("과", "와"),
    "으로": ("으로", "로"),
    "이다": ("이다", "다"),
}
_L = 8


def particle(word: str, wanted: str) -> str:
    """The particle as it fits a word: 책은, 배는, 서울로."""
    # Initials in Latin letters (NASA, BBC) are all read with a vowel at their end.
    final = (ord(word[-1]) - ord("가")) % 28 if "가" <= word[-1] <= "힣" else 0
    if wanted == "으로" and final == _L:
        final = 0
    return _PARTICLES[wanted][0 if final else 1] if wanted in _PARTICLES else wanted


class Korean(Grammar):
    """In a template "+" goes before the particle after a slot, or before the ending that means "but"."""

    language = "kor"
    head_last = True
    family_first = (*FULL_NAMES, "japanese")
    templates: ClassVar = {
        "act": "{early} {who:+은} {late} {where:+에서} {thing:+을} {do}",
        "visit": "{early} {who:+은} {late} {place:+을} {do}",
        "meet": "{early} {who:+과} {whom:+은} {late} {place:+에서} {do}",
        "work": "{who:+은} {place:+에서} {org:+을} 위해/VERB@org {do}",
        "judge": "{early} {who:+은} {late} {org:+을} {do}",
        "open": "{early} {org:+은} {late} {place:+에} {thing:+을} {do}",
        "travel": "{early} {who:+은} {late} {place:+에서} {goal:+으로} {do}",
        "born": "{who:+은} {place:+에서} {do:+지만} 지금은/ADV {goal:+에} {now}",
        "appoint": "{early} {who:+은} {late} {org:+의} {title:+으로} {do}",
        "send": "{early} {org:+은} {late} {place:+에} {job:+을} {do}",
        "name": "새/ADJ {role:+의} 이름은/NOUN {who:+이다}",
        "town": "{place:+은} {kind:very+이다}",
        "thing": "{thing:this+은} 아주/ADV {thing:quality}",
        "like": "{early} {who:+은} {late} {where:+의} {aspect:+을} {do}",
        "rate": "{where:+의} {aspect:+은} {quality}",
        "both": "{aspect:+은} {quality:+지만} {other:+은} {contrast}",
    }

    def __init__(self) -> None:
        super().__init__()
        self._joined = {
            entry.form()
            for concept, entry in entries(self.language).items()
            if concept.startswith("family.") and self.tags(concept)[0] in ("korean", "chinese")
        }

    def text(self, forms: list[str]) -> str:
        """Korean and Chinese family names are written together with the given name: 김민호."""
        joined: list[str] = []
        for at, form in enumerate(forms):
            if at and forms[at - 1] in self._joined:
                joined[-1] += form
            else:
                joined.append(form)
        return super().text(joined)

    def slot(self, meaning: Meaning, slot: str, form: str) -> Phrase:
        shape, _, ending = form.partition("+")
        phrase = super().slot(meaning, slot, shape)
        if not ending or not phrase:
            return phrase
        last = phrase[-1].form
        if ending == "지만":
            return [*phrase[:-1], phrase[-1]._replace(form=last.removesuffix("다") + ending)]
        if "do" in meaning.slots and not self._own_verb(meaning):
            ending = self.entry(meaning.slots["do"][0]).get(slot, ending)
        return [*phrase[:-1], phrase[-1]._replace(form=last + particle(last, ending))]

    def _own_verb(self, meaning: Meaning) -> str:
        """The verb that stands with this very thing: one washes a car by another verb than an apple."""
        thing = meaning.slots.get("thing")
        return self.entry(thing[0]).get(meaning.slots["do"][0].removeprefix("verb.")) if thing else ""

    def verb(self, verb: str, form: str, meaning: Meaning) -> Phrase:
        return self.worded(verb, self._own_verb(meaning) or self.entry(verb).form())

    def role(self, role: Filler, form: str) -> Phrase:
        return self._described(role)

    def thing(self, thing: Filler, form: str) -> Phrase:
        if form == "quality":
            return self.said(thing[1], 1)
        if form == "this":
            return [Word("이", "DET"), *self.said(thing[0])]
        return [*([Word("아주", "ADV")] if form == "very" else []), *self._described(thing)]

    def _described(self, filler: Filler) -> Phrase:
        noun, *qualities = filler
        return [word for quality in qualities for word in self.said(quality)] + self.said(noun)


GRAMMAR = Korean

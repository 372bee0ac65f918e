"""Japanese."""

from __future__ import annotations

from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word
from xlt_core.mini.meaning import FULL_NAMES, Filler, Meaning


class Japanese(Grammar):
    """In a template "+" goes before the particle after a slot: one that a slot left empty doesn't have."""

    language = "jpn"
    stop = "。"
    spaced = False
    head_last = True
    family_first = (*FULL_NAMES, "japanese")
    templates: ClassVar = {
        "act": "{early:+、} {who:+は} {late} {where:+で} {thing:+を} {do}",
        "visit": "{early:+、} {who:+は} {late} {place:+を} {do}",
        "meet": "{early:+、} {who:+と} {whom:+は} {late} {place:+で} {do}",
        "work": "{who:+は} {place:+で} {org:+の} ため/NOUN@org に/ADP@org {do}",
        "judge": "{early:+、} {who:+は} {late} {org:+を} {do}",
        "open": "{early:+、} {org:+は} {late} {place:+に} {thing:+を} {do}",
        "travel": "{early:+、} {who:+は} {late} {place:+から} {goal:+へ} {do}",
        "born": "{who:+は} {place:+で} {do} が/SCONJ 、/PUNCT 今/NOUN は/ADP {goal:+に} {now}",
        "appoint": "{early:+、} {who:+は} {late} {org:+の} {title:+に} {do}",
        "send": "{early:+、} {org:+は} {late} {place:+に} {job:+を} {do}",
        "name": "新しい/ADJ {role:+の} 名前/NOUN は/ADP {who} だ/AUX",
        "town": "{place:+は} {kind:very} だ/AUX",
        "thing": "{thing:this+は} とても/ADV {thing:quality}",
        "like": "{early:+、} {who:+は} {late} {where:+の} {aspect:+を} {do}",
        "rate": "{where:+の} {aspect:+は} {quality}",
        "both": "{aspect:+は} {quality} が/SCONJ 、/PUNCT {other:+は} {contrast}",
    }

    def slot(self, meaning: Meaning, slot: str, form: str) -> Phrase:
        shape, _, particle = form.partition("+")
        phrase = super().slot(meaning, slot, shape)
        if not particle or not phrase:
            return phrase
        if "do" in meaning.slots and not self._own_verb(meaning):
            particle = self.entry(meaning.slots["do"][0]).get(slot, particle)
        return [*phrase, Word(particle, "PUNCT" if particle == "、" else "ADP")]

    def _own_verb(self, meaning: Meaning) -> str:
        """The verb that stands with this very thing: one wins a match by another verb than a medal."""
        thing = meaning.slots.get("thing")
        return self.entry(thing[0]).get(meaning.slots["do"][0].removeprefix("verb.")) if thing else ""

    def verb(self, verb: str, form: str, meaning: Meaning) -> Phrase:
        return self.worded(verb, self._own_verb(meaning) or self.entry(verb).form())

    def person(self, name: Filler) -> Phrase:
        """A name in katakana has a dot between its parts, one in kanji has not."""
        names = super().person(name)
        if self.tags(name[0])[0] in ("chinese", "japanese"):
            return names
        return [word for part in names for word in (Word("・", "PUNCT"), part)][1:]

    def role(self, role: Filler, form: str) -> Phrase:
        return self._described(role)

    def thing(self, thing: Filler, form: str) -> Phrase:
        if form == "quality":
            return self.said(thing[1], 1)
        if form == "this":
            return [Word("この", "DET"), *self._noun(thing)]
        return [*([Word("とても", "ADV")] if form == "very" else []), *self._described(thing)]

    def _described(self, filler: Filler) -> Phrase:
        return [word for quality in filler[1:] for word in self.said(quality)] + self._noun(filler)

    def _noun(self, filler: Filler) -> Phrase:
        """Some nouns are others with an adjective: water that is hot has a name of its own."""
        noun, *qualities = filler
        own = [self.entry(noun).get(quality.removeprefix("adj.")) for quality in qualities]
        return self.worded(noun, "".join(own) or self.entry(noun).form())


GRAMMAR = Japanese

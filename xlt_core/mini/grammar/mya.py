"""Burmese in its written style: the verb comes last, and what a word does is said by a particle behind it."""

from __future__ import annotations

from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word, entity
from xlt_core.mini.meaning import Filler, Meaning

_ONE = Word("တစ်", "NUM")
_VERY = Word("အလွန်", "ADV")
_LINK = Word("သော", "PART")
_OBJECT = Word("ကို", "ADP")
_PAST, _PLURAL, _END = Word("ခဲ့", "PART"), Word("ကြ", "PART"), "သည်"
_WHERE = {"in": "တွင်", "at": "ရှိ"}


class Burmese(Grammar):
    language = "mya"
    stop = "။"
    spaced = False
    head_last = True
    templates: ClassVar = {
        "act": "{early} {who} သည်/ADP@who {late} {where:in} {thing:object} {do}",
        "visit": "{early} {who} သည်/ADP@who {late} {place} သို့/ADP@place {do}",
        "meet": "{early} {who} နှင့်/CCONJ {whom} တို့/PART@whom သည်/ADP@whom {late} {place:in} {do:plural}",
        "work": "{who} သည်/ADP@who {place:in} {org} အတွက်/ADP@org {do:now}",
        "judge": "{early} {who} သည်/ADP@who {late} {org} ကို/ADP@org {do}",
        "open": "{early} {org} သည်/ADP@org {late} {place:in} {thing:object} {do}",
        "travel": "{early} {who} သည်/ADP@who {late} {place} မှ/ADP@place {goal} သို့/ADP@goal {do}",
        "born": "{who} သည်/ADP@who {place:in} {do:but} သော်လည်း/CCONJ {goal:in} {now:now}",
        "appoint": "{early} {who} ကို/ADP@who {late} {org} ၏/ADP@org {title} အဖြစ်/ADP@title {do}",
        "send": "{early} {org} သည်/ADP@org {late} {job:a} ကို/ADP@job {place} သို့/ADP@place {do}",
        "name": "{role} အသစ်/ADJ ၏/ADP@role အမည်/NOUN မှာ/ADP {who} ဖြစ်/AUX သည်/PART",
        "town": "{place} သည်/ADP@place {kind:very} ဖြစ်/AUX သည်/PART",
        "thing": "{thing:this} သည်/ADP@thing အလွန်/ADV {thing:quality} သည်/PART",
        "like": "{early} {who} သည်/ADP@who {late} {where:in} {aspect:the} ကို/ADP@aspect {do}",
        "rate": "{where:at} {aspect:the} သည်/ADP@aspect {quality} ခဲ့/PART သည်/PART",
        "both": "{aspect:the} သည်/ADP@aspect {quality} သော်လည်း/CCONJ {other:the} သည်/ADP@other {contrast} ခဲ့/PART သည်/PART",
    }

    def slot(self, meaning: Meaning, slot: str, form: str) -> Phrase:
        phrase = super().slot(meaning, slot, form)
        if phrase and slot == "where" and meaning.slots[slot][0].startswith("spot."):
            phrase.append(Word(_WHERE[form], "ADP"))
        if form == "object" and not self.mass(meaning.slots[slot][0]):
            bare = self.entry(meaning.slots["do"][0]).get("obj") == "bare"
            return phrase if bare else [*phrase, _OBJECT]
        return phrase

    def place(self, place: str, form: str) -> Phrase:
        name = entity(self.said(place), "LOC")
        return [*name, Word(_WHERE[form], "ADP")] if form else name

    def role(self, role: Filler, form: str) -> Phrase:
        one = [_ONE, Word("ဦး", "NOUN")] if form == "a" else []
        return [*self._described(role), *one]

    def thing(self, thing: Filler, form: str) -> Phrase:
        noun, *qualities = thing
        if form == "this":
            return [Word("ဤ", "DET"), *self.said(noun)]
        if form == "the":
            return self.said(noun)
        if form == "quality":
            return self.said(qualities[0])
        very = [_VERY] if form == "very" else []
        one = [] if self.mass(noun) else [_ONE, Word(self.entry(noun).get("cl"), "NOUN")]
        return [*very, *self._described(thing), *one]

    def _described(self, filler: Filler) -> Phrase:
        """The noun with its adjective: before it with a link, or behind it (ကား အသစ်)."""
        noun, *qualities = filler
        before, after = [], []
        for quality in qualities:
            entry = self.entry(quality)
            if entry.get("after"):
                after += self.worded(quality, entry.get("after"))
            else:
                before += [*self.said(quality), *([] if entry.get("link") == "no" else [_LINK])]
        return [*before, *self.said(noun), *after]

    def verb(self, verb: str, form: str, meaning: Meaning) -> Phrase:
        """The stem and its endings: past unless it is now, plural for two people, none before "but"."""
        stem = self.said(verb)
        if form == "but":
            return [*stem, _PAST]
        past = [] if form == "now" else [_PAST]
        plural = [_PLURAL] if form == "plural" else []
        return [*stem, *past, *plural, Word(self.entry(verb).get("end", _END), "PART")]


GRAMMAR = Burmese

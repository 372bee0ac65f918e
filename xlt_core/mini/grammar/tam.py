"""Tamil: cases are endings of the noun, joined by the rules of sandhi; the verb agrees with its subject."""

from __future__ import annotations

import re
from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word, entity
from xlt_core.mini.meaning import Filler, Meaning

_STOPS = "கசதப"
_PULLI = "்"
# Endings begin with the sign of their vowel. "~": a following stop is doubled (புத்தகத்தைப் படித்தார்).
_ENDINGS = {"acc": "ை~", "loc": "ில்", "abl": "ிலிருந்து", "gen": "ின்", "dat": "ுக்கு~", "for": "ுக்காக~", "and": "ும்"}
_AGREEMENT = {"m": "ன்", "f": "ள்"}
# What pleases is the subject of these verbs, and who is pleased stands in the dative.
_PLEASING = ("verb.love", "verb.like", "verb.dislike")


def stem(word: str) -> str:
    """The word with the consonant to which an ending's vowel is joined: மரம் → மரத்த, வீடு → வீட்ட, பை → பைய."""
    if re.search(r"[க-ஹ]ம்$", word):
        return word[:-2] + "த்த"
    if word.endswith("ங்"):
        return word + "க"
    if word.endswith(_PULLI):
        doubled = re.search(r"(?<!ஃ)[கசடதப]்$", word) or re.match(r"[க-ஹ][ிுெொ]?[னணமலள]்$", word)
        return word + word[-2] if doubled else word[:-1]
    if re.search(r"[கசடதபறவ]ு$", word) and not re.match(r"([அஇஉஎஒ]|[க-ஹ][ிுெொ]?)[க-ஹ]ு$", word):
        # The short u at the end of a longer word gives way; டு after a vowel is doubled.
        return word[:-1] if word[-2] != "ட" or word[-3] == _PULLI else word[:-1] + "்ட"
    return word + ("ய" if word[-1] in "ிீை" else "வ")


def inflected(word: str, case: str) -> str:
    """A noun or a name with a case ending, or with "and"."""
    if case not in _ENDINGS:
        return word
    ending, base = _ENDINGS[case], stem(word)
    if case in ("dat", "for"):
        if word[-1] in "ிீை" or word.endswith("ய்"):
            return word + ending[1:]
        if base.endswith("த்த") and word.endswith("ம்"):
            return base + "ிற்" + ending[3:]
    return base + ending


class Tamil(Grammar):
    language = "tam"
    templates: ClassVar = {
        "act": "{early} {who} {late} {where:loc} {thing} {do}",
        "visit": "{early} {who} {late} {place:dat} {do}",
        "meet": "{early} {who:and} {whom:and} {late} {place:loc} {do}",
        "work": "{who} {place:loc} {org:for} {do}",
        "judge": "{early} {who} {late} {org:acc} {do}",
        "open": "{early} {org} {late} {place:loc} {thing} {do:org}",
        "travel": "{early} {who} {late} {place:abl} {goal:dat} {do}",
        "born": "{who} {place:loc} {do} ,/PUNCT ஆனால்/CCONJ {goal:loc} {now}",
        "appoint": "{early} {who} {late} {org:gen} {title} {do}",
        "send": "{early} {org} {late} {place:dat} {job:a} {do:org}",
        "name": "புதிய/ADJ {role:gen} பெயர்/NOUN {who}",
        "town": "{place} {kind:very} ஆகும்/AUX",
        "thing": "{thing:this} மிகவும்/ADV {thing:quality}",
        "like": "{early} {who:feel} {late} {where} {aspect:felt} {do}",
        "rate": "{where} {aspect:the} {quality:aspect}",
        "both": "{aspect:the} {quality:aspect} ,/PUNCT ஆனால்/CCONJ {other:the} {contrast:other}",
    }
    head_last = True

    def sentence(self, meaning: Meaning) -> Phrase:
        phrase = super().sentence(meaning)
        following = [*(word.form for word in phrase[1:]), ""]
        return [word._replace(form=_before(word.form, after)) for word, after in zip(phrase, following, strict=True)]

    def slot(self, meaning: Meaning, slot: str, form: str) -> Phrase:
        filler = meaning.slots.get(slot, ())
        pleasing = meaning.slots.get("do", ("",))[0] in _PLEASING
        if form == "feel":
            form = "dat" if pleasing else ""
        elif form == "felt":
            # People who please stand in the accusative, things do not.
            form = "the" if pleasing and self.entry(filler[0]).get("g") != "p" else "known"
        if filler and filler[0].startswith("given."):
            return entity(self._with_case(self.person(filler), form), "PER")
        return super().slot(meaning, slot, form)

    def _with_case(self, phrase: Phrase, case: str) -> Phrase:
        *before, last = phrase
        return [*before, last._replace(form=inflected(last.form, case))]

    def place(self, place: str, form: str) -> Phrase:
        return entity(self._with_case(self.said(place), form), "LOC")

    def org(self, org: str, form: str) -> Phrase:
        return entity(self._with_case(self.said(org), form), "ORG")

    def role(self, role: Filler, form: str) -> Phrase:
        if form == "gen":
            return self._with_case(self.said(role[0]), "gen")
        if form == "a":
            return [Word("ஒரு", "NUM"), *self._with_case(self._described(role), "acc")]
        return [Word("அந்த~", "DET"), *self._with_case(self._described(role), form)]

    def thing(self, thing: Filler, form: str) -> Phrase:
        noun, *qualities = thing
        if form == "this":
            return [Word("இந்த~", "DET"), *self.said(noun)]
        if form == "quality":
            return self.said(qualities[0], 1)
        if form in ("the", "known"):
            return self._with_case(self.said(noun), "acc" if form == "known" else "")
        if form == "very":
            return [Word("மிகவும்", "ADV"), *self._described(thing)]
        if self.mass(noun):
            return self._described(thing)
        return [Word("ஒரு", "NUM"), *self._with_case(self._described(thing), "acc")]

    def _described(self, filler: Filler) -> Phrase:
        noun, *qualities = filler
        return [word for quality in qualities for word in self.said(quality)] + self.said(noun)

    def quality(self, quality: str, of: str) -> Phrase:
        """How something was: the copula agrees with it."""
        was = "இருந்தனர்" if self.entry(of).get("g") == "p" else "இருந்தது"
        return [*self.said(quality, 1), Word(was, "AUX")]

    def verb(self, verb: str, form: str, meaning: Meaning) -> Phrase:
        """In agreement with an organisation, which is a thing, or else with who does it."""
        *before, last = self.said(verb, int(form == "org"))
        gender = self.entry(meaning.slots["who"][0]).get("g") if "who" in meaning.slots else ""
        if gender in _AGREEMENT and last.form.endswith("ார்"):
            last = last._replace(form=last.form[:-2] + _AGREEMENT[gender])
        return [*before, last]


def _before(word: str, after: str) -> str:
    """The word as the next one makes it: a doubled stop after "~", ஓர் for ஒரு before a vowel."""
    if word == "ஒரு" and re.match("[அ-ஔ]", after):
        return "ஓர்"
    if word.endswith("~"):
        return word[:-1] + (after[0] + _PULLI if after[:1] in _STOPS and after else "")
    return word


GRAMMAR = Tamil

"""Turkish."""

from __future__ import annotations

from typing import ClassVar

from xlt_core.mini.grammar.base import Grammar, Phrase, Word, entity
from xlt_core.mini.meaning import Filler, Meaning

_HARMONY = {"a": "ı", "ı": "ı", "o": "u", "u": "u", "e": "i", "i": "i", "ö": "ü", "ü": "ü"}
_VOICELESS = "fstkçşhp"
_CASES = ("loc", "dat", "abl", "acc", "gen")


def _lower(text: str) -> str:
    return text.replace("I", "ı").replace("İ", "i").lower()


def _ending(spoken: str) -> tuple[str, str]:
    """The last letter of a word and the high vowel that harmony asks for after it."""
    letters = [letter for letter in _lower(spoken) if letter.isalpha()]
    return letters[-1], _HARMONY[next(letter for letter in reversed(letters) if letter in _HARMONY)]


def was(quality: str) -> str:
    """An adjective with the past of "to be" on it: iyiydi, rahattı."""
    last, high = _ending(quality)
    stop = "t" if last in _VOICELESS else "d"
    return f"{quality}{'y' if last in _HARMONY else ''}{stop}{high}"


def suffix(spoken: str, case: str, izafet: bool = False) -> str:
    """The case ending after a name as it is spoken: loc, dat, abl, acc or gen, in vowel harmony.

    A possessive compound (Dünya Bankası) takes its endings after an n.
    """
    last, high = _ending(spoken)
    low = "a" if high in "ıu" else "e"
    vowel_end = last in _HARMONY
    if case in ("loc", "abl"):
        stop = "t" if last in _VOICELESS else "d"
        return ("n" if izafet else "") + stop + low + ("n" if case == "abl" else "")
    buffer = "n" if izafet or case == "gen" else "y"
    return (buffer if vowel_end else "") + {"dat": low, "acc": high, "gen": high + "n"}[case]


class Turkish(Grammar):
    language = "tur"
    templates: ClassVar = {
        "act": "{early} {who} {late} {where:loc} {thing} {do}",
        "visit": "{early} {who} {late} {place:acc} {do}",
        "meet": "{early} {who} ile/CCONJ {whom} {late} {place:loc} {do}",
        "work": "{who} {place:loc} {org} için/ADP@org {do}",
        "judge": "{early} {who} {late} {org:acc} {do}",
        "open": "{early} {org} {late} {place:loc} {thing} {do}",
        "travel": "{early} {who} {late} {place:abl} {goal:dat} {do}",
        "born": "{who} {place:loc} {do} ama/CCONJ {goal:loc} {now}",
        "appoint": "{early} {who} {late} {org:gen} {title} olarak/ADP@title {do}",
        "send": "{early} {org} {late} {place:dat} {job:a} {do}",
        "name": "yeni/ADJ {role:gen} adı/NOUN {who}",
        "town": "{place} {kind:very}",
        "thing": "{thing:this} çok/ADV {thing:quality}",
        "like": "{early} {who} {late} {where} {aspect:known} {do}",
        "rate": "{where:ki} {aspect:the} {quality}",
        "both": "{aspect:the} {quality:aspect} ama/CCONJ {other:the} {contrast:other}",
    }
    head_last = True

    def capital(self, word: str) -> str:
        return ("İ" if word[0] == "i" else word[0].upper()) + word[1:]

    def slot(self, meaning: Meaning, slot: str, form: str) -> Phrase:
        if form == "ki":
            return [word._replace(form=f"{word.form}ki", upos="ADJ") for word in super().slot(meaning, slot, "")]
        if form == "known":
            form = self.entry(meaning.slots["do"][0]).get("case", "acc")
        return super().slot(meaning, slot, form)

    def place(self, place: str, form: str) -> Phrase:
        return entity(self._name(place, form), "LOC")

    def org(self, org: str, form: str) -> Phrase:
        return entity(self._name(org, form), "ORG")

    def _name(self, name: str, case: str) -> Phrase:
        phrase = self.said(name)
        if not case:
            return phrase
        entry = self.entry(name)
        last = phrase[-1].form
        ending = suffix(entry.get("say") or last, case, bool(entry.get("izafet")))
        # Newspapers set the apostrophe after every name, institutions too.
        return [*phrase[:-1], *self.worded(name, f"{last}'{ending}")]

    def role(self, role: Filler, form: str) -> Phrase:
        noun, *qualities = role
        person = self.said(noun)
        if form == "gen":
            return self._in_case(noun, form)
        described = [word for quality in qualities for word in self.said(quality)]
        return [*described, *([Word("bir", "DET")] if form == "a" else []), *person]

    def thing(self, thing: Filler, form: str) -> Phrase:
        noun, *qualities = thing
        if form == "the":
            return self.said(noun)
        if form in _CASES:
            return self._in_case(noun, form)
        described = [word for quality in qualities for word in self.said(quality)]
        if form == "this":
            return [Word("bu", "DET"), *self.said(noun)]
        if form == "quality":
            return described
        very = [Word("çok", "ADV")] if form == "very" else []
        one = [] if self.mass(noun) else [Word("bir", "DET")]
        return [*very, *described, *one, *self.said(noun)]

    def _in_case(self, noun: str, case: str) -> Phrase:
        form = self.entry(noun).form()
        ending = suffix(form, case)
        if form[-1] == "k" and ending[0] in _HARMONY:
            form = f"{form[:-1]}ğ"
        return self.worded(noun, form + ending)

    def quality(self, quality: str, of: str) -> Phrase:
        *before, last = self.said(quality)
        return [*before, last._replace(form=was(last.form))]


GRAMMAR = Turkish

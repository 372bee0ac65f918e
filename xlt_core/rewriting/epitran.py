"""Epitran as a tool: its rules word by word, and which letters it left as they stood."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from xlt_core.errors import Problem, UsageError
from xlt_core.rewriting.english import Dictionary
from xlt_core.rewriting.libraries import require
from xlt_core.rewriting.tool import Form, Tool
from xlt_core.rewriting.words import edges, has_letters
from xlt_core.slots.rewriting import EPITRAN, Epitran

SPELLINGS = {"urd-Arab": str.maketrans({"\u06cc": "\u064a", "\u06a9": "\u0643", "\u06c1": "\u0647"})}
"""Letters that a map lacks, though Epitran has a sound for what they stand for: its Urdu is spelt as Arabic is."""


def tool(options: Epitran, language: str, files: Mapping[str, Path]) -> Tool:
    """The work of the rewriter `epitran`."""
    if language == "eng" and not options.map:
        return Flite() if options.english == "flite" else Dictionary()
    name = options.map or EPITRAN[language]
    if name[:3] != EPITRAN[language][:3]:
        what = f"the map {name} isn't one of {language}"
        raise UsageError("Epitran can't be used so.", [Problem(what, "map", f"a map of {EPITRAN[language][:3]}")])
    return Rules(name, options.tones, SPELLINGS.get(name, {}) if options.spellings else {})


class Rules(Tool):
    """One of Epitran's maps, with the rules before and after it; loaded when it is first asked."""

    name = "epitran"

    def __init__(self, map_name: str, tones: bool = False, spellings: Mapping[int, str] | None = None) -> None:
        self.map_name, self.tones, self.spellings = map_name, tones, dict(spellings or {})

    def forms(self, words: Sequence[str]) -> list[Form | None]:
        return [self._form(word) for word in words]

    def _form(self, word: str) -> Form | None:
        """Marks on the edges of a labelled word stay there, and the rules see the word's own edges."""
        before, core, after = edges(word)
        if not has_letters(core):
            return None
        spelt = core.translate(self.spellings) if self.spellings else core
        engine = _engine(self.map_name, self.tones)
        engine.nils.clear()
        said = engine.transliterate(spelt)
        left = set(engine.nils) & _signs(spelt.lower()) & _signs(said)
        return Form(before + said + after, self.name, whole=not any(_is_letter(sign) for sign in left))


@cache
def _engine(map_name: str, tones: bool) -> Any:
    """Epitran's rules alone: the class around them reads the same tables twice more, for what isn't used here."""
    module = require("epitran.simple", "xlt-core[ipa]")
    try:
        return module.SimpleEpitran(map_name, tones=tones)
    except module.DatafileError:
        problem = Problem(f"Epitran has no map {map_name}", "map", "the maps: https://pypi.org/project/epitran")
        raise UsageError("Epitran can't be used so.", [problem]) from None


class Flite(Tool):
    """English as Epitran reads it, by Flite's `lex_lookup`."""

    name = "flite"

    def forms(self, words: Sequence[str]) -> list[Form | None]:
        return [self._form(word) for word in words]

    def _form(self, word: str) -> Form | None:
        before, core, after = edges(word)
        said = self._epitran.transliterate(core) if has_letters(core) else ""
        return Form(before + said + after, self.name) if said else None

    @cached_property
    def _epitran(self) -> Any:
        return require("epitran.flite", "xlt-core[ipa]").FliteLexLookup()


def _signs(text: str) -> set[str]:
    return set(unicodedata.normalize("NFD", text))


def _is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LM"

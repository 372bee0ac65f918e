"""Romanised words read as if they were English: so the released Japanese and Korean IPA came about."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Sequence

from xlt_core.rewriting.english import ipa_of
from xlt_core.rewriting.tool import Form, Tool

_LETTERS = re.compile("[A-Za-z']+")
_PHONE = re.compile("[a-z]+[0-2]?")


class Letters(Tool):
    """What reads runs of Latin letters, so that digits and marks between them pass through."""

    def __init__(self, inner: Tool) -> None:
        self.name, self.inner, self.version, self.slow = inner.name, inner, inner.version, inner.slow

    def forms(self, words: Sequence[str]) -> list[Form | None]:
        runs = list(dict.fromkeys(run for word in words for run in _LETTERS.findall(word)))
        said = dict(zip(runs, self.inner.forms(runs), strict=True))
        return [self._form(word, said) for word in words]

    def _form(self, word: str, said: dict[str, Form | None]) -> Form | None:
        if any(sign.isalpha() for sign in _LETTERS.sub("", word)):
            return None
        forms = {run: form.text for run in _LETTERS.findall(word) if (form := said[run]) is not None}
        if not all(run in forms for run in _LETTERS.findall(word)):
            return None
        return Form(_LETTERS.sub(lambda match: forms[match[0]], word), self.name)


class T2p(Tool):
    """Flite's letter-to-sound rules for whatever isn't in its lexicon, a process for each word."""

    name = "flite"

    def __init__(self, run: Callable[[str], str] | None = None) -> None:
        self.run = run or _run

    def forms(self, words: Sequence[str]) -> list[Form | None]:
        return [self._form(word) for word in words]

    def _form(self, word: str) -> Form | None:
        phones = [phone.upper() for phone in _PHONE.findall(self.run(word.lower())) if phone != "pau"]
        return Form(ipa_of(phones), self.name) if phones else None


def _run(word: str) -> str:
    return subprocess.run(["t2p", word], capture_output=True, text=True, check=False).stdout

"""Chinese words by their pinyin."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Literal

from xlt_core.rewriting.libraries import require
from xlt_core.rewriting.tool import Form, Tool
from xlt_core.rewriting.words import has_letters

INSTALL = "xlt-phonexl[transcribers]"
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = re.compile(f"[{HAN}]+|[^{HAN}]+")
_HAN = re.compile(f"[{HAN}]")
_SYLLABLE = re.compile("[a-zü]+[1-5]")
Reading = Literal["dragonmapper", "pypinyin"]


class _Spoken(Tool, ABC):
    """Words with a Chinese character in them, read by one of the libraries."""

    def __init__(self, by: Reading) -> None:
        self.name: Reading = by

    def forms(self, words: Sequence[str]) -> list[Form | None]:
        return [self._form(word) if _HAN.search(word) else None for word in words]

    @abstractmethod
    def _form(self, word: str) -> Form | None:
        """What one such word sounds like, or None where it isn't known."""


class Pinyin(_Spoken):
    """Chinese in Latin letters; what else stands in a word stays."""

    def _form(self, word: str) -> Form | None:
        said = "".join(_accented(run, self.name) if _HAN.match(run) else run for run in _RUNS.findall(word))
        return None if _HAN.search(said) else Form(said, self.name)


class PinyinIpa(_Spoken):
    """Chinese in IPA: each syllable's sounds and tone, syllables parted by spaces."""

    def _form(self, word: str) -> Form | None:
        runs = _RUNS.findall(word)
        said = [part for run in runs for part in self._parts(run)]
        if None in said:
            return None
        whole = not any(has_letters(run) for run in runs if not _HAN.match(run))
        return Form(" ".join(part for part in said if part), self.name, whole)

    def _parts(self, run: str) -> Iterator[str | None]:
        if not _HAN.match(run):
            yield run
            return
        for syllable in _numbered(run, self.name):
            yield _ipa(syllable)


def _accented(run: str, by: Reading) -> str:
    if by == "dragonmapper":
        return str(require("dragonmapper.hanzi", INSTALL).to_pinyin(run)).lower()
    pypinyin = require("pypinyin", INSTALL)
    return "".join(pypinyin.lazy_pinyin(run, style=pypinyin.Style.TONE))


def _numbered(run: str, by: Reading) -> list[str]:
    """Syllables with the number of their tone: there is no doubt then where one ends."""
    if by == "dragonmapper":
        said = str(require("dragonmapper.hanzi", INSTALL).to_pinyin(run, accented=False)).lower()
        found = _SYLLABLE.findall(said)
        return found if "".join(found) == said.replace("'", "").replace(" ", "") else [said]
    pypinyin = require("pypinyin", INSTALL)
    said = pypinyin.lazy_pinyin(run, style=pypinyin.Style.TONE3, neutral_tone_with_five=True, v_to_u=True)
    return [str(syllable) for syllable in said]


def _ipa(syllable: str) -> str | None:
    if not _SYLLABLE.fullmatch(syllable):
        return None
    try:
        said = str(require("dragonmapper.transcriptions", INSTALL).pinyin_to_ipa(syllable))
    except ValueError:
        return None
    return None if any(sign.isdigit() for sign in said) else said

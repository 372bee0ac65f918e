"""What second form of the text is there? Text to text of one language, under the name of a channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from pydantic import Field

from xlt_core.errors import Problem
from xlt_core.facts import AnyFact, Fact
from xlt_core.mini import LANGUAGES as MINI_LANGUAGES
from xlt_core.site import Site
from xlt_core.slots.base import Options


class Rewriter(Options):
    """Base of rewriters. `codes` lists the languages it knows by its own names; None means all."""

    codes: ClassVar[Mapping[str, str] | None] = None
    verb: ClassVar[str] = "rewrite"
    install: ClassVar[str] = ""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        if at.corpus is not None:
            yield at.corpus

    def gives(self, at: Site) -> Iterable[Fact]:
        yield at.rewritten(at.channel)

    def refusals(self, at: Site) -> Iterable[Problem]:
        if self.codes is not None and at.language not in self.codes:
            fix = self.install or f"--set rewriting.{at.channel}= with another: xlt list rewriting"
            yield Problem(f"it can't {self.verb} {{of}}", fix=fix, of=(at.language,))


class Identity(Rewriter):
    """The text itself: a control for what a second channel adds."""


class _OfMini(Rewriter):
    codes: ClassVar[Mapping[str, str] | None] = {language: language for language in MINI_LANGUAGES}
    install = "--targets of the mini world's languages, or another rewriter: xlt list rewriting"


class MiniIpa(_OfMini):
    """The sounds of the mini world's words (IPA), none left out; of its own sentences alone."""

    verb = "transcribe"


class MiniLatin(_OfMini):
    """The mini world's words in Latin letters; of its own sentences alone."""

    verb = "romanise"


EPITRAN = {
    "amh": "amh-Ethi", "ara": "ara-Arab", "deu": "deu-Latn", "fas": "fas-Arab", "fin": "fin-Latn",
    "fra": "fra-Latn", "hau": "hau-Latn", "hin": "hin-Deva", "hun": "hun-Latn", "ita": "ita-Latn",
    "jpn": "jpn-Hira", "khm": "khm-Khmr", "kor": "kor-Hang", "lao": "lao-Laoo", "mya": "mya-Mymr",
    "nld": "nld-Latn", "pol": "pol-Latn", "por": "por-Latn", "rus": "rus-Cyrl", "sin": "sin-Sinh",
    "som": "som-Latn", "spa": "spa-Latn", "swa": "swa-Latn", "swh": "swa-Latn", "tam": "tam-Taml",
    "tgl": "tgl-Latn", "tha": "tha-Thai", "tur": "tur-Latn", "ukr": "ukr-Cyrl", "urd": "urd-Arab",
    "vie": "vie-Latn", "yor": "yor-Latn", "eng": "eng-Latn",
}  # fmt: skip


class Epitran(Rewriter):
    """IPA by Epitran's rules, word by word."""

    libraries = ("epitran", "panphon")
    codes: ClassVar[Mapping[str, str] | None] = EPITRAN
    verb = "transcribe"
    install = "another transcriber: xlt list rewriting"

    tones: bool = False
    """Whether tones are written."""
    granularity: str = Field("word", pattern="^(word|sentence)$")
    """Rules at word edges fire at the ends of what is given, so the two differ."""

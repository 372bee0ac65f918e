"""How is a word said? By recipe: as released, with better phonetics, or romanised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from xlt_core.slots.rewriting import EPITRAN, Rewriter


class Transcriber(Rewriter):
    """A chain of transcribers for each language; which one served is recorded for every word."""

    codes: ClassVar[Mapping[str, str] | None] = {
        **EPITRAN,
        "zho": "dragonmapper",
        "yue": "pypinyin",
        "jpn": "pykakasi",
        "kor": "korean-romanizer",
    }
    verb = "transcribe"
    install = "another transcriber: xlt list rewriting"

    recipe: Literal["ipa", "native", "roman"] = "ipa"
    """As the release made them, with better phonetics, or Latin letters."""
    vi_tones: bool = False
    """Whether Vietnamese tones are written."""
    ja_first_chunk: bool = False
    """Whether only the first chunk of a Japanese word is kept, as released."""
    shuffled: bool = False
    """Give each word another word's phonemes: the control."""


class Espeak(Rewriter):
    """espeak's voice for the language, stress and length marks as asked."""

    verb = "transcribe"

    stress: bool = False
    """Whether stress marks are kept."""
    length: bool = False
    """Whether length marks are kept."""

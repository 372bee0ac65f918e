"""How is a text written in Latin letters?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlt_core.slots.rewriting import Rewriter

if TYPE_CHECKING:
    from xlt_translit_ppa.uroman.romaniser import Romaniser


class Uroman(Rewriter):
    """Uroman's whole-line result, without a language code unless asked for."""

    libraries = ("uroman",)
    verb = "romanise"

    language_code: bool = False
    """Whether Uroman is told the language; it matters for Farsi mainly."""


def tool(options: Uroman, language: str) -> Romaniser:
    """What romanises lines of a language."""
    from xlt_translit_ppa.uroman.romaniser import Romaniser

    return Romaniser(language if options.language_code else None)

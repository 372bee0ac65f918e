"""How is a text written in Latin letters?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from xlt_core.slots.rewriting import Rewriter

if TYPE_CHECKING:
    from xlt_core.rewriting.tool import Tool


class Uroman(Rewriter):
    """Uroman's whole-line result, without a language code unless asked for."""

    libraries = ("uroman",)
    verb = "romanise"
    extra = "xlt-translit-ppa"

    language_code: bool = False
    """Whether Uroman is told the language; it matters for Farsi mainly."""

    def requires(self, language: str) -> tuple[str, ...]:
        return ("uroman",)


def tool(options: Uroman, language: str, files: Mapping[str, Path]) -> Tool:
    """What romanises lines of a language."""
    from xlt_core.rewriting.tool import LineTool
    from xlt_translit_ppa.uroman.romaniser import Romaniser

    engine = Romaniser(language if options.language_code else None)
    return LineTool("uroman", engine, engine.version)

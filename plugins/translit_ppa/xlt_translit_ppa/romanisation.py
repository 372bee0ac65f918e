"""How is a text written in Latin letters?"""

from __future__ import annotations

from xlt_core.slots.rewriting import Rewriter


class Uroman(Rewriter):
    """Uroman's whole-line result, without a language code unless asked for."""

    verb = "romanise"

    language_code: bool = False
    """Whether Uroman is told the language; it matters for Farsi mainly."""

"""A sentence without what editions of one corpus differ in, so that copies of it are found."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache

LEAST = 12
"""Letters, marks and digits that a sentence must have to count: shorter ones are alike by chance."""


def essence(words: Iterable[str]) -> str:
    """Letters, marks and digits, after NFKC and case folding.

    >>> essence(["He", "said", ":", "“", "No", "№１", "”"])
    'hesaidnono1'
    """
    text = unicodedata.normalize("NFKC", "".join(words)).casefold()
    return "".join(sign for sign in text if _counts(sign))


@cache
def _counts(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LMN"

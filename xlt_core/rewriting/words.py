"""Words of running text: what stands between spaces, its marks cut off."""

from __future__ import annotations

import unicodedata

BETWEEN = "'’ʼ.-‐‑·_@"
"""Marks that belong to a word where they stand between two letters or digits of it: `don't`, `e-mail`, `U.S`."""
BETWEEN_DIGITS = ",:/"
JOINERS = "\u200c\u200d\u00ad"
"""Characters without a body that stand inside words."""


def has_letters(text: str) -> bool:
    return text.isalpha() or any(map(str.isalpha, text))


def words_of(chunk: str) -> list[str]:
    """The words and marks of what stands between two spaces; a zero-width space parts words too.

    >>> words_of("«don't»,"), words_of("3.14%..."), words_of("天气好，")
    (['«', "don't", '»', ','], ['3.14', '%', '...'], ['天气好', '，'])
    """
    if chunk.isalnum():
        return [chunk]
    found: list[str] = []
    goes_on = False
    for at, sign in enumerate(chunk):
        if sign == "\u200b" or unicodedata.category(sign) == "Cc":
            goes_on = False
            continue
        inside = _in_word(sign) or (goes_on and _between(chunk, at))
        repeats = bool(found) and not inside and at > 0 and found[-1][-1] == sign == chunk[at - 1]
        if found and ((inside and goes_on) or repeats):
            found[-1] += sign
        else:
            found.append(sign)
        goes_on = inside
    return found or [chunk]


def edges(word: str) -> tuple[str, str, str]:
    """A labelled word between the marks on its edges.

    >>> edges("«Год»"), edges("...")
    (('«', 'Год', '»'), ('...', '', ''))
    """
    inside = [at for at, sign in enumerate(word) if _in_word(sign)]
    if not inside:
        return word, "", ""
    return word[: inside[0]], word[inside[0] : inside[-1] + 1], word[inside[-1] + 1 :]


def _in_word(sign: str) -> bool:
    return sign.isalnum() or unicodedata.category(sign)[0] == "M" or sign in JOINERS


def _between(chunk: str, at: int) -> bool:
    after = chunk[at + 1 : at + 2]
    if chunk[at] in BETWEEN:
        return bool(after) and _in_word(after)
    return chunk[at] in BETWEEN_DIGITS and after.isdigit() and chunk[at - 1].isdigit()

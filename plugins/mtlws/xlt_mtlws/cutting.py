"""Running text, as a translation model writes it, cut into words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from xlt_core.languages import language
from xlt_mtlws.bitext import WITHOUT_SPACES, Cut


def cut(text: str, code: str, how: Cut) -> tuple[str, ...]:
    """The words of a text in a language.

    >>> cut("Don't go, said Mr. Lee (32).", "eng", "punctuation")
    ("Don't", 'go', ',', 'said', 'Mr', '.', 'Lee', '(', '32', ')', '.')
    >>> cut("我爱 你。", "zho", "characters"), cut("አዲስ አበባ።", "amh", "characters")
    (('我', '爱', '你', '。'), ('አዲስ', 'አበባ', '።'))
    """
    if how == "spaces":
        return tuple(text.split())
    if how == "characters" and language(code).script in WITHOUT_SPACES:
        return tuple(_clusters("".join(text.split())))
    return tuple(word for chunk in text.split() for word in _apart(chunk))


def joined(words: tuple[str, ...], code: str) -> str:
    """Words as running text; a translation model reads no lists."""
    return ("" if language(code).script in WITHOUT_SPACES else " ").join(words)


def _apart(chunk: str) -> Iterator[str]:
    """The words of what stands between spaces: each mark is one, unless it stands inside a word or a number."""
    start = 0
    for at, sign in enumerate(chunk):
        inside = 0 < at < len(chunk) - 1 and chunk[at - 1].isalnum() and chunk[at + 1].isalnum()
        if _is_mark(sign) and not (inside and sign in _INSIDE):
            if chunk[start:at]:
                yield chunk[start:at]
            yield sign
            start = at + 1
    if chunk[start:]:
        yield chunk[start:]


_INSIDE = "'’.,:-–·_/ʼ״׳"
"""Marks that part no word where letters or digits stand on both sides: don't, 3.5, 10:30, e-mail."""


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "PS"


def _clusters(text: str) -> Iterator[str]:
    """Each character with the marks upon it."""
    cluster = ""
    for sign in text:
        if cluster and unicodedata.category(sign)[0] == "M":
            cluster += sign
            continue
        if cluster:
            yield cluster
        cluster = sign
    if cluster:
        yield cluster

"""The control for what forms tell: every word of a language has another word's form.

As many words have each form as before, and whatever tied a word's spelling and meaning to its form is gone, within a
language and between languages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from xlt_core.rewriting.tool import Form


def shuffled(forms: Mapping[str, Form], *of: object) -> dict[str, Form]:
    """Words with each other's forms, drawn by `of`: none keeps its own, unless more than half of all have that one.

    >>> forms = {"ab": Form("1", "x"), "cd": Form("2", "x"), "ef": Form("2", "x"), "gh": Form("3", "x")}
    >>> [form.text for form in shuffled(forms, 1).values()]
    ['2', '1', '3', '2']
    """
    words = sorted(forms, key=lambda word: _drawn(word, *of))
    own = [forms[word] for word in words]
    given = own[1:] + own[:1]
    for n, form in enumerate(own):
        if given[n].text == form.text:
            # with one that neither has this form nor was given it, both end with another's
            row = (*range(n + 1, len(own)), *range(n))
            at = next((at for at in row if form.text not in (own[at].text, given[at].text)), n)
            given[n], given[at] = given[at], given[n]
    changed = dict(zip(words, given, strict=True))
    return {word: changed[word] for word in forms}


def _drawn(word: str, *of: object) -> bytes:
    return hashlib.sha256("\0".join((*map(str, of), word)).encode()).digest()

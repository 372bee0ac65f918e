"""Korean words in Latin letters, by the Revised Romanisation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from xlt_core.rewriting.libraries import require
from xlt_core.rewriting.tool import Form, Tool

_HANGUL = re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")


class Romanised(Tool):
    """Syllables as they sound beside each other; what else stands in a word stays."""

    name = "korean-romanizer"

    def forms(self, words: Sequence[str]) -> list[Form | None]:
        return [self._form(word) for word in words]

    def _form(self, word: str) -> Form | None:
        if not _HANGUL.search(word):
            return None
        try:
            said = str(self._romanizer(word).romanize())
        except KeyError:  # rare codas that it has no letters for: ᆭ
            return None
        return Form(said, self.name, whole=not _HANGUL.search(said))

    @cached_property
    def _romanizer(self) -> Any:
        return require("korean_romanizer.romanizer", "xlt-phonexl[transcribers]").Romanizer

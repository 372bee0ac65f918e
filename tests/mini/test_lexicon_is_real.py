"""The words of the mini world are words of its languages: most are met in open corpora."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from xlt_core.mini.world import LANGUAGES, sentences

DATA = Path(__file__).parents[3] / "shared" / "data"

# What was measured, a little rounded down: the share of distinct word forms (names left out) that occur.
FLOOR = {"eng": 99, "zho": 97, "vie": 99, "tur": 85, "swh": 82, "rus": 74}

MONO = {"eng": "eng", "zho": "zho_Hans", "vie": "vie", "tur": "tur", "swh": "swh", "rus": "rus"}
TATOEBA = {"eng": "fra-eng.eng", "zho": "cmn-eng.cmn"}
FOLDERS = {
    "eng": "ud/UD_English-*",
    "zho": "ud/UD_Chinese-*",
    "vie": "ud/UD_Vietnamese-*",
    "tur": "ud/UD_Turkish-*",
    "swh": "*/masakha*/sw[ah]",
    "rus": "ud/UD_Russian-*",
}


def lower(word: str, language: str) -> str:
    if language == "tur":
        word = word.replace("I", "ı").replace("İ", "i")
    # Most Russian texts write е for ё.
    return word.lower().replace("ё", "е")


def corpus(language: str) -> str:
    files = [DATA / "mono" / f"{MONO[language]}.txt.gz"]
    files += [file for folder in sorted(DATA.glob(FOLDERS[language])) for file in sorted(folder.iterdir())]
    pair = TATOEBA.get(language, f"{language}-eng.{language}")
    files += sorted((DATA / "tatoeba").glob(f"tatoeba.{pair}*"))
    parts = []
    for file in files:
        if file.name.startswith("LICENSE"):
            continue
        raw = file.read_bytes()
        parts.append((gzip.decompress(raw) if file.suffix == ".gz" else raw).decode("utf-8"))
    return lower("\n".join(parts), language)


def unmet(language: str) -> tuple[float, list[str]]:
    """The share of word forms met in the corpus, and those not met."""
    forms: set[str] = set()
    for sentence in sentences(language, "test", 3000):
        for word, upos in zip(sentence.words, sentence.upos, strict=True):
            if upos not in ("PUNCT", "NUM", "PROPN"):
                forms.add(lower(word, language))
    text = corpus(language)
    known = set(re.findall(r"[\w'-]+", text)) | set(text.split())
    missing = sorted(form for form in forms if not (form in text if language == "zho" else form in known))
    return 100 * (1 - len(missing) / len(forms)), missing


@pytest.mark.skipif(not DATA.is_dir(), reason="the open corpora (../shared/data) are not beside the project")
@pytest.mark.parametrize("language", LANGUAGES)
def test_most_words_are_met_in_open_corpora(language: str) -> None:
    share, missing = unmet(language)
    assert share >= FLOOR[language], f"{share:.1f}% met; not met: {' '.join(missing)}"

"""The words of the mini world are words of its languages: most are met in open corpora."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from xlt_core.mini.world import sentences

DATA = Path(__file__).parents[3] / "shared" / "data"

# What was measured, a little rounded down: the share of distinct word forms (names left out) that occur. Languages
# that write much on one word (cases, agreement, clitics) have forms that small corpora lack though the words are there.
FLOOR = {
    "eng": 99, "zho": 97, "rus": 71, "ara": 78, "jpn": 94, "vie": 99, "kor": 85, "tur": 76, "ell": 76, "heb": 76,
    "fas": 88, "hin": 94, "urd": 87, "swh": 76, "amh": 55, "khm": 96, "mya": 93, "tam": 40,
}  # fmt: skip

MONO = {"zho": "zho_Hans", "ara": "arb", "fas": "pes"}
TATOEBA = {"eng": "fra-eng.eng", "zho": "cmn-eng.cmn", "fas": "pes-eng.pes"}
FOLDERS = {
    "eng": "ud/UD_English-*", "zho": "ud/UD_Chinese-*", "rus": "ud/UD_Russian-*", "ara": "pos/transfer_corpus/ar_*",
    "jpn": "ud/UD_Japanese-*", "vie": "ud/UD_Vietnamese-*", "kor": "ud/UD_Korean-*", "tur": "ud/UD_Turkish-*",
    "ell": "ud/UD_Greek-*", "heb": "ud/UD_Hebrew-*", "fas": "ud/UD_Persian-*", "hin": "ud/UD_Hindi-*",
    "urd": "ud/UD_Urdu-*", "swh": "*/masakha*/sw[ah]", "amh": "*/masakha*/amh", "tam": "ud/UD_Tamil-*",
}  # fmt: skip
SIB = {"fas": "pes_Arab", "ara": "arb_Arab", "zho": "zho_Hans"}
TICO = {"ara": "arb", "fas": "pes"}
# Korean writes particles on the word before them; few word forms of a small world are met with the same one.
ENDINGS = {"kor": re.compile("(은|는|이|가|을|를|에|에서|에게|로|으로|와|과|의|이다|다|라고|까지|이었다|였다)$")}
UNSPACED = ("zho", "jpn", "khm", "mya")


def lower(word: str, language: str) -> str:
    if language == "tur":
        word = word.replace("I", "ı").replace("İ", "i")
    # Most Russian texts write е for ё.
    return word.lower().replace("ё", "е")


def corpus(language: str) -> str:
    files = [DATA / "mono" / f"{MONO.get(language, language)}.txt.gz"]
    files += [file for folder in sorted(DATA.glob(FOLDERS.get(language, "-"))) for file in sorted(folder.iterdir())]
    pair = TATOEBA.get(language, f"{language}-eng.{language}")
    files += sorted((DATA / "tatoeba").glob(f"tatoeba.{pair}*"))
    files += sorted((DATA / "sib200").glob(f"{SIB.get(language, language + '_*')}/*.tsv*"))
    files += sorted((DATA / "parallel" / "tico19").glob(f"eng-{TICO.get(language, language)}.tsv*"))
    two = {"amh": "am", "khm": "km", "mya": "my", "tam": "ta", "jpn": "ja", "kor": "ko", "hin": "hi", "urd": "ur",
           "heb": "he", "fas": "fa", "ara": "ar", "ell": "el", "rus": "ru", "tur": "tr", "vie": "vi", "swh": "sw",
           "zho": "zh", "eng": "-"}[language]  # fmt: skip
    files += sorted((DATA / "dict" / "tico19").glob(f"*_en[-_]{two}*.csv*"))
    files += sorted((DATA / "ipa" / "wikipron").glob(f"{language}_*"))
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
    for sentence in sentences(language, "test", 2000):
        for word, upos in zip(sentence.words, sentence.upos, strict=True):
            if upos not in ("PUNCT", "NUM", "PROPN"):
                forms.add(lower(word, language))
    text = corpus(language)
    known = set(re.findall(r"[\w'-]+", text)) | set(text.split())

    def met(form: str) -> bool:
        if language in UNSPACED:
            return form in text
        return form in known or (ending is not None and ending.sub("", form) in stems)

    ending = ENDINGS.get(language)
    stems = {ending.sub("", word) for word in known} if ending else set()
    missing = sorted(form for form in forms if not met(form))
    return 100 * (1 - len(missing) / len(forms)), missing


@pytest.mark.skipif(not DATA.is_dir(), reason="the open corpora (../shared/data) are not beside the project")
@pytest.mark.parametrize("language", list(FLOOR))
def test_most_words_are_met_in_open_corpora(language: str) -> None:
    share, missing = unmet(language)
    assert share >= FLOOR[language], f"{share:.1f}% met; not met: {' '.join(missing)}"

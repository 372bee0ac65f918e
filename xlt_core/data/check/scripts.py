"""Which script a sentence is written in, by the Unicode names of its letters."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import cache

from xlt_core.languages import language

NAMES = {
    "ADLAM": "Adlm", "ARABIC": "Arab", "ARMENIAN": "Armn", "BENGALI": "Beng", "BOPOMOFO": "Bopo",
    "CANADIAN": "Cans", "CHEROKEE": "Cher", "CJK": "Hani", "COPTIC": "Copt", "CYRILLIC": "Cyrl",
    "DEVANAGARI": "Deva", "ETHIOPIC": "Ethi", "GEORGIAN": "Geor", "GOTHIC": "Goth", "GREEK": "Grek",
    "GUJARATI": "Gujr", "GURMUKHI": "Guru", "HANGUL": "Hang", "HEBREW": "Hebr", "HIRAGANA": "Hira",
    "JAVANESE": "Java", "KANNADA": "Knda", "KATAKANA": "Kana", "KATAKANA-HIRAGANA": "Kana", "KHMER": "Khmr",
    "LAO": "Laoo", "LATIN": "Latn", "MALAYALAM": "Mlym", "MEETEI": "Mtei", "MONGOLIAN": "Mong",
    "MYANMAR": "Mymr", "NKO": "Nkoo", "OL": "Olck", "ORIYA": "Orya", "SINHALA": "Sinh", "SYRIAC": "Syrc",
    "TAMIL": "Taml", "TELUGU": "Telu", "THAANA": "Thaa", "THAI": "Thai", "TIBETAN": "Tibt", "TIFINAGH": "Tfng",
    "VAI": "Vaii", "YI": "Yiii",
}  # fmt: skip
"""The word with which letters' names begin → the script."""
MADE_OF = {
    "Hans": {"Hani", "Bopo"}, "Hant": {"Hani", "Bopo"}, "Jpan": {"Hani", "Hira", "Kana"}, "Kore": {"Hang", "Hani"},
    "Aran": {"Arab"}, "Hrkt": {"Hira", "Kana"},
}  # fmt: skip
"""Scripts that are several, or that Unicode calls otherwise."""
SIMPLIFIED = "这个们来时说对会后学国为发现经过动还开关问题没让给书马长门车东见"
TRADITIONAL = "這個們來時說對會後學國為發現經過動還開關問題沒讓給書馬長門車東見"
"""The same frequent characters in the one form and in the other."""
ONLY_SIMPLIFIED = frozenset(SIMPLIFIED) - frozenset(TRADITIONAL)
ONLY_TRADITIONAL = frozenset(TRADITIONAL) - frozenset(SIMPLIFIED)


@cache
def script_of(sign: str) -> str:
    """The script of a letter; empty for anything else, and for letters of scripts that aren't told apart here.

    >>> script_of("ж"), script_of("漢"), script_of("7")
    ('Cyrl', 'Hani', '')
    """
    if not sign.isalpha():
        return ""
    first = unicodedata.name(sign, "").removeprefix("FULLWIDTH ").removeprefix("HALFWIDTH ").partition(" ")[0]
    return NAMES.get(first, "")


def histogram(text: str) -> Counter[str]:
    """How many letters of each script a text has."""
    counts = Counter(map(script_of, text))
    del counts[""]
    return counts


@cache
def expected(code: str) -> frozenset[str]:
    """The scripts of letters in which a language is written; none where this can't tell.

    >>> sorted(expected("jpn")), sorted(expected("srp_Latn"))
    (['Hani', 'Hira', 'Kana'], ['Latn'])
    """
    script = language(code).script
    made = MADE_OF.get(script, {script})
    return frozenset(made) if made <= {*NAMES.values()} else frozenset()


def chinese(texts: Counter[str]) -> str:
    """`Hans` or `Hant`, by the characters that stand in only one of them; empty where neither is clear."""
    one = sum(texts[sign] for sign in ONLY_SIMPLIFIED)
    two = sum(texts[sign] for sign in ONLY_TRADITIONAL)
    if max(one, two) < 20 or min(one, two) * 4 > max(one, two):
        return ""
    return "Hans" if one > two else "Hant"

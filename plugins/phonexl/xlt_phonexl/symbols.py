"""The symbols of IPA, as Unicode writes them: what a tokenizer is asked about."""

from __future__ import annotations

from unicodedata import normalize

LETTERS = "".join(map(chr, range(0x0250, 0x02B0))) + "abcdefghijklmnopqrstuvwxyzæçðøħŋœβθχăâêôơưđ" + "ǀǁǂǃⱱ"
"""Letters of IPA; and those that Vietnamese transcriptions keep."""
MODIFIERS = "ʰʱʲʷˈˌːˑ˞ˠˤⁿˡˀʼʴʳˢᵊᵑ"
TONES = "˥˦˧˨˩"
"""Chao's tone letters."""
PINYIN = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü"
MARKS = "".join(map(chr, (*range(0x0300, 0x0305), 0x0306, *range(0x0308, 0x030D), 0x030F, 0x0311, 0x0318, 0x0319,
                          0x031A, *range(0x031C, 0x0321), 0x0324, 0x0325, 0x0329, 0x032A, 0x032C, 0x032F, 0x0330,
                          0x0334, 0x0339, 0x033A, 0x033B, 0x033C, 0x033D, 0x035C, 0x0361)))  # fmt: skip
"""Diacritics, tie bars too."""
SIGNS = ".|‖‿↗↘"

_WHOLE = (normalize("NFC", letter + mark) for letter in LETTERS for mark in MARKS)
COMPOSED = "".join(whole for whole in _WHOLE if len(whole) == 1)
"""Letters with a mark that tokenizers turn into one sign before they read it: ä."""

SYMBOLS = tuple(dict.fromkeys(LETTERS + MODIFIERS + TONES + PINYIN + MARKS + SIGNS + COMPOSED))

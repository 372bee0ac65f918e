"""The data sets that the paper's authors released, and how their files are called."""

from __future__ import annotations

from xlt_core.data.layout import Layout
from xlt_core.data.sets import DataSet

HOME = "https://github.com/nhhoang96/phonemic_xlingual"
LANGUAGES = frozenset({"zho", "vie", "jpn", "kor"})

PANX = DataSet(
    "phonexl.panx",
    "",
    "none stated; made from WikiANN",
    "labels:ner",
    LANGUAGES,
    home=HOME,
    sums="xlt_phonexl:checksums.tsv",
    folders=("full_updated_panx",),
    layouts=(Layout("{split}-{lang}.tsv", reading={"use": "phonexl.phonetic_tsv"}),),
    quirks="Of the Vietnamese test sentences 1,651 are also in train. About 500 I- tags a file follow no B-: kept.",
)
UDPOS = DataSet(
    "phonexl.udpos",
    "",
    "none stated; made from Universal Dependencies",
    "labels:pos",
    LANGUAGES,
    home=HOME,
    sums="xlt_phonexl:checksums.tsv",
    folders=("full_updated_udpos",),
    layouts=(Layout("{split}-{lang}.tsv", reading={"use": "phonexl.phonetic_tsv"}),),
    quirks="Of the Vietnamese treebank's test sentences 517 are in dev here: its splits changed.",
)
DICTIONARIES = DataSet(
    "phonexl.dictionaries",
    "",
    "none stated; made from MUSE",
    "dictionary",
    LANGUAGES,
    home=HOME,
    sums="xlt_phonexl:checksums.tsv",
    folders=("phonexl",),
    layouts=(Layout("{a}-{b}-dict.txt", "dictionary", {"use": "phonexl.bidict4"}),),
    quirks="No Japanese entry is one character long, and the named entities are: none is ever found.",
)

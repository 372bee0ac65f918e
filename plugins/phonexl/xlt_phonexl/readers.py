"""How are the release's files read? Four columns, no header."""

from __future__ import annotations

from xlt_core.slots.reading import LabelReader, Reader


class PhoneticTsv(LabelReader):
    """`word, label, IPA, romanised`; an empty IPA cell and odd tags are kept as they are."""

    writes = "xlt_phonexl.reading:phonetic_tsv_answered"

    lookup: bool = True
    """Whether the transcriber may look words up in the IPA column before it transcribes them."""


class Bidict4(Reader):
    """`source, its IPA, target, its IPA`; several lines of one source are alternatives."""

    reads = ("dictionary",)

    unique: bool = True
    """Whether an alternative that stands twice counts once."""

"""How are the release's files read? Four columns, no header."""

from __future__ import annotations

from xlt_core.slots.reading import LabelReader, Reader


class PhoneticTsv(LabelReader):
    """`word, label, IPA, romanised`; an empty IPA cell and odd tags are kept as they are.

    Words and labels are read. To have the files' own IPA, harvest it: `xlt data harvest`, then `lookup` of the
    transcriber.
    """

    writes = "xlt_phonexl.reading:phonetic_tsv_answered"


class Bidict4(Reader):
    """`source, its IPA, target, its IPA`; several lines of one source are alternatives."""

    reads = ("dictionary",)

    unique: bool = True
    """Whether an alternative that stands twice counts once."""

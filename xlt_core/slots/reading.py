"""How is a file read? A reader for each kind of thing that files hold: labels, texts, dictionaries."""

from __future__ import annotations

from typing import ClassVar

from xlt_core.slots.base import Options


class Reader(Options):
    """Base of readers. Its work takes a job and a path, and writes the store's form of what it read."""

    reads: ClassVar[tuple[str, ...]] = ("labels",)
    """The kinds that it can read: `labels`, `text`, `parallel`, `dictionary`, `translation`, `alignment`."""


class TwoColumns(Reader):
    """`word<TAB>tag` a line, a blank line between sentences."""


class Lines(Reader):
    """A text, a sentence or a pair a line, as it stands."""

    reads = ("text", "parallel", "dictionary", "translation", "alignment", "weights", "distances")

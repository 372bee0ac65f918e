"""How much of a corpus a tool could rewrite, and what it could not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from xlt_core.rewriting.tool import Form
from xlt_core.rewriting.words import has_letters

SHOWN = 8
AS_IT_IS, IN_PART, NOT = "as it is", "in part", "not"
"""What can be said of a word beside who served it: it has no letters; some were left as they stood; all were."""
UNREAD = (IN_PART, NOT)


def served(word: str, form: Form | None) -> str:
    """Who served a word, or what else became of it."""
    if form is None:
        return NOT if has_letters(word) else AS_IT_IS
    if not form.whole:
        return IN_PART
    return form.by if has_letters(word) or form.text != word else AS_IT_IS


@dataclass
class Tally:
    """Counts of words, or of lines where the tool goes by lines; `first` are words that were not read to the end."""

    unit: str = "word"
    by: Counter[str] = field(default_factory=Counter)
    first: dict[str, int] = field(default_factory=dict)

    def add(self, word: str, form: Form | None, count: int) -> None:
        who = served(word, form)
        self.by[who] += count
        if who in UNREAD:
            self.show(word, count)

    def show(self, word: str, count: int) -> None:
        if word in self.first or len(self.first) < SHOWN:
            self.first[word] = self.first.get(word, 0) + count

    @property
    def total(self) -> int:
        return self.by.total()

    @property
    def coverage(self) -> float:
        """The share of what has letters that was rewritten to the last of them."""
        missed = self.by[IN_PART] + self.by[NOT]
        asked = self.total - self.by[AS_IT_IS]
        return (asked - missed) / asked if asked else 1.0

    def as_data(self) -> dict[str, Any]:
        return {"unit": self.unit, "total": self.total, "coverage": round(self.coverage, 6), "by": dict(self.by),
                "first": self.first}  # fmt: skip

    def text(self) -> str:
        """One line: `1,204 words: epitran 1,100, as it is 100, not 4 (99.6% of what has letters); not read: …`."""
        counts = ", ".join(f"{who} {count:,}" for who, count in self.by.most_common())
        units = self.unit + ("s" if self.total != 1 else "")
        told = f"{self.total:,} {units}: {counts or 'none'} ({self.coverage:.1%} of what has letters)"
        if not self.first:
            return told
        words = ", ".join(f"{word} ({count:,})" for word, count in self.first.items())
        more = " …" if len(self.first) == SHOWN else ""
        return f"{told}; not read to the end: {words}{more}"

"""What is odd about sentences in several languages: sides in another script, the same twice, lengths that don't go
together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from statistics import median

from xlt_core.data.check.scripts import expected, histogram

LOOKED_AT = 1000
"""Rows from the beginning that are looked at."""
LEAST = 8
"""Letters below which a sentence says too little to be judged."""
FOREIGN, MANY = 0.5, 0.1
"""Share of a side's letters in other scripts, and of rows that are alike or of odd lengths, from which it is told."""
FAR = 3.0
"""How many times the usual proportion of lengths is odd."""


def doubts(rows: Sequence[Sequence[str]], languages: Sequence[str]) -> Iterator[str]:
    """One sentence for each thing that is odd; a row has a cell for each language.

    >>> list(doubts([["a red house", "das Haus ist rot"]] * 20, ["amh", "deu"]))
    ['amh is mostly written in Latn here, and not in Ethi: it may be another language']
    """
    rows = list(rows)[:LOOKED_AT]
    for place, language in enumerate(languages):
        yield from _script([row[place] for row in rows if len(row) > place], language)
    for one, other in combinations(range(len(languages)), 2):
        pairs = [(row[one].strip(), row[other].strip()) for row in rows if len(row) > max(one, other)]
        long = [pair for pair in pairs if min(map(len, pair)) >= LEAST]
        if long:
            yield from _sides(long, f"{languages[one]}-{languages[other]}")


def _script(cells: Sequence[str], language: str) -> Iterator[str]:
    allowed, counts = expected(language), Counter[str]()
    for cell in cells:
        counts.update(histogram(cell))
    if allowed and counts.total() >= LEAST and sum(counts[own] for own in allowed) < (1 - FOREIGN) * counts.total():
        most, usual = counts.most_common(1)[0][0], ", ".join(sorted(allowed))
        yield f"{language} is mostly written in {most} here, and not in {usual}: it may be another language"


def _sides(pairs: Sequence[tuple[str, str]], names: str) -> Iterator[str]:
    same = sum(one == other for one, other in pairs)
    if same > MANY * len(pairs):
        yield f"{names}: {same} of {len(pairs)} sentences are the same on both sides: one isn't translated"
    usual = median(len(one) / len(other) for one, other in pairs)
    odd = sum(not usual / FAR <= len(one) / len(other) <= usual * FAR for one, other in pairs)
    if odd > MANY * len(pairs):
        yield f"{names}: {odd} of {len(pairs)} sentences are far longer or shorter than usual: rows may be shifted"

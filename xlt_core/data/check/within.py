"""What can be seen in one file: its lines, its words, its script, sentences that stand twice."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from xlt_core.data.check.corpus import File, Sentence
from xlt_core.data.check.essence import LEAST, essence
from xlt_core.data.check.findings import Found
from xlt_core.data.check.scripts import expected, histogram
from xlt_core.languages import language

FOREIGN = 0.5
"""Of a sentence's letters, or a file's sentences: more in other scripts are a finding."""
INVISIBLE = ("C", "Z")


def reading(file: File) -> Iterator[Found]:
    """Whatever the reader met: bytes that are no UTF-8, columns, tags that the task or the scheme doesn't have."""
    for one in file.source.findings:
        yield Found("reading", "error" if one.grave else "warning", one.file, one.line, one.what, one.fix)
    if not file.sentences:
        yield Found("empty", "error", file.path, 0, "there is no sentence in it")


def empty(file: File) -> Iterator[Found]:
    """Words in which nothing can be seen, and sentences without a letter or a digit."""
    for one in file.sentences:
        for word in one.words:
            if all(unicodedata.category(sign)[0] in INVISIBLE for sign in word):
                signs = " ".join(f"U+{ord(sign):04X}" for sign in word)
                yield Found("empty", "warning", file.path, one.line, f"nothing can be seen of the word {signs}")
        if not any(sign.isalnum() for word in one.words for sign in word):
            said = " ".join(one.words)[:40]
            what = f"in the sentence there is no letter and no digit: `{said}`" if said else "the line is empty"
            yield Found("empty", "warning", file.path, one.line, what)


def scripts(file: File) -> Counter[str]:
    """Letters by script, in all of the file's sentences."""
    counts: Counter[str] = Counter()
    for one in file.sentences:
        for word in one.words:
            counts.update(histogram(word))
    return counts


def script(file: File) -> Iterator[Found]:
    """Sentences that are mostly in other scripts than the language's; one finding where most of the file is."""
    allowed = expected(file.language)
    if not allowed or len(file.languages) > 1:
        return
    foreign = []
    looked_at = 0
    for one in file.sentences:
        counts = histogram("".join(one.words))
        total = counts.total()
        if total >= LEAST:
            looked_at += 1
            if sum(counts[own] for own in allowed) < FOREIGN * total:
                foreign.append((one, counts.most_common(1)[0][0]))
    name = language(file.language).name
    if looked_at and len(foreign) > FOREIGN * looked_at:
        most = Counter(own for _, own in foreign).most_common(1)[0][0]
        what = f"{len(foreign):,} of {looked_at:,} sentences are in {most}, and {name} is written in {_listed(allowed)}"
        yield Found("script", "error", file.path, 0, what, "the language of the file may be another one")
        return
    for one, own in foreign:
        what = f"this is mostly {own}, and {name} is written in {_listed(allowed)}: `{' '.join(one.words)[:40]}`"
        yield Found("script", "warning", file.path, one.line, what)


def _listed(scripts: frozenset[str]) -> str:
    return ", ".join(sorted(scripts))


def essences(file: File) -> dict[str, list[Sentence]]:
    """Sentences that are long enough to be told apart, by their letters and digits; a pair counts as a whole."""
    held: dict[str, list[Sentence]] = {}
    before = 0
    for one in file.sentences:
        if one.line == before:
            continue  # the same sentence again, for another predicate
        before = one.line
        bare = essence(one.words + one.second)
        if len(bare) >= LEAST:
            held.setdefault(bare, []).append(one)
    return held


def duplicates(file: File, held: Mapping[str, Sequence[Sentence]]) -> Iterator[Found]:
    """Sentences that stand more than once, and those of them that are labelled in two ways."""
    twice = [own for own in held.values() if len(own) > 1]
    if not twice:
        return
    extra = sum(len(own) - 1 for own in twice)
    first = twice[0]
    what = (
        f"{extra:,} of {len(file.sentences):,} sentences repeat an earlier one; the first repeats line {first[0].line}"
    )
    yield Found("duplicates", "warning", file.path, first[1].line, what)
    for own in twice:
        other = next((one for one in own if one.tags != own[0].tags and len(one.words) == len(own[0].words)), None)
        if other is not None:
            what = f"this has other labels than the same sentence on line {own[0].line}"
            yield Found("contradictions", "warning", file.path, other.line, what)

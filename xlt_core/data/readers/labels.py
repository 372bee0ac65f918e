"""From a file's own labels to the task's: renamed, in one scheme, what fits neither reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from xlt_core.data.readers.columns import Numbered
from xlt_core.data.readers.source import Source
from xlt_core.data.records import UNLABELLED, Tagged
from xlt_core.data.schemes import Scheme, convert, spans_of, written
from xlt_core.slots.reading import LabelReader

SCHEMES: dict[str, Scheme] = {"io": "oi", "iob1": "iob1", "iob2": "iob2", "bioes": "bioes"}
OTHER_LETTERS = str.maketrans("LUMW", "ESIS")
"""BILOU and BMEWO are BIOES by other letters."""


@dataclass
class Told:
    """What became of a file's labels; it goes into the store beside the examples."""

    examples: int = 0
    scheme: str = ""
    renamed: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    """Labels that the task doesn't have, and how many there are."""
    policy: str = ""
    """What became of them: they are missed, or dropped."""
    without: list[int] = field(default_factory=list)
    """Examples left out, by their place in the file: their label is renamed to nothing, or unknown and dropped."""
    broken: int = 0
    """Spans that the scheme doesn't allow as they are written."""

    @property
    def left_out(self) -> int:
        return len(self.without)

    def as_data(self) -> dict[str, Any]:
        told = {
            "examples": self.examples, "scheme": self.scheme, "renamed": self.renamed,
            "unknown": self.unknown, "policy": self.policy, "left_out": self.left_out, "broken": self.broken,
        }  # fmt: skip
        return {name: value for name, value in told.items() if value or name == "examples"}


def settled(source: Source, rows: Iterable[Numbered], options: LabelReader, told: Told) -> list[Tagged]:
    """A file's examples with the task's labels, of spans in IOB2."""
    numbered = list(rows)
    how = kind_of(source)
    if isinstance(how, Spans):
        numbered = _in_iob2(source, numbered, options, told)
    found = _renamed(source, numbered, options, told, how)
    told.examples = len(found)
    return found


# names


def kind_of(source: Source) -> Words:
    unit = source.task.unit if source.task is not None else "word"
    return Spans() if unit == "span" else Words() if unit == "word" else Wholes()


def known_to(source: Source) -> set[str]:
    """The names that the task's labels have."""
    return {kind_of(source).parted(label)[1] for label in source.task.labels} if source.task is not None else set()


class Words:
    """What a label stands for where each word has one: a word can be left without."""

    dropped: str | None = UNLABELLED

    def parted(self, tag: str) -> tuple[str, str]:
        """What stands before a label's name, and the name."""
        return "", tag

    def counts(self, tag: str) -> bool:
        return True


class Wholes(Words):
    """Where a whole example has one label: without it the example says nothing."""

    dropped = None


class Spans(Words):
    """Where tags write spans: a span's type is renamed, and is counted where it begins."""

    dropped = "O"

    def parted(self, tag: str) -> tuple[str, str]:
        return (tag[:2], tag[2:]) if tag != "O" else ("", "O")

    def counts(self, tag: str) -> bool:
        return tag.startswith("B-")


def _renamed(source: Source, rows: list[Numbered], options: LabelReader, told: Told, how: Words) -> list[Tagged]:
    """Every tag once as the task calls it; examples in which one is renamed to nothing are left out."""
    known = known_to(source)
    often = Counter(tag for _, row in rows for tag in row.tags)
    new: dict[str, str | None] = {}
    unknown: dict[str, str] = {}
    for tag, times in often.items():
        before, name = how.parted(tag)
        renamed = named(name, options.rename, known)
        if renamed != name:
            _count(told.renamed, f"{name} → {renamed}", times if how.counts(tag) else 0)
        if renamed is not None and known and renamed not in known and renamed != UNLABELLED:
            _count(told.unknown, renamed, times if how.counts(tag) else 0)
            unknown.setdefault(renamed, tag)
            can_be_missed = options.unknown == "miss" and source.split != "train"
            new[tag] = f"{before}{renamed}" if can_be_missed else how.dropped
        else:
            new[tag] = renamed if renamed in (None, "O", UNLABELLED) else f"{before}{renamed}"
    if unknown:
        told.policy = "drop" if options.unknown == "miss" and source.split == "train" else options.unknown
        if options.unknown == "refuse":
            _refuse(source, rows, unknown, known)
    changed = {tag for tag in often if new[tag] != tag}
    found = []
    for place, (_, row) in enumerate(rows):
        if changed.isdisjoint(row.tags):
            found.append(row)
            continue
        tags = [new[tag] for tag in row.tags]
        if None in tags:
            told.without.append(place)
        else:
            found.append(replace(row, tags=tuple(tag for tag in tags if tag is not None)))
    return found


def named(name: str, rename: Mapping[str, str | None], known: Iterable[str]) -> str | None:
    """A label as the task calls it: renamed where that was asked for, or spelt in the task's letters' case."""
    if name in rename:
        return rename[name]
    return name if name in known else next((own for own in known if own.lower() == name.lower()), name)


def _count(counts: dict[str, int], name: str, times: int) -> None:
    counts[name] = counts.get(name, 0) + times


def _refuse(source: Source, rows: list[Numbered], unknown: Mapping[str, str], known: Iterable[str]) -> None:
    for name, tag in unknown.items():
        line = next(line for line, row in rows if tag in row.tags)
        what = f"tags that the task doesn't have: {tag}; it has {', '.join(sorted(known))}"
        fix = f"--set reading.labels.rename.{name}=O, or another of the task's; or reading.labels.unknown=drop, or miss"
        source.mistake(line, what, fix)


# spans


def _in_iob2(source: Source, rows: list[Numbered], options: LabelReader, told: Told) -> list[Numbered]:
    rows = _by_letters(source, rows)
    asked: str = getattr(options, "tags", "auto")
    scheme = SCHEMES.get(asked) or scheme_in(row.tags for _, row in rows)
    told.scheme = "io" if scheme == "oi" else scheme
    found = []
    for line, row in rows:
        if scheme == "iob2" and all(
            tag[0] != "I" or before[2:] == tag[2:] for before, tag in zip(("O", *row.tags), row.tags, strict=False)
        ):
            found.append((line, row))
        else:
            found.append((line, replace(row, tags=_whole(source, line, row, scheme, options, told))))
    return found


def _by_letters(source: Source, rows: list[Numbered]) -> list[Numbered]:
    """Rows whose tags all write spans, in the letters of BIOES; the others are reported."""
    tags = {tag for _, row in rows for tag in row.tags}
    wrong = {tag for tag in tags if tag != "O" and (tag[1:2] != "-" or tag[0] not in "BIESLUMW" or not tag[2:])}
    if wrong:
        for line, row in rows:
            if not wrong.isdisjoint(row.tags):
                said = next(tag for tag in row.tags if tag in wrong)
                what = f"a span's tag is O, or a letter, - and a type, as in B-PER; this is none: {said}"
                source.mistake(line, what, "--task with another task, or a reader of another column: xlt list reading")
        rows = [(line, row) for line, row in rows if wrong.isdisjoint(row.tags)]
    if any(tag[0] in "LUMW" for tag in tags - wrong):
        same = {tag: tag if tag == "O" else tag[0].translate(OTHER_LETTERS) + tag[1:] for tag in tags}
        rows = [(line, replace(row, tags=tuple(same[tag] for tag in row.tags))) for line, row in rows]
    return rows


def scheme_in(rows: Iterable[Sequence[str]]) -> Scheme:
    """The scheme that tags are written in, by the letters and by where a B- stands.

    >>> scheme_in([("I-PER", "B-PER", "O")]), scheme_in([("B-PER", "B-PER", "O")])
    ('iob1', 'iob2')
    """
    rows = list(rows)
    letters = {tag[0] for tag in {tag for tags in rows for tag in tags}}
    if letters & {"E", "S"}:
        return "bioes"
    if "B" not in letters:
        return "oi" if "I" in letters else "iob2"
    pairs = (pair for tags in rows for pair in zip(("O", *tags), tags, strict=False))
    # where a B- only ever parts two spans of one type, it is left out at the first of them: that is IOB1
    return "iob2" if any(tag[0] == "B" and before[2:] != tag[2:] for before, tag in pairs) else "iob1"


def _whole(source: Source, line: int, row: Tagged, scheme: Scheme, options: LabelReader, told: Told) -> tuple[str, ...]:
    """A sentence's tags in IOB2, with what the scheme doesn't allow kept, mended or refused."""
    spans = spans_of(row.tags, scheme)
    wrong = [span for span in spans if not span.regular]
    if not wrong:
        return convert(row.tags, scheme, "iob2")
    told.broken += len(wrong)
    first = wrong[0]
    said = " ".join(row.tags[first.first : first.last + 1][:4])
    what = f"in the sentence that begins here, `{said}` at `{row.words[first.first]}` is no span of {told.scheme}"
    if options.broken == "refuse":
        source.mistake(line, what, "--set reading.labels.broken=repair, or keep")
    else:
        source.remark(line, what, "--set reading.labels.broken=repair")
    if options.broken == "repair":
        return written([span._replace(regular=True) for span in spans], len(row.tags), "iob2")
    return convert(row.tags, scheme, "iob2")

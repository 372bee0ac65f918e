"""From the task's labels back to a file's own, and into its format: answers as the file would hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xlt_core.catalog import load_object
from xlt_core.data.readers.again import Unwritable
from xlt_core.data.readers.columns import Answers, Numbered
from xlt_core.data.readers.labels import SCHEMES, Spans, Told, kind_of, known_to, named, scheme_in, settled
from xlt_core.data.readers.source import Source
from xlt_core.data.records import UNLABELLED, Tagged
from xlt_core.data.schemes import Scheme, convert, scheme_of
from xlt_core.slots.reading import LabelReader

Writer = Callable[[Source, Any, Answers], Iterator[bytes]]
KEPT = ("O", UNLABELLED)
"""Labels that are called so everywhere."""


def file_with(
    source: Source, options: LabelReader, work: Callable[[Source, Any], Iterable[Numbered]], answers: Sequence[Tagged]
) -> Iterator[bytes]:
    """The bytes of a file, unpacked, with these answers to its examples in the place of its labels.

    An example that was left out when the file was read has no answer: its words are `O`, or its label `_`.
    """
    if not options.writes:
        raise Unwritable("its reader can't write it")
    numbered, told = list(work(source, options)), Told()
    read = settled(source, numbered, options, told)
    if [(row.words, row.second, row.marked) for row in read] != [(a.words, a.second, a.marked) for a in answers]:
        raise Unwritable("its reader reads other examples in it than it did then")
    back = Back.of(source, [row for _, row in numbered], options)
    left, given, scheme = {*told.without}, iter(answers), _scheme(source, read)
    found = [
        back.nothing(row) if place in left else back.tags(next(given).tags, scheme)
        for place, (_, row) in enumerate(numbered)
    ]
    write: Writer = load_object(options.writes)
    yield from write(source, options, found)


def _scheme(source: Source, rows: Sequence[Tagged]) -> Scheme:
    """The scheme in which predictions are given for these rows."""
    return scheme_of(row.tags for row in rows) if isinstance(kind_of(source), Spans) else "iob2"


@dataclass(frozen=True, slots=True)
class Back:
    """How a file writes what the task's labels mean.

    A label has the name that the file gives it. Where several names of the file are one label of the task's, that
    one's name stands.
    """

    spans: bool
    scheme: Scheme = "iob2"
    letters: Mapping[int, str] = field(default_factory=dict)
    """The letters of BIOES → the file's."""
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Source, rows: Sequence[Tagged], options: LabelReader) -> Back:
        how = kind_of(source)
        tags = {tag for row in rows for tag in row.tags}
        names = own_names({how.parted(tag)[1] for tag in tags}, options.rename, known_to(source))
        if not isinstance(how, Spans):
            return cls(False, names=names)
        letters = _letters({tag[0] for tag in tags if tag != "O"})
        asked: str = getattr(options, "tags", "auto")
        scheme = SCHEMES.get(asked) or ("bioes" if letters else scheme_in(row.tags for row in rows))
        return cls(True, scheme, letters, names)

    def tags(self, tags: Sequence[str], scheme: Scheme) -> tuple[str, ...]:
        if not self.spans:
            return tuple(self.names.get(tag, tag) for tag in tags)
        return tuple(self._named(tag) for tag in convert(tags, scheme, self.scheme))

    def nothing(self, row: Tagged) -> tuple[str, ...]:
        """What stands where nobody answered."""
        return ("O" if self.spans else UNLABELLED,) * len(row.tags)

    def _named(self, tag: str) -> str:
        letter, _, name = tag.partition("-")
        return f"{letter.translate(self.letters)}-{self.names.get(name, name)}" if name else tag


def _letters(seen: set[str]) -> dict[int, str]:
    """BILOU and BMEWO are BIOES by other letters; nothing where a file has none of theirs."""
    if seen.isdisjoint("LUMW"):
        return {}
    last_and_single = {"E": "L", "S": "U"} if seen & {"L", "U"} else {"I": "M"}
    return str.maketrans({**last_and_single, **({"S": "W"} if "W" in seen else {})})


def own_names(seen: Iterable[str], rename: Mapping[str, str | None], known: Iterable[str]) -> dict[str, str]:
    """The task's labels that a file calls otherwise, with its name for each.

    A label that the file hasn't is called by its name in `rename`, if the file calls none as the task does.

    >>> own_names(["person", "MISC", "O"], {"person": "PER", "place": "LOC", "MISC": "O"}, ["PER", "LOC", "O"])
    {'PER': 'person', 'LOC': 'place'}
    """
    here = _by_label((name, named(name, rename, known)) for name in seen)
    told = _by_label(rename.items())
    if any(label in names for label, names in here.items()):
        told = {}
    found = {label: next(iter(names)) for label, names in {**told, **here}.items() if len(names) == 1}
    return {label: name for label, name in found.items() if name != label}


def _by_label(pairs: Iterable[tuple[str, str | None]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, label in pairs:
        if label is not None and label not in KEPT:
            found.setdefault(label, set()).add(name)
    return found

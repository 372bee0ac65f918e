"""The check-up of a folder, a file, or several: every check, and the figures that are no findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from xlt_core.data.check import across, within
from xlt_core.data.check.corpus import Corpus
from xlt_core.data.check.findings import Found, gathered
from xlt_core.data.check.pieces import Pieces, read


@dataclass(frozen=True, slots=True)
class Tokens:
    """A backbone's tokenizer, as far as it matters here."""

    cut: Pieces
    specials: int
    limit: int


@dataclass(slots=True)
class Report:
    """What was looked at and what was found."""

    files: list[dict[str, Any]] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    leaks: list[across.Leak] = field(default_factory=list)

    @property
    def errors(self) -> int:
        return sum(one.level == "error" for one in self.found)

    def as_data(self) -> dict[str, Any]:
        groups = [
            {"level": level, "check": check, "count": len(own)} for (level, check), own in gathered(self.found).items()
        ]
        told = [one.as_data() for own in gathered(self.found).values() for one in own]
        return {
            "errors": self.errors, "warnings": len(self.found) - self.errors, "checks": groups,
            "files": self.files, "findings": told,
        }  # fmt: skip


def checked(corpora: Iterable[Corpus], tokens: Tokens | None = None, against: Sequence[Corpus] = ()) -> Report:
    """Look at corpora; `against` are others that are only compared with.

    >>> checked(corpora(Path("data"), load_catalog(), None, None)).errors  # doctest: +SKIP
    0
    """
    report = Report()
    held = []
    for corpus in corpora:
        for file in corpus.files:
            own = across.Held(corpus.name, file, within.essences(file))
            held.append(own)
            for check in (within.reading, within.empty, within.script):
                report.found += check(file)
            report.found += within.duplicates(file, own.essences)
            told = {
                "file": str(file.path), "holds": file.kind, "languages": list(file.languages), "split": file.split,
                "sentences": len(file.sentences), "words": sum(len(one.words) for one in file.sentences),
                "scripts": dict(within.scripts(file).most_common()),
            }  # fmt: skip
            if tokens is not None:
                figures, found = read(file, tokens.cut, tokens.specials, tokens.limit)
                report.found += found
                told |= figures.as_data()
            report.files.append(told)
        report.found += [*across.labels(corpus), *across.simplified(corpus)]
    report.found += across.untranslated(held)
    others = [across.Held(one.name, file, within.essences(file)) for one in against for file in one.files]
    paths = {own.file.path for own in held}
    report.leaks = [
        leak
        for leak in across.leaks([*held, *(own for own in others if own.file.path not in paths)])
        if leak.test.file.path in paths or leak.train.file.path in paths
    ]
    report.found += [leak.found() for leak in report.leaks]
    return report

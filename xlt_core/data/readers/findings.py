"""What a reader met in a file: mistakes that stop a run, and remarks that don't."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from xlt_core.errors import Problem, RunError

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing met: in which file, on which line (0 for the file as a whole), and what to do about it."""

    file: Path
    line: int
    what: str
    fix: str = ""
    grave: bool = True

    def problem(self) -> Problem:
        return Problem(self.what, f"{self.file}:{self.line}" if self.line else str(self.file), self.fix)


@dataclass
class Findings:
    """All that was met, in the order in which it was met.

    >>> met = Findings()
    >>> met.mistake(Path("a.tsv"), 3, "this line has no tag")
    >>> [str(finding.problem()) for finding in met]
    ['a.tsv:3: this line has no tag']
    """

    found: list[Finding] = field(default_factory=list)
    read_as: str = ""
    """The reader that was found to fit, where none was named."""

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.found)

    def mistake(self, file: Path, line: int, what: str, fix: str = "") -> None:
        """What can't be read: a run stops here."""
        self.found.append(Finding(file, line, what, fix))

    def remark(self, file: Path, line: int, what: str, fix: str = "") -> None:
        """What can be read, and is worth knowing."""
        self.found.append(Finding(file, line, what, fix, grave=False))

    @property
    def mistakes(self) -> list[Finding]:
        return [finding for finding in self.found if finding.grave]

    @property
    def remarks(self) -> list[Finding]:
        return [finding for finding in self.found if not finding.grave]

    def refuse(self, file: Path) -> None:
        """Raise, with the first mistakes and how many there are, if there is any."""
        mistakes = self.mistakes
        if not mistakes:
            return
        problems = [finding.problem() for finding in mistakes[:SHOWN]]
        if len(mistakes) > SHOWN:
            problems.append(Problem(f"and {len(mistakes) - SHOWN} more", str(file)))
        raise RunError(f"{file} can't be read.", problems)

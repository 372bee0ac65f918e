"""What goes wrong, said so that it can be mended: what, where, what to type next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar


class Exit(IntEnum):
    """The exit codes of every verb."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    UNAVAILABLE = 4
    STOPPED = 130


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: a sentence, where it was met, and what to type.

    A problem that several languages share is one problem: it says `{of}`, and `of` lists them.
    """

    what: str
    where: str = ""
    fix: str = ""
    of: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}" + (f"\n     Try: {self.fix}" if self.fix else "")

    def settled(self) -> Problem:
        """The problem with its languages written in: no more will join it."""
        listed = ", ".join(self.of)
        return (
            Problem(self.what.replace("{of}", listed), self.where, self.fix.replace("{of}", listed))
            if self.of
            else self
        )

    def joins(self, other: Problem) -> bool:
        """Whether the two are one problem of several languages."""
        return bool(self.of) and (self.what, self.where, self.fix) == (other.what, other.where, other.fix)


class XltError(Exception):
    """Every foreseeable mistake, all of its problems at once."""

    exit: ClassVar[Exit] = Exit.FAILED

    def __init__(self, headline: str, problems: Iterable[Problem] = ()) -> None:
        self.headline = headline
        self.problems = tuple(problems)
        super().__init__(self.text())

    def __reduce__(self) -> tuple[type[XltError], tuple[str, tuple[Problem, ...]]]:
        return type(self), (self.headline, self.problems)  # an error of another process is told here

    def text(self) -> str:
        numbered = (f"\n  {n}. {problem}" for n, problem in enumerate(self.problems, 1))
        return self.headline + "".join(numbered)


class UsageError(XltError):
    """The words typed, or a file's, are off: a name, an option, a value."""

    exit = Exit.USAGE


class RefusedError(XltError):
    """The words are right, and what they ask for can't be composed."""

    exit = Exit.REFUSED


class UnavailableError(XltError):
    """Data or a model that the plan needs can't be had here and now."""

    exit = Exit.UNAVAILABLE


class RunError(XltError):
    """A stage began and failed."""

    exit = Exit.FAILED


class StoppedError(XltError):
    """The user or the machine asked the run to stop; what was finished is kept."""

    exit = Exit.STOPPED


def near(given: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The known names that `given` may have meant, best first.

    >>> near("zero_sht", ["zero_shot", "madx"])
    ['zero_shot']
    """
    names = list(dict.fromkeys(known))
    alike = {name: difflib.SequenceMatcher(None, given.lower(), name.lower()).ratio() for name in names}
    alike.update({name: 1.0 for name in names if name.rpartition(".")[2] == given or name.split("@")[0] == given})
    best = max(alike.values(), default=0.0)
    close = [name for name in names if alike[name] >= max(0.6, best - 0.08)]
    return sorted(close, key=lambda name: -alike[name])[:most]


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """A clause to end a message with, or nothing where no known name is near."""
    close = near(given, known)
    return f"; did you mean {either(close)}?" if close else ""


def either(names: Sequence[str]) -> str:
    """`a`, `b` or `c`."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " or " + quoted[-1]

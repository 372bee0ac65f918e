"""What the doctor found: errors that spoil a run or its scores, and warnings that are worth knowing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found: which check found it, in which file, and on which line (0 for the file as a whole)."""

    check: str
    level: Level
    file: Path
    line: int
    what: str
    fix: str = ""

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}" if self.line else str(self.file)

    def as_data(self) -> dict[str, Any]:
        told = {
            "check": self.check, "level": self.level, "file": str(self.file), "line": self.line,
            "what": self.what, "fix": self.fix,
        }  # fmt: skip
        return {name: value for name, value in told.items() if value not in ("", 0)}


def gathered(found: Iterable[Found]) -> dict[tuple[Level, str], list[Found]]:
    """Findings by level and check, errors first, each check's in the order in which they were met."""
    groups: dict[tuple[Level, str], list[Found]] = {}
    for one in found:
        groups.setdefault((one.level, one.check), []).append(one)
    return dict(sorted(groups.items(), key=lambda item: item[0][0] != "error"))

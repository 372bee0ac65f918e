"""Lines from a file or a pipe and back out, as they come: order is kept, and memory stays flat."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from xlt_core.errors import Problem, RunError, UnavailableError

BLOCK = 1 << 22
"""Bytes that are asked for at once; a pipe gives what it has."""


@dataclass
class Lines:
    """`with Lines.open(Path("amh.txt.gz")) as lines: for block in lines.blocks(): ...`; `-` is what is piped in."""

    name: str
    opened: BinaryIO

    @classmethod
    def open(cls, file: Path) -> Lines:
        if str(file) == "-":
            return cls("standard input", sys.stdin.buffer)
        try:
            return cls(str(file), cast(BinaryIO, gzip.open(file) if file.suffix == ".gz" else file.open("rb")))
        except OSError as error:
            raise UnavailableError("A file can't be read.", [Problem(f"{error.strerror}: {file}")]) from None

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *error: object) -> None:
        if self.opened is not sys.stdin.buffer:
            self.opened.close()

    def blocks(self) -> Iterator[list[tuple[int, str]]]:
        """Whole lines without their ends, each with its number, as many at once as are there."""
        number, rest = 1, b""
        for data in self._data():
            cut = data.rfind(b"\n") + 1
            if not cut:
                rest += data
                continue
            block, rest = rest + data[:cut], data[cut:]
            lines = self._decoded(block, number)
            yield lines
            number += len(lines)
        if rest:
            yield self._decoded(rest, number)

    def _data(self) -> Iterator[bytes]:
        try:
            while data := self.opened.read1(BLOCK):  # type: ignore[attr-defined]
                yield data
        except (EOFError, OSError, gzip.zlib.error) as error:  # type: ignore[attr-defined]
            raise RunError(f"{self.name} can't be read.", [Problem(str(error), self.name)]) from error

    def _decoded(self, block: bytes, number: int) -> list[tuple[int, str]]:
        try:
            text = block.decode("utf-8")
        except UnicodeDecodeError as error:
            line = number + block.count(b"\n", 0, error.start)
            problem = Problem("this is not UTF-8", f"{self.name}:{line}", "iconv -f latin1 -t utf-8 FILE")
            raise RunError(f"{self.name} can't be read.", [problem]) from None
        if number == 1:
            text = text.removeprefix("\ufeff")
        lines = text.removesuffix("\n").split("\n")
        return [(number + at, line.removesuffix("\r")) for at, line in enumerate(lines)]

"""A file as numbered lines: plain or compressed, streamed, whatever is off reported with its line."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from xlt_core.data.readers.findings import Findings
from xlt_core.slots.tasks import Task

GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
OTHER_BOMS = (b"\xff\xfe", b"\xfe\xff")
AT_ONCE = 1 << 20
"""Bytes that are decoded together."""
BLANK = " \t\r"
"""What a line may hold and still be empty. Other spaces may be words: Japanese texts have U+3000 for one."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a reader is given: its file, or several that belong together, and whose labels or texts they are."""

    file: Path
    languages: tuple[str, ...]
    split: str = ""
    task: Task | None = None
    beside: tuple[Path, ...] = ()
    """Files that are read together with the first one: line n of each is the same sentence."""
    findings: Findings = field(default_factory=Findings)

    @property
    def language(self) -> str:
        return self.languages[0]

    def lines(self, file: Path | None = None) -> Iterator[tuple[int, str]]:
        """Lines with their numbers, from 1. A line ends at a line feed and nowhere else."""
        file = file or self.file
        number = 0
        try:
            with opened(file) as stream:
                while block := stream.read(AT_ONCE) + stream.readline():
                    if number == 0:
                        if block.startswith(OTHER_BOMS):
                            self._not_utf8(file, 1, "utf-16")
                            return
                        block = block.removeprefix(BOM)
                    text = self._decoded(file, number, block)
                    lines = text.split("\n")
                    if text.endswith("\n"):
                        lines.pop()
                    returns = "\r" in text
                    for line in lines:
                        number += 1
                        yield number, line.rstrip("\r") if returns else line
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            what = f"the compressed file is damaged after line {number}: {error}"
            self.findings.mistake(file, number, what, "fetch it again")
        except OSError as error:
            self.findings.mistake(file, 0, f"it can't be read: {error.strerror or error}")

    def _decoded(self, file: Path, before: int, block: bytes) -> str:
        """Whole lines as text; line by line only where one of them is off."""
        try:
            text = block.decode("utf-8")
            if "\0" not in text:
                return text
        except UnicodeDecodeError:
            pass
        lines = []
        for number, raw in enumerate(block.split(b"\n"), before + 1):
            try:
                lines.append(raw.decode("utf-8"))
            except UnicodeDecodeError:
                self._not_utf8(file, number, "latin1")
                lines.append(raw.decode("utf-8", "replace"))
            if "\0" in lines[-1]:
                self.findings.mistake(file, number, "there is a zero byte: this is no text file")
        return "\n".join(lines)

    def _not_utf8(self, file: Path, line: int, perhaps: str) -> None:
        unpacked = file.name.removesuffix(".gz")
        self.findings.mistake(file, line, "this is not UTF-8", f"iconv -f {perhaps} -t utf-8 {unpacked}")

    def mistake(self, line: int, what: str, fix: str = "") -> None:
        self.findings.mistake(self.file, line, what, fix)

    def remark(self, line: int, what: str, fix: str = "") -> None:
        self.findings.remark(self.file, line, what, fix)

    @property
    def stem(self) -> str:
        """The file's name without its endings: what examples are numbered after.

        >>> Source(Path("en_ewt-ud-dev.conllu.gz"), ("eng",)).stem
        'en_ewt-ud-dev'
        """
        name = self.file.name.removesuffix(".gz")
        return name.rpartition(".")[0] or name


def opened(file: Path) -> IO[bytes]:
    """The bytes of a file, unpacked where its first bytes say that it is packed."""
    with file.open("rb") as begun:
        packed = begun.read(2) == GZIP
    # without a buffer around it, every line of a packed file would be fetched by Python code
    return cast("IO[bytes]", io.BufferedReader(gzip.open(file), 1 << 17)) if packed else file.open("rb")

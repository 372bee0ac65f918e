"""Forms on disk: every word of a language is asked for once, however many corpora and processes have it.

A file for each tool, its options, the versions that it depends on and its language. Nothing here is a result: a
file may go at any time, and one that is damaged is begun anew. Each row carries a checksum, since a page that
changed on the disk is still a page to SQLite.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from xlt_core.graph.stages import digest
from xlt_core.rewriting.tool import Form

ASKED = 500
"""Words in one question."""
FORMAT = 1
KEPT = "rewritten"
"""The store's folder of words in other forms."""


class Kept:
    """`with Kept(folder, "epitran", about) as kept: kept.put({"selam": Form("selam", "epitran")})`

    `off` says why nothing is kept, where a disk is full or not ours to write on; then all goes on without.
    """

    def __init__(self, folder: Path, name: str, about: Mapping[str, Any]) -> None:
        self.file = folder / f"{name}-{digest([FORMAT, dict(about)])}.sqlite"
        self.off = ""
        self._open: sqlite3.Connection | None = None

    def __enter__(self) -> Kept:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def get(self, words: Iterable[str]) -> dict[str, Form | None]:
        """The forms of those words that are known; None where it is known that there is none."""
        found: dict[str, Form | None] = {}
        asked = (word for word in words if "\0" not in word)
        try:
            while some := list(islice(asked, ASKED)):
                if not self._ready():
                    break
                found.update(self._rows(some))
        except _Damaged:
            self._anew()
            return {}
        except sqlite3.OperationalError as error:
            self._stop(error)
        except sqlite3.DatabaseError:
            self._anew()
            return {}
        return found

    def put(self, forms: Mapping[str, Form | None]) -> None:
        """Keep forms; of two processes that find the same word, the first is believed."""
        rows = [_row(word, form) for word, form in forms.items() if "\0" not in word]
        for last in (False, True):
            try:
                self._insert(rows)
                break
            except sqlite3.OperationalError as error:
                self._stop(error)
                break
            except sqlite3.DatabaseError as error:
                self._stop(error) if last else self._anew()

    def _insert(self, rows: list[_Row]) -> None:
        if self._ready() and self._open is not None:
            with self._open:
                self._open.executemany("INSERT OR IGNORE INTO forms VALUES (?, ?, ?, ?, ?)", rows)

    def _rows(self, words: list[str]) -> dict[str, Form | None]:
        assert self._open is not None
        marks = ", ".join("?" * len(words))
        found: dict[str, Form | None] = {}
        for row in self._open.execute(
            f"SELECT word, form, maker, whole, sum FROM forms WHERE word IN ({marks})", words
        ):
            word, text, by, whole, _ = row
            form = None if text is None else Form(text, by, bool(whole))
            if _row(word, form) != row:
                raise _Damaged
            found[word] = form
        return found

    def _ready(self) -> bool:
        if self._open is None and not self.off:
            try:
                self.file.parent.mkdir(parents=True, exist_ok=True)
                self._open = sqlite3.connect(self.file, timeout=60.0)
                self._open.execute("PRAGMA synchronous = OFF")  # a loss of power loses a cache, and checksums tell
                self._open.execute(
                    "CREATE TABLE IF NOT EXISTS forms "
                    "(word TEXT PRIMARY KEY, form TEXT, maker TEXT, whole INTEGER, sum INTEGER) WITHOUT ROWID"
                )
                with suppress(OSError):
                    os.utime(self.file)  # `xlt store gc` goes by when it was last used
            except (OSError, sqlite3.OperationalError) as error:
                self._stop(error)
        return self._open is not None

    def _stop(self, error: Exception) -> None:
        self.close()
        self.off = f"{self.file}: {error}"

    def _anew(self) -> None:
        self.close()
        for file in (self.file.with_name(f"{self.file.name}-journal"), self.file):
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                self._stop(error)


class _Damaged(Exception):
    """A row isn't what was written."""


_Row = tuple[str, str | None, str, int, int]


def _row(word: str, form: Form | None) -> _Row:
    text, by, whole = form or (None, "", False)
    return word, text, by, int(whole), zlib.crc32(repr((word, text, by, int(whole))).encode())

"""Where the results of stages are kept, under the hash of all that made them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of results. A result is there when its manifest is, and the manifest is written last."""

    root: Path

    @classmethod
    def at(cls, path: Path | None, environ: Mapping[str, str] = os.environ) -> Store:
        """The given folder, `$XLT_HOME`, or the user's cache."""
        given = path or (Path(environ["XLT_HOME"]) if environ.get("XLT_HOME") else None)
        cache = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xlt"
        return cls((given or cache) / "store")

    def path(self, key: str) -> Path:
        return self.root / key[:2] / key

    def has(self, key: str) -> bool:
        return (self.path(key) / MANIFEST).is_file()

    @contextmanager
    def making(self, key: str, about: Mapping[str, Any]) -> Iterator[Path]:
        """A folder to write a result in; it takes its place, whole and with checksums, or leaves no trace."""
        place = self.path(key)
        place.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{key}-", dir=place.parent))
        try:
            yield folder
            files = {str(file.relative_to(folder)): _checksum(file) for file in _files(folder)}
            manifest = json.dumps({"about": dict(about), "files": files}, indent=2, ensure_ascii=False, default=str)
            (folder / MANIFEST).write_text(manifest + "\n", encoding="utf-8")
            if self.has(key):  # another run has made the same result meanwhile
                shutil.rmtree(folder)
            else:
                shutil.rmtree(place, ignore_errors=True)
                folder.rename(place)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def check(self, key: str) -> list[str]:
        """The files of a result that are missing or not as they were written."""
        folder = self.path(key)
        written = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        return [name for name, sum_ in written.items() if _checksum_or_none(folder / name) != sum_]


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _checksum(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _checksum_or_none(file: Path) -> str | None:
    return _checksum(file) if file.is_file() else None

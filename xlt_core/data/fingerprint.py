"""A hash of what a stage reads from outside the plan, so that changed data is other data."""

from __future__ import annotations

import hashlib
import importlib.resources
from functools import cache
from pathlib import Path

from xlt_core.slots.shapes import SHAPES


def fingerprint(location: str) -> str:
    """What stands behind a location of a file, a folder, a package or a shape; nothing for what lies on a hub.

    A folder's files are known by size and time, since a model's may hold gigabytes.
    """
    kind, _, rest = location.partition(":")
    if kind == "file":
        return _of_file(Path(rest))
    if kind == "folder":
        stats = [(file.name, file.stat()) for file in sorted(Path(rest).iterdir()) if file.is_file()]
        return _of_text(repr([(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]))
    if kind == "package":
        package, _, path = rest.partition("/")
        return _of_package(package, path)
    if kind == "random":
        return _of_text(SHAPES[rest].written()) if rest in SHAPES else ""
    return _of_package("xlt_core.mini", "") if kind == "mini" else ""


def _of_file(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()[:20]
    except OSError:
        return ""


def _of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]


@cache
def _of_package(package: str, path: str) -> str:
    """A package's code and data; of the whole package only text, which decides what it generates."""
    with importlib.resources.as_file(importlib.resources.files(package).joinpath(path)) as folder:
        files = sorted(folder.rglob("*")) if not path else sorted(folder.iterdir())
        kept = [file for file in files if file.is_file() and (path or file.suffix in (".py", ".ini", ".tsv"))]
        return _of_text(repr([(str(file.relative_to(folder)), _of_file(file)) for file in kept]))

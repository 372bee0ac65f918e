"""The checksums that files of published data sets are known by, so that a changed one is told."""

from __future__ import annotations

import hashlib
import importlib.resources
from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePosixPath

from xlt_core.data.readers.source import opened
from xlt_core.data.sets import DataSet

AT_ONCE = 1 << 20


def known_sums(of: DataSet) -> Mapping[str, str]:
    """A set's files, as `hau/test.txt`, each with the SHA-256 of what is in it, unpacked.

    >>> known_sums(WIKIGOLD)["wikigold.conll.txt"][:8]      # doctest: +SKIP
    """
    return _table(of.sums).get(of.name, {})


def known_sum(of: DataSet, file: Path) -> str:
    """The checksum that a file should have, by its name and, where that isn't enough, the folders around it; nothing
    where it isn't known."""
    sums = known_sums(of)
    parts = PurePosixPath(file.absolute().as_posix().removesuffix(".gz")).parts
    named = ("/".join(parts[-count:]) for count in range(min(4, len(parts)), 0, -1))
    return next((sums[name] for name in named if name in sums), "")


def sum_of(file: Path) -> str:
    """The SHA-256 of a file's content, unpacked where it is packed."""
    found = hashlib.sha256()
    with opened(file) as stream:
        while block := stream.read(AT_ONCE):
            found.update(block)
    return found.hexdigest()


@cache
def _table(place: str) -> dict[str, dict[str, str]]:
    package, _, path = place.partition(":")
    found: dict[str, dict[str, str]] = {}
    text = importlib.resources.files(package).joinpath(path).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, file, checksum = line.split("\t")
            found.setdefault(name, {})[file] = checksum
    return found

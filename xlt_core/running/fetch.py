"""Bringing here all that a plan would download, and checking that it arrived whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from xlt_core.data.hub import bring
from xlt_core.errors import Problem, UnavailableError, XltError
from xlt_core.graph.stages import Download, Plan
from xlt_core.running.available import parts_of

AT_ONCE = 1 << 20
SHA256, SHA1 = 64, 40
"""Lengths of the names that the hub gives to what a file holds."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One download: how much lies here, how much of it came just now, and how many files match their checksums."""

    what: str
    location: str
    revision: str
    files: int
    bytes: int
    new: int
    verified: int

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def fetch(plan: Plan) -> Iterator[Fetched]:
    """Bring a plan's models and data one after the other; what can't be had is raised at the end, all of it.

    >>> [one.new for one in fetch(plan)]  # the second time  # doctest: +SKIP
    [0, 0, 0]
    """
    problems: list[Problem] = []
    for download in plan.downloads:
        before = _held()
        try:
            paths = list(_brought(download, plan))
        except XltError as error:
            problems += error.problems
            continue
        blobs = {path.resolve() for path in paths}
        damaged = [path for path in sorted(blobs) if not intact(path)]
        for path in damaged:
            fix = f"rm {path}, then the same command again"
            problems.append(Problem(f"{download.what}: a file isn't what the hub says it is", str(path), fix))
        sizes = {path: path.stat().st_size for path in blobs}
        new = sum(size for path, size in sizes.items() if path not in before)
        repository = download.location.removeprefix("hub:")
        whole = sum(sizes.values())
        verified = sum(named_by_content(path) for path in blobs) - len(damaged)
        yield Fetched(download.what, repository, download.revision, len(blobs), whole, new, verified)
    if problems:
        raise UnavailableError("Not all of it could be brought here.", problems)


def _brought(download: Download, plan: Plan) -> Iterable[Path]:
    if download.what.startswith("backbone"):
        from xlt_core.model.load import from_hub

        folder = Path(from_hub(download.location.removeprefix("hub:"), download.revision))
        return [path for path in folder.rglob("*") if path.is_file()]
    return [path for part in parts_of(download, plan) for files in bring(part) for path in files.paths]


def _held() -> set[Path]:
    """What the hub's cache holds."""
    from huggingface_hub import constants

    return {path for path in Path(constants.HF_HUB_CACHE).glob("*/blobs/*") if path.suffix != ".incomplete"}


def named_by_content(path: Path) -> bool:
    """Whether a file of the cache is called after what it holds."""
    return len(path.name) in (SHA256, SHA1) and not set(path.name) - set("0123456789abcdef")


def intact(path: Path) -> bool:
    """Whether a file of the cache holds what its name says: a SHA-256 of large files, git's SHA-1 of others."""
    if not named_by_content(path):
        return True
    if len(path.name) == SHA256:
        made = hashlib.sha256()
    else:
        made = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as opened:
        while block := opened.read(AT_ONCE):
            made.update(block)
    return made.hexdigest() == path.name

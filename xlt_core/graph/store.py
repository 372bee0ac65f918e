"""Where the results of stages are kept, under the hash of all that made them.

ab/abcd…/            a result: its files, and last of all manifest.json with their sizes and checksums
making/abcd…-TOKEN/  a result that is being made, and who makes it
unfinished/abcd…/    what a stopped stage left to go on from
locks/  using/       who makes which result; which results a run goes on reading
aside/               results that were found damaged
shared/NAME/         what works keep for each other, such as words in other forms; no results
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlt_core.graph.locks import Owner, Watch, beating, drop, take, take_over
from xlt_core.permissions import as_new_files

MANIFEST, OWNER, RESULT = "manifest.json", "owner.json", "result"
MAKING, UNFINISHED, LOCKS, USING, ASIDE = "making", "unfinished", "locks", "using", "aside"
SHARED = "shared"
FORMAT = 1
SMALL = 1 << 20
"""Bytes up to which a file is read through whenever it is taken; of larger ones the size must do."""
POLL = 0.2
"""Seconds between two looks for a result that another process makes."""


class Damaged(Exception):
    """A manifest can't be read, and why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of a result: all that its key was made from, and its files."""

    key: str
    made: float
    about: dict[str, Any]
    files: dict[str, str]
    """Each file's SHA-256."""
    sizes: dict[str, int]

    @property
    def bytes(self) -> int:
        return sum(self.sizes.values())

    @property
    def content(self) -> str:
        """A hash of its files, whoever made them."""
        return hashlib.sha256(json.dumps(self.files, sort_keys=True).encode()).hexdigest()[:20]

    @property
    def repeatable(self) -> bool:
        return bool(self.about.get("repeatable", True))


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

    def unfinished(self, key: str) -> Path:
        """Where a stopped stage keeps what it needs to go on."""
        return self.root / UNFINISHED / key

    def lock(self, key: str) -> Path:
        return self.root / LOCKS / f"{key}.json"

    def has(self, key: str) -> bool:
        return (self.path(key) / MANIFEST).is_file()

    def manifest(self, key: str) -> Manifest:
        try:
            data = json.loads((self.path(key) / MANIFEST).read_text(encoding="utf-8"))
            known = data["format"] == FORMAT and data["key"] == key
            sizes = {name: int(data["sizes"][name]) for name in data["files"]}
            found = Manifest(data["key"], float(data["made"]), dict(data["about"]), dict(data["files"]), sizes)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Damaged(f"{MANIFEST} can't be read ({type(error).__name__}: {error})") from None
        if not known:
            raise Damaged(f"{MANIFEST} is not of this result or of another format")
        return found

    def damage(self, key: str, read: Mapping[str, str] | None = None, thorough: bool = False) -> list[str]:
        """What is wrong with a result, file by file.

        Sizes are looked at, and the checksums of small files; all of them when `thorough`. `read` holds the content
        of inputs that can't be made the same twice: a result that was made from another one won't do.
        """
        try:
            manifest = self.manifest(key)
        except Damaged as error:
            return [str(error)]
        found = [problem for name in manifest.files for problem in self._damage_of(manifest, name, thorough)]
        if thorough:
            names = {str(file.relative_to(self.path(key))) for file in _files(self.path(key))}
            found += [
                f"{name}: nothing says where it comes from" for name in sorted(names - {MANIFEST, *manifest.files})
            ]
        was = manifest.about.get("read", {})
        others = [of for of, content in (read or {}).items() if was.get(of) != content]
        return found + [
            f"it was made from another result of {of[:8]}, which can't be made the same twice" for of in others
        ]

    def _damage_of(self, manifest: Manifest, name: str, thorough: bool) -> Iterator[str]:
        file, written = self.path(manifest.key) / name, manifest.sizes[name]
        try:
            size = file.stat().st_size
            read = thorough or size <= SMALL
            if _checksum(file) != manifest.files[name] if read else size != written:
                yield f"{name}: " + (f"{size} bytes, {written} were written" if size != written else "has changed")
        except OSError as error:
            yield f"{name}: {error.strerror}"

    # making

    @contextmanager
    def claim(
        self, key: str, what: str, say: Callable[[str], None], read: Mapping[str, str] | None = None
    ) -> Iterator[bool]:
        """True where the result is to be made, under its lock; False where it is there, or another has made it.

        >>> with store.claim(key, "train(eng)", print) as mine:     # doctest: +SKIP
        ...     if mine:
        ...         with store.making(key, about) as folder: ...
        """
        owner = None if self._whole(key, read) else self._wait(key, what, say, read)
        if owner is None:
            self.touch(key)
            yield False
            return
        try:
            with beating(self.lock(key)):
                mine = not self._whole(key, read)  # another may have made it just before we came to hold the lock
                if mine:
                    self._make_room(key, what, say, read)
                yield mine
        finally:
            drop(self.lock(key), owner)

    def _whole(self, key: str, read: Mapping[str, str] | None) -> bool:
        return self.has(key) and not self.damage(key, read)

    def _wait(self, key: str, what: str, say: Callable[[str], None], read: Mapping[str, str] | None) -> Owner | None:
        """Our hold on the lock, or None as soon as the result is there."""
        lock, watch, told = self.lock(key), Watch(), False
        while (mine := take(lock)) is None:
            other = Owner.read(lock)
            if other is not None and watch.dead(lock, other) and take_over(lock, other):
                say(f"{other} died while it made {what}; taking over")
                self.sweep(key)
                continue
            if other is not None and not told:
                say(f"waiting for {what} by {other}")
                told = True
            time.sleep(POLL)
            if self._whole(key, read):
                return None
        return mine

    def _make_room(self, key: str, what: str, say: Callable[[str], None], read: Mapping[str, str] | None) -> None:
        if not self.has(key):
            return
        problems = self.damage(key, read)
        told = "; ".join(problems[:3]) + (f"; and {len(problems) - 3} more" if len(problems) > 3 else "")
        say(f"{what}: what the store has can't be used ({told}); set aside in {self.set_aside(key)}, made anew")

    @contextmanager
    def making(self, key: str, about: Mapping[str, Any]) -> Iterator[Path]:
        """A folder to write a result in; it takes its place, whole and with checksums, or leaves no trace."""
        folder = self.root / MAKING / f"{key}-{secrets.token_hex(4)}"
        try:
            take(folder / OWNER)
            (folder / RESULT).mkdir()
            yield folder / RESULT
            _seal(folder / RESULT, key, about)
            self._put(folder / RESULT, key)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _put(self, folder: Path, key: str) -> None:
        """The first result that is put in a place stays there."""
        place = self.path(key)
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists() and not self.has(key):
            self.set_aside(key)
        try:
            folder.rename(place)
        except OSError:
            if not self.has(key):
                raise
        _sync(place.parent)

    # upkeep

    def touch(self, key: str) -> None:
        """Note that a result was used; whoever may only read a store leaves no note."""
        with suppress(OSError):
            os.utime(self.path(key) / MANIFEST)

    def set_aside(self, key: str) -> Path:
        """Move a result out of the way; it is no longer there for anybody."""
        aside = self.root / ASIDE / f"{key}-{secrets.token_hex(4)}"
        aside.parent.mkdir(parents=True, exist_ok=True)
        self.path(key).rename(aside)
        return aside

    def sweep(self, key: str = "") -> list[Path]:
        """Remove what dead processes of this machine left while they made a result, or any."""
        found = [folder for folder in self.leftovers(key) if (Owner.read(folder / OWNER) or Owner()).dead()]
        for folder in found:
            shutil.rmtree(folder, ignore_errors=True)
        return found

    def leftovers(self, key: str = "") -> list[Path]:
        """The folders in which results are being made, or were when somebody died."""
        return sorted((self.root / MAKING).glob(f"{key}*-*"))

    @contextmanager
    def using(self, keys: list[str]) -> Iterator[None]:
        """While a run goes on, nothing that it reads is collected."""
        file = self.root / USING / f"{secrets.token_hex(8)}.json"
        try:
            owner = take(file, keys=keys)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise
            yield  # whoever may only read a store can't keep its owner from clearing it
            return
        assert owner is not None, "no two runs draw one name"
        try:
            with beating(file):
                yield
        finally:
            drop(file, owner)

    def known(self) -> list[str]:
        """The keys of all results, damaged ones too."""
        return sorted(file.parent.name for file in self.root.glob(f"??/*/{MANIFEST}"))


def is_full(error: BaseException | None) -> bool:
    """Whether a disk that is full, or a quota, is behind an error; libraries wrap it in errors of their own."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if any(os.strerror(number) in str(error) for number in (errno.ENOSPC, errno.EDQUOT)):
            return True
        error = error.__cause__ or error.__context__
    return False


def _seal(folder: Path, key: str, about: Mapping[str, Any]) -> None:
    """Write the manifest, when all else is on the disk: a disk that is full may say so no sooner."""
    files, sizes = {}, {}
    as_new_files(folder)
    for file in _files(folder):
        _sync(file)
        name = str(file.relative_to(folder))
        files[name], sizes[name] = _checksum(file), file.stat().st_size
    told = {
        "format": FORMAT, "key": key, "made": time.time(), "about": dict(about), "files": files, "sizes": sizes,
    }  # fmt: skip
    text = json.dumps(told, indent=1, ensure_ascii=False, default=str)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    _sync(folder / MANIFEST)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EBADF, errno.ENOTSUP, errno.EROFS):  # not every file system can
            raise
    finally:
        os.close(opened)


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _checksum(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()

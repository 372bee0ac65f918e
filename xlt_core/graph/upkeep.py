"""Looking after a store: what it holds, whether it is whole, what can go."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlt_core.errors import Problem, UsageError
from xlt_core.graph.locks import Owner, take_over
from xlt_core.graph.store import ASIDE, LOCKS, MANIFEST, OWNER, SHARED, UNFINISHED, USING, Damaged, Manifest, Store

DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Kept:
    """A result as it lies in the store; `manifest` is None where that can't be read."""

    key: str
    folder: Path
    used: float
    bytes: int
    manifest: Manifest | None


@dataclass
class Collected:
    """What `collect` removed or would remove, what it left, and why."""

    results: list[Kept] = field(default_factory=list)
    leftovers: list[Path] = field(default_factory=list)
    bytes: int = 0
    left: dict[str, int] = field(default_factory=dict)


def held(store: Store) -> list[Kept]:
    """All results, the latest used first."""
    found = []
    for key in store.known():
        folder = store.path(key)
        try:
            used = (folder / MANIFEST).stat().st_mtime
        except OSError:  # collected meanwhile
            continue
        try:
            manifest = store.manifest(key)
            found.append(Kept(key, folder, used, manifest.bytes, manifest))
        except Damaged:
            found.append(Kept(key, folder, used, _size(folder), None))
    return sorted(found, key=lambda kept: (-kept.used, kept.key))


def find(store: Store, key: str) -> str:
    """The one key that begins so."""
    found = [known for known in store.known() if known.startswith(key)] if key else []
    if len(found) == 1:
        return found[0]
    some = f"{len(found)} results begin with `{key}`: {', '.join(found[:3])} …" if found else f"no result is `{key}`"
    where = f"{store.root} holds {len(store.known())} results"
    raise UsageError("This result can't be told.", [Problem(f"{some}; {where}", "KEY", "xlt store ls")])


def verify(store: Store, keys: Iterable[str]) -> dict[str, list[str]]:
    """What is wrong with each result that isn't as it was written, every byte read."""
    found = {key: store.damage(key, thorough=True) for key in keys}
    return {key: problems for key, problems in found.items() if problems}


def keys_of_runs(folders: Iterable[Path]) -> set[str]:
    """The results that runs were made of: a run's folder is given, or a folder of such."""
    keys: set[str] = set()
    problems = []
    for folder in folders:
        plans = [file for file in (folder / "plan.json", *sorted(folder.glob("*/plan.json"))) if file.is_file()]
        if not plans:
            what = f"{folder} is no run, and there is none in it: no plan.json"
            problems.append(Problem(what, "--keep-runs", "a folder that `xlt run --out` made, or the folder around it"))
        for file in plans:
            try:
                keys.update(stage["key"] for stage in json.loads(file.read_text(encoding="utf-8"))["stages"])
            except (OSError, ValueError, KeyError, TypeError) as error:
                what = f"{file} can't be read ({type(error).__name__}: {error})"
                problems.append(Problem(what, "--keep-runs", "leave it out, if what it used may go"))
    if problems:
        raise UsageError("Nothing was removed.", problems)
    return keys


def collect(
    store: Store, older_than: float | None, keep: set[str] | None, unrepeatable: bool = False, dry: bool = False
) -> Collected:
    """Remove what nobody needs.

    Always: what dead processes left, and what was set aside as damaged. Results go when they were last used more
    than `older_than` days ago and are not among those to `keep`; where neither is given, none goes. What a
    run reads that is going on stays, and what can't be made the same twice, unless that is asked for too.
    """
    done, now = Collected(), time.time()
    _collect_leftovers(store, older_than, now, done, dry)
    if older_than is None and keep is None:
        return done
    for kept in held(store):
        why = _reason_to_stay(store, kept, older_than, keep, unrepeatable, now)
        if why:
            done.left[why] = done.left.get(why, 0) + 1
            continue
        if not dry:
            try:
                shutil.rmtree(store.set_aside(kept.key), ignore_errors=True)
            except FileNotFoundError:  # somebody else is collecting, too
                continue
        done.results.append(kept)
        done.bytes += kept.bytes
    return done


def _reason_to_stay(
    store: Store, kept: Kept, older_than: float | None, keep: set[str] | None, unrepeatable: bool, now: float
) -> str:
    if keep is not None and kept.key in keep:
        return "used by the runs that are kept"
    if older_than is not None and now - kept.used <= older_than * DAY:
        return f"used within {older_than:g} days"
    if kept.manifest is not None and not kept.manifest.repeatable and not unrepeatable:
        return "can't be made the same twice (--unrepeatable removes them, too)"
    if kept.key in keys_in_use(store):  # looked at for each anew: a run may have begun meanwhile
        return "read by a run that goes on"
    return ""


def keys_in_use(store: Store) -> set[str]:
    """What the runs read that go on now, and what is being made."""
    keys: set[str] = set()
    for file in _living(store, USING):
        try:
            keys.update(json.loads(file.read_text(encoding="utf-8"))["keys"])
        except (OSError, ValueError, KeyError):  # it has just ended, or is just beginning
            continue
    return keys | {file.stem for file in _living(store, LOCKS)}


def _living(store: Store, kind: str) -> list[Path]:
    return [file for file in (store.root / kind).glob("*.json") if not _over(file, time.time())]


def _over(file: Path, now: float) -> bool:
    """Whether whoever signed a file is dead; of another machine's process, a day of silence says so."""
    owner = Owner.read(file)
    if owner is None:
        return True
    dead = owner.dead()
    return dead if dead is not None else now - _touched(file) > DAY


def _collect_leftovers(store: Store, older_than: float | None, now: float, done: Collected, dry: bool) -> None:
    busy = keys_in_use(store)
    found = [folder for folder in store.leftovers() if _abandoned(folder, busy, now)]
    found += sorted((store.root / ASIDE).glob("*"))
    found += [file for kind in (LOCKS, USING) for file in (store.root / kind).glob("*.json") if _over(file, now)]
    if older_than is not None:
        found += [file for file in (store.root / SHARED).glob("*/*") if now - _touched(file) > older_than * DAY]
    for folder in (store.root / UNFINISHED).glob("*"):
        old = older_than is not None and now - _touched(folder) > older_than * DAY
        if folder.name not in busy and (old or store.has(folder.name)):
            found.append(folder)
    for path in found:
        done.leftovers.append(path)
        done.bytes += _size(path)
        if not dry:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else take_over(path, Owner.read(path) or Owner())


def _abandoned(folder: Path, busy: set[str], now: float) -> bool:
    """A result that nobody goes on making. Another machine's process shows that it lives on the lock."""
    owner = Owner.read(folder / OWNER) or Owner()
    dead = owner.dead()
    if dead is not None:
        return dead
    return folder.name.rpartition("-")[0] not in busy and now - _touched(folder) > DAY


def _touched(path: Path) -> float:
    """When a file, or anything in a folder, was last changed."""
    times = [0.0]
    for each in (path, *path.rglob("*")):
        try:
            times.append(each.lstat().st_mtime)
        except OSError:
            continue
    return max(times)


def _size(path: Path) -> int:
    files: list[Any] = [path, *path.rglob("*")]
    return sum(file.lstat().st_size for file in files if file.is_file() and not file.is_symlink())

"""Whether this machine is ready: what was found, and where something is off what to do about it."""

from __future__ import annotations

import http.client
import os
import shutil
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from xlt_core.cores import cores
from xlt_core.graph.store import Store
from xlt_core.report.tables import table

State = Literal["ok", "note", "do"]
MARKS: dict[State, str] = {"ok": "ok", "note": "note", "do": "TO DO"}
TIMEOUT = 4.0
"""Seconds that the hub is given; a name server may take longer than any socket's own limit."""
GIGABYTE = 1e9
SCARCE, LOW = 1.0, 10.0
"""Gigabytes: less than the first is too little to run, less than the second too little for a large model."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `do` has to be mended, `note` is worth knowing."""

    name: str
    state: State
    found: str
    fix: str = ""


def checks(store: Path | None, offline: bool = False) -> Iterator[Check]:
    """All checks, one after the other.

    >>> [check.name for check in checks(None, offline=True) if check.state == "do"]  # doctest: +SKIP
    []
    """
    yield check_python(sys.version_info[:3])
    yield from check_packages(metadata.requires("xlt-core") or [])
    yield from check_devices()
    yield from check_plugins()
    at = Store.at(store)
    yield check_store(at)
    yield from check_disk({"store": at.root, "hub's cache": _hub_cache()})
    if offline or os.environ.get("HF_HUB_OFFLINE") == "1":
        why = "--offline" if offline else "HF_HUB_OFFLINE=1"
        yield Check("hub", "note", f"not asked: {why}", "" if offline else "unset it to fetch models and data")
    else:
        yield check_hub(os.environ.get("HF_ENDPOINT", "https://huggingface.co"))


def check_python(version: tuple[int, ...]) -> Check:
    told = ".".join(map(str, version))
    wanted = metadata.metadata("xlt-core")["Requires-Python"]
    from packaging.specifiers import SpecifierSet

    if told in SpecifierSet(wanted):
        return Check("python", "ok", told)
    return Check("python", "do", f"{told}, and xlt-core wants {wanted}", "make an environment with a newer Python")


def check_packages(requirements: Iterable[str]) -> Iterator[Check]:
    """What the core depends on: there, and new enough."""
    from packaging.requirements import Requirement

    yield Check("xlt-core", "ok", metadata.version("xlt-core"))
    for text in requirements:
        wanted = Requirement(text)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        fix = f"pip install '{wanted.name}{wanted.specifier}'"
        try:
            version = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            yield Check(wanted.name, "do", "not installed", fix)
            continue
        if wanted.specifier.contains(version, prereleases=True):
            yield Check(wanted.name, "ok", version)
        else:
            yield Check(wanted.name, "do", f"{version}, and {wanted.specifier} is wanted", fix)


def check_devices() -> Iterator[Check]:
    """What torch computes on, and with how many threads."""
    try:
        import torch
    except (ImportError, OSError) as error:
        yield Check("devices", "do", f"torch can't be imported: {error}", "pip install --force-reinstall torch")
        return
    names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    apple = ["mps"] if torch.backends.mps.is_available() else []
    found = ", ".join(["cpu", *(f"cuda:{number} ({name})" for number, name in enumerate(names)), *apple])
    if not names and shutil.which("nvidia-smi"):
        fix = f"nvidia-smi shows the driver's state; this torch ({torch.__version__}) may be built without CUDA"
        yield Check("devices", "note", f"{found}; an NVIDIA driver is here and torch sees no GPU", fix)
    else:
        yield Check("devices", "ok", found)
    yield check_threads(torch.get_num_threads(), cores())


def check_threads(threads: int, cores: int) -> Check:
    """More threads than cores wait for each other."""
    found = f"{threads} thread{'s' if threads != 1 else ''} on {cores} core{'s' if cores != 1 else ''}"
    if threads > cores:
        return Check("threads", "note", f"{found}: they will wait for each other", f"--threads {cores}")
    return Check("threads", "ok", found)


def check_plugins() -> Iterator[Check]:
    """Which were found, which were set aside, which names two of them claim."""
    from xlt_core.catalog import load_catalog

    catalog = load_catalog()
    told = ", ".join(f"{name} {version}" for name, _, version in catalog.plugins)
    yield Check("plugins", "ok", told or "none")
    for aside in catalog.quarantined:
        fix = f"pip install --upgrade {aside.distribution}, or uninstall it"
        yield Check("plugins", "do", f"{aside.plugin} was set aside: {aside.reason}", fix)
    for group in catalog.conflicts():
        owners = [entry.owner for entry in group]
        what = f"two of one name: {group[0].slot} `{group[0].name}` comes from {' and '.join(owners)}"
        yield Check("plugins", "do", what, f"uninstall all but one of {', '.join(owners)}")


def check_store(store: Store) -> Check:
    """Whether results can be written, and whether those that are there can be read."""
    try:
        with tempfile.TemporaryDirectory(prefix=".doctor-", dir=_there(store.root)):
            pass
    except OSError as error:
        fix = "--store FOLDER, or XLT_HOME=FOLDER, where you may write"
        return Check("store", "do", f"{store.root} can't be written: {error.strerror}", fix)
    from xlt_core.graph.upkeep import held

    kept = held(store) if store.root.is_dir() else []
    unread = sum(one.manifest is None for one in kept)
    found = f"{store.root}: {len(kept)} results, {sum(one.bytes for one in kept) / GIGABYTE:.1f} GB"
    if unread:
        return Check("store", "do", f"{found}; {unread} can't be read", "xlt store verify --set-aside")
    return Check("store", "ok", found)


def check_disk(places: dict[str, Path], scarce: float = SCARCE, low: float = LOW) -> Iterator[Check]:
    """Room where results and models are kept."""
    for name, place in places.items():
        try:
            free = shutil.disk_usage(_there(place)).free / GIGABYTE
        except OSError as error:
            yield Check("disk", "do", f"{place} ({name}): {error.strerror}", "mount it, or keep it elsewhere")
            continue
        found = f"{free:.1f} GB free for the {name}"
        fix = "xlt store gc shows what can go, or --store FOLDER on another disk"
        if name != "store":
            fix = "HF_HOME=FOLDER on another disk"
        state: State = "do" if free < scarce else "note" if free < low else "ok"
        yield Check("disk", state, found, "" if state == "ok" else fix)


def _there(path: Path) -> Path:
    """The first of a path's parents that exists: where it would be made."""
    return next((place for place in (path, *path.absolute().parents) if place.exists()), Path("/"))


def _hub_cache() -> Path:
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def check_hub(endpoint: str, timeout: float = TIMEOUT) -> Check:
    """Whether the hub answers in time; without it, the mini world and what is cached still work."""
    said: list[str] = []
    asking = threading.Thread(target=lambda: said.append(_asked(endpoint, timeout)), daemon=True)
    asking.start()
    asking.join(timeout)
    reason = said[0] if said else f"no answer within {timeout:g} s"
    if not reason:
        return Check("hub", "ok", f"{endpoint} answers")
    fix = "runs with --backbone mini, and of what is cached, need no network; HF_ENDPOINT names a mirror"
    return Check("hub", "note", f"{endpoint} can't be reached: {reason}", fix)


def _asked(endpoint: str, timeout: float) -> str:
    """Why there was no answer; a refusal to talk is one."""
    try:
        urllib.request.urlopen(urllib.request.Request(endpoint, method="HEAD"), timeout=timeout).close()
    except urllib.error.HTTPError:
        return ""
    except urllib.error.URLError as error:
        return str(error.reason)
    except (OSError, ValueError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    return ""


def checks_text(found: Iterable[Check]) -> str:
    """A line a check; under it, what to do."""
    rows = []
    for check in found:
        rows.append([MARKS[check.state], check.name, check.found])
        if check.fix:
            rows.append(["", "", f"Try: {check.fix}"])
    return table(rows, indent="")

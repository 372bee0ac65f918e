"""What a stage's key is made from: whatever can change its result, and nothing else."""

from __future__ import annotations

import hashlib
import importlib.metadata
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from xlt_core.catalog import Entry, load_object
from xlt_core.compose.line import Line
from xlt_core.facts import Fact, Labels
from xlt_core.graph.stages import digest

if TYPE_CHECKING:
    from xlt_core.compose.linker import Draft

READING = ("predict", "states")
"""The core's own parts that read views, beside the schedules."""
LEARNT = ("training", "inference", "evaluation")
"""The slots whose stages follow from what the task is."""
FROM = (
    "part", "slot", "version", "place", "options", "gives", "inputs", "seed", "libraries", "sources", "beside", "task",
)  # fmt: skip
"""The names under which a key's ingredients stand, here and in a result's manifest."""
_READ: WeakKeyDictionary[ModuleType, str] = WeakKeyDictionary()


def ingredients(
    line: Line, draft: Draft, gives: Iterable[Fact], inputs: Mapping[str, str], seed: int | None
) -> dict[str, Any]:
    """All that makes a stage's result; `inputs` are the keys of the stages that it reads, by their names.

    - libraries: the versions of those that the parts at work name
    - sources: a hash of each file out of which one of these parts comes
    - beside: representations, which no option of the stage names; versions of its reader and its selector
    - repeatable: whether all parts at work give the same twice; it isn't part of the key
    - task: what it calls its labels, and by which measure a checkpoint is chosen
    """
    gives = list(gives)
    entries = list(_entries(line, draft, gives))
    found: dict[str, Any] = {
        "part": draft.part, "slot": draft.slot, "version": draft.version, "place": draft.place,
        "options": draft.options, "gives": [str(fact) for fact in gives], "inputs": dict(inputs), "seed": seed,
        "libraries": _versions(draft.libraries, *(_says(entry, "libraries", ()) for entry in entries)),
        "sources": {f"{entry.slot} {entry.name}": source_of(entry.file) for entry in entries if entry.file},
        "beside": {f"representation.{c}": _told(line, c) for c in _channels(line, draft)} | _beside(draft, entries),
        "repeatable": all(_repeats(entry, draft) for entry in entries),
    }  # fmt: skip
    if line.task is not None and _of_task(draft, gives):
        found["task"] = {
            "name": line.task.name, "unit": line.task.unit, "labels": list(line.task.labels),
            "measure": line.task.metrics[0],
        }  # fmt: skip
    return found


def key_of(found: Mapping[str, Any]) -> str:
    """The key. What stages that are read are called doesn't count, only what they are."""
    told = {name: found[name] for name in FROM if found.get(name)}
    return digest([{**told, "inputs": sorted(found["inputs"].values())}])


def source_of(file: Path) -> str:
    """A hash of a part's file, as it was when its parts were loaded."""
    module = sys.modules.get(file.stem)
    if module is None or getattr(module, "__file__", None) != str(file.resolve()):
        return _hash(file)
    if module not in _READ:
        _READ[module] = _hash(file)
    return _READ[module]


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:20]


def _entries(line: Line, draft: Draft, gives: list[Fact]) -> Iterator[Entry]:
    """The parts that are at work in a stage."""
    catalog, options = line.config.catalog, draft.options
    named = [(draft.slot, draft.part)]
    if draft.slot == "data" and isinstance(options.get("reader"), dict):
        named.append(("reading", options["reader"]["use"]))
    if draft.slot in ("adaptation", "training"):
        named += [("loss", loss["use"]) for loss in options["losses"].values()]
        by = options["select"]["by"]
        named.append(("evaluation", line.task.metrics[0] if by == "task_dev" and line.task is not None else by))
    if _of_task(draft, gives) and line.task is not None:
        named.append(("task", line.task.name))
    named += [("representation", line.lineup.representation[channel].name) for channel in _channels(line, draft)]
    yield from (catalog.get(slot, name) for slot, name in named if catalog.has(slot, name))


def _of_task(draft: Draft, gives: Iterable[Fact]) -> bool:
    return draft.slot in LEARNT or any(isinstance(fact, Labels) for fact in gives)


def _channels(line: Line, draft: Draft) -> list[str]:
    """The channels of the views that a stage reads."""
    if draft.site is None or (draft.slot not in ("adaptation", "training") and draft.part not in READING):
        return []
    return [channel for channel in line.joined(draft.site.channels) if channel in line.lineup.representation]


def _told(line: Line, channel: str) -> dict[str, Any]:
    chosen = line.lineup.representation[channel]
    options = chosen.options.model_dump(mode="json", by_alias=True)
    return {"use": chosen.name, "version": chosen.options.version, **options}


def _beside(draft: Draft, entries: Iterable[Entry]) -> dict[str, Any]:
    """The versions of parts whose options stand in the stage's, without their version."""
    others = [entry for entry in entries if entry.slot in ("reading", "evaluation") and entry.slot != draft.slot]
    return {f"{entry.slot} {entry.name}": {"version": _says(entry, "version", 1)} for entry in others}


def _says(entry: Entry, name: str, default: Any) -> Any:
    """What a part's options say of it; tasks and data sets, which have none, say nothing."""
    return getattr(load_object(entry.card.declares), name, default)


def _repeats(entry: Entry, draft: Draft) -> bool:
    """Whether a part at work gives the same twice, the stage's own part under the stage's options."""
    declared = load_object(entry.card.declares)
    if (entry.slot, entry.name) == (draft.slot, draft.part) and hasattr(declared, "repeats"):
        return bool(declared.repeats(draft.options))
    return bool(getattr(declared, "repeatable", True))


def _versions(*named: Iterable[str]) -> dict[str, str]:
    return {name: _version(name) for name in sorted({name for names in named for name in names})}


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"

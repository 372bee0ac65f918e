"""Finding parts: plugins are loaded one by one, and a broken one is set aside with its reason.

Nothing heavier than the plugins' registering modules is imported here.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from xlt_core import hooks
from xlt_core.errors import Problem, UsageError, did_you_mean
from xlt_core.hooks import API, GROUP, SLOTS_OF_HOOK, Card

SLOTS = tuple(slot for slots in SLOTS_OF_HOOK.values() for slot in slots)


@dataclass(frozen=True, slots=True)
class Entry:
    """One card, the slot it fills and where it comes from."""

    card: Card
    slot: str
    plugin: str
    distribution: str
    version: str
    file: Path | None = None

    @property
    def name(self) -> str:
        return self.card.name

    @property
    def owner(self) -> str:
        """Who to turn to: a distribution and its version, or a file."""
        return str(self.file) if self.file is not None else f"{self.distribution} {self.version}"

    @property
    def built(self) -> bool:
        """Whether there is something to run; recipes, backbones and data are data."""
        return self.card.work is not None or self.slot in ("method", "backbone", "task", "data")


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A plugin that was set aside, and why; everything else works."""

    plugin: str
    distribution: str
    reason: str


@dataclass
class Catalog:
    """Everything that can be named in a recipe or on the command line."""

    entries: dict[tuple[str, str], list[Entry]] = field(default_factory=dict)
    quarantined: list[Quarantined] = field(default_factory=list)
    plugins: list[tuple[str, str, str]] = field(default_factory=list)

    def names(self, slot: str) -> list[str]:
        return [name for (of, name) in self.entries if of == slot]

    def all(self, slot: str | None = None) -> list[Entry]:
        """Every entry that can be chosen, in the order of registration."""
        groups = [group for (of, _), group in self.entries.items() if slot in (None, of)]
        return [entry for group in groups for entry in group]

    def conflicts(self) -> list[list[Entry]]:
        return [group for group in self.entries.values() if len(group) > 1]

    def get(self, slot: str, name: str) -> Entry:
        """The entry of that name; two of one name, or none, is an error that names the way out."""
        group = self.entries.get((slot, name), [])
        if len(group) == 1:
            return group[0]
        raise UsageError(f"`{name}` can't be used.", [self.missing(slot, name)])

    def has(self, slot: str, name: str) -> bool:
        return len(self.entries.get((slot, name), [])) == 1

    def _apart(self, group: list[Entry]) -> str:
        """How to be rid of the last of several parts with one name."""
        last = group[-1]
        if last.file is not None:
            return f"give the part in {last.file} another name"
        keep = [
            plugin for plugin, _, version in self.plugins if plugin not in ("core", last.plugin) and version != "file"
        ]
        return f"XLT_PLUGINS={','.join(keep)} xlt … leaves {last.distribution} out"

    def missing(self, slot: str, name: str, where: str = "") -> Problem:
        group = self.entries.get((slot, name), [])
        if group:
            owners = " and ".join(entry.owner for entry in group)
            return Problem(f"{slot} `{name}` comes from both {owners}", where, self._apart(group))
        elsewhere = [of for (of, other) in self.entries if other == name]
        hint = f"; `{name}` belongs in {elsewhere[0]}" if elsewhere else did_you_mean(name, self.names(slot))
        verb = {"method": "methods", "backbone": "backbones", "task": "tasks"}.get(slot, slot)
        broken = [q.plugin for q in self.quarantined if name.split(".")[0].split("@")[0] == q.plugin]
        if broken:
            hint += f"; plugin `{broken[0]}` was set aside: `xlt list plugins` says why"
        return Problem(f"no {slot} is called `{name}`{hint}", where, f"xlt list {verb}")


def load_catalog(
    environ: Mapping[str, str] = os.environ,
    files: Sequence[Path] = (),
    found: Iterable[EntryPoint] | None = None,
) -> Catalog:
    """Core parts, then installed plugins (`XLT_PLUGINS` limits which), then single files."""
    catalog = Catalog()
    manager = pluggy.PluginManager("xlt")
    manager.add_hookspecs(hooks)
    _register(catalog, manager, "core", "xlt-core", _version("xlt-core"), _importer("xlt_core.own"))
    wanted = _wanted(environ)
    points = sorted(entry_points(group=GROUP) if found is None else found, key=lambda point: point.name)
    for point in points:
        if wanted is None or point.name in wanted:
            owner = point.dist.name if point.dist else point.value
            version = point.dist.version if point.dist else "?"
            _register(catalog, manager, point.name, owner, version, point.load)
    for unknown in sorted((wanted or set()) - {point.name for point in points}):
        hint = did_you_mean(unknown, [point.name for point in points])
        catalog.quarantined.append(Quarantined(unknown, "XLT_PLUGINS", f"no such plugin is installed{hint}"))
    for file in files:
        _register(catalog, manager, file.stem, str(file), "file", _file_importer(file), file)
        if catalog.quarantined and catalog.quarantined[-1].distribution == str(file):
            problem = Problem(catalog.quarantined[-1].reason, f"--plugin {file}")
            raise UsageError("This plugin file can't be used.", [problem])
    return catalog


def _wanted(environ: Mapping[str, str]) -> set[str] | None:
    """`XLT_PLUGINS=a,b` loads these two, `XLT_PLUGINS=` none; unset, all."""
    limit = environ.get("XLT_PLUGINS")
    return None if limit is None else {name.strip() for name in limit.split(",") if name.strip()}


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "?"


def _importer(module: str) -> Callable[[], ModuleType]:
    return lambda: importlib.import_module(module)


def _file_importer(file: Path) -> Callable[[], ModuleType]:
    def load() -> ModuleType:
        if not file.is_file():
            raise ImportError(f"there is no file {file}")
        known = sys.modules.get(file.stem)
        if known is not None and getattr(known, "__file__", None) == str(file.resolve()):
            return known
        other = importlib.util.find_spec(file.stem)
        if other is not None and other.origin != str(file.resolve()):
            raise ImportError(f"a module is already called `{file.stem}`: give the file another name")
        spec = importlib.util.spec_from_file_location(file.stem, file.resolve())
        if spec is None or spec.loader is None:
            raise ImportError("a plugin file ends in .py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[file.stem] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[file.stem]
            raise
        return module

    return load


def _register(
    catalog: Catalog,
    manager: pluggy.PluginManager,
    name: str,
    distribution: str,
    version: str,
    load: Callable[[], Any],
    file: Path | None = None,
) -> None:
    try:
        module = load()
        _check(module, manager)
        cards = list(_cards(module, manager))
    except (Exception, SystemExit) as error:  # a stranger's module may do anything, and must not take `xlt` down
        catalog.quarantined.append(Quarantined(name, distribution, f"{type(error).__name__}: {error}"))
        return
    catalog.plugins.append((name, distribution, version))
    for slot, card in cards:
        entry = Entry(card, slot, name, distribution, version, file)
        catalog.entries.setdefault((slot, card.name), []).append(entry)


def _check(module: ModuleType, manager: pluggy.PluginManager) -> None:
    api = getattr(module, "XLT_API", None)
    if api is None:
        raise TypeError(f"it doesn't say which contract it is written for: add `XLT_API = {API}`")
    if api != API:
        raise TypeError(f"it is written for contract {api}, and this xlt has contract {API}: update the older")
    for attribute in vars(module):
        if not attribute.startswith("xlt_") or not callable(getattr(module, attribute)):
            continue
        if attribute not in SLOTS_OF_HOOK:
            raise TypeError(f"there is no hook `{attribute}`{did_you_mean(attribute, SLOTS_OF_HOOK)}")
        if manager.parse_hookimpl_opts(module, attribute) is None:
            raise TypeError(f"`{attribute}` lacks @hookimpl, so nobody would call it")


def _cards(module: ModuleType, manager: pluggy.PluginManager) -> Iterable[tuple[str, Card]]:
    """The module's cards with their slots; each hook is called on this module alone."""
    manager.register(module)
    others = [plugin for plugin in manager.get_plugins() if plugin is not module]
    for hook, slots in SLOTS_OF_HOOK.items():
        caller = manager.subset_hook_caller(hook, others)
        for card in (card for cards in caller() for card in cards):
            if not isinstance(card, Card):
                raise TypeError(f"`{hook}` gave {card!r}, which is no Card")
            slot = card.slot or slots[0]
            if slot not in slots or (len(slots) > 1 and not card.slot):
                raise TypeError(f"card `{card.name}` of `{hook}` needs slot={' or '.join(map(repr, slots))}")
            yield slot, card


def load_object(reference: str) -> Any:
    """`module:Name` as an object; a card that names nothing is an error its owner can mend."""
    module, _, name = reference.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        problem = Problem(f"a card names `{reference}`, and importing it says: {error}", fix="xlt list plugins")
        raise UsageError("A part can't be loaded.", [problem]) from error

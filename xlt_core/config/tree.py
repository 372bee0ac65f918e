"""A recipe's slots in one canonical form, whatever short form they were written in.

Every choice becomes ``{"use": NAME, option: value, ...}``; every loss ``{"use", "weight", ...}``; slots split by
role or channel are mappings; slots that hold several parts are lists. Layers are merged in this form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from xlt_core.errors import Problem, did_you_mean
from xlt_core.slots.table import ROLES, SCHEDULES, SLOTS, Slot
from xlt_core.yaml12 import Document, Path

Tree = dict[str, Any]


@dataclass
class Layer:
    """One source of configuration: its slots in canonical form, its settings, and where each stands."""

    tree: Tree = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    origins: dict[Path, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def where(self, path: Path) -> str:
        while path and path not in self.origins:
            path = path[:-1]
        return self.origins.get(path, "")


def read_layer(document: Document, data: Mapping[str, Any], at: Path = ()) -> Layer:
    """A mapping of settings and slots as a layer; `at` is where it stands in its document."""
    layer = Layer()
    reader = _Reader(document, layer)
    for key, value in data.items():
        here = (*at, key)
        if key in SLOTS:
            layer.tree[key] = reader.slot(SLOTS[key], value, here)
        else:
            layer.settings[key] = value
            layer.origins[(key,)] = document.where(here)
    return layer


def merge(base: Layer, patch: Layer) -> Layer:
    """`patch` over `base`: another part replaces a part and its options, the same part takes the new options."""
    tree = {}
    for key in _slots_in(base, patch):
        value = _merged(base.tree.get(key), patch.tree.get(key), key in patch.tree)
        tree[key] = [value] if SLOTS[key].many and isinstance(value, dict) else value
    return Layer(
        tree,
        {**base.settings, **patch.settings},
        {**base.origins, **patch.origins},
        base.problems + patch.problems,
    )


def _slots_in(*layers: Layer) -> list[str]:
    return [name for name in SLOTS if any(name in layer.tree for layer in layers)]


def _merged(base: Any, patch: Any, given: bool) -> Any:
    if not given:
        return base
    if isinstance(patch, dict) and isinstance(base, list):
        return [_merged(base[0], patch, True)] if len(base) == 1 else [patch]
    if not isinstance(base, dict) or not isinstance(patch, dict):
        return patch
    if "use" in patch and patch["use"] != base.get("use"):
        return patch
    return {key: _merged(base.get(key), patch[key], True) if key in patch else base[key] for key in {**base, **patch}}


def read_choice(slot: Slot, value: Any, path: Path, where: str) -> tuple[Tree, list[Problem]]:
    """One part as a flag gives it, in canonical form, and what is off with it."""
    layer = Layer()
    choice = _Reader(Document(None, where, {}), layer).choice(slot, value, (), path)
    return choice, [replace(problem, where=where) for problem in layer.problems]


class _Reader:
    def __init__(self, document: Document, layer: Layer) -> None:
        self.document, self.layer = document, layer

    def slot(self, slot: Slot, value: Any, at: Path) -> Any:
        path: Path = (slot.name,)
        self._mark(path, at)
        if slot.many:
            if isinstance(value, Mapping):  # one part, or options for the part that stands there
                return self.choice(slot, value, at, (*path, 0))
            items = value if isinstance(value, list) else [] if value is None else [value]
            places = [(*at, n) if isinstance(value, list) else at for n in range(len(items))]
            return [self.choice(slot, item, places[n], (*path, n)) for n, item in enumerate(items)]
        if slot.roles:
            return self._roles(slot, value, at, path)
        if slot.channels:
            return self._channels(slot, value, at, path)
        return None if value is None else self.choice(slot, value, at, path)

    def _roles(self, slot: Slot, value: Any, at: Path, path: Path) -> Tree:
        if isinstance(value, Mapping) and value and set(value) <= set(ROLES):
            return {role: self._channels(slot, part, (*at, role), (*path, role)) for role, part in value.items()}
        return {role: self._channels(slot, value, at, (*path, role)) for role in ROLES}

    def _channels(self, slot: Slot, value: Any, at: Path, path: Path) -> Tree:
        self._mark(path, at)
        if value is None:
            return {}
        if isinstance(value, Mapping) and "use" not in value:
            return {
                channel: None if part is None else self.choice(slot, part, (*at, channel), (*path, channel))
                for channel, part in value.items()
            }
        return {"text": self.choice(slot, value, at, (*path, "text"))}

    def choice(self, slot: Slot, value: Any, at: Path, path: Path) -> Tree:
        self._mark(path, at)
        if isinstance(value, str):
            return {"use": value}
        if not isinstance(value, Mapping):
            self._problem(f"a part is a name or {{use: NAME, options}}, not `{value}`", at)
            return {}
        options = dict(value)
        for key in options:
            self._mark((*path, key), (*at, key))
        if slot.name in SCHEDULES:
            self._losses(options, at, path)
            for role in ROLES:
                if isinstance(options.get(role), Mapping):
                    options[role] = dict(options[role])
                    for key in options[role]:
                        self._mark((*path, role, key), (*at, role, key))
                    self._losses(options[role], (*at, role), (*path, role))
        return options

    def _losses(self, options: Tree, at: Path, path: Path) -> None:
        given = options.get("losses")
        if given is None:
            return
        if not isinstance(given, Mapping):
            self._problem("losses are a mapping, NAME: WEIGHT", (*at, "losses"))
            options["losses"] = {}
            return
        options["losses"] = {name: self._loss(name, value, (*at, "losses", name)) for name, value in given.items()}
        for name in given:
            self._mark((*path, "losses", name), (*at, "losses", name))

    def _loss(self, name: str, value: Any, at: Path) -> Tree | None:
        if value is None:  # a layer above takes the loss away
            return None
        if isinstance(value, Mapping):
            return {"use": name, **value}
        if isinstance(value, int | float) and not isinstance(value, bool):
            return {"use": name, "weight": value}
        self._problem(f"a loss has a weight or {{use, weight, options}}, not `{value}`", at)
        return {"use": name}

    def _mark(self, path: Path, at: Path) -> None:
        self.layer.origins[path] = self.document.where(at)

    def _problem(self, what: str, at: Path) -> None:
        self.layer.problems.append(Problem(what, self.document.where(at)))


def unknown_setting(key: str, known: list[str], where: str) -> Problem:
    """A key that is neither a setting nor a slot."""
    hint = did_you_mean(key, [*known, *SLOTS])
    return Problem(f"nothing is called `{key}`{hint}", where, "xlt run --help")

"""`--set`, `--add` and `--drop`: one place in the tree, named in full or as short as is clear.

A path goes slot, [number], [role], [channel], option. What may be left out is left out only where one
place fits; else the places are listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from xlt_core.config.tree import Layer, Tree, read_choice
from xlt_core.errors import Problem, UsageError, did_you_mean
from xlt_core.slots.table import ROLES, SCHEDULES, SLOTS, Slot
from xlt_core.yaml12 import Path, parse

Fields = Callable[[str, str], Sequence[str]]
"""(slot, part) → the names of the part's options."""
Losses = Callable[[str, str], dict[str, Any]]
"""(slot, part) → the losses that the part has by itself."""


@dataclass(frozen=True, slots=True)
class Place:
    """A choice in the tree, and what is meant of it: the part itself, or one of its options."""

    choice: Path
    option: Path = ()

    def __str__(self) -> str:
        return ".".join(map(str, self.choice + self.option))


def apply_edits(layer: Layer, edits: Sequence[tuple[str, str]], fields: Fields, losses: Losses) -> None:
    """Change the layer's tree, edit by edit: `("set", "training.lr=1e-4")`, as they were typed."""
    editor = _Editor(layer, fields, losses)
    verbs = {"set": editor.set_, "add": editor.add, "drop": editor.drop}
    for verb, flag in edits:
        try:
            verbs[verb](flag)
        except UsageError as error:
            layer.problems.extend(error.problems)


class _Editor:
    def __init__(self, layer: Layer, fields: Fields, losses: Losses) -> None:
        self.layer, self.tree, self.fields, self.losses = layer, layer.tree, fields, losses

    def set_(self, flag: str) -> None:
        where = f"--set {flag}"
        path, value = _split(flag, where)
        place = self._one(path, where, value)
        if place.option:
            self._write(place.choice + place.option, value, where)
        else:
            self._put(_slot(path, where), place.choice, value, where)

    def add(self, flag: str) -> None:
        where = f"--add {flag}"
        path, value = _split(flag, where)
        slot = _slot(path, where)
        if ".losses." in f"{path}.":
            head, _, name = path.partition(".losses.")
            place = self._one(f"{head}.losses", where, None)
            choice = value if isinstance(value, dict) else {"weight": value}
            self._write((*place.choice, *place.option, name), {"use": name, **choice}, where)
        elif slot.many and "." not in path:
            self._put(slot, (slot.name, len(self.tree.get(slot.name) or [])), value, where)
        elif slot.channels:
            self.set_(flag)
        else:
            fix = f"--set {slot.name}={value}"
            raise _usage(f"{slot.name} holds one part: it can be set, not added to", where, fix)

    def _put(self, slot: Slot, path: Path, value: Any, where: str) -> None:
        """A whole part at a place."""
        choice, problems = read_choice(slot, value, path, where)
        if problems:
            raise UsageError("A flag is off.", problems)
        self._write(path, choice, where)

    def drop(self, flag: str) -> None:
        where = f"--drop {flag}"
        if flag in SLOTS:
            slot = SLOTS[flag]
            self.tree[flag] = [] if slot.many else {} if slot.roles or slot.channels else None
            return
        place = self._one(flag, where, None)
        path = place.choice + place.option
        parent = self._node(path[:-1]) if self._droppable(place) else None
        if parent is None or (isinstance(parent, dict) and path[-1] not in parent):
            raise _usage(f"there is no part at `{place}` to drop", where, "--set it to another value")
        del parent[path[-1]]

    def _droppable(self, place: Place) -> bool:
        return not place.option or (len(place.option) >= 2 and place.option[-2] == "losses")

    def _one(self, path: str, where: str, value: Any) -> Place:
        slot = _slot(path, where)
        if slot.name in SCHEDULES and ".losses" in path:
            self._write_losses_out(slot)
        rest = path.split(".")[1:]
        fits = list(dict.fromkeys(self._places(slot, rest, value)))
        if len(fits) == 1:
            return fits[0]
        if fits:
            listed = ", ".join(f"`{place}`" for place in fits)
            raise _usage(f"`{path}` fits several places: {listed}", where, f"{where.split()[0]} {fits[-1]}=…")
        raise _usage(f"`{path}` fits no place{self._hint(slot, rest)}", where, "xlt plan --json shows the places")

    def _write_losses_out(self, slot: Slot) -> None:
        """A schedule's own losses are written out before one is added to them or dropped."""
        for choice in self.tree.get(slot.name) or ():
            split = [choice[role] for role in ROLES if isinstance(choice.get(role), dict)]
            if "losses" not in choice and not any("losses" in options for options in split):
                choice["losses"] = self.losses(slot.name, str(choice.get("use", "")))

    def _hint(self, slot: Slot, rest: list[str]) -> str:
        uses = [choice["use"] for _, choice in self._choices(slot) if choice.get("use")]
        names = [name for use in uses for name in self.fields(slot.name, use)]
        return did_you_mean(rest[0], [*names, *ROLES, *uses]) if rest else ""

    def _choices(self, slot: Slot) -> Iterator[tuple[Path, Tree]]:
        """Every choice that stands in the slot, with its path."""
        node = self.tree.get(slot.name)
        if slot.many:
            yield from (((slot.name, n), choice) for n, choice in enumerate(node or ()))
        elif slot.roles:
            for role, channels in (node or {}).items():
                yield from (((slot.name, role, name), choice) for name, choice in channels.items() if choice)
        elif slot.channels:
            yield from (((slot.name, name), choice) for name, choice in (node or {}).items() if choice)
        elif node:
            yield (slot.name,), node

    def _places(self, slot: Slot, rest: list[str], value: Any) -> Iterator[Place]:
        standing = list(self._choices(slot))
        for path, choice in standing:
            yield from self._of_choice(slot, path, choice, rest, value)
        if value is None or not isinstance(value, str | dict):
            return
        yield from self._new(slot, rest, standing)

    def _of_choice(self, slot: Slot, path: Path, choice: Tree, rest: list[str], value: Any) -> Iterator[Place]:
        """The places under one choice that `rest` may mean: the path's own words may be left out."""
        words = [str(word) for word in path[1:]]
        use = str(choice.get("use", ""))
        left = list(rest)
        for word in words:
            if left and left[0] == word:
                left = left[1:]
            elif left and ((left[0] in ROLES and word in ROLES) or (left[0].isdigit() and word.isdigit())):
                return
        if slot.many and ".".join(left) == use:
            left = []
        elif slot.many and ".".join(left).startswith(use + "."):
            left = left[len(use.split(".")) :]
        if not left:
            yield Place(path)
            return
        if slot.channels and len(left) > 1 and left[0] in self._channels(slot) and left[0] not in words:
            return
        yield from self._options(slot, path, choice, left)

    def _options(self, slot: Slot, path: Path, choice: Tree, left: list[str]) -> Iterator[Place]:
        known = self.fields(slot.name, str(choice.get("use", "")))
        roles = [role for role in ROLES if isinstance(choice.get(role), dict)] if slot.name in SCHEDULES else []
        if left[0] in ROLES and slot.name in SCHEDULES:
            role, left = left[0], left[1:]
            scopes: list[tuple[Path, Tree]] = [((role,), choice.get(role) or {})]
        else:
            own = [((role,), choice[role]) for role in roles if left and left[0] in choice[role]]
            scopes = [*own] or [((), choice)]
            if left[0] == "losses" and "losses" in choice and own:
                scopes.append(((), choice))
        if not left or left[0] not in known:
            return
        for prefix, node in scopes:
            if left[0] == "losses" and len(left) > 1:
                yield from self._loss_places(path, (*prefix, "losses"), node.get("losses") or {}, left[1:])
            else:
                yield Place(path, (*prefix, *left))

    def _loss_places(self, path: Path, prefix: Path, losses: Tree, left: list[str]) -> Iterator[Place]:
        whole = ".".join(left)
        for name in losses:
            if whole == name:
                yield Place(path, (*prefix, name))
            elif whole.startswith(name + "."):
                yield Place(path, (*prefix, name, *whole[len(name) + 1 :].split(".")))

    def _new(self, slot: Slot, rest: list[str], standing: list[tuple[Path, Tree]]) -> Iterator[Place]:
        """Places that are still empty: a slot without a part, a role or a channel not yet split off."""
        taken = {path for path, _ in standing}
        known = [name for _, choice in standing for name in self.fields(slot.name, str(choice.get("use", "")))]
        if slot.many:
            if not standing and not rest:
                yield Place((slot.name, 0))
        elif slot.roles and (not rest or rest[0] in ROLES) and len(rest) <= 2:
            roles = [rest[0]] if rest else ([] if standing else ["source", "target"])
            channel = rest[1] if len(rest) == 2 else "text"
            paths = [(slot.name, role, channel) for role in roles if channel not in known]
            yield from (Place(path) for path in paths if path not in taken)
        elif slot.channels and not slot.roles and len(rest) == 1 and rest[0] not in known:
            yield from (Place(path) for path in [(slot.name, rest[0])] if path not in taken)
        elif not slot.roles and not slot.channels and not standing and not rest:
            yield Place((slot.name,))

    def _channels(self, slot: Slot) -> set[str]:
        return {str(path[-1]) for path, _ in self._choices(slot)}

    def _node(self, path: Path) -> Any:
        node: Any = self.tree
        for key in path:
            node = node[key]
        return node

    def _write(self, path: Path, value: Any, where: str) -> None:
        node: Any = self.tree
        if SLOTS[str(path[0])].many and not node.get(path[0]):
            node[path[0]] = []
        for key in path[:-1]:
            child = node[int(key)] if isinstance(node, list) else node.get(key)
            if child is None:
                child = node[key] = {}
            if not isinstance(child, dict | list):
                raise _usage(f"`{'.'.join(map(str, path))}` lies under a plain value, `{child}`", where)
            node = child
        if isinstance(node, list) and path[-1] == len(node):
            node.append(value)
        elif len(path) >= 2 and path[-2] == "losses" and not isinstance(value, dict):
            node[path[-1]] = {"use": path[-1], **node.get(path[-1], {}), "weight": value}
        else:
            node[path[-1]] = value
        stale = [old for old in self.layer.origins if old[: len(path)] == path]
        for old in stale:
            del self.layer.origins[old]
        self.layer.origins[path] = where


def _split(flag: str, where: str) -> tuple[str, Any]:
    path, equals, text = flag.partition("=")
    if not equals:
        raise _usage("it wants PATH=VALUE", where, f"{where.split()[0]} {flag}=…")
    return path.strip(), parse(text, where).data


def _slot(path: str, where: str) -> Slot:
    name = path.split(".")[0]
    if name in SLOTS:
        return SLOTS[name]
    raise _usage(f"no slot is called `{name}`{did_you_mean(name, SLOTS)}", where, f"one of {', '.join(SLOTS)}")


def _usage(what: str, where: str, fix: str = "") -> UsageError:
    return UsageError(what, [Problem(what, where, fix)])

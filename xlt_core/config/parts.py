"""From the canonical tree to chosen parts: names looked up, options checked, defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from xlt_core.catalog import Catalog, Entry, load_object
from xlt_core.config.lineup import Chosen, ChosenSchedule, Filled, LineUp, ScheduleFor
from xlt_core.config.tree import Layer, Tree
from xlt_core.errors import Problem, did_you_mean
from xlt_core.site import Role
from xlt_core.slots.base import Options
from xlt_core.slots.schedule import Schedule
from xlt_core.slots.table import ROLES, SLOTS
from xlt_core.yaml12 import Path

Model = TypeVar("Model", bound=BaseModel)


def option_names(catalog: Catalog, slot: str, name: str) -> list[str]:
    """The names of a part's options; none where the part isn't known."""
    if not catalog.has(slot, name):
        return []
    fields = options_class(catalog.get(slot, name)).model_fields
    return [field.alias or name for name, field in fields.items()]


def default_losses(catalog: Catalog, slot: str, name: str) -> dict[str, Any]:
    """The losses that a schedule has when a recipe names none."""
    if not catalog.has(slot, name):
        return {}
    field = options_class(catalog.get(slot, name)).model_fields.get("losses")
    losses: dict[str, Any] = field.get_default(call_default_factory=True) if field else {}
    return {key: {"use": key, "weight": weight} for key, weight in losses.items()}


def options_class(entry: Entry) -> type[Options]:
    declared = load_object(entry.card.declares)
    if not (isinstance(declared, type) and issubclass(declared, Options)):
        raise TypeError(f"{entry.card.declares} declares no Options")
    return declared


def choose_parts(catalog: Catalog, layer: Layer) -> tuple[LineUp, Filled]:
    """The line-up of a layer's tree; everything that is off is added to the layer's problems."""
    chooser = _Chooser(catalog, layer)
    filled = chooser.all()
    return chooser.lineup, filled


def checked(model: type[Model], data: Mapping[str, Any], where: Any, problems: list[Problem]) -> Model | None:
    """The model of `data`, or None and its problems; `where(key path)` says where a key stands."""
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        for item in error.errors(include_url=False, include_context=True):
            problems.append(_option_problem(model, item, where))
        return None


def _option_problem(model: type[BaseModel], item: Any, where: Any) -> Problem:
    path = tuple(item["loc"])
    place = where(path)
    if item["type"] == "extra_forbidden":
        fields = _fields_at(model, path[:-1])
        known = ", ".join(fields)
        hint = did_you_mean(str(path[-1]), fields) or (f"; there are {known}" if known else "; it has none")
        return Problem(f"there is no option `{path[-1]}`{hint}", place)
    name = ".".join(str(key) for key in path)
    message = item["msg"].removeprefix("Value error, ")
    if item["type"] == "missing":
        return Problem(f"`{name}` must be given", place)
    given = "" if item["type"] == "value_error" else f", not `{item['input']}`"
    return Problem(f"`{name}`: {message[:1].lower()}{message[1:]}{given}", place)


def _fields_at(model: type[BaseModel], path: tuple[Any, ...]) -> list[str]:
    for key in path:
        annotation = model.model_fields[key].annotation if key in model.model_fields else None
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return []
        model = annotation
    return [field.alias or name for name, field in model.model_fields.items()]


class _Chooser:
    def __init__(self, catalog: Catalog, layer: Layer) -> None:
        self.catalog, self.layer = catalog, layer
        self.lineup = LineUp()

    def all(self) -> Filled:
        filled: Filled = {}
        for slot in SLOTS.values():
            node = self.layer.tree.get(slot.name)
            if slot.name in ("adaptation", "training"):
                schedules = [self._schedule(slot.name, item, n) for n, item in enumerate(node or ())]
                getattr(self.lineup, slot.name).extend(chosen for chosen, _ in schedules if chosen)
                filled[slot.name] = [data for _, data in schedules]
            elif slot.many:
                chosen = [self._part(slot.name, item, (slot.name, n)) for n, item in enumerate(node or ())]
                self.lineup.evaluation.extend(part for part in chosen if part)
                filled[slot.name] = [_fill(part) for part in chosen if part]
            elif slot.roles:
                filled[slot.name] = self._by_role(slot.name, node or {})
            elif slot.channels:
                parts = {c: self._part(slot.name, item, (slot.name, c)) for c, item in (node or {}).items() if item}
                getattr(self.lineup, slot.name).update({c: part for c, part in parts.items() if part})
                filled[slot.name] = {c: _fill(part) for c, part in parts.items() if part}
            else:
                one = self._part(slot.name, node, (slot.name,)) if node else None
                setattr(self.lineup, slot.name, one)
                filled[slot.name] = _fill(one) if one else None
        return filled

    def _by_role(self, slot: str, node: Tree) -> Filled:
        filled: Filled = {}
        for role, channels in node.items():
            for channel, item in channels.items():
                part = self._part(slot, item, (slot, role, channel)) if item else None
                if part:
                    getattr(self.lineup, slot)[role, channel] = part
                    filled.setdefault(role, {})[channel] = _fill(part)
        return filled

    def _part(self, slot: str, item: Tree, path: Path, instance: str = "") -> Chosen | None:
        entry = self._entry(slot, item, path)
        if entry is None:
            return None
        options = self._options(entry, {k: v for k, v in item.items() if k != "use"}, path)
        place = _short(path, self.layer.tree)
        return Chosen(entry, options, place, instance or entry.name) if options else None

    def _entry(self, slot: str, item: Any, path: Path) -> Entry | None:
        if not isinstance(item, dict):
            what = f"a part is a name or {{use: NAME, options}}, not `{item}`"
            self.layer.problems.append(Problem(what, self.layer.where(path)))
            return None
        use = item.get("use")
        if isinstance(use, str) and self.catalog.has(slot, use):
            return self.catalog.get(slot, use)
        where = self.layer.where(path)
        if use is None:
            self.layer.problems.append(Problem(f"{'.'.join(map(str, path))} names no part: `use` is missing", where))
        else:
            self.layer.problems.append(self.catalog.missing(slot, str(use), where))
        return None

    def _options(self, entry: Entry, data: Tree, path: Path) -> Options | None:
        problems: list[Problem] = []
        options = checked(options_class(entry), data, lambda key: self.layer.where((*path, *key)), problems)
        self.layer.problems += [
            Problem(f"{entry.slot} `{entry.name}`: {problem.what}", problem.where, f"xlt describe {entry.name}")
            for problem in problems
        ]
        return options

    def _schedule(self, slot: str, item: Tree, number: int) -> tuple[ChosenSchedule | None, Filled]:
        path: Path = (slot, number)
        entry = self._entry(slot, item, path)
        if entry is None:
            return None, {}
        base = {key: value for key, value in item.items() if key != "use" and key not in ROLES}
        split: list[Role] = [role for role in ROLES if isinstance(item.get(role), dict)]
        by_role: dict[Role, ScheduleFor] = {}
        filled: Filled = {"use": entry.name}
        everyone: list[Role] = [""]
        for role in split or everyone:
            own = {**base, **item[role]} if role else base
            if role and "losses" in base and "losses" in item[role]:
                own["losses"] = {**base["losses"], **item[role]["losses"]}
            one = self._schedule_for(entry, own, (*path, role) if role else path)
            if one is None:
                continue
            by_role[role] = one
            data = _fill_schedule(one)
            filled.update({role: data} if role else data)
        if not by_role:
            return None, {}
        return ChosenSchedule(entry, _short(path, self.layer.tree), by_role), filled

    def _schedule_for(self, entry: Entry, data: Tree, path: Path) -> ScheduleFor | None:
        options = self._options(entry, data, path)
        given = options.losses if isinstance(options, Schedule) else data.get("losses")
        if not isinstance(given, dict):  # told with the other options
            given = {}
        losses: list[Chosen] = []
        for name, item in given.items():
            if item is None:
                continue
            tree = {"use": name, **item} if isinstance(item, dict) else {"use": name, "weight": item}
            loss = self._part("loss", tree, (*path, "losses", name), name)
            if loss:
                losses.append(loss)
        if not isinstance(options, Schedule):
            return None
        return ScheduleFor(options, tuple(losses), self._selector(options, path))

    def _selector(self, options: Schedule, path: Path) -> Chosen | None:
        by = options.select.by
        if by in ("task_dev", "held_out_loss"):
            return None
        if not self.catalog.has("evaluation", by):
            known = ["task_dev", "held_out_loss", *self.catalog.names("evaluation")]
            what = f"nothing that selects is called `{by}`{did_you_mean(by, known)}"
            self.layer.problems.append(Problem(what, self.layer.where((*path, "select", "by"))))
            return None
        return self._part("evaluation", {"use": by, **options.select.options}, (*path, "select", "options"))


def _short(path: Path, tree: Tree) -> str:
    """A path as one would type it: the number of a slot's only part is left out."""
    only = len(path) > 1 and path[1] == 0 and len(tree.get(str(path[0])) or ()) == 1
    return ".".join(map(str, (path[0], *path[2:]) if only else path))


def _fill(part: Chosen) -> Filled:
    return {"use": part.name, **part.options.model_dump(mode="json", by_alias=True)}


def _fill_schedule(one: ScheduleFor) -> Filled:
    data = one.options.model_dump(mode="json", by_alias=True)
    data["losses"] = {loss.instance: _fill(loss) for loss in one.losses}
    return data

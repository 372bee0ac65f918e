"""What a part says of itself: from its card and its options class, never written twice."""

from __future__ import annotations

import importlib.resources
import inspect
from typing import Any

from xlt_core.catalog import Catalog, Entry, load_object
from xlt_core.config.resolve import find_method
from xlt_core.errors import Problem, UsageError, did_you_mean
from xlt_core.example import example_site
from xlt_core.report.tables import table
from xlt_core.slots.base import Options
from xlt_core.slots.losses import Loss
from xlt_core.slots.schedule import Schedule


def find_entries(catalog: Catalog, name: str) -> list[Entry]:
    """All that goes by a name; `slot/name` is one of them."""
    slot, slash, rest = name.rpartition("/")
    if slash and slot in {of for of, _ in catalog.entries}:
        return [catalog.get(slot, rest)]
    method = find_method(catalog, name)
    if method is not None:
        return [method]
    found = [entry for group in catalog.entries.values() for entry in group if entry.name == name]
    if found:
        return found
    known = [entry.name for entry in catalog.all()] + [m.split("@")[0] for m in catalog.names("method")]
    problem = Problem(f"nothing is called `{name}`{did_you_mean(name, known)}", fix="xlt list")
    raise UsageError("There is nothing to describe.", [problem])


def describe_entry(entry: Entry) -> dict[str, Any]:
    """Plain data: what `--json` prints and the reference pages are made from."""
    card = entry.card
    told: dict[str, Any] = {
        "name": entry.name,
        "slot": entry.slot,
        "summary": card.summary,
        "built": entry.built,
        "cite": card.cite,
        "plugin": entry.plugin,
        "distribution": f"{entry.distribution} {entry.version}",
    }
    if entry.slot == "method":
        package, _, path = card.declares.partition(":")
        file = importlib.resources.files(package).joinpath(path)
        return {**told, "file": path, "recipe": file.read_text(encoding="utf-8")}
    declared = load_object(card.declares)
    if not (isinstance(declared, type) and issubclass(declared, Options)):
        fields = {name: getattr(declared, name) for name in declared.__dataclass_fields__}
        return {**told, "file": card.declares.partition(":")[0], "fields": {k: _plain(v) for k, v in fields.items()}}
    return {**told, "file": declared.__module__, **describe_options(declared, entry)}


def describe_options(declared: type[Options], entry: Entry) -> dict[str, Any]:
    """The docstring, each option, and the facts of the part with its defaults, in an example run."""
    options = [
        {
            "name": field.alias or name,
            "type": type_name(field.annotation),
            "default": _plain(field.get_default(call_default_factory=True)),
            "about": field.description or "",
        }
        for name, field in declared.model_fields.items()
    ]
    part, site = declared(), example_site(entry.slot, entry.name)
    told: dict[str, Any] = {"about": inspect.getdoc(declared) or "", "options": options}
    told["needs"] = [_fact(fact) for fact in part.needs(site)]
    told["gives"] = [_fact(fact) for fact in part.gives(site)]
    told["abilities"] = list(part.abilities(site))
    if isinstance(part, Loss):
        told["role"], told["streams"] = part.role, sorted(part.streams)
    if isinstance(part, Schedule):
        told["feeds"], told["takes"] = sorted(part.feeds), sorted(part.takes)
    return told


def as_text(told: dict[str, Any]) -> str:
    """The same for a person."""
    status = "" if told["built"] else "  (not built yet)"
    lines = [f"{told['name']}  [{told['slot']}]{status}", told.get("about") or told["summary"], ""]
    facts = {"citation": told["cite"], "from": told["distribution"], "file": told["file"]}
    for key in ("role", "streams", "feeds", "takes", "abilities"):
        value = told.get(key) or ""
        facts[key] = value if isinstance(value, str) else ", ".join(value)
    rows = [[key, value] for key, value in facts.items() if value]
    for key in ("needs", "gives"):
        rows += [[key if n == 0 else "", fact] for n, fact in enumerate(told.get(key) or ())]
    lines.append(table(rows))
    if told.get("options"):
        rows = [[o["name"], o["type"], shown(o["default"]), _one_line(o["about"])] for o in told["options"]]
        lines += ["", table(rows, ["option", "type", "default", ""])]
    if told.get("fields"):
        lines += ["", table([[key, shown(value)] for key, value in told["fields"].items()])]
    if told.get("recipe"):
        lines += ["", told["recipe"].rstrip()]
    return "\n".join(lines)


def _fact(fact: Any) -> str:
    """`hidden of text | mask(…), layer last`."""
    if hasattr(fact, "view"):
        rest = [f"{key} {getattr(fact, key)}" for key in ("layer", "stream") if hasattr(fact, key)]
        unit = f", {fact.unit}s" if getattr(fact, "unit", None) else ""
        return ", ".join([f"{fact.kind} of {fact.view}", *rest]) + unit
    return str(fact) if not str(fact).startswith(tuple("<")) and hasattr(fact, "name") else f"view {fact}"


def type_name(annotation: Any) -> str:
    if isinstance(annotation, type):
        return annotation.__name__
    text = str(annotation).replace("typing.", "").replace("NoneType", "None")
    if text.startswith("Literal["):
        return " | ".join(part.strip().strip("'\"") for part in text[8:-1].split(","))
    return text


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    return sorted(value) if isinstance(value, frozenset) else value


def shown(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {shown(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(shown, value)) + "]"
    return "-" if value is None or value == "" else str(value)


def _one_line(text: str) -> str:
    return " ".join(text.split())

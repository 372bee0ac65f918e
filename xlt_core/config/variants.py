"""Several runs out of one request: a method's published ablations, and options that are varied."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xlt_core.catalog import load_catalog
from xlt_core.config.resolve import Request, RunConfig, find_method, read_recipe, resolve
from xlt_core.config.settings import Settings
from xlt_core.errors import Problem, UsageError, did_you_mean
from xlt_core.yaml12 import parse

VERBS = ("drop", "set", "add")
FULL = "full"
"""What the run is called that nothing was taken from."""
ALL = "all"
LISTS = ("sources", "targets", "adapt", "seeds", "adaptation_seeds", "resources")


@dataclass(frozen=True, slots=True)
class Change:
    """What makes a variant: edits in their order, and settings."""

    name: str
    edits: tuple[tuple[str, str], ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()

    def told(self) -> str:
        """As one would type it."""
        return " ".join(
            [
                *(f"--{verb} {edit}" for verb, edit in self.edits),
                *(f"--{key} {_typed(value)}" for key, value in self.settings),
            ]
        )

    def made_to(self, request: Request) -> Request:
        return replace(
            request, edits=(*request.edits, *self.edits), settings={**request.settings, **dict(self.settings)}
        )

    def joined(self, other: Change) -> Change:
        name = f"{self.name},{other.name}" if self.name else other.name
        return Change(name, self.edits + other.edits, self.settings + other.settings)


def _typed(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@dataclass(frozen=True, slots=True)
class Variant:
    """One run of a study."""

    name: str
    change: Change
    config: RunConfig


def variants(request: Request, ablate: str | None, vary: Sequence[str]) -> list[Variant]:
    """The runs that a study holds, or a UsageError with all that is wrong with any of them."""
    changes = _ablations(request, ablate) if ablate else [Change("")]
    for varied in (_varied(text) for text in vary):
        changes = [one.joined(other) for one in changes for other in varied]
    found, problems = [], []
    for change in changes:
        try:
            found.append(Variant(change.name, change, resolve(change.made_to(request))))
        except UsageError as error:
            problems += [replace(p, where=f"{change.name}: {p.where}") for p in error.problems]
    if problems:
        raise UsageError("This study can't be made.", list(dict.fromkeys(problems)))
    return found


# ablations


def ablations_of(method: str, request: Request) -> Mapping[str, Change]:
    """A method's published ablations by name, as its recipe states them; a preset may state some in its own way."""
    if method.endswith((".yaml", ".yml")):
        recipe = parse(Path(method).read_text(encoding="utf-8"), method)
    else:
        entry = find_method(load_catalog(files=request.plugins), method)
        assert entry is not None, "the request was resolved"
        recipe = read_recipe(entry.card)
    preset = ("presets", resolve(request).settings.preset)
    found: dict[str, Change] = {}
    for path in (("ablations",), (*preset, "ablations")):
        told: Any = recipe.data or {}
        for key in path:
            told = told.get(key) or {}
        found |= {name: _change(name, changed or {}, recipe.where((*path, name))) for name, changed in told.items()}
    return found


def _change(name: str, told: Any, where: str) -> Change:
    """`{set: embedding.target=random}`; verbs hold one edit or a list, other keys are settings."""
    if not isinstance(told, Mapping):
        problem = Problem(f"ablation {name} holds no set, add, drop or settings", where)
        raise UsageError("A recipe can't be read.", [problem])
    known = (*VERBS, *Settings.model_fields)
    unknown = [key for key in told if key not in known]
    if unknown:
        what = f"ablation {name} says `{unknown[0]}`{did_you_mean(unknown[0], known)}"
        raise UsageError("A recipe can't be read.", [Problem(what, where)])
    edits = tuple((verb, str(edit)) for verb in VERBS for edit in _listed(told.get(verb)))
    return Change(name, edits, tuple((key, value) for key, value in told.items() if key not in VERBS))


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _ablations(request: Request, wanted: str) -> list[Change]:
    method = resolve(request).settings.method
    known = ablations_of(method, request)
    if not known:
        fix = "--vary PATH=VALUE,VALUE runs variants of your own"
        raise UsageError("There is nothing to ablate.", [Problem(f"{method} states no ablations", "--ablate", fix)])
    names = list(known) if wanted == ALL else [name.strip() for name in wanted.split(",") if name.strip()]
    wrong = [name for name in names if name not in known]
    if wrong:
        there = did_you_mean(wrong[0], known) or f"; there are {', '.join(known)}"
        raise UsageError("A flag is off.", [Problem(f"{method} has no ablation `{wrong[0]}`{there}", "--ablate")])
    return [Change(FULL), *(known[name] for name in names)]


# options that are varied


def _varied(text: str) -> list[Change]:
    path, equals, values = text.partition("=")
    listed = list(_values(values))
    if not equals or not path or not listed or not all(listed):
        problem = Problem("it wants PATH=VALUE,VALUE", f"--vary {text}", "--vary training.lr=1e-4,5e-4")
        raise UsageError("A flag is off.", [problem])
    if len(set(listed)) < len(listed):
        raise UsageError("A flag is off.", [Problem("a value stands twice", f"--vary {text}")])
    if path in LISTS:
        problem = Problem(f"{path} can't be varied: it is a list itself", f"--vary {text}", "a run for each")
        raise UsageError("A flag is off.", [problem])
    if path in Settings.model_fields:
        return [Change(f"{path}={value}", settings=((path, value),)) for value in listed]
    return [Change(f"{path}={value}", edits=(("set", f"{path}={value}"),)) for value in listed]


def _values(text: str) -> Iterator[str]:
    """Values between commas; commas inside brackets are theirs.

    >>> list(_values("a,[b,c],{use: d, x: 1}"))
    ['a', '[b,c]', '{use: d, x: 1}']
    """
    depth = 0
    for _, letters in itertools.groupby(_depths(text, depth), key=lambda pair: pair[1] == 0 and pair[0] == ","):
        part = "".join(letter for letter, _ in letters)
        if part.strip(","):
            yield part.strip()


def _depths(text: str, depth: int) -> Iterator[tuple[str, int]]:
    for letter in text:
        depth += letter in "[{"
        depth -= letter in "]}"
        yield letter, depth


def file_name(variant: str) -> str:
    """A variant's folder.

    >>> file_name("training.lr=1e-4,backbone=org/model")
    'training.lr=1e-4,backbone=org_model'
    """
    return re.sub(r"[^\w.=,+-]", "_", variant)

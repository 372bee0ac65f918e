"""Recipe → preset → file → flags: one checked configuration, or all that is wrong with it at once."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from xlt_core.catalog import Catalog, Entry, load_catalog, load_object
from xlt_core.config.flags import apply_edits
from xlt_core.config.lineup import Filled, LineUp
from xlt_core.config.parts import checked, choose_parts, default_losses, option_names
from xlt_core.config.settings import Settings, data_parts, is_folder
from xlt_core.config.tree import Layer, merge, read_layer, unknown_setting
from xlt_core.errors import Problem, UsageError, did_you_mean, near
from xlt_core.hooks import Card
from xlt_core.languages import UnknownLanguage, language
from xlt_core.slots.backbones import Backbone, drawn_with, folder_backbone, random_backbone
from xlt_core.slots.shapes import SHAPES
from xlt_core.slots.table import SLOTS
from xlt_core.slots.tasks import Task
from xlt_core.yaml12 import Document, parse

RECIPE_KEYS = ("summary", "cite", "backbones", "presets", "plugins", "ablations")
NAMES = ("method", "preset", "backbone", "task", "data", "test_data")
LANGUAGES = ("sources", "targets", "adapt")
COMPLETE = "complete"
"""A file with this key holds the whole configuration: neither recipe nor preset is laid under it."""
RANDOM = "random:"
"""Before a model's name: its shape, and weights that are drawn from the run's first seed."""


@dataclass(frozen=True)
class Request:
    """What was asked for, as typed: nothing is checked yet."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    config: Path | None = None
    edits: tuple[tuple[str, str], ...] = ()
    plugins: tuple[Path, ...] = ()


@dataclass(frozen=True)
class RunConfig:
    """A configuration whose every name and option is known to be right."""

    settings: Settings
    lineup: LineUp
    filled: Filled
    backbone: Backbone
    task: Task | None
    catalog: Catalog
    assumed: tuple[str, ...]
    files: tuple[Path, ...]

    def as_data(self) -> dict[str, Any]:
        """What `run.yaml` holds: everything, written out."""
        told = self.settings.model_dump(mode="json", exclude_none=True)
        plugins = [str(file) for file in self.files if file.suffix == ".py"]
        return {COMPLETE: True, **told, **({"plugins": plugins} if plugins else {}), **self.filled}


def resolve(request: Request) -> RunConfig:
    """Check a request and write out every default, or raise a UsageError with all its problems."""
    file = _read(request.config, "--config") if request.config else Document({}, "")
    if not isinstance(file.data, dict):
        raise UsageError("A file can't be read.", [Problem("it holds no mapping of settings", file.name)])
    named = file.data.get("plugins") or []
    if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        raise UsageError("A file can't be read.", [Problem("`plugins` is a list of files", file.where(("plugins",)))])
    files = (*request.plugins, *(_beside(request.config, name) for name in named))
    return _Resolver(load_catalog(files=files), request, file, files).resolve()


def _read(path: Path, flag: str) -> Document:
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise UsageError("A file can't be read.", [Problem(f"{error.strerror}: {path}", flag)]) from None
    except UnicodeDecodeError:
        raise UsageError("A file can't be read.", [Problem(f"{path} is not UTF-8", flag)]) from None


def _beside(config: Path | None, name: str) -> Path:
    path = Path(name)
    return config.parent / path if config and not path.is_absolute() else path


class _Resolver:
    def __init__(self, catalog: Catalog, request: Request, file: Document, files: tuple[Path, ...]) -> None:
        self.catalog, self.request, self.file, self.files = catalog, request, file, files
        self.problems: list[Problem] = []
        self.assumed: list[str] = []
        self.recipe_file: Path | None = None

    def resolve(self) -> RunConfig:
        complete = self.file.data.get(COMPLETE) is True
        self._refuse_shapes()
        layer = Layer(tree={name: slot.default for name, slot in SLOTS.items() if slot.default is not None})
        layer = read_layer(Document(None, "default"), layer.tree)
        told = Layer(settings=dict(self.request.settings))
        told.origins = {(key,): _flag(key) for key in told.settings}
        mine = read_layer(self.file, {k: v for k, v in self.file.data.items() if k not in (COMPLETE, "plugins")})
        recipe_layer: Layer = Layer()
        backbones: tuple[str, ...] = ()
        if not complete:
            recipe_layer, backbones = self._recipe(mine, told)
        for other in (recipe_layer, mine, told):
            layer = merge(layer, other)
        fields = lambda slot, name: option_names(self.catalog, slot, name)  # noqa: E731
        losses = lambda slot, name: default_losses(self.catalog, slot, name)  # noqa: E731
        apply_edits(layer, self.request.edits, fields, losses)
        lineup, filled = choose_parts(self.catalog, layer)
        self.problems += layer.problems
        return self._finish(layer, lineup, filled, backbones)

    def _refuse_shapes(self) -> None:
        """Names must be words and languages lists of words before anything is made of them."""
        problems = []
        for key, value in {**self.file.data, **self.request.settings}.items():
            wrong = key in NAMES and value is not None and not isinstance(value, str)
            lists = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
            if key in LANGUAGES and value is not None and not lists and not isinstance(value, str):
                wrong = True
            if wrong:
                wanted = "languages, such as amh,khm" if key in LANGUAGES else "a name"
                where = _flag(key) if key in self.request.settings else self.file.where((key,))
                problems.append(Problem(f"`{key}` is {wanted}, not `{value}`", where))
        if problems:
            raise UsageError(_headline(len(problems)), problems)

    # recipe and preset

    def _recipe(self, mine: Layer, told: Layer) -> tuple[Layer, tuple[str, ...]]:
        name = told.settings.get("method", mine.settings.get("method"))
        if not isinstance(name, str):
            fix = f"--method zero_shot, or another of: {', '.join(method_names(self.catalog))}"
            raise UsageError("A run needs a method.", [Problem("no method is given", "--method", fix)])
        document, method = self._find_method(name)
        told.settings["method"] = method
        data = dict(document.data or {})
        presets = data.get("presets") or {}
        layer = read_layer(document, {k: v for k, v in data.items() if k not in RECIPE_KEYS})
        backbone, task, wanted = (
            told.settings.get(key, mine.settings.get(key)) for key in ("backbone", "task", "preset")
        )
        chosen, why = self._preset(method, presets, wanted, backbone, task)
        if chosen is not None:
            own = {key: value for key, value in (presets[chosen] or {}).items() if key not in RECIPE_KEYS}
            layer = merge(layer, read_layer(document, own, ("presets", chosen)))
            layer.settings["preset"] = chosen
            if why:
                self.assumed.append(f"preset {chosen} ({why})")
        return layer, tuple(data.get("backbones") or ())

    def _find_method(self, name: str) -> tuple[Document, str]:
        if name.endswith((".yaml", ".yml")):
            self.recipe_file = Path(name)
            return _read(Path(name), "--method"), name
        entry = find_method(self.catalog, name)
        if entry is None:
            raise UsageError("This method is not known.", [self._no_method(name)])
        return read_recipe(entry.card), entry.name

    def _no_method(self, name: str) -> Problem:
        problem = self.catalog.missing("method", name, "--method")
        short = method_names(self.catalog)
        hint = did_you_mean(name, [*short, *self.catalog.names("method")])
        return (
            problem
            if "comes from both" in problem.what or "set aside" in problem.what
            else Problem(f"no method is called `{name}`{hint}", "--method", "xlt list methods")
        )

    def _preset(
        self, method: str, presets: Mapping[str, Any], wanted: Any, backbone: Any, task: Any
    ) -> tuple[str | None, str]:
        if wanted is not None:
            if wanted in presets:
                return str(wanted), ""
            hint = did_you_mean(str(wanted), presets) or f"; there are {', '.join(presets) or 'none'}"
            self.problems.append(Problem(f"{method} has no preset `{wanted}`{hint}", "--preset"))
            return None, ""
        family = self._family(backbone)
        if family in presets:
            return family, f"the backbone is {backbone}"
        for name, told in presets.items():
            if task is not None and (told or {}).get("task") == task:
                return name, f"the task is {task}"
        return next(iter(presets), None), "the method's first"

    def _family(self, backbone: Any) -> str:
        found = self._backbone_named(str(backbone)) if backbone else None
        return found.family if found else ""

    # settings that follow from others

    def _finish(self, layer: Layer, lineup: LineUp, filled: Filled, backbones: tuple[str, ...]) -> RunConfig:
        known = list(Settings.model_fields)
        for key in [key for key in layer.settings if key not in known]:
            self.problems.append(unknown_setting(key, known, layer.where((key,))))
            del layer.settings[key]
        backbone = self._backbone(layer, lineup, backbones)
        task = self._task(layer)
        self._languages(layer, task)
        self._data(layer)
        where = lambda path: layer.where(path) or _flag(str(path[0]))  # noqa: E731
        told = {key: value for key, value in layer.settings.items() if value is not None}
        if backbone is None:
            told.setdefault("backbone", "told above")
        settings = checked(Settings, told, where, self.problems)
        if self.problems or settings is None or backbone is None:
            raise UsageError(_headline(len(self.problems)), self.problems)
        if backbone.location.startswith(RANDOM):
            backbone = replace(backbone, revision=drawn_with(settings.seeds[0]))
        files = (*self.files, *([self.recipe_file] if self.recipe_file else []))
        return RunConfig(settings, lineup, filled, backbone, task, self.catalog, tuple(self.assumed), files)

    def _backbone_named(self, name: str) -> Backbone | None:
        shape = name.removeprefix(RANDOM)
        known: Iterator[Backbone] = (load_object(entry.card.declares) for entry in self.catalog.all("backbone"))
        found = next((backbone for backbone in known if shape in (backbone.name, backbone.location)), None)
        if name != shape:
            return random_backbone(found.name if found else shape, found)
        return found or folder_backbone(Path(name))

    def _backbone(self, layer: Layer, lineup: LineUp, backbones: tuple[str, ...]) -> Backbone | None:
        reads = getattr(lineup.representation["text"].options, "reads", "") if "text" in lineup.representation else ""
        given = layer.settings.get("backbone")
        if given is None:
            shapes = [self._backbone_named(name) for name in backbones]
            fitting = [shape for shape in shapes if shape and shape.reads == reads]
            if not fitting:
                self.problems.append(self._no_backbone(reads, backbones))
                return None
            layer.settings["backbone"] = fitting[0].name
            self.assumed.append(f"backbone {fitting[0].name} (the method's first that reads {reads}s)")
            return fitting[0]
        backbone = self._backbone_named(str(given))
        if backbone is None:
            self.problems.append(self._unknown_backbone(str(given), layer.where(("backbone",))))
            return None
        return self._variant(backbone, reads, layer)

    def _unknown_backbone(self, given: str, where: str) -> Problem:
        shapes = [RANDOM + name for name in SHAPES]
        if given.startswith(RANDOM):
            what = f"no shape is called `{given.removeprefix(RANDOM)}`; there are {', '.join(SHAPES)}"
            return Problem(what, where, f"--backbone {(near(given, shapes) or shapes)[0]}")
        hint = did_you_mean(given, [*self.catalog.names("backbone"), *shapes])
        what = f"no backbone is called `{given}`, and it is no folder with a config.json{hint}"
        return Problem(what, where, "xlt list backbones")

    def _no_backbone(self, reads: str, backbones: tuple[str, ...]) -> Problem:
        known = [load_object(entry.card.declares) for entry in self.catalog.all("backbone")]
        fit = next((shape.name for shape in known if shape.reads == reads), "mini")
        own = f", and none of the method's own reads {reads}s ({', '.join(backbones)})" if backbones and reads else ""
        return Problem(f"no backbone is given{own}", "--backbone", f"--backbone {fit}")

    def _variant(self, backbone: Backbone, reads: str, layer: Layer) -> Backbone:
        """Of a family of backbones, the one that reads what the representation makes."""
        if backbone.reads == reads or not backbone.family:
            return backbone
        for entry in self.catalog.all("backbone"):
            other: Backbone = load_object(entry.card.declares)
            if other.family == backbone.family and other.reads == reads:
                layer.settings["backbone"] = other.name
                self.assumed.append(f"backbone {other.name} (the {backbone.family} that reads {reads}s)")
                return other
        return backbone

    def _task(self, layer: Layer) -> Task | None:
        name = layer.settings.get("task")
        if name is None:
            return None
        if not self.catalog.has("task", str(name)):
            self.problems.append(self.catalog.missing("task", str(name), layer.where(("task",))))
            return None
        if "task" not in self.request.settings and "task" not in self.file.data:
            self.assumed.append(f"task {name}")
        task: Task = load_object(self.catalog.get("task", str(name)).card.declares)
        return task

    def _scripts(self, given: Any) -> None:
        """A script that isn't the language's usual one is read and not told apart; that is said."""
        for text in given.split(",") if isinstance(given, str) else given or ():
            try:
                found = language(str(text).strip())
            except UnknownLanguage:
                continue  # told with the other mistakes, when the settings are checked
            if found.script != language(found.code).script:
                self.assumed.append(f"{str(text).strip()} taken for {found.code}: scripts are not told apart yet")

    def _data(self, layer: Layer) -> None:
        for key in ("data", "test_data"):
            for name, folder in data_parts(str(layer.settings.get(key) or "")):
                known = not name or self.catalog.has("data", name)
                if not known or (folder and not is_folder(folder)):
                    wrong = folder if known else name
                    self.problems.append(_data_problem(wrong, self.catalog.names("data"), layer.where((key,))))

    def _languages(self, layer: Layer, task: Task | None) -> None:
        if not layer.settings.get("sources") and task is not None:
            layer.settings["sources"] = task.sources
        for key in ("sources", "targets", "adapt"):
            self._scripts(layer.settings.get(key))
        for key in ("sources", "targets"):
            value = layer.settings.get(key)
            if value and key not in self.request.settings and key not in self.file.data:
                self.assumed.append(f"{key} {value if isinstance(value, str) else ','.join(map(str, value))}")
        if not layer.settings.get("targets"):
            what = "no target language is given, and the preset names none"
            self.problems.append(Problem(what, "--targets", "--targets amh,khm"))


def _data_problem(name: str, known: list[str], where: str) -> Problem:
    hint = did_you_mean(name, known)
    return Problem(f"no data set is called `{name}`, and it is no folder{hint}", where, "xlt list data")


def method_names(catalog: Catalog) -> list[str]:
    return list(dict.fromkeys(name.split("@")[0] for name in catalog.names("method")))


def find_method(catalog: Catalog, name: str) -> Entry | None:
    """`madx` is its newest version, `madx@1` that one; a name of two owners is none."""
    if "@" in name:
        return catalog.get("method", name) if catalog.has("method", name) else None
    versions = [known for known in catalog.names("method") if known.split("@")[0] == name]
    newest = max(versions, key=lambda known: int(known.partition("@")[2] or 0), default=None)
    return catalog.get("method", newest) if newest and catalog.has("method", newest) else None


def read_recipe(card: Card) -> Document:
    """The recipe file that a method's card names: `package:methods/name@1.yaml`."""
    package, _, path = card.declares.partition(":")
    text = importlib.resources.files(package).joinpath(path).read_text(encoding="utf-8")
    return parse(text, card.name)


def _flag(key: str) -> str:
    return "--resource" if key == "resources" else "--" + key.replace("_", "-")


def _headline(count: int) -> str:
    return f"This run is not clear ({count} problem{'s' if count != 1 else ''}); nothing was read or written."

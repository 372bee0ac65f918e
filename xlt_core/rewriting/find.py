"""A rewriter by its name, for one language: for verbs, which have no plan around them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlt_core.catalog import Catalog, Entry, load_catalog, load_object
from xlt_core.config.parts import checked
from xlt_core.errors import Problem, RefusedError, UnavailableError, UsageError
from xlt_core.languages import UnknownLanguage
from xlt_core.languages import language as language_named
from xlt_core.rewriting.tool import Tool
from xlt_core.slots.rewriting import Rewriter, installed


@dataclass(frozen=True)
class Wanted:
    """A rewriter, its options, a language and its files. It can be sent to another process, and makes the tool there.

    >>> Wanted("identity", "amh").tool().forms(["ሰላም"])
    [Form(text='ሰላም', by='identity', whole=True)]
    """

    name: str
    language: str
    options: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    plugins: tuple[Path, ...] = ()

    @property
    def entry(self) -> Entry:
        return load_catalog(files=self.plugins).get("rewriting", self.name)

    def declared(self) -> Rewriter:
        model: type[Rewriter] = load_object(self.entry.card.declares)
        problems: list[Problem] = []
        found = checked(model, self.options, lambda path: f"--set {'.'.join(map(str, path))}", problems)
        if found is None:
            raise UsageError(f"`{self.name}` has no such options.", problems)
        return found

    def tool(self) -> Tool:
        """The tool; refused where the language, a file or a library is missing."""
        work, options = self.entry.card.work, self.declared()
        if work is None:
            raise RefusedError("This rewriter can't be used.", [Problem(f"not built yet: {self.name}")])
        self._check(options)
        tool: Tool = load_object(work)(options, self.language, self.files)
        return tool

    def about(self, tool: Tool) -> dict[str, Any]:
        """All that its forms depend on: under this they are kept."""
        return about(self.name, self.declared(), self.language, tool)

    def _check(self, options: Rewriter) -> None:
        if not options.rewrites(self.language):
            named = f"{self.language} ({language_named(self.language).name})"
            problem = Problem(f"{self.name} can't {options.verb} {named}", "--lang", self._others(options))
            raise RefusedError("This language isn't among its own.", [problem])
        for kind in options.files(self.language):
            if kind not in self.files:
                what, fix = f"{self.name} reads a file for {self.language}", f"--resource {kind}:{self.language}=FILE"
                raise UsageError("A file is missing.", [Problem(what, fix=fix)])
        if lacking := list(options.lacks(self.language)):
            raise UnavailableError(f"{self.name} can't be used on this machine.", lacking)

    def _others(self, options: Rewriter) -> str:
        fit = [entry.name for entry, _ in fitting(load_catalog(files=self.plugins), options.verb, self.language)]
        return f"--with {' or '.join(fit)}" if fit else options.install or "xlt list rewriting"


def about(name: str, options: Rewriter, language: str, tool: Tool) -> dict[str, Any]:
    """All that a tool's forms depend on."""
    import importlib.metadata

    versions = {lib: importlib.metadata.version(lib) if installed(lib) else "" for lib in options.libraries}
    return {
        "rewriter": name, "version": options.version, "language": language, "libraries": versions, "tool": tool.version,
        "options": options.model_dump(mode="json", exclude={"shuffled"}),
    }  # fmt: skip


def fitting(catalog: Catalog, verb: str, language: str) -> Iterable[tuple[Entry, Rewriter]]:
    """The rewriters that do what a verb says to any text of a language, in the order of their registration."""
    for entry in catalog.all("rewriting"):
        options = load_object(entry.card.declares)()
        if entry.built and options.any_text and verb in ("rewrite", options.verb) and options.rewrites(language):
            yield entry, options


def named(name: str, plugins: tuple[Path, ...] = ()) -> str:
    """The whole name of a rewriter that may be given without its plugin's."""
    catalog = load_catalog(files=plugins)
    known = catalog.names("rewriting")
    short = [other for other in known if other.rpartition(".")[2] == name]
    if name not in known and len(short) == 1:
        return short[0]
    return catalog.get("rewriting", name).name


def first(verb: str, language: str, plugins: tuple[Path, ...] = ()) -> str:
    """The first rewriter that does what a verb says and has all that it needs here for a language."""
    found = list(fitting(load_catalog(files=plugins), verb, language))
    ready = [entry.name for entry, options in found if not [*options.lacks(language), *options.files(language)]]
    if verb == "rewrite":
        problem = Problem("it isn't said by what", fix=f"--with {' or '.join(ready)}")
        raise UsageError("Text can be rewritten in several ways.", [problem])
    if ready:
        return ready[0]
    name = language_named(language).name
    problems = [Problem(problem.what, entry.name, problem.fix) for entry, o in found for problem in o.lacks(language)]
    if problems:
        raise UnavailableError(f"Nothing installed here can {verb} {name}.", problems)
    problem = Problem(f"no rewriter can {verb} {language} ({name})", "--lang", "xlt list rewriting")
    raise RefusedError("This language can't be rewritten.", [problem])


def code_of(text: str) -> str:
    """A language as it was typed, by its code."""
    try:
        return language_named(text).code
    except UnknownLanguage as unknown:
        raise UsageError("This language is not known.", [Problem(str(unknown), "--lang")]) from None

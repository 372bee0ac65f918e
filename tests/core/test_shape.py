"""The shape of the code: folders that import each other in no circle, and plugins that know only the core."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import xlt_core

CORE = Path(xlt_core.__file__).parent
PLUGINS = CORE.parent / "plugins"


def imports(file: Path) -> Iterator[str]:
    """What a file imports, anywhere in it, except for type checking alone."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in guarded:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def test_no_two_rooms_of_the_core_import_each_other() -> None:
    graph: dict[str, set[str]] = {}
    for file in CORE.rglob("*.py"):
        path = file.relative_to(CORE)
        mine = path.parts[0].removesuffix(".py")
        others = {room(name) for name in imports(file) if name.startswith("xlt_core.")}
        graph.setdefault(mine, set()).update(others - {mine})
    assert len(graph) > 15
    order = list(TopologicalSorter(graph).static_order())  # raises, naming the circle, where there is one
    assert order.index("compose") < order.index("running") < order.index("api") < order.index("cli")


def test_a_plugin_imports_the_core_and_no_other_plugin() -> None:
    names = {folder.name for folder in PLUGINS.iterdir()}
    files = list(PLUGINS.rglob("xlt_*/*.py"))
    assert len(files) > 20
    for file in files:
        mine = file.relative_to(PLUGINS).parts[0]
        others = {f"xlt_{name}" for name in names - {mine}}
        assert not {name.split(".")[0] for name in imports(file)} & others, file


def test_files_hold_one_job() -> None:
    long = {str(file): len(file.read_text(encoding="utf-8").splitlines()) for file in CORE.rglob("*.py")}
    assert {file: lines for file, lines in long.items() if lines > 450} == {}

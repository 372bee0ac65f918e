"""YAML by the 1.2 core schema, with the line of every value.

`no` is Norwegian here, `5e-4` is a number, and a key that stands twice is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from xlt_core.errors import Problem, UsageError

Path = tuple[str | int, ...]

_SCALARS: list[tuple[str, str, Callable[[str], Any]]] = [
    ("null", r"null|Null|NULL|~|", lambda text: None),
    ("bool", r"true|True|TRUE", lambda text: True),
    ("bool", r"false|False|FALSE", lambda text: False),
    ("int", r"[-+]?[0-9]+", int),
    ("int", r"0o[0-7]+", lambda text: int(text[2:], 8)),
    ("int", r"0x[0-9a-fA-F]+", lambda text: int(text[2:], 16)),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", float),
    ("float", r"[-+]?\.(inf|Inf|INF)", lambda text: float(text.replace(".", ""))),
    ("float", r"\.(nan|NaN|NAN)", lambda text: float("nan")),
]

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Document:
    """A document's plain data, and the line on which each path stands."""

    data: Any
    name: str
    lines: dict[Path, int] = field(default_factory=dict)

    def where(self, path: Path) -> str:
        """`file:line` of the path, or of the nearest ancestor that has a line."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.name}:{self.lines.get(path, 1)}"


def parse(text: str, name: str = "-") -> Document:
    """Read one document; a mistake in it is a UsageError with its line."""
    document = Document(None, name)
    problems: list[Problem] = []
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = Problem(f"this is not YAML: {error.problem}", f"{name}:{line}")
        raise UsageError("A file can't be read.", [problem]) from None
    except yaml.YAMLError as error:
        raise UsageError("A file can't be read.", [Problem(f"this is not YAML: {error}", name)]) from None
    if node is not None:
        document.data = _build(node, (), document, problems)
    if problems:
        raise UsageError("A file can't be read.", problems)
    return document


def scalar(text: str) -> Any:
    """A plain scalar's value.

    >>> scalar("no"), scalar("5e-4"), scalar("010")
    ('no', 0.0005, 10)
    """
    for _, pattern, convert in _SCALARS:
        if re.fullmatch(pattern, text):
            return convert(text)
    return text


def dump(data: Any) -> str:
    """Plain data as YAML 1.2 that `parse` reads back equal."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)


def _build(node: yaml.Node, path: Path, document: Document, problems: list[Problem]) -> Any:
    document.lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return node.value if node.style else scalar(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*path, n), document, problems) for n, item in enumerate(node.value)]
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        where = f"{document.name}:{key_node.start_mark.line + 1}"
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem("a key must be a plain word", where))
            continue
        key = str(key_node.value)
        if key in result:
            first = document.lines[(*path, key)]
            problems.append(Problem(f"key `{key}` stands twice, first on line {first}", where, "keep one"))
            continue
        result[key] = _build(value_node, (*path, key), document, problems)
        document.lines[(*path, key)] = key_node.start_mark.line + 1
    return result


class _Dumper(yaml.SafeDumper):
    """Writes by the 1.2 core schema: what would be read as another type is quoted, and nothing else."""

    yaml_implicit_resolvers: dict[str | None, list[tuple[str, re.Pattern[str]]]] = {}

    def ignore_aliases(self, data: Any) -> bool:
        return True


for _tag, _pattern, _ in _SCALARS:
    _whole = re.compile(f"^(?:{_pattern})$")
    _Dumper.yaml_implicit_resolvers.setdefault(None, []).append((f"tag:yaml.org,2002:{_tag}", _whole))


def _represent_float(dumper: yaml.SafeDumper, value: float) -> yaml.Node:
    text = {float("inf"): ".inf", float("-inf"): "-.inf"}.get(value, repr(value))
    return dumper.represent_scalar("tag:yaml.org,2002:float", ".nan" if value != value else text)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    # unseen characters, among them three that YAML takes for line ends, survive only as escapes
    style = '"' if re.search("[\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff]", text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(float, _represent_float)
_Dumper.add_representer(str, _represent_text)

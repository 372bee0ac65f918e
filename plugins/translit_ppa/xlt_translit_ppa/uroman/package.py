"""The uroman package: the one release whose reading of context is known here, in a copy of our own."""

from __future__ import annotations

import functools
import importlib.util
import re
from importlib import metadata
from types import ModuleType
from typing import Any

import regex

from xlt_core.errors import Problem, UnavailableError

RELEASE = "1.3.1.1"
_SLOT = re.compile(r"(?:^|\s)::")


@functools.cache
def source() -> Any:
    """The package's module, whose patterns are compiled once; another user of the package sees no change."""
    _check(_installed())
    spec = importlib.util.find_spec("uroman.uroman")
    if spec is None or spec.loader is None:
        raise ImportError("uroman has no module uroman")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return _hastened(module)


@functools.cache
def package() -> Any:
    """The package's `Uroman` with its rules, one for the process."""
    return source().Uroman()


def _installed() -> str:
    try:
        return metadata.version("uroman")
    except metadata.PackageNotFoundError:
        return ""


def _check(found: str) -> None:
    if found != RELEASE:
        what = f"release {found} is installed, and exact results are known for {RELEASE} alone"
        problem = Problem(what if found else "it isn't installed", fix=f"pip install uroman=={RELEASE}")
        raise UnavailableError("the romaniser needs the package uroman", [problem])


def _hastened(module: Any) -> Any:
    """`regex` looks each pattern up anew at each call, and a line of the tables is matched by twenty patterns."""
    module.regex = _Patterns("regex")
    module.slot_value_in_double_colon_del_list = _slot
    return module


class _Patterns(ModuleType):
    """The part of `regex` that the package uses."""

    IGNORECASE = regex.IGNORECASE
    compile = staticmethod(functools.cache(regex.compile))

    def match(self, pattern: str, text: str, flags: int = 0) -> Any:
        return self.compile(pattern, flags).match(text)

    def search(self, pattern: str, text: str, flags: int = 0) -> Any:
        return self.compile(pattern, flags).search(text)

    def sub(self, pattern: str, by: str, text: str) -> Any:
        return self.compile(pattern).sub(by, text)

    def split(self, pattern: str, text: str) -> Any:
        return self.compile(pattern).split(text)

    def findall(self, pattern: str, text: str) -> Any:
        return self.compile(pattern).findall(text)


@functools.lru_cache(maxsize=1)
def _slots(line: str) -> dict[str, str]:
    """`::s я ::t ya` as a dictionary."""
    named = (part.partition(" ") for part in _SLOT.split(line)[1:])
    return {name.strip(): value.strip() for name, _, value in named}


def _slot(line: str, slot: str, default: Any = None) -> Any:
    """One slot of a line of the package's tables."""
    return _slots(line).get(slot, default)

"""Libraries that only some tools need."""

from __future__ import annotations

import importlib
from types import ModuleType

from xlt_core.errors import Problem, UnavailableError


def require(module: str, install: str) -> ModuleType:
    """A library, or the line that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        problem = Problem(f"`{module}` can't be imported: {error}", fix=f"pip install '{install}'")
        raise UnavailableError("A library is missing.", [problem]) from error

"""xlt: cross-lingual transfer to languages that models serve badly.

>>> from xlt_core import plan, run, load
>>> plan(method="zero_shot", backbone="mini").of("train")[0].id
'train(eng, ner)'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlt_core.api import load, plan, run

__all__ = ["load", "plan", "run"]


def __getattr__(name: str) -> Any:
    """`plan`, `run` and `load` cost their imports when they are first asked for."""
    if name in __all__:
        from xlt_core import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

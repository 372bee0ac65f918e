"""The Python API; the command line is a thin layer over it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlt_core.config.resolve import Request, RunConfig, resolve
from xlt_core.graph.stages import Plan

if TYPE_CHECKING:
    from xlt_core.report.folder import RunFolder


def request(
    *,
    config: str | Path | None = None,
    set: Iterable[str] = (),
    add: Iterable[str] = (),
    drop: Iterable[str] = (),
    plugins: Iterable[str | Path] = (),
    **settings: Any,
) -> Request:
    """A request from keyword arguments: those of the settings, and `drop`, `set`, `add`, done in this order."""
    edits = tuple((verb, flag) for verb, flags in (("drop", drop), ("set", set), ("add", add)) for flag in flags)
    return Request(
        {key: value for key, value in settings.items() if value is not None},
        Path(config) if config is not None else None,
        edits,
        tuple(Path(plugin) for plugin in plugins),
    )


def plan(**asked: Any) -> Plan:
    """The plan of a run; nothing is computed.

    >>> plan(method="zero_shot", backbone="mini", targets="vie").of("predict")[0].id
    'predict(vie, ner)'
    """
    from xlt_core.compose.compose import compose

    return compose(resolve(request(**asked)))


def run(*, out: str | Path | None = None, **asked: Any) -> RunFolder:
    """Plan a run and do it; the run's folder is returned, with its scores.

    `out`, `store`, `offline` and `resume` are those of `xlt run`.
    """
    from xlt_core.running.execute import execute
    from xlt_core.running.machine import Machine

    machine = Machine.take(asked)
    config: RunConfig = resolve(request(**asked))
    return execute(config, Path(out) if out is not None else None, machine)


def load(folder: str | Path) -> RunFolder:
    """A finished run, from its folder."""
    from xlt_core.report.folder import RunFolder

    return RunFolder.open(Path(folder))

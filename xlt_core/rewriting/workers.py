"""The same tool in several processes, where a batch of new words is worth it."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain
from typing import Literal

from xlt_core.cores import cores
from xlt_core.errors import Problem, RunError
from xlt_core.rewriting.tool import Form, Tool

WORTH = 4000
"""Words or lines under which the processes that there are aren't asked."""
SHARES = 16
"""Shares for each process: none waits long for the others, nor for the one that it is at when all is stopped."""

_TOOL: list[Tool] = []


class Workers:
    """Asks a tool, in this process or in several. They are begun when they are first worth it, each with its own tool.

    `make` must be one that can be sent to another process.
    """

    def __init__(self, tool: Tool, make: Callable[[], Tool], count: int | None = None) -> None:
        self.tool, self.make = tool, make
        self.count = count or cores()
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=error[0] is None, cancel_futures=True)

    def words(self, words: Sequence[str]) -> list[Form | None]:
        return self._shared("forms", words) if self._worth(words) else self.tool.forms(words)

    def lines(self, lines: Sequence[str]) -> list[Form | None]:
        return self._shared("lines", lines) if self._worth(lines) else self.tool.lines(lines)

    def _worth(self, texts: Sequence[str]) -> bool:
        return self.tool.slow and self.count > 1 and len(texts) >= WORTH

    def _shared(self, what: Literal["forms", "lines"], texts: Sequence[str]) -> list[Form | None]:
        if self._pool is None:
            # a process that is begun anew shares no lock with threads of this one
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self.count, context, _begin, (self.make,))
        size = -(-len(texts) // (self.count * SHARES))
        shares = [(what, texts[at : at + size]) for at in range(0, len(texts), size)]
        try:
            with _deaf():
                said = self._pool.map(_do, shares)
            return list(chain.from_iterable(said))
        except BrokenProcessPool as error:
            problem = Problem(f"a process of {self.tool.name} died: {error}", fix="--jobs 1")
            raise RunError("The text was not rewritten to its end.", [problem]) from error


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes begun here never hear Ctrl-C, which a terminal sends to all: it is the first one's to answer."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, heard)


def _begin(make: Callable[[], Tool]) -> None:
    _TOOL.append(make())


def _do(share: tuple[Literal["forms", "lines"], Sequence[str]]) -> list[Form | None]:
    what, texts = share
    return _TOOL[0].forms(texts) if what == "forms" else _TOOL[0].lines(texts)

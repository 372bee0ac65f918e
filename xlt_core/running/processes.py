"""Stages side by side on this machine, each in a process of its own that keeps to its share of the cores."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from xlt_core.errors import Problem, RunError
from xlt_core.graph.store import Store, is_full
from xlt_core.running.executor import Errand, Tell
from xlt_core.running.workshop import Done, Workshop

LIBRARIES = (
    "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS",
    "RAYON_NUM_THREADS",
)  # fmt: skip
"""Where the libraries that compute are told how many threads to take; they ask when they are first imported."""
PATIENCE = 600.0
"""Seconds that a stopped stage has to save what it needs."""


@dataclass
class _Worker:
    process: BaseProcess
    ends: Connection
    errand: Errand | None = None


class Processes:
    """`jobs` processes, begun when there is work for them; jobs × threads stays within the cores."""

    def __init__(self, jobs: int, threads: int, store: Store, tell: Tell) -> None:
        self.jobs, self.threads, self.store, self.tell = jobs, threads, store, tell
        self._workers: list[_Worker] = []

    def free(self) -> bool:
        return len(self._busy()) < self.jobs

    def begin(self, errand: Errand) -> None:
        idle = [worker for worker in self._workers if worker.errand is None]
        worker = idle[0] if idle else self._hire()
        worker.errand = errand
        worker.ends.send((str(errand.run), errand.stage.id, errand.stage.key))

    def wait(self) -> Sequence[tuple[Errand, Done]]:
        done: list[tuple[Errand, Done]] = []
        while not done and self._busy():
            there = wait([worker.ends for worker in self._busy()])
            for worker in [worker for worker in self._workers if worker.ends in there]:
                done += self._heard(worker)
        return done

    def close(self, stopped: bool) -> None:
        for worker in self._busy() if stopped else ():
            worker.process.terminate()
        until = time.monotonic() + (PATIENCE if stopped else 5.0)
        for worker in self._workers:
            with suppress(OSError):
                worker.ends.send(None)
            _hear_out(worker, until)
            if worker.process.is_alive():
                worker.process.kill()
            worker.process.join()
        self._workers.clear()

    def _busy(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.errand is not None]

    def _hire(self) -> _Worker:
        ours, theirs = multiprocessing.Pipe()
        begun = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, str(self.store.root)))
        with _told(self.threads):
            begun.start()
        theirs.close()
        self._workers.append(worker := _Worker(begun, ours))
        return worker

    def _heard(self, worker: _Worker) -> Iterator[tuple[Errand, Done]]:
        errand = worker.errand
        assert errand is not None
        try:
            kind, told = worker.ends.recv()
        except EOFError:
            raise _gone(worker, errand) from None
        if kind == "event":
            self.tell(errand, told)
            return
        worker.errand = None
        if kind == "raised":
            raise told
        yield errand, told


def _hear_out(worker: _Worker, until: float) -> None:
    """Wait for the end of a process; what it still tells is taken from it, or it could not go on to its end."""
    with suppress(EOFError, OSError, KeyboardInterrupt):
        while worker.process.is_alive() and time.monotonic() < until:
            if worker.ends.poll(0.1):
                worker.ends.recv()


def _gone(worker: _Worker, errand: Errand) -> RunError:
    worker.process.join(5)
    code = worker.process.exitcode
    how = f"was killed ({signal.Signals(-code).name})" if code is not None and code < 0 else f"ended with {code}"
    fix = "--jobs 1, where several at once don't fit into memory; what is finished is kept"
    worker.errand = None
    return RunError(f"{errand.stage.id} failed.", [Problem(f"its process {how}", errand.stage.id, fix)])


@contextmanager
def _told(threads: int) -> Iterator[None]:
    """The environment that a process begins with: every library gets its share of the cores."""
    said = {**dict.fromkeys(LIBRARIES, str(threads)), "TOKENIZERS_PARALLELISM": "true" if threads > 1 else "false"}
    before = {name: os.environ.get(name) for name in said}
    os.environ.update(said)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


# in the process that works


def _serve(ends: Connection, store: str) -> None:
    """Do what is asked for until nothing is; a stop is SIGTERM, and Ctrl-C is the asking process's affair."""
    os.setsid()
    signal.signal(signal.SIGTERM, _stop)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    workshops: dict[str, Workshop] = {}
    try:
        while (asked := ends.recv()) is not None:
            run, stage_id, key = asked
            if run not in workshops:
                workshops[run] = _workshop(Path(run), Store(Path(store)))
            ends.send(_done(workshops[run], stage_id, key, ends))
    except (KeyboardInterrupt, EOFError, OSError):
        sys.exit(0)


def _done(workshop: Workshop, stage_id: str, key: str, ends: Connection) -> tuple[str, Any]:
    stage = workshop.plan[stage_id]
    if stage.key != key:
        what = "what it reads has changed since the run began"
        return "raised", RunError(f"{stage_id} was not begun.", [Problem(what, stage_id, "the same command again")])
    try:
        done = workshop.do(stage, lambda event: ends.send(("event", event)), _say)
    except KeyboardInterrupt as stop:
        return "raised", stop
    except Exception as error:
        return "raised", _sendable(error)
    return "done", done


def _sendable(error: Exception) -> Exception:
    """An error as it can be sent; behind one that nobody foresaw stands where it happened."""
    import pickle
    import traceback

    if is_full(error) and not isinstance(error, OSError):
        import errno

        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with suppress(Exception):
        sent = pickle.loads(pickle.dumps(error))
        if isinstance(error, OSError) or type(error).__module__ == "xlt_core.errors":
            return sent  # type: ignore[no-any-return]
    return RuntimeError("".join(traceback.format_exception(error)))


def _workshop(run: Path, store: Store) -> Workshop:
    from xlt_core.compose.compose import compose
    from xlt_core.config.resolve import Request, resolve

    config = resolve(Request(config=run))
    return Workshop(compose(config), config, store)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _stop(number: int, frame: Any) -> None:
    raise KeyboardInterrupt


def _end_with_parent() -> None:
    """A process whose parent was killed doesn't go on: what it leaves half done is known to be so."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

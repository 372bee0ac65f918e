"""Who works on what: a file signed by its owner, touched while the owner lives, taken over when it is dead.

A lock saves work and keeps nothing whole: results are put in place by renaming. Should two processes ever hold
one lock, both make the same result, and the first that is done is kept.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

BEAT = 15.0
"""Seconds between two touches of a file whose owner lives."""
SILENT = 120.0
"""Seconds without a touch after which an owner who can't be looked up counts as dead."""
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Owner:
    """A process. Its number alone won't do: numbers are used again, and another machine has its own."""

    pid: int = 0
    host: str = ""
    started: str = ""
    token: str = ""

    @classmethod
    def me(cls) -> Owner:
        return cls(os.getpid(), _here(), _started(os.getpid()) or "", secrets.token_hex(8))

    @classmethod
    def read(cls, file: Path) -> Owner | None:
        """Who signed a file; an owner that nobody knows where it isn't written to its end, None where it is gone."""
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
            return cls(**{each.name: data[each.name] for each in fields(cls)})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            return cls()

    def dead(self) -> bool | None:
        """Whether the process has ended; None where that can't be found out from here."""
        if not self.started or self.host != _here():
            return None
        started = _started(self.pid)
        return None if started is None else started != self.started

    def __str__(self) -> str:
        host = self.host.partition("/")[0]
        return f"process {self.pid}" + (f" on {host}" if self.host != _here() else "") if self.pid else "some process"


def _here() -> str:
    """This machine, and among its containers this one: in each of them, processes are numbered anew."""
    try:
        return f"{socket.gethostname()}/{os.readlink(PROC / 'self/ns/pid')}"
    except OSError:
        return socket.gethostname()


def _started(pid: int) -> str | None:
    """When a process began, as a mark; "" where there is none of that number, None where nobody tells."""
    try:
        state, *rest = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return "" if state in "ZX" else f"{boot}+{rest[18]}"
    except (FileNotFoundError, ProcessLookupError):
        return ("" if _gone(pid) else None) if (PROC / "self").exists() else _asked(pid)
    except OSError:
        return None


def _gone(pid: int) -> bool:
    """Whether there is no such process; `/proc` may hide those of other users."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _asked(pid: int) -> str | None:
    """The same where there is no `/proc`."""
    try:
        return subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout.strip()
    except OSError:
        return None


def take(file: Path, **more: Any) -> Owner | None:
    """Sign a file that nobody has signed; None where somebody has."""
    owner = Owner.me()
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        opened = file.open("x", encoding="utf-8")
    except FileExistsError:
        return None
    try:
        with opened:
            json.dump({**asdict(owner), **more}, opened)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return owner


def drop(file: Path, owner: Owner) -> None:
    """Give a file up; one that was taken over meanwhile is another's."""
    if Owner.read(file) == owner:
        file.unlink(missing_ok=True)


def take_over(file: Path, dead: Owner) -> bool:
    """Remove a dead owner's file; of several who try, one does.

    Only its owner removes a file, or who holds its guard: so what was looked at is what is removed.
    """
    guard = file.with_name(f"{file.name}.guard")
    mine = take(guard)
    if mine is None:
        _clear(guard)
        return False
    try:
        found = Owner.read(file) == dead
        if found:
            file.unlink(missing_ok=True)
        return found
    finally:
        drop(guard, mine)


def _clear(guard: Path) -> None:
    """A guard is held for a moment; one that stays is of somebody who died in that moment."""
    owner = Owner.read(guard)
    with suppress(FileNotFoundError):
        if owner is not None and (owner.dead() or time.time() - guard.stat().st_mtime > SILENT):
            guard.unlink()


@contextmanager
def beating(file: Path, every: float = BEAT) -> Iterator[None]:
    """Touch a file now and then: other machines can't look our process up."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(every):
            with suppress(OSError):  # taken over, or the disk is away: the work itself will tell
                os.utime(file)

    thread = threading.Thread(target=beat, daemon=True, name="xlt lock")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@dataclass
class Watch:
    """Tells when the owner of a file is dead: by its process, or by its silence.

    Silence is measured by this process's own clock, since those of two machines differ.
    """

    silent: float = SILENT
    _seen: tuple[str, int] = ("", 0)
    _since: float = field(default_factory=time.monotonic)

    def dead(self, file: Path, owner: Owner) -> bool:
        known = owner.dead()
        if known is not None:
            return known
        try:
            seen = (owner.token, file.stat().st_mtime_ns)
        except OSError:
            return False
        if seen != self._seen:
            self._seen, self._since = seen, time.monotonic()
        return time.monotonic() - self._since > self.silent

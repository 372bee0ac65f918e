"""Who holds a lock, when it is given up, and two processes on one store."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from xlt_core.graph import locks
from xlt_core.graph.locks import Owner, Watch, beating, drop, take, take_over
from xlt_core.graph.store import Store

KEY = "ab12"


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A process that lives until it is killed."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        yield process
        process.kill()


def of(process: subprocess.Popen[bytes]) -> Owner:
    return replace(Owner.me(), pid=process.pid, started=locks._started(process.pid) or "")


def signed(file: Path, owner: Owner) -> Path:
    file.write_text(json.dumps(asdict(owner)))
    return file


def test_a_lock_is_one_owners_until_it_is_dropped(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "a.json"
    mine = take(file, keys=["more"])
    assert mine is not None and Owner.read(file) == mine and mine.pid == os.getpid()
    assert take(file) is None
    drop(file, mine)
    assert Owner.read(file) is None and take(file) is not None


def test_what_was_taken_over_is_not_dropped(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    mine = take(file)
    assert mine is not None
    take_over(file, mine)
    other = take(file)
    drop(file, mine)
    assert Owner.read(file) == other


def test_a_living_process_is_not_dead(child: subprocess.Popen[bytes]) -> None:
    assert Owner.me().dead() is False and of(child).dead() is False


def test_a_killed_process_is_dead_even_while_nobody_waits_for_it(child: subprocess.Popen[bytes]) -> None:
    owner = of(child)
    child.kill()
    deadline = time.monotonic() + 10
    while not owner.dead() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert owner.dead() is True, "a zombie"
    child.wait()
    assert owner.dead() is True


def test_a_number_that_was_given_to_another_process_is_dead(child: subprocess.Popen[bytes]) -> None:
    assert replace(of(child), started=Owner.me().started + "0").dead() is True


def test_of_another_machine_nothing_is_known(child: subprocess.Popen[bytes]) -> None:
    away = replace(of(child), host="elsewhere/pid:[1]")
    assert away.dead() is None and str(away) == f"process {child.pid} on elsewhere"
    assert str(of(child)) == f"process {child.pid}"


def test_without_proc_the_process_list_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(locks, "PROC", tmp_path / "no-proc")
    asked = list[list[str]]()

    def ps(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        known = command[-1] == str(os.getpid())
        return subprocess.CompletedProcess(command, 0, "Thu Nov 20 17:00:00 2026\n" if known else "", "")

    monkeypatch.setattr(subprocess, "run", ps)
    me = Owner.me()
    assert asked[0] == ["ps", "-o", "lstart=", "-p", str(os.getpid())] and me.started.startswith("Thu")
    assert me.dead() is False and replace(me, pid=1 << 22).dead() is True


def test_where_nobody_tells_of_processes_silence_must_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(locks, "PROC", tmp_path / "no-proc")

    def no_ps(*_: object, **__: object) -> None:
        raise FileNotFoundError("ps")

    monkeypatch.setattr(subprocess, "run", no_ps)
    assert Owner.me().dead() is None


def test_an_owner_elsewhere_is_dead_when_it_is_silent_for_long(tmp_path: Path) -> None:
    owner = replace(Owner.me(), host="elsewhere")
    file = signed(tmp_path / "a.json", owner)
    watch = Watch(silent=0.2)
    assert not watch.dead(file, owner)
    time.sleep(0.15)
    os.utime(file, ns=(1, 1))
    assert not watch.dead(file, owner), "it was touched: the time begins anew, whatever the other's clock says"
    time.sleep(0.15)
    assert not watch.dead(file, owner)
    time.sleep(0.1)
    assert watch.dead(file, owner)


def test_a_living_owner_touches_its_file_and_stops_when_it_is_done(tmp_path: Path) -> None:
    file = signed(tmp_path / "a.json", Owner.me())
    os.utime(file, ns=(1, 1))
    with beating(file, every=0.01):
        deadline = time.monotonic() + 10
        while file.stat().st_mtime_ns == 1 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert file.stat().st_mtime_ns > 1
    os.utime(file, ns=(1, 1))
    time.sleep(0.05)
    assert file.stat().st_mtime_ns == 1


def test_a_lock_that_somebody_else_has_taken_meanwhile_is_left(tmp_path: Path) -> None:
    dead = replace(Owner.me(), token="dead")
    file = signed(tmp_path / "a.json", Owner.me())
    living = Owner.read(file)
    assert not take_over(file, dead)
    assert Owner.read(file) == living and [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.json"]


def test_who_dies_while_taking_over_is_in_nobodys_way(tmp_path: Path) -> None:
    dead = replace(Owner.me(), started="long ago")
    file, guard = signed(tmp_path / "a.json", dead), signed(tmp_path / "a.json.guard", Owner.me())
    assert not take_over(file, dead) and file.exists() and guard.exists(), "somebody alive is at it"
    signed(guard, dead)
    assert not take_over(file, dead) and take_over(file, dead)
    assert not file.exists() and not guard.exists()


@pytest.mark.parametrize("text", ["", "{", '{"pid": 3}'])
def test_a_lock_that_was_not_written_to_its_end_is_nobodys_we_know(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.json"
    file.write_text(text)
    owner = Owner.read(file)
    assert owner is not None and owner.dead() is None and str(owner) == "some process"
    watch = Watch(silent=0.0)
    watch.dead(file, owner)
    time.sleep(0.01)
    assert watch.dead(file, owner)


def test_of_many_who_take_over_one_dead_lock_one_holds_it(tmp_path: Path) -> None:
    dead = replace(Owner.me(), started="long ago")
    file = signed(tmp_path / "a.json", dead)
    barrier, held = threading.Barrier(8), list[Owner]()

    def contend() -> None:
        barrier.wait()
        while (mine := take(file)) is None:
            other = Owner.read(file)
            if other is not None and other.dead() is False:
                return
            if other is not None and other.dead():
                take_over(file, other)
        held.append(mine)

    threads = [threading.Thread(target=contend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(held) == 1 and Owner.read(file) == held[0]


# two processes on one store

WORK = f"""
import sys, time
from pathlib import Path
from xlt_core.graph.store import Store
store, out = Store(Path(sys.argv[1])), sys.stderr
with store.claim("{KEY}", "train(eng)", lambda line: print(line, file=out, flush=True)) as mine:
    if mine:
        with store.making("{KEY}", {{}}) as folder:
            print("making", file=out, flush=True)
            (folder / "x").write_text("half")
            sys.stdin.readline()
            (folder / "x").write_text("whole")
print("made" if mine else "found", (store.path("{KEY}") / "x").read_text())
"""


class Process:
    """A process that wants the result, and makes it when told to go on."""

    def __init__(self, store: Store) -> None:
        command = [sys.executable, "-c", WORK, str(store.root)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def says(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.readline().strip()

    def ends(self) -> str:
        out, _ = self.process.communicate("go on\n", timeout=60)
        return out.strip()


def test_two_who_want_one_result_share_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = Process(store)
    assert first.says() == "making"
    second = Process(store)
    assert second.says() == f"waiting for train(eng) by process {first.process.pid}"
    assert not store.has(KEY)
    assert first.ends() == "made whole"
    assert second.ends() == "found whole"
    assert second.process.returncode == 0 and list((tmp_path / "locks").iterdir()) == []


def test_a_dead_owners_lock_is_taken_over_and_what_it_left_is_swept(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = Process(store)
    assert first.says() == "making"
    second = Process(store)
    assert second.says().startswith("waiting for train(eng)")
    assert len(store.leftovers()) == 1
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    assert second.says() == f"process {first.process.pid} died while it made train(eng); taking over"
    assert second.says() == "making"
    assert len(store.leftovers()) == 1, "only its own"
    assert second.ends() == "made whole"
    assert store.damage(KEY, thorough=True) == [] and store.leftovers() == []


def test_where_the_owner_fails_the_one_who_waits_makes_it(tmp_path: Path) -> None:
    store, said = Store(tmp_path), list[str]()
    results = list[bool]()

    def wait() -> None:
        with store.claim(KEY, "a", said.append) as mine:
            results.append(mine)

    thread = threading.Thread(target=wait)
    with pytest.raises(RuntimeError), store.claim(KEY, "a", said.append) as mine:
        assert mine
        thread.start()
        while not said:
            time.sleep(0.01)
        raise RuntimeError
    thread.join()
    assert results == [True] and len(said) == 1 and said[0].startswith("waiting for a by process")

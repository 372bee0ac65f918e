"""`xlt doctor`: what it finds on a machine where something is off, and that it never waits for long."""

from __future__ import annotations

import http.server
import json
import socket
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run
from xlt_core.graph.store import Store
from xlt_core.report.doctor import (
    Check,
    check_disk,
    check_hub,
    check_packages,
    check_plugins,
    check_python,
    check_store,
    check_threads,
    checks,
)


def test_this_machine_is_ready_though_it_is_offline(xlt: Run) -> None:
    done = xlt("doctor", "--json")
    told = json.loads(done.stdout)
    found: dict[str, list[dict[str, Any]]] = {}
    for check in told["checks"]:
        found.setdefault(check["name"], []).append(check)
    assert {"python", "xlt-core", "torch", "devices", "threads", "plugins", "store", "disk", "hub"} <= set(found)
    assert found["hub"][0]["state"] == "note" and "can't be reached" in found["hub"][0]["found"]
    other = [check for name, group in found.items() if name != "disk" for check in group]
    assert [check for check in other if check["state"] == "do"] == []
    assert done.returncode == (1 if told["to_do"] else 0)


def test_the_exit_code_is_1_where_something_has_to_be_done(xlt: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = xlt("doctor", "--offline", "--store", str(tmp_path / "file" / "below"))
    assert done.returncode == 1 and not done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("TO DO")]
    assert "store" in line and "can't be written: Not a directory" in line
    assert "Try: --store FOLDER, or XLT_HOME=FOLDER" in done.stdout and done.stdout.endswith("\n1 thing to do\n")
    assert "not asked: --offline" in done.stdout


def test_packages_that_are_missing_or_old() -> None:
    found = list(check_packages(["click>=8", "click>=900", "no-such-thing-at-all>=2", "pytest>900; extra == 'dev'"]))
    assert [(check.name, check.state) for check in found] == [
        ("xlt-core", "ok"), ("click", "ok"), ("click", "do"), ("no-such-thing-at-all", "do"),
    ]  # fmt: skip
    assert [check.fix for check in found[2:]] == ["pip install 'click>=900'", "pip install 'no-such-thing-at-all>=2'"]


def test_an_old_python() -> None:
    assert check_python((3, 8, 1)).state == "do" and check_python((3, 12, 0)).state == "ok"


def test_more_threads_than_cores() -> None:
    assert check_threads(8, 2) == Check(
        "threads", "note", "8 threads on 2 cores: they will wait for each other", "--threads 2"
    )
    assert check_threads(2, 2).state == "ok"


def test_a_plugin_that_breaks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "site" / "xlt_broken-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: xlt-broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[xlt]\nbroken = xlt_broken_of_nobody\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    first, *others = check_plugins()
    assert first.state == "ok" and "core" in first.found
    (broken,) = [check for check in others if "broken" in check.found]
    assert broken.state == "do" and "xlt-broken" in broken.fix


def test_a_store_with_a_result_that_cannot_be_read(tmp_path: Path) -> None:
    store = Store.at(tmp_path / "new")
    assert check_store(store).state == "ok" and not store.root.exists(), "looking makes nothing"
    folder = store.path("ab" * 10)
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{")
    found = check_store(store)
    assert (found.state, found.fix) == ("do", "xlt store verify --set-aside")
    assert "1 results" in found.found and "1 can't be read" in found.found
    assert [file.name for file in store.root.iterdir()] == ["ab"]


def test_disks(tmp_path: Path) -> None:
    places = {"store": tmp_path / "not" / "yet"}
    assert [next(check_disk(places, *bounds)).state for bounds in ((0, 0), (0, 1e9), (1e9, 1e9))] == [
        "ok",
        "note",
        "do",
    ]
    (scarce,) = check_disk(places, 1e9, 1e9)
    assert "xlt store gc" in scarce.fix


@pytest.fixture
def refusing() -> Iterator[str]:
    """A hub that answers, and has nothing to say."""

    class Refuse(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_error(403)

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Refuse) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_hub_that_refuses_is_there(refusing: str) -> None:
    assert check_hub(refusing).state == "ok"


def test_a_hub_that_takes_the_call_and_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = check_hub(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.3)
    assert found.state == "note" and "can't be reached" in found.found


def test_a_name_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking up a name knows no time limit of its own."""
    over = threading.Event()

    def looking_up(*_: Any, **__: Any) -> None:
        over.wait(60)
        raise OSError("too late")

    monkeypatch.setattr(urllib.request, "urlopen", looking_up)
    found = check_hub("http://hub.invalid", timeout=0.2)
    over.set()
    assert found.state == "note" and found.found.endswith("no answer within 0.2 s")


@pytest.mark.parametrize("endpoint", ["not an address", "http://127.0.0.1:port", "http://127.0.0.1:9"])
def test_an_address_at_which_nobody_is(endpoint: str) -> None:
    found = check_hub(endpoint)
    assert found.state == "note" and "no answer within" not in found.found


def test_a_server_that_speaks_something_else_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            caller, _ = server.accept()
            with caller:
                caller.recv(1000)
                caller.sendall(b"220 mail.invalid\r\n")

        threading.Thread(target=answer, daemon=True).start()
        found = check_hub(f"http://127.0.0.1:{server.getsockname()[1]}")
    assert found.state == "note" and "220 mail.invalid" in found.found


def test_being_offline_by_choice_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (hub,) = [check for check in checks(tmp_path) if check.name == "hub"]
    assert hub.found == "not asked: HF_HUB_OFFLINE=1"

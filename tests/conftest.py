"""Every test has a store, a cache and a folder of its own, and no way to the network."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# a busy machine is no bug; in CI the examples are the same each time, elsewhere they are new ones
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

os.environ.pop("HF_HUB_OFFLINE", None)  # read once, by the library's import: the hubs of tests are on this machine

Run = Callable[..., "subprocess.CompletedProcess[str]"]

# here, before processes are begun: all of them draw by the same number
os.environ.setdefault("XLT_MIXTURES", str(secrets.randbelow(1_000_000)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = (report for own in terminalreporter.stats.values() for report in own)
    if any("test_mixtures.py" in getattr(report, "nodeid", "") for report in reports):
        terminalreporter.write_line(f"the mixtures were drawn by XLT_MIXTURES={os.environ['XLT_MIXTURES']}")


@pytest.fixture(autouse=True)
def isolation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLT_HOME", str(tmp_path / "xlt-home"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf-home"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "*")
    for name in ("XLT_PLUGINS", "HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):  # the last two a run `--offline` sets
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


@pytest.fixture
def xlt() -> Run:
    """The command line, in a process of its own: `xlt("plan", "--method", "zero_shot")`."""

    def call(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "xlt_core.cli.main", *arguments]
        env = {**os.environ, "COLUMNS": "200", **environment}
        return subprocess.run(command, capture_output=True, text=True, env=env, timeout=300, check=False)

    return call


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Empty files for resources: `files("dictionary:zho-vie")` is what `resources` takes."""

    def make(*keys: str) -> dict[str, str]:
        made = {}
        for key in keys:
            file = tmp_path / key.replace(":", "-")
            file.write_text("", encoding="utf-8")
            made[key] = str(file)
        return made

    return make

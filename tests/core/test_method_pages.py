"""What the method pages quote of a plan is what the plan prints."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from xlt_core.cli.main import call

PAGES = sorted((Path(__file__).parents[2] / "docs" / "methods").glob("*.md"))
QUOTED = [
    (page.stem, command, quoted)
    for page in PAGES
    for command, quoted in re.findall(
        r"```sh\n(xlt plan(?:(?!```).)*)```\n(?:(?!```).)*?```text\n(.*?)```", page.read_text(encoding="utf-8"), re.S
    )
]
COMMANDS = [
    (page.stem, command)
    for page in PAGES
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    for command in block.replace("\\\n", " ").splitlines()
    if command.startswith("xlt plan")
]


def words(command: str, folder: Path) -> list[str]:
    """The command's words, its resource files put into a folder where they exist."""
    found = shlex.split(command.replace("\\\n", " "))[1:]
    for place, word in enumerate(found):
        if found[place - 1] == "--resource":
            key = word.partition("=")[0]
            (folder / key.replace(":", "-")).write_text("")
            found[place] = f"{key}={folder / key.replace(':', '-')}"
    return found


@pytest.mark.parametrize(("page", "command", "quoted"), QUOTED, ids=[page for page, *_ in QUOTED])
def test_a_quoted_plan_is_what_is_printed(
    page: str, command: str, quoted: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(words(command, tmp_path)) == 0
    printed = {" ".join(line.split()) for line in capsys.readouterr().out.splitlines()}
    lines = [" ".join(line.split()) for line in quoted.splitlines() if line.strip() not in ("", "…")]
    assert [line for line in lines if line not in printed] == []


@pytest.mark.parametrize(("page", "command"), COMMANDS, ids=[f"{page}-{n}" for n, (page, _) in enumerate(COMMANDS)])
def test_a_command_of_a_page_plans(page: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(words(command, tmp_path)) == 0, capsys.readouterr().err


def test_every_method_of_a_plugin_has_a_page_that_quotes_a_plan() -> None:
    assert {page for page, *_ in QUOTED} == {"mtlws", "phoneme_gap", "phonexl", "translit_ppa", "unibridge"}

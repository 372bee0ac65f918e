"""The README's command lines are real: each plans, or is refused as the README says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from xlt_core.cli.main import call

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.S)
LINES = [line for block in BLOCKS for line in block.replace("\\\n", " ").splitlines()]
COMMANDS = [shlex.split(line, comments=True) for line in LINES]
PLANS = [
    words[1:]
    for words in COMMANDS
    if words[:1] and words[0].endswith("xlt") and words[1] in ("plan", "run") and "--config" not in words
]
"""`--config` repeats the run of the line before; test_run.py does so for real."""


@pytest.mark.parametrize("words", PLANS, ids=[" ".join(words)[:60] for words in PLANS])
def test_a_command_of_the_readme_plans(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["plan", *words[1:]]
    for place, word in enumerate(words):
        if word.startswith("dictionary:"):
            (tmp_path / "zh-vi.tsv").write_text("")
            words[place] = word.partition("=")[0] + f"={tmp_path / 'zh-vi.tsv'}"
        if word == "my/folder":
            for file in ("eng/train.tsv", "eng/dev.tsv", "vie/test.tsv"):
                (tmp_path / file).parent.mkdir(exist_ok=True)
                (tmp_path / file).write_text("a\tO\n")
            words[place] = str(tmp_path)
    done_only = {"--out", "--select"}
    without = [word for place, word in enumerate(words) if done_only.isdisjoint((word, words[place - 1]))]
    assert call(without) == 0, capsys.readouterr().err


def test_the_readme_has_commands() -> None:
    assert len(PLANS) >= 6

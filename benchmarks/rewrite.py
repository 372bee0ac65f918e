"""What every word once saves: a tool asked for each word as it comes, and the same corpus through what keeps its words.

    python benchmarks/rewrite.py --with epitran --lang swh --lang amh --text ../shared/data/mono

Words in a second of this process's own time, without other processes: asked for each word; with nothing kept yet; by
another process afterwards, from the disk; and in the same process again. The text is a folder with LANG.txt.gz, or the
mini world's.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from itertools import chain, islice
from pathlib import Path

from xlt_core.rewriting.find import Wanted
from xlt_core.rewriting.kept import Kept
from xlt_core.rewriting.once import Once
from xlt_core.rewriting.stream import Lines
from xlt_core.rewriting.tool import Tool
from xlt_core.rewriting.words import words_of

TIMED = 3000
"""Words that are asked for one by one; the rate is told for all."""
GOAL, FACTOR, SLOW = 1_000_000, 50, 20_000
"""Words a second from what is kept, or so many times what a tool slower than that many words a second does."""


def seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def lines_of(language: str, folder: Path | None) -> list[str]:
    if folder is None:
        from xlt_core.mini.world import sentences

        return [row.text for row in sentences(language, "text", 2000)]
    with Lines.open(folder / f"{language}.txt.gz") as lines:
        return [line for block in lines.blocks() for _, line in block]


def measure(name: str, language: str, lines: list[str]) -> str:
    tool: Tool = Wanted(name, language).tool()
    words = [word for line in lines for chunk in line.split() for word in words_of(chunk)]
    tool.forms(words[:5])  # what is loaded when it is first asked is neither side's
    asked = list(islice(chain.from_iterable([words] * (TIMED // len(words) + 1)), TIMED))
    anew = TIMED / seconds(lambda: [tool.forms([word]) for word in asked])
    with tempfile.TemporaryDirectory() as folder, Kept(Path(folder), name, {}) as kept:
        first = Once(tool, kept)
        cold = len(words) / seconds(lambda: first.lines(lines))
        second = Once(tool, kept)
        disk = len(words) / seconds(lambda: second.lines(lines))
        warm = len(words) / min(seconds(lambda: second.lines(lines)) for _ in range(5))
    goal = "met" if warm >= GOAL or (anew < SLOW and warm >= FACTOR * anew) else "missed"
    return (
        f"{name:22} {language}  {len(words):>9,} words of {len(set(words)):>7,}: one by one {anew:>9,.0f}/s, "
        f"cold {cold / anew:5.1f}x, from disk {disk / anew:6.1f}x, warm {warm / anew:7.1f}x ({warm:,.0f}/s, {goal})"
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--with", dest="names", action="append", metavar="NAME")
    asked.add_argument("--lang", dest="languages", action="append", metavar="CODE")
    asked.add_argument("--text", type=Path, metavar="FOLDER")
    given = asked.parse_args()
    for name in given.names or ["epitran"]:
        for language in given.languages or ["swh", "amh"]:
            print(measure(name, language, lines_of(language, given.text)), flush=True)


if __name__ == "__main__":
    main()

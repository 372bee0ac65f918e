"""Romanising real text in each script, beside the uroman package line by line: same bytes, and how much faster.

    python benchmarks/romanise.py [--full] [--lines N] [--data FOLDER] [LANGUAGE…]

For each file the first 2,000 lines (`--full`: all): CPU seconds of the package; how many times faster the romaniser
is that knows nothing yet (cold); how many lines it does a second when it meets them again (again), and when every
word or piece is known but the lines are new (new). Exits with 1 where a line differs.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from uroman import Uroman as Package
from xlt_translit_ppa.uroman.romaniser import Romaniser

DATA = Path(__file__).parents[2] / "shared" / "data" / "mono"
LINES = 2000
T = TypeVar("T")


def seconds(work: Callable[[], T]) -> tuple[float, T]:
    started = time.process_time()
    made = work()
    return time.process_time() - started, made


def read(file: Path, most: int | None) -> list[str]:
    with gzip.open(file, "rt", encoding="utf-8", newline="\n") as lines:
        return lines.read().removesuffix("\n").split("\n")[:most]


def line_by_line(package: Package, lines: list[str]) -> list[str | None]:
    """What the package says; None where it fails."""

    def one(line: str) -> str | None:
        try:
            return str(package.romanize_string(line))
        except (AttributeError, TypeError, ValueError):
            return None

    return [one(line) for line in lines]


def compare(package: Package, lines: list[str]) -> tuple[int, int, str]:
    """How many lines differ, how many the package fails on, and the row of the table."""
    fresh = Romaniser()
    cold, ours = seconds(lambda: fresh(lines))
    again, _ = seconds(lambda: fresh(lines))
    half = len(lines) // 2
    warmed = Romaniser()
    warmed(lines[:half])
    new, _ = seconds(lambda: warmed(lines[half:]))
    theirs, expected = seconds(lambda: line_by_line(package, lines))
    differ = sum(mine != other for mine, other in zip(ours, expected, strict=True) if other is not None)
    failed = expected.count(None)
    if failed != len({failure.line for failure in fresh.failures}):
        differ += 1
    rates = f"{len(lines) / theirs:9,.0f} {len(lines) / cold:9,.0f} {theirs / cold:7.1f}x"
    rates += f" {len(lines) / again:11,.0f} {(len(lines) - half) / new:9,.0f}"
    return differ, failed, f"{len(lines):7,} {rates} {differ:7} {failed:6}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", help="files' names without .txt.gz (all)")
    parser.add_argument("--full", action="store_true", help="all lines of each file")
    parser.add_argument("--lines", type=int, default=LINES, help=f"so many lines of each file ({LINES:,})")
    parser.add_argument("--data", type=Path, default=DATA, help="a folder of LANGUAGE.txt.gz (../shared/data/mono)")
    asked = parser.parse_args()
    files = {file.name.removesuffix(".txt.gz"): file for file in sorted(asked.data.glob("*.txt.gz"))}
    if missing := sorted({*asked.languages} - {*files}) or not files:
        print(f"nothing to romanise in {asked.data}: {missing if files else 'no *.txt.gz'}", file=sys.stderr)
        return 4
    loading, _ = seconds(Romaniser)
    package_loading, package = seconds(Package)
    print(f"loading: {loading:.2f} s, the package {package_loading:.2f} s, {package_loading / loading:.1f}x")
    columns = f"{'package':>9} {'cold':>9} {'ratio':>8} {'again':>11} {'new':>9} {'differ':>7} {'fails':>6}"
    print(f"{'lines a second':17} {columns}")
    differing = 0
    for name in asked.languages or files:
        differ, _, row = compare(package, read(files[name], None if asked.full else asked.lines))
        differing += differ
        print(f"{name:9} {row}", flush=True)
    print(f"{differing} lines differ")
    return min(differing, 1)


if __name__ == "__main__":
    sys.exit(main())

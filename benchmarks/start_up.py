"""CPU seconds that a command takes until it has answered: `make bench`.

Each command is run several times in a process of its own; the median is printed beside its bound and beside
a bare interpreter, started in the same run.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys

RUNS = 7
CODE = "import sys; from xlt_core.cli.main import call; sys.exit(call(sys.argv[1:]))"
COMMANDS: list[tuple[list[str], float]] = [
    (["--help"], 0.3),
    (["list"], 0.3),
    (["plan", "--method", "unibridge", "--backbone", "xlm-roberta-base", "--targets", "amh,khm"], 0.6),
    (["plan", "--method", "translit_ppa", "--seeds", "1"], 0.6),
]


def cpu_seconds(command: list[str]) -> float:
    """User and system time of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env={**os.environ, "XLT_HOME": "/nonexistent"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def median(command: list[str]) -> float:
    cpu_seconds(command)  # once for the file cache
    return statistics.median(cpu_seconds(command) for _ in range(RUNS))


def main() -> None:
    bare = median([sys.executable, "-c", "pass"])
    print(f"{'bare interpreter':70} {bare:.3f} s")
    for arguments, bound in COMMANDS:
        taken = median([sys.executable, "-c", CODE, *arguments])
        print(
            f"{'xlt ' + ' '.join(arguments):70} {taken:.3f} s, {taken / bare:.1f}x bare, {taken / bound:.2f} of {bound}"
        )


if __name__ == "__main__":
    main()

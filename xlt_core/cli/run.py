"""`xlt run`: plan a run and do it."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import click

from xlt_core.cli.flags import MACHINE, PLACES, GroupedCommand, flag, request_of, run_flags


@click.command(cls=GroupedCommand)
@flag(PLACES, "--out", type=click.Path(path_type=Path), metavar="DIR", help="The run's folder. Default: runs/…")
@flag(PLACES, "--resume", is_flag=True, help="Go on in a folder that exists; finished stages are not done again.")
@flag(MACHINE, "--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Stages side by side.")
@flag(MACHINE, "--offline", is_flag=True, help="Never look for anything on the network.")
@flag(MACHINE, "-q", "quiet", is_flag=True, help="Say nothing while it goes on.")
@flag(MACHINE, "-v", "verbose", is_flag=True, help="Say more while it goes on.")
@run_flags
def run(out: Path | None, resume: bool, jobs: int, offline: bool, quiet: bool, verbose: bool, **flags: Any) -> None:
    """Adapt, train, answer, score; the scores are printed and kept in the run's folder.

    \b
    xlt run --method zero_shot --backbone mini
    xlt run --config runs/zero_shot-1/run.yaml --out runs/again
    """
    from xlt_core.cli.output import print_json
    from xlt_core.config.resolve import resolve
    from xlt_core.report.scores import describe_scores
    from xlt_core.running.execute import Machine, execute

    machine = Machine(store=flags["store"], offline=offline, resume=resume, jobs=jobs, loudness=verbose - quiet)
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))  # a cluster's stop is a stop like Ctrl-C
    folder = execute(resolve(request_of(flags)), out, machine)
    if flags["as_json"]:
        print_json("run", {"folder": str(folder.path), **folder.scores})
    else:
        click.echo(describe_scores(folder))

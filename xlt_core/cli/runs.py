"""`xlt runs` and `xlt show`: which runs there are, and what one of them is."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", default="runs", metavar="[FOLDER]", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def runs(folder: Path, as_json: bool) -> None:
    """List the runs in a folder, oldest first: when, method, backbone, targets, score."""
    from xlt_core.cli.output import print_json
    from xlt_core.report.runs import about, find_runs, runs_text

    told = [about(path) for path in find_runs(folder)]
    if as_json:
        print_json("runs", told)
    elif told:
        click.echo(runs_text(told))
    else:
        click.echo(f"no runs in {folder}")


@click.command()
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def show(run: Path, as_json: bool) -> None:
    """Show what a run was and its scores.

    \b
    xlt show runs/zero_shot-1
    """
    from xlt_core.cli.output import print_json
    from xlt_core.report.runs import Run, describe_run, run_text

    found = Run.open(run)
    if as_json:
        print_json("show", {**describe_run(found), "scores": found.scores["scores"]})
    else:
        click.echo(run_text(found))

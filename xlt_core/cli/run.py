"""`xlt run`: plan a run and do it."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xlt_core.cli.flags import MACHINE, PLACES, STUDY, GroupedCommand, flag, request_of, run_flags

if TYPE_CHECKING:
    from xlt_core.config.variants import Variant
    from xlt_core.running.machine import Machine


@click.command(cls=GroupedCommand)
@flag(PLACES, "--out", type=click.Path(path_type=Path), metavar="DIR", help="The run's folder. Default: runs/…")
@flag(PLACES, "--resume", is_flag=True, help="Go on in a folder that exists; finished stages are not done again.")
@flag(MACHINE, "--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Stages side by side.")
@flag(MACHINE, "--offline", is_flag=True, help="Never look for anything on the network.")
@flag(MACHINE, "-q", "quiet", is_flag=True, help="Say nothing while it goes on.")
@flag(MACHINE, "-v", "verbose", is_flag=True, help="Say more while it goes on.")
@flag(
    PLACES,
    "--track",
    "trackers",
    multiple=True,
    metavar="NAME",
    help="Send what is reported on to tensorboard, wandb, mlflow, … (Accelerate's names).",
)
@flag(
    STUDY,
    "--select",
    type=click.Choice(["source_dev"]),
    help="Score only the variant that is best on the sources' development data.",
)
@run_flags
def run(
    out: Path | None,
    resume: bool,
    jobs: int,
    offline: bool,
    quiet: bool,
    verbose: bool,
    select: str | None,
    trackers: tuple[str, ...],
    **flags: Any,
) -> None:
    """Adapt, train, answer, score; the scores are printed and kept in the run's folder.

    \b
    xlt run --method zero_shot --backbone mini
    xlt run --config runs/zero_shot-1/run.yaml --out runs/again
    xlt run --method madx --backbone mini --ablate
    """
    from xlt_core.cli.output import print_json
    from xlt_core.config.resolve import resolve
    from xlt_core.config.variants import variants
    from xlt_core.report.scores import describe_scores
    from xlt_core.running.execute import execute
    from xlt_core.running.machine import Machine

    machine = Machine(
        store=flags["store"], offline=offline, resume=resume, jobs=jobs, loudness=verbose - quiet, trackers=trackers
    )
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))  # a cluster's stop is a stop like Ctrl-C
    request = request_of(flags)
    if flags["ablate"] or flags["vary"]:
        _study(variants(request, flags["ablate"], flags["vary"]), out, machine, select, flags["as_json"])
        return
    if select:
        raise click.UsageError("--select chooses among variants: --vary PATH=VALUE,VALUE makes them")
    folder = execute(resolve(request), out, machine)
    if flags["as_json"]:
        print_json("run", {"folder": str(folder.path), **folder.scores})
    else:
        click.echo(describe_scores(folder))


def _study(made: list[Variant], out: Path | None, machine: Machine, select: str | None, as_json: bool) -> None:
    from xlt_core.cli.output import print_json
    from xlt_core.report.comparable import open_all
    from xlt_core.report.compare import compare
    from xlt_core.report.compare_text import as_text
    from xlt_core.running.study import study

    found = study(made, out, machine, select)
    compared = compare(open_all(found.runs, None))
    if as_json:
        print_json("study", {"folder": str(found.path), "selected": found.selected, "dev": dict(found.dev),
                             **compared.as_data()})  # fmt: skip
        return
    for name, score in found.dev:
        click.echo(f"{'selected' if name == found.selected else '        '}  dev {score:.2f}  {name}")
    click.echo(as_text(compared))
    click.echo(f"{found.path}/study.json")

"""`xlt eval`: a finished run's models on other data, or for other targets."""

from __future__ import annotations

import signal
from pathlib import Path

import click


@click.command("eval")
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.option("--data", metavar="NAME|DIR", help="Where the test labels come from. Default: as in the run.")
@click.option("--targets", metavar="LANGS", help="The languages to score: amh,khm. Default: the run's.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Where to. Default: RUN/eval-1, …")
@click.option("--resume", is_flag=True, help="Go on in a folder that exists.")
@click.option("--offline", is_flag=True, help="Never look for anything on the network.")
@click.option("--store", type=click.Path(path_type=Path), envvar="XLT_HOME", help="Where results are kept.")
@click.option("-q", "quiet", is_flag=True, help="Say nothing while it goes on.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def eval_(
    run: Path, data: str | None, targets: str | None, out: Path | None, resume: bool, offline: bool,
    store: Path | None, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """Score a finished run on new data; what it trained is taken from the store and never trained again.

    A target that the run hadn't is adapted first, where the method adapts targets.

    \b
    xlt eval runs/zero_shot-1 --data my_folder
    xlt eval runs/madx-1 --targets tur,swh,mya
    """
    from xlt_core.cli.output import print_json
    from xlt_core.report.scores import describe_scores
    from xlt_core.running.again import evaluate
    from xlt_core.running.machine import Machine

    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    machine = Machine(store=store, offline=offline, resume=resume, loudness=-quiet)
    folder = evaluate(run, data, targets, out, machine)
    if as_json:
        print_json("eval", {"folder": str(folder.path), **folder.scores})
    else:
        click.echo(describe_scores(folder))

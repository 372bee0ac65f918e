"""`xlt compare`: runs in one table, with what is more than chance marked."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN…", type=click.Path(path_type=Path))
@click.option(
    "--metric", default="", metavar="NAME", help="span_f1:PER, precision, … Default: the task's first measure."
)
@click.option("--targets", metavar="LANGS", help="The languages to show: amh,khm. Default: all.")
@click.option(
    "--against", type=click.Path(path_type=Path), metavar="RUN", help="What differences are to. Default: the first run."
)
@click.option("--draws", type=click.IntRange(100, 1_000_000), default=1000, show_default=True, help="Of the bootstrap.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the bootstrap.")
@click.option(
    "--format", "form", type=click.Choice(["terminal", "csv", "latex"]), default="terminal", show_default=True,
    help="How the table is written.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def compare(
    runs: tuple[Path, ...], metric: str, targets: str | None, against: Path | None, draws: int, seed: int,
    form: Literal["terminal", "csv", "latex"], as_json: bool,
) -> None:  # fmt: skip
    """Show runs side by side: mean ± deviation over seeds, and which differences are more than chance.

    Runs of other tasks, or tested on other sentences, are refused; other budgets, backbones, protocols are told. Runs
    that differ in their seeds alone, as an array of jobs leaves them, are one row.

    \b
    xlt compare runs/zero_shot-1 runs/madx-1
    xlt compare runs/* --metric span_f1:PER --format latex
    """
    from xlt_core.cli.output import print_json
    from xlt_core.report import compare_text
    from xlt_core.report.comparable import open_all
    from xlt_core.report.compare import compare as compared

    if as_json and form != "terminal":
        raise click.UsageError(f"--json and --format {form} are two documents: ask for one of them")
    wanted = [name.strip() for name in (targets or "").split(",") if name.strip()]
    made = compared(open_all(runs, against), metric, wanted, draws, seed)
    if as_json:
        print_json("compare", made.as_data())
    elif form == "terminal":
        click.echo(compare_text.as_text(made))
    else:
        click.echo(compare_text.as_csv(made) if form == "csv" else compare_text.as_latex(made))
        for note in made.notes if form == "csv" else ():
            click.echo(f"note: {note}", err=True)

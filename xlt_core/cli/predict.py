"""`xlt predict`: a finished run labels new text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


def which_model(function: Callable[..., Any]) -> Callable[..., Any]:
    """The flags that say which of a run's models is meant."""
    options = (
        click.option("--seed", type=int, metavar="N", help="The seed of training, where the run has several."),
        click.option("--adaptation-seed", type=int, metavar="N", help="The seed of adaptation, likewise."),
        click.option("--from", "by", metavar="KEY", help="Whose task model, where several answer apart: eng."),
        click.option("--store", type=click.Path(path_type=Path), envvar="XLT_HOME", show_envvar=True,
                     help="Where else results are looked for. Default: the user's cache."),
    )  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


@click.command()
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("file", metavar="[FILE]", type=click.Path(path_type=Path), default="-")
@click.option("--lang", "language", metavar="CODE", help="The text's language, a target of the run.")
@click.option("--raw", is_flag=True, help="A sentence a line; its words are what stands between spaces.")
@which_model
@click.option("--device", metavar="D", help="auto, cpu, cuda or mps. Default: as in the run.")
def predict(
    run: Path, file: Path, language: str | None, raw: bool, seed: int | None, adaptation_seed: int | None,
    by: str | None, store: Path | None, device: str | None,
) -> None:  # fmt: skip
    """Label text with what a run trained: its lines come back with one more column, blank ones where they were.

    FILE, which may be gzipped, or what is piped in, holds a token a line and a blank line between sentences; for
    tasks about whole sentences a text a line, for those about pairs two texts with a tab between them. More cells are
    carried along. With --raw a line is a sentence: its words come out a line each, and a blank line behind each
    sentence.

    The run's folder is all that is needed. The text goes the way of the run's own test sentences.

    \b
    xlt predict runs/madx-1 --lang amh news.tsv > labelled.tsv
    echo "Abebe Addis Ababa ነው" | xlt predict runs/madx-1 --lang amh --raw
    """
    from xlt_core.cli.output import binary_stdout
    from xlt_core.rewriting.stream import Lines
    from xlt_core.running.lent import Asking, Lent
    from xlt_core.running.predict import predicted

    lent = Lent.open(run, store, device)
    asking = Asking(language, seed, adaptation_seed, by)
    lent.answering(asking)  # what is off is told before anything is waited for on standard input
    with Lines.open(file) as opened:
        lines = (line for block in opened.blocks() for line in block)
        out = binary_stdout()
        for line in predicted(lent, asking, lines, raw, opened.name):
            out.write(line.encode() + b"\n")
        out.flush()

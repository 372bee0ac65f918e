"""`xlt export`: a finished run's model for other libraries."""

from __future__ import annotations

from pathlib import Path

import click

from xlt_core.cli.predict import which_model


@click.command()
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("out", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--target", "language", metavar="CODE", help="The language that it is to answer for.")
@which_model
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def export(
    run: Path, out: Path, language: str | None, seed: int | None, adaptation_seed: int | None, by: str | None,
    store: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Write what a run trained into a new folder, for use without xlt.

    A tagger whose whole body was trained becomes a folder of transformers that `AutoModelForTokenClassification` loads.
    Adapters become AdapterHub's folders with tokenizer, rows of new pieces and `load.py`, which needs torch,
    transformers and safetensors alone; so do heads that transformers hasn't. The folder's README says how to use it.

    \b
    xlt export runs/zero_shot-1 tagger
    xlt export runs/madx-1 tagger-amh --target amh
    """
    from xlt_core.cli.output import print_json
    from xlt_core.running.export import export as exported
    from xlt_core.running.lent import Asking, Lent

    told = exported(Lent.open(run, store), Asking(language, seed, adaptation_seed, by, "--target"), out)
    if as_json:
        print_json("export", {"folder": str(out), **told})
    else:
        click.echo(f"{out}: {told['kind']}; {out}/README.md says how to use it")

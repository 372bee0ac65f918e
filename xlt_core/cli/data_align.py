"""`xlt data align`: which word became which, for the translations in a data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from xlt_core.cli.data_bitext import bitext_flags, configured, done, pairs_of, tell


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER", help="Another folder for what is made.")
@bitext_flags
def align(folder: Path, out: Path | None, **asked: Any) -> None:
    """Link the words of labelled sentences to those of their translations.

    The folder holds `eng/train.tsv` and `eng-spa.bitext`, as `xlt data translate` leaves them or from elsewhere; it
    then holds `eng-spa.links`, too, in Pharaoh's format.

    \b
    xlt list alignment
    xlt data align crossed --to spa --with identity
    """
    from xlt_core.bitext.folder import DataFolder, links_lines
    from xlt_core.facts import Artefact

    config = configured(str(folder), "alignment", asked, {"translation": "file"})
    assert config.task is not None
    task, pairs, target = config.task.name, pairs_of(config), DataFolder(out or folder)
    target.refuse_taken([f"{pair}.links" for pair in pairs], "--out with another folder")
    made = done(config, [Artefact("alignment", pair, task) for pair in pairs], "align", asked, target.path)
    target.bring(f"{config.settings.sources[0]}/train.tsv", folder / config.settings.sources[0] / "train.tsv")
    written = {}
    for pair in pairs:
        target.bring(f"{pair}.bitext", folder / f"{pair}.bitext")
        stage = made.stage("align", pair)
        target.write(f"{pair}.links", links_lines(made.folders[stage.id]), made.about(stage))
        written[f"{pair}.links"] = made.report(stage)
    tell("align", written, target.path, asked["as_json"])

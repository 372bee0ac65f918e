"""`xlt data project`: labels carried over to the translations in a data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from xlt_core.cli.data_bitext import bitext_flags, configured, done, pairs_of, tell


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER", help="Another folder for what is made.")
@bitext_flags
def project(folder: Path, out: Path | None, **asked: Any) -> None:
    """Carry labels over to translations, along word links.

    The folder holds `eng/train.tsv`, `eng-spa.bitext` and `eng-spa.links`; it then holds `spa/train.tsv`, too, with
    spans as IOB2. What was kept, moved and lost is shown, and kept in `provenance.json`.

    \b
    xlt list projection
    xlt data project crossed --to spa --with NAME
    """
    from xlt_core.bitext.folder import DataFolder, labelled_lines, refuse_unwritable
    from xlt_core.facts import Labels

    config = configured(
        str(folder), "projection", asked, {"translation": "file", "alignment": "pharaoh_file"}
    )  # fmt: skip
    assert config.task is not None
    task, target = config.task, DataFolder(out or folder)
    names = {code: f"{code}/train.tsv" for code in config.settings.targets}
    target.refuse_taken(names.values(), "--out with another folder")
    facts = [Labels(task.name, code, "train") for code in names]
    made = done(config, facts, "project", asked, target.path)
    written = {}
    for pair, name in zip(pairs_of(config), names.values(), strict=True):
        stage = made.stage("project", pair)
        rows = made.rows(stage)
        refuse_unwritable(rows, task)
        target.write(name, labelled_lines(rows, task), made.about(stage))
        written[name] = made.report(stage)
    tell("project", written, target.path, asked["as_json"])

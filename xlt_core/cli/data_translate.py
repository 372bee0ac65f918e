"""`xlt data translate`: labelled sentences and their translations as a data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from xlt_core.cli.data_bitext import bitext_flags, configured, done, pairs_of, tell


@click.command()
@click.argument("data", metavar="NAME|FOLDER")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FOLDER", help="Where files are put.")
@bitext_flags
def translate(data: str, out: Path, **asked: Any) -> None:
    """Translate the labelled training sentences of a data set.

    The folder then holds the sentences, `eng/train.tsv`, their translations, `eng-spa.bitext`, word links where the
    translator knows them, and `provenance.json`. Nothing is translated twice, and nothing of your own overwritten.

    \b
    xlt data translate mini --to tur,zho --with mini --out crossed
    xlt data translate FOLDER --to spa --with file --resource translation:eng-spa=FILE --out crossed
    """
    from xlt_core.bitext.folder import DataFolder, bitext_lines, labelled_lines, links_lines, refuse_unwritable
    from xlt_core.data.records import LINKS
    from xlt_core.facts import Artefact

    config = configured(data, "translation", asked, {})
    task, pairs, folder = config.task, pairs_of(config), DataFolder(out)
    assert task is not None
    source = f"{config.settings.sources[0]}/train.tsv"
    in_place = Path(data).is_dir() and Path(data).resolve() == out.resolve()
    folder.refuse_taken(
        [*([] if in_place else [source]), *(f"{pair}.{kind}" for pair in pairs for kind in ("bitext", "links"))],
        "--out with another folder",
    )
    made = done(config, [Artefact("translation", pair, task.name) for pair in pairs], "translate", asked, out)
    labels = made.stage("labels")
    sources = made.rows(labels)
    refuse_unwritable(sources, task)
    if not in_place:
        folder.write(source, labelled_lines(sources, task), made.about(labels))
    written = {}
    for pair in pairs:
        stage = made.stage("translate", pair)
        lines = bitext_lines(sources, made.rows(stage))
        folder.write(f"{pair}.bitext", lines, made.about(stage))
        written[f"{pair}.bitext"] = made.report(stage)
        if (made.folders[stage.id] / LINKS).is_file():
            folder.write(f"{pair}.links", links_lines(made.folders[stage.id]), made.about(stage))
    tell("translate", written, out, asked["as_json"])

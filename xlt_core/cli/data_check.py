"""`xlt data check`: what is off in data, before a run is spent on them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from xlt_core.catalog import Catalog
    from xlt_core.data.check.check import Tokens


@click.command()
@click.argument("path", type=click.Path(path_type=Path), metavar="PATH|NAME")
@click.option(
    "--lang",
    "language",
    metavar="CODE",
    help="Of a data set by name, or of a file whose name doesn't say it.",
)
@click.option("--task", metavar="T", help="What is labelled: its labels are the ones allowed. Default: found out.")
@click.option(
    "--against",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Other data, of which no sentence may stand in dev and test data here.",
)
@click.option("--backbone", metavar="B", help="A model's name or folder: how its tokenizer reads the data.")
@click.option("--all", "all_of_them", is_flag=True, help="Show every finding, not the first few of each kind.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, every finding in it.")
def check(
    path: Path,
    language: str | None,
    task: str | None,
    against: tuple[Path, ...],
    backbone: str | None,
    all_of_them: bool,
    as_json: bool,
) -> int:
    """Look for what is off in a folder of data, in one file, or in a data set of the hub.

    Errors spoil a run or its scores: lines that can't be read, labels that the task doesn't have, test sentences
    that are in the training data. Warnings are worth knowing: repeated sentences, foreign scripts, labels that some
    languages lack. Copies are found by letters, marks and digits, in sentences of 12 or more of them. The exit code
    is 1 where anything was found.

    \b
    xlt data check data/masakhaner2
    xlt data check data/masakhaner2 --against data/masakhapos --backbone xlm-roberta-base
    xlt data check wikiann --lang amh
    xlt data check notes/train.tsv --lang amh --task ner --all
    """
    from xlt_core.catalog import load_catalog
    from xlt_core.cli.output import print_json
    from xlt_core.data.check.check import checked
    from xlt_core.data.check.corpus import corpora
    from xlt_core.errors import Exit
    from xlt_core.report.check import check_text

    catalog = load_catalog()
    tokens = _tokens(catalog, backbone) if backbone is not None else None
    others = [corpus for other in against for corpus in corpora(other, catalog, None, None)]
    report = checked(corpora(path, catalog, task, language), tokens, others)
    if as_json:
        print_json("check", report.as_data())
    else:
        click.echo(check_text(report, all_of_them))
    return Exit.FAILED if report.found else Exit.DONE


def _tokens(catalog: Catalog, name: str) -> Tokens:
    from xlt_core.catalog import load_object
    from xlt_core.data.check.check import Tokens
    from xlt_core.data.check.pieces import pieces_of
    from xlt_core.errors import Problem, UsageError, did_you_mean
    from xlt_core.model.load import tokenizer_of
    from xlt_core.slots.backbones import folder_backbone

    known = [load_object(entry.card.declares) for entry in catalog.all("backbone")]
    found = next((own for own in known if name in (own.name, own.location)), None) or folder_backbone(Path(name))
    if found is None:
        what = f"no backbone `{name}`{did_you_mean(name, [own.name for own in known])}"
        raise UsageError("A flag is off.", [Problem(what, "--backbone", "xlt list backbones, or a model's folder")])
    tokenizer = tokenizer_of(found)
    return Tokens(pieces_of(tokenizer), tokenizer.num_special_tokens_to_add(), found.positions)

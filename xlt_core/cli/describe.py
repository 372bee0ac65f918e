"""`xlt describe`: all that a part, a method, a backbone or a task says of itself."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("name", metavar="NAME")
@click.option("--plugin", "plugins", multiple=True, type=click.Path(path_type=Path), help="Parts in a file, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def describe(name: str, plugins: tuple[Path, ...], as_json: bool) -> None:
    """Show a part's summary, options, needs, gives, citation, distribution and file.

    A name that several slots know is shown for each; `loss/mlm` picks one.

    \b
    xlt describe finetune
    xlt describe loss/mlm
    """
    from xlt_core.catalog import load_catalog
    from xlt_core.cli.output import print_json
    from xlt_core.report.parts import describe_entry, find_entries

    found = find_entries(load_catalog(files=plugins), name)
    if as_json:
        print_json("describe", [describe_entry(entry) for entry in found])
        return
    from xlt_core.report.parts import as_text

    click.echo("\n\n".join(as_text(describe_entry(entry)) for entry in found))

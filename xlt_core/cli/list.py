"""`xlt list`: everything that can be named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

PLURALS = {
    "methods": "method",
    "backbones": "backbone",
    "tasks": "task",
    "losses": "loss",
    "evaluators": "evaluation",
    "rewriters": "rewriting",
}


@click.command("list")
@click.argument("what", required=False, metavar="[SLOT|methods|plugins|backbones|languages|tasks|data]")
@click.option("--plugin", "plugins", multiple=True, type=click.Path(path_type=Path), help="Parts in a file, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def list_(what: str | None, plugins: tuple[Path, ...], as_json: bool) -> None:
    """List parts by slot, methods, plugins, backbones, languages, tasks or data sets.

    \b
    xlt list                 everything
    xlt list loss            the losses
    xlt list plugins         what is installed, and what was set aside and why
    """
    from xlt_core.catalog import SLOTS, load_catalog
    from xlt_core.errors import Problem, UsageError, did_you_mean

    catalog = load_catalog(files=plugins)
    if what == "plugins":
        return _plugins(catalog, as_json)
    if what == "languages":
        return _languages(as_json)
    slot = PLURALS.get(what, what) if what else None
    if slot is not None and slot not in SLOTS:
        known = [*SLOTS, *PLURALS, "plugins", "languages"]
        problem = Problem(f"there is nothing called `{what}` to list{did_you_mean(str(what), known)}", fix="xlt list")
        raise UsageError("This list is not known.", [problem])
    _parts(catalog, slot, as_json)
    return None


def _parts(catalog: Any, slot: str | None, as_json: bool) -> None:
    from xlt_core.catalog import SLOTS
    from xlt_core.cli.output import print_json
    from xlt_core.report.tables import table

    entries = catalog.all(slot)
    if as_json:
        items = [
            {"name": e.name, "slot": e.slot, "summary": e.card.summary, "built": e.built, "plugin": e.plugin}
            for e in entries
        ]
        return print_json("list", items)
    for of in dict.fromkeys(name for name in SLOTS if slot in (None, name)):
        rows = [[e.name, e.card.summary + ("" if e.built else "  (not built yet)")] for e in entries if e.slot == of]
        if rows:
            click.echo(f"{of}\n{table(rows)}\n" if slot is None else table(rows, indent=""))
    if slot is None:
        _trouble(catalog)
    return None


def _plugins(catalog: Any, as_json: bool) -> None:
    from xlt_core.cli.output import print_json
    from xlt_core.report.tables import table

    if as_json:
        loaded = [{"plugin": name, "distribution": dist, "version": v} for name, dist, v in catalog.plugins]
        aside = [{"plugin": q.plugin, "distribution": q.distribution, "reason": q.reason} for q in catalog.quarantined]
        return print_json("plugins", {"loaded": loaded, "set_aside": aside})
    click.echo(table([[name, f"{dist} {version}"] for name, dist, version in catalog.plugins], indent=""))
    return _trouble(catalog)


def _trouble(catalog: Any) -> None:
    for aside in catalog.quarantined:
        click.echo(f"set aside: {aside.plugin} ({aside.distribution}): {aside.reason}", err=True)
    for group in catalog.conflicts():
        owners = " and ".join(entry.owner for entry in group)
        click.echo(f"two of one name: {group[0].slot} `{group[0].name}` comes from {owners}", err=True)


def _languages(as_json: bool) -> None:
    from xlt_core.cli.output import print_json
    from xlt_core.languages import all_languages
    from xlt_core.report.tables import table

    if as_json:
        known = [{"code": x.code, "name": x.name, "script": x.script, "iso1": x.iso1} for x in all_languages()]
        return print_json("languages", known)
    click.echo(table([[x.code, x.iso1, x.script, x.name] for x in all_languages()], indent=""))
    return None

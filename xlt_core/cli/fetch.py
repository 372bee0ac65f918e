"""`xlt fetch`: bring here what a run will need, for a machine without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from xlt_core.cli.flags import GroupedCommand, request_of, run_flags

if TYPE_CHECKING:
    from xlt_core.running.fetch import Fetched


@click.command(cls=GroupedCommand)
@run_flags
def fetch(**flags: Any) -> None:
    """Bring the models and data of a run into the hub's cache, and check that they are whole.

    The flags are those of `xlt run`. What is here already isn't fetched again. Afterwards the same run goes on a
    machine without a network, with --offline and the same HF_HOME.

    \b
    xlt fetch --method madx --backbone xlm-roberta-base --targets amh,khm
    xlt run --method madx --backbone xlm-roberta-base --targets amh,khm --offline
    """
    from xlt_core.cli.output import print_json
    from xlt_core.compose.compose import compose
    from xlt_core.config.resolve import resolve
    from xlt_core.config.variants import variants
    from xlt_core.report.tables import table
    from xlt_core.running.fetch import fetch as bring
    from xlt_core.running.study import planned

    request, as_json = request_of(flags), flags["as_json"]
    if flags["ablate"] or flags["vary"]:
        plans = planned(variants(request, flags["ablate"], flags["vary"]))
    else:
        plans = [compose(resolve(request))]
    brought: dict[tuple[str, str], Fetched] = {}
    for plan in plans:
        for one in bring(plan):
            brought.setdefault((one.what, one.location), one)
            if not as_json:
                state = f"{_megabytes(one.new)} fetched" if one.new else "already here"
                click.echo(f"{one.what}: {one.location} at {one.revision}, {_megabytes(one.bytes)}, {state}", err=True)
    new = sum(one.new for one in brought.values())
    whole = sum(one.bytes for one in brought.values())
    if as_json:
        return print_json("fetch", {"bytes": whole, "new": new, "items": [o.as_data() for o in brought.values()]})
    if not brought:
        return click.echo("This run needs nothing from the network.")
    rows = [[o.what, str(o.files), f"{o.verified} checked", _megabytes(o.bytes), o.location] for o in brought.values()]
    click.echo(table(rows, ("", "files", "", "size", "")))
    return click.echo(f"{_megabytes(whole)} in all, {_megabytes(new)} of it fetched now")


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"

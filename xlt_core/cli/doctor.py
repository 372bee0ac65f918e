"""`xlt doctor`: whether this machine is ready, and what to do where it isn't."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click


@click.command()
@click.option(
    "--store", type=click.Path(path_type=Path), envvar="XLT_HOME", show_envvar=True,
    help="Where results are kept. Default: the user's cache.",
)  # fmt: skip
@click.option("--offline", is_flag=True, help="Don't ask whether the hub can be reached.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def doctor(store: Path | None, offline: bool, as_json: bool) -> int:
    """Look at versions, devices, threads, plugins, the store, disks and the hub, and say what to do.

    The exit code is 1 where something has to be done. A hub that can't be reached is no such thing.
    """
    from xlt_core.cli.output import print_json
    from xlt_core.errors import Exit
    from xlt_core.report.doctor import checks, checks_text

    found = list(checks(store, offline))
    to_do = sum(check.state == "do" for check in found)
    if as_json:
        print_json("doctor", {"to_do": to_do, "checks": [asdict(check) for check in found]})
    else:
        click.echo(checks_text(found))
        click.echo(f"\n{to_do} thing{'s' if to_do != 1 else ''} to do" if to_do else "\nready")
    return Exit.FAILED if to_do else Exit.DONE

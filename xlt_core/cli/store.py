"""`xlt store`: what is kept, whether it is whole, why something ran again, what can go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.group()
def store() -> None:
    """Look after the store, where the results of all stages are kept."""


def _shared(function: Any) -> Any:
    """The flags that all of these verbs have."""
    place = click.option(
        "--store", "path", type=click.Path(path_type=Path), envvar="XLT_HOME", show_envvar=True, metavar="PATH",
        help="Where results are kept. Default: the user's cache.",
    )  # fmt: skip
    as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
    return place(as_json(function))


@store.command("ls")
@_shared
def ls(path: Path | None, as_json: bool) -> None:
    """List the results, the latest used first, with the keys by which the other verbs know them.

    A key may be shortened to as few of its first letters as are its own.
    """
    from xlt_core.cli.output import print_json
    from xlt_core.graph.store import Store
    from xlt_core.report.store import list_text, listed

    at = Store.at(path)
    rows = listed(at)
    return print_json("store", rows) if as_json else click.echo(list_text(at, rows))


@store.command()
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--set-aside", is_flag=True, help="Move what is damaged out of the way: the next run makes it anew.")
@_shared
def verify(keys: tuple[str, ...], set_aside: bool, path: Path | None, as_json: bool) -> int:
    """Read results to the last byte and hold them against their checksums; all results where no KEY is given.

    A run looks at sizes, and at the checksums of small files alone. The exit code is 1 where something is damaged.
    """
    from xlt_core.cli.output import print_json
    from xlt_core.errors import Exit
    from xlt_core.graph.store import Store
    from xlt_core.graph.upkeep import find
    from xlt_core.graph.upkeep import verify as read_all
    from xlt_core.report.store import listed, verified_text

    at = Store.at(path)
    wanted = [find(at, key) for key in keys] or at.known()
    stages = {row["key"]: row["stage"] or "?" for row in listed(at)}
    found = read_all(at, wanted)
    for key in found if set_aside else ():
        at.set_aside(key)
    if as_json:
        items = [{"key": key, "stage": stages.get(key), "problems": problems} for key, problems in found.items()]
        print_json("verify", {"checked": len(wanted), "damaged": items, "set_aside": set_aside and bool(found)})
    else:
        click.echo(verified_text(found, len(wanted), stages, set_aside))
    return Exit.FAILED if found else Exit.DONE


@store.command()
@click.argument("key", metavar="KEY")
@_shared
def explain(key: str, path: Path | None, as_json: bool) -> None:
    """Say why something ran again: in what a result differs from the one most like it.

    It is held against the results of the same part in the same place: options, the seed, libraries, files of parts,
    data. An input that differs is followed to what it differs in. Keys stand in `xlt store ls`, and in a
    run's plan.json and scores.json.
    """
    from xlt_core.cli.output import print_json
    from xlt_core.errors import Problem, RunError
    from xlt_core.graph.store import Damaged, Store
    from xlt_core.graph.upkeep import find
    from xlt_core.report.store import explain_text, explained

    at = Store.at(path)
    full = find(at, key)
    try:
        told = explained(at, full)
    except Damaged as error:
        fix = f"xlt store verify {full[:10]} --set-aside"
        raise RunError("This result can't be explained.", [Problem(str(error), full, fix)]) from None
    return print_json("explain", told) if as_json else click.echo(explain_text(told))


@store.command()
@click.option("--older-than", type=click.FloatRange(min=0), metavar="DAYS", help="Results last used longer ago go.")
@click.option(
    "--keep-runs", multiple=True, type=click.Path(path_type=Path), metavar="FOLDER",
    help="Results that these runs weren't made of go: a run's folder, or one with runs in it. Repeatable.",
)  # fmt: skip
@click.option("--unrepeatable", is_flag=True, help="Also those that can't be made the same twice.")
@click.option("--dry-run", is_flag=True, help="Remove nothing; say what would go.")
@_shared
def gc(
    older_than: float | None,
    keep_runs: tuple[Path, ...],
    unrepeatable: bool,
    dry_run: bool,
    path: Path | None,
    as_json: bool,
) -> None:
    """Remove what nobody needs.

    What dead processes left and what was set aside as damaged always goes. A result goes when you say by what: by
    --older-than, by --keep-runs, or by both, and then only if both let it go. Whatever is removed can be made again
    by the run that made it, save what can't be made the same twice: that stays unless --unrepeatable is given, too.
    What a run reads that is going on stays.

    \b
    xlt store gc --keep-runs runs --dry-run
    xlt store gc --older-than 30
    """
    from xlt_core.cli.output import print_json
    from xlt_core.graph.store import Store
    from xlt_core.graph.upkeep import collect, keys_of_runs
    from xlt_core.report.store import collected_data, collected_text

    at = Store.at(path)
    keep = keys_of_runs(keep_runs) if keep_runs else None
    done = collect(at, older_than, keep, unrepeatable, dry_run)
    if as_json:
        return print_json("gc", {"dry_run": dry_run, **collected_data(done)})
    return click.echo(collected_text(done, at, older_than is not None or keep is not None, dry_run))

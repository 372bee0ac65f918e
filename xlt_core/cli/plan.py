"""`xlt plan`: what a run would do, or why it can't."""

from __future__ import annotations

from typing import Any

import click

from xlt_core.cli.flags import GroupedCommand, request_of, run_flags


@click.command(cls=GroupedCommand)
@run_flags
def plan(**flags: Any) -> None:
    """Show the stages of a run, what each depends on, and what would be downloaded.

    Nothing is computed or fetched. Time and memory are those of past stages like
    them. A run that can't be composed is refused with every reason at once.

    \b
    xlt plan --method madx --backbone xlm-roberta-base --targets amh,khm
    """
    from dataclasses import asdict

    from xlt_core.cli.output import print_json
    from xlt_core.compose.compose import compose
    from xlt_core.config.resolve import resolve
    from xlt_core.graph.ledger import Ledger
    from xlt_core.graph.store import Store
    from xlt_core.report.plan import describe_plan

    made = compose(resolve(request_of(flags)))
    store = Store.at(flags["store"])
    if flags["as_json"]:
        data = made.as_data()
        data["expected"] = {name: asdict(cost) for name, cost in Ledger.of(store.root).expect(made).items()}
        data["in_store"] = [stage.id for stage in made if store.has(stage.key)]
        print_json("plan", {key: value for key, value in data.items() if key != "format"})
    else:
        click.echo(describe_plan(made, store))

"""`xlt plan`: what a run would do, or why it can't."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from xlt_core.cli.flags import GroupedCommand, request_of, run_flags

if TYPE_CHECKING:
    from xlt_core.config.variants import Variant
    from xlt_core.graph.stages import Plan
    from xlt_core.graph.store import Store


@click.command(cls=GroupedCommand)
@run_flags
def plan(**flags: Any) -> None:
    """Show the stages of a run, what each depends on, and what would be downloaded.

    Nothing is computed or fetched. Time and memory are those of past stages like
    them. A run that can't be composed is refused with every reason at once.

    \b
    xlt plan --method madx --backbone xlm-roberta-base --targets amh,khm
    xlt plan --method madx --backbone mini --ablate
    """
    from xlt_core.cli.output import print_json
    from xlt_core.compose.compose import compose
    from xlt_core.config.resolve import resolve
    from xlt_core.config.variants import variants
    from xlt_core.graph.store import Store
    from xlt_core.report.plan import describe_plan

    request, store = request_of(flags), Store.at(flags["store"])
    if flags["ablate"] or flags["vary"]:
        _study(variants(request, flags["ablate"], flags["vary"]), store, flags["as_json"])
        return
    made = compose(resolve(request))
    if flags["as_json"]:
        print_json("plan", _as_data(made, store))
    else:
        click.echo(describe_plan(made, store))


def _study(made: list[Variant], store: Store, as_json: bool) -> None:
    from xlt_core.cli.output import print_json
    from xlt_core.report.plan import describe_study
    from xlt_core.running.study import planned

    plans = {variant.name: plan for variant, plan in zip(made, planned(made), strict=True)}
    if as_json:
        told = [{"name": v.name, "differs": v.change.told(), **_as_data(plans[v.name], store)} for v in made]
        print_json("study", {"variants": told})
    else:
        click.echo(describe_study(plans, {variant.name: variant.change.told() for variant in made}, store))


def _as_data(made: Plan, store: Store) -> dict[str, Any]:
    from dataclasses import asdict

    from xlt_core.graph.ledger import Ledger

    data = {key: value for key, value in made.as_data().items() if key != "format"}
    data["expected"] = {name: asdict(cost) for name, cost in Ledger.of(store.root).expect(made).items()}
    data["in_store"] = [stage.id for stage in made if store.has(stage.key)]
    return data

"""What `xlt data translate`, `align` and `project` share: flags, and a plan of the one thing that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xlt_core.cli.flags import Edit, request_of

if TYPE_CHECKING:
    from xlt_core.bitext.folder import Made
    from xlt_core.config.resolve import RunConfig
    from xlt_core.facts import Fact

Function = Callable[..., Any]
RESOURCE = "KIND:LANG-LANG=PATH"

FLAGS: list[Callable[[Any], Any]] = [
    click.option("--to", "targets", metavar="LANGS", required=True, help="The languages of the translations: spa,deu."),
    click.option("--from", "source", metavar="LANG", default="eng", show_default=True, help="The labelled language."),
    click.option("--task", metavar="T", default="ner", show_default=True, help="What the sentences are labelled for."),
    click.option("--with", "part", metavar="PART", required=True, help="Who does it; `xlt list` names them all."),
    click.option("--set", cls=Edit, group="", multiple=True, metavar="PATH=VALUE",
                 help="An option of a part, with its slot before it: alignment.symmetrise=union."),
    click.option("--resource", "resources", multiple=True, metavar=RESOURCE, help="A file: dictionary:eng-spa=…"),
    click.option("--plugin", "plugins", multiple=True, type=click.Path(path_type=Path), metavar="FILE.py",
                 help="Parts in a file of your own."),
    click.option("--seed", type=click.IntRange(min=1), default=1, show_default=True, help="For parts that draw."),
    click.option("--device", metavar="D", help="auto, cpu, cuda or mps. Default: auto."),
    click.option("--offline", is_flag=True, help="Never look for anything on the network."),
    click.option("--store", type=click.Path(path_type=Path), envvar="XLT_HOME", show_envvar=True,
                 help="Where results are kept. Default: the user's cache."),
    click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout."),
]  # fmt: skip


def bitext_flags(function: Function) -> Function:
    """Give a verb the flags that all three have."""
    for option in reversed(FLAGS):
        function = option(function)
    return function


def configured(data: str, slot: str, asked: Mapping[str, Any], given: Mapping[str, str]) -> RunConfig:
    """The configuration of a run that would do this and more; `given` are parts of other slots."""
    from xlt_core.config.resolve import resolve

    flags = {
        "method": "zero_shot", "backbone": "mini", "task": asked["task"], "protocol": "translate_train",
        "sources": asked["source"], "targets": asked["targets"], "data": data, "device": asked["device"],
        "resources": asked["resources"], "seeds": str(asked["seed"]) + ",", "plugins": asked["plugins"],
    }  # fmt: skip
    request = request_of(flags)
    chosen = tuple(("set", f"{name}={part}") for name, part in {**given, slot: asked["part"]}.items())
    return resolve(type(request)(request.settings, None, (*chosen, *request.edits), request.plugins))


def done(config: RunConfig, facts: Sequence[Fact], verb: str, asked: Mapping[str, Any], beside: Path) -> Made:
    """The facts made, or taken from the store."""
    from xlt_core.bitext.folder import Made
    from xlt_core.compose.compose import compose_facts
    from xlt_core.running.execute import make
    from xlt_core.running.machine import Machine

    plan = compose_facts(config, facts, f"xlt data {verb}")
    machine = Machine(store=asked["store"], offline=asked["offline"])
    return Made(plan, make(plan, config, machine, beside), config.catalog)


def pairs_of(config: RunConfig) -> list[str]:
    """`eng-spa` for each target."""
    (source,) = config.settings.sources
    return [f"{source}-{target}" for target in config.settings.targets]


def tell(verb: str, written: Mapping[str, dict[str, Any]], folder: Path, as_json: bool) -> None:
    """What was written, and what each part had to tell of it."""
    from xlt_core.cli.output import print_json
    from xlt_core.report.tables import table

    if as_json:
        return print_json(verb, {"folder": str(folder), "files": [{"file": f, **told} for f, told in written.items()]})
    rows = []
    for file, told in written.items():
        rows.append([str(folder / file), ", ".join(f"{name} {_short(value)}" for name, value in told.items())])
    click.echo(table(rows, indent=""))
    return None


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return "(" + ", ".join(f"{name} {own}" for name, own in value.items()) + ")" if value else "0"
    return f"{value:.3g}" if isinstance(value, float) else str(value)

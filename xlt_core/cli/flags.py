"""The flags that `run` and `plan` share, in the groups in which `--help` shows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])

EDITS = "xlt.edits"


class Flag(click.Option):
    """An option with the heading under which help shows it."""

    def __init__(self, *args: Any, group: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group


class Edit(Flag):
    """`--set`, `--add`, `--drop`: click keeps each one's values apart, and here their common order matters."""

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        super().add_to_parser(parser, ctx)
        option = parser._long_opt[self.opts[0]]
        process = option.process

        def remember(value: str, state: Any) -> None:
            ctx.meta.setdefault(EDITS, []).append((self.name, value))
            process(value, state)

        option.process = remember


class GroupedCommand(click.Command):
    """Help with its options under headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                groups.setdefault(getattr(param, "group", "Other"), []).append(record)
        for title, records in sorted(groups.items(), key=lambda group: HEADINGS.index(group[0])):
            with formatter.section(title):
                formatter.write_dl(records)


def flag(group: str, *names: str, **settings: Any) -> Callable[[Function], Function]:
    return click.option(*names, cls=Flag, group=group, **settings)


WHAT, LANGUAGES, PARTS, TIMES, STUDY, MACHINE, PLACES = (
    "What is run", "Languages and data", "Parts and options", "Seeds and budget", "Several runs", "Machine", "Files",
)  # fmt: skip

HEADINGS = (WHAT, LANGUAGES, PARTS, TIMES, STUDY, MACHINE, PLACES, "Other")

FLAGS: list[Callable[[Any], Any]] = [
    flag(WHAT, "--method", metavar="M", help="A method or a recipe file; `madx`, `madx@1`, `./my.yaml`."),
    flag(WHAT, "--preset", metavar="NAME", help="The method's variant. Default: the first for backbone or task."),
    flag(WHAT, "--backbone", metavar="B", help="A model's name or folder. Default: the method's first that fits."),
    flag(WHAT, "--task", metavar="T", help="What is learned: ner, pos, topic, nli, … Default: the preset's."),
    flag(WHAT, "--protocol", metavar="P", help="zero_shot, translate_train, few_shot or supervised."),
    flag(WHAT, "--shots", type=click.IntRange(min=1), metavar="K",
         help="Labelled sentences of each target, with --protocol few_shot."),
    flag(WHAT, "--config", type=click.Path(path_type=Path), help="A run file, such as a run's run.yaml."),
    flag(LANGUAGES, "--sources", metavar="LANGS", help="Languages with labels: eng,zho. Default: the preset's."),
    flag(LANGUAGES, "--targets", metavar="LANGS", help="Languages that are scored: amh,khm."),
    flag(LANGUAGES, "--adapt", metavar="LANGS", help="Languages adapted together. Default: sources and targets."),
    flag(LANGUAGES, "--data", metavar="NAME|DIR,…", help="Where labels come from. Default: the task's own sets."),
    flag(LANGUAGES, "--test-data", metavar="NAME|DIR,…", help="Where test labels come from. Default: as --data."),
    flag(
        LANGUAGES, "--resource", "resources", multiple=True, metavar="KIND:LANG[-LANG]=PATH",
        help="A file: text:amh=…, parallel:amh-eng=…, dictionary:zho-vie=…",
    ),
    click.option("--set", cls=Edit, group=PARTS, multiple=True, metavar="PATH=VALUE",
                 help="Choose a part or an option: embedding.target=mean, training.lr=1e-4."),
    click.option("--add", cls=Edit, group=PARTS, multiple=True, metavar="PATH=VALUE",
                 help="Add a loss, an adaptation, an evaluator: training.losses.mlm=0.1."),
    click.option("--drop", cls=Edit, group=PARTS, multiple=True, metavar="PATH",
                 help="Leave a part out: adaptation.losses.mlm."),
    flag(PARTS, "--plugin", "plugins", multiple=True, type=click.Path(path_type=Path), metavar="FILE.py",
         help="Parts in a file of your own."),
    flag(TIMES, "--seeds", metavar="N|LIST", help="Seeds of task training: 5, or 3,7. Default: the recipe's, or 1."),
    flag(TIMES, "--adaptation-seeds", metavar="N|LIST", help="Seeds of adaptation. Default: 1."),
    flag(TIMES, "--budget", metavar="AMOUNT", help="Of each training stage: 200steps, 2Mtokens, 10minutes."),
    flag(STUDY, "--ablate", is_flag=False, flag_value="all", metavar="[NAMES]",
         help="The method's published ablations beside it, all or some: --ablate, --ablate no_kl,uniform."),
    flag(STUDY, "--vary", multiple=True, metavar="PATH=VALUE,VALUE",
         help="A run for each value: training.lr=1e-4,5e-4. Several --vary are crossed."),
    flag(MACHINE, "--device", metavar="D", help="auto, cpu, cuda or mps. Default: auto."),
    flag(MACHINE, "--precision", metavar="P", help="fp32, bf16 or fp16. Default: fp32."),
    flag(MACHINE, "--threads", type=click.IntRange(min=1), help="CPU threads. Default: all cores."),
    flag(MACHINE, "--deterministic", is_flag=True, default=None, help="Only kernels that repeat to the bit."),
    flag(MACHINE, "--checkpoint", type=click.FloatRange(min=0), metavar="SECONDS",
         help="How often a training saves what it needs to go on after a stop. Default: 30."),
    flag(PLACES, "--store", type=click.Path(path_type=Path), envvar="XLT_HOME", show_envvar=True,
         help="Where results are kept. Default: the user's cache."),
    flag(PLACES, "--json", "as_json", is_flag=True, help="One JSON document on stdout."),
]  # fmt: skip

NOT_SETTINGS = ("ablate", "vary", "config", "set", "add", "drop", "plugins", "store", "as_json")


def run_flags(function: Function) -> Function:
    """Give a verb all the flags that say what a run is."""
    for option in reversed(FLAGS):
        function = option(function)
    return function


def request_of(flags: dict[str, Any]) -> Any:
    """The request that flags make; edits in the order in which they were typed."""
    from xlt_core.config.resolve import Request
    from xlt_core.errors import Problem, UsageError

    settings = {k: v for k, v in flags.items() if k not in NOT_SETTINGS and v is not None and v != ()}
    resources: dict[str, str] = {}
    for text in settings.pop("resources", ()):
        key, equals, path = text.partition("=")
        if not equals:
            problem = Problem("it wants KIND:LANG=PATH", f"--resource {text}", f"--resource {text}=FILE")
            raise UsageError("A flag is off.", [problem])
        resources[key] = path
    if resources:
        settings["resources"] = resources
    edits = tuple(click.get_current_context().meta.get(EDITS, ()))
    return Request(settings, flags.get("config"), edits, tuple(flags.get("plugins") or ()))

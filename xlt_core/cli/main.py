"""The command `xlt`: finds the verb, and turns what goes wrong into a message and an exit code."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from xlt_core.cli.compare import compare
from xlt_core.cli.data import data
from xlt_core.cli.data_rewrite import harvest, rewrite_data
from xlt_core.cli.describe import describe
from xlt_core.cli.doctor import doctor
from xlt_core.cli.eval import eval_
from xlt_core.cli.export import export
from xlt_core.cli.fetch import fetch
from xlt_core.cli.list import list_
from xlt_core.cli.plan import plan
from xlt_core.cli.predict import predict
from xlt_core.cli.rewrite import rewrite, romanise, transcribe
from xlt_core.cli.run import run
from xlt_core.cli.runs import runs, show
from xlt_core.cli.store import store
from xlt_core.errors import Exit, XltError, did_you_mean


class Verbs(click.Group):
    """The verbs; a mistyped one is told what it may have meant."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            verbs = self.list_commands(ctx)
            hint = did_you_mean(args[0], verbs) or f"; there are {', '.join(verbs)}"
            raise click.UsageError(f"there is no verb `{args[0]}`{hint}", ctx)
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="xlt-core", prog_name="xlt")
def cli() -> None:
    """Adapt a multilingual model to languages it serves badly, and measure what that bought.

    \b
    xlt run --method zero_shot --backbone mini      a real run, offline, in a minute
    xlt plan --method madx --backbone xlm-roberta-base --targets amh,khm
    xlt list methods                                what can be run
    """


for verb in (
    run, plan, fetch, eval_, predict, export, compare, runs, show, list_, describe, data, rewrite, romanise,
    transcribe, store, doctor,
):  # fmt: skip
    cli.add_command(verb)
for verb in (rewrite_data, harvest):
    data.add_command(verb)


def main() -> None:
    """Entry point of the command `xlt`."""
    sys.exit(call(sys.argv[1:]))


def call(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    try:
        result = cli.main(arguments, standalone_mode=False, prog_name="xlt")
        return int(result) if isinstance(result, int) else Exit.DONE
    except click.UsageError as error:
        error.show()
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped; finished stages are kept. The same command goes on from there.", err=True)
        return Exit.STOPPED
    except XltError as error:
        report(error, "--json" in arguments)
        return error.exit
    except BrokenPipeError:
        # the reader of our output has gone (`xlt list | head`): say nothing, and don't let Python say it at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE


def report(error: XltError, as_json: bool) -> None:
    """The message on stderr; with --json, one document on stdout too."""
    click.echo(error.text(), err=True)
    if as_json:
        from xlt_core.cli.output import print_json

        problems = [{"what": p.what, "where": p.where, "fix": p.fix} for p in error.problems]
        print_json("error", {"exit": int(error.exit), "headline": error.headline, "problems": problems})


if __name__ == "__main__":
    main()

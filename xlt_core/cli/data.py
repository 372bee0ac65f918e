"""`xlt data`: what data sets there are, what stands in the mini world, and labels that cross over."""

from __future__ import annotations

from typing import Any

import click

from xlt_core.cli.data_align import align
from xlt_core.cli.data_check import check
from xlt_core.cli.data_project import project
from xlt_core.cli.data_translate import translate


@click.group()
def data() -> None:
    """Look at data sets, and make new ones of them."""


@data.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def list_(as_json: bool) -> None:
    """List the data sets that are known by name: what they hold, for how many languages, under which licence."""
    from xlt_core.cli.output import print_json
    from xlt_core.report.data import about
    from xlt_core.report.tables import table

    items = [about(entry) for entry in _sets()]
    if as_json:
        return print_json("data", items)
    heads = ("name", "holds", "languages", "licence", "")
    rows = [[i["name"], i["holds"], str(i["languages"]), i["licence"], i["access"]] for i in items]
    click.echo(table(rows, heads, indent=""))
    return None


@data.command()
@click.argument("name")
@click.option("--lang", "language", metavar="CODE", help="The language whose sentences are shown.")
@click.option("-n", "count", type=click.IntRange(1, 10_000), default=3, show_default=True, help="How many.")
@click.option("--split", type=click.Choice(["train", "dev", "test", "text"]), default="train", show_default=True)
@click.option("--beside", metavar="CODE", default="eng", show_default=True, help="The language of the translation.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed draws other sentences.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def show(name: str, language: str | None, count: int, split: Any, beside: str, seed: int, as_json: bool) -> None:
    """Show what a data set is; of the mini world, sentences with all that is known about each word.

    \b
    xlt data show wikiann
    xlt data show mini --lang khm -n 5
    """
    from xlt_core.cli.output import print_json
    from xlt_core.errors import Problem, UsageError, did_you_mean
    from xlt_core.report.data import about, about_text, checksums, interlinear, interlinear_text

    entries = {entry.name: entry for entry in _sets()}
    if name not in entries:
        fix = "xlt data list"
        raise UsageError("This data set is not known.", [Problem(f"no `{name}`{did_you_mean(name, entries)}", fix=fix)])
    if language is None:
        told = about(entries[name])
        if as_json:
            return print_json("data", {**told, "sha256": checksums(entries[name])})
        return click.echo(about_text(told))
    if name != "mini":
        problem = Problem(f"sentences of {name} aren't shown yet", "--lang", "xlt data show mini --lang CODE")
        raise UsageError("Only the mini world shows its sentences.", [problem])
    codes = [_mini_code(code, flag) for code, flag in ((language, "--lang"), (beside, "--beside"))]
    shown = interlinear(codes[0], codes[1], split, count, seed)
    if as_json:
        return print_json("sentences", shown)
    click.echo("\n\n".join(interlinear_text(one) for one in shown))
    return None


for verb in (check, translate, align, project):
    data.add_command(verb)


def _sets() -> list[Any]:
    from xlt_core.catalog import load_catalog

    return list(load_catalog().all("data"))


def _mini_code(code: str, flag: str) -> str:
    from xlt_core.errors import Problem, UsageError
    from xlt_core.languages import UnknownLanguage, same_language
    from xlt_core.mini import LANGUAGES

    try:
        found = next((known for known in LANGUAGES if code == known or same_language(code, known)), None)
        what = f"the mini world doesn't speak `{code}`"
    except UnknownLanguage as unknown:
        found, what = None, str(unknown)
    if found is None:
        raise UsageError("These sentences can't be shown.", [Problem(what, flag, f"one of {', '.join(LANGUAGES)}")])
    return found

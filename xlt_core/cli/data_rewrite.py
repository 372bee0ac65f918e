"""`xlt data rewrite` and `xlt data harvest`: labelled words in four columns, and the forms that stand in such files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from xlt_core.cli.rewrite import shared, tell, wanted_of


@click.command("rewrite")
@click.option("--ipa", metavar="NAME", help="What writes the third column. Default: the first transcriber that can.")
@click.option("--roman", metavar="NAME", help="What writes the fourth. Default: the first romaniser that can.")
@shared
@click.argument("file", type=click.Path(path_type=Path), default="-")
def rewrite_data(file: Path, ipa: str | None, roman: str | None, **flags: Any) -> None:
    """Make four columns of a tagged file: word, label, IPA, Latin letters.

    FILE has a word and its tag a line, parted by a tab or a space, or is CoNLL-U; gzipped or not. Words stay as many
    as they are. An option of one column's rewriter has its name before it.

    \b
    xlt data rewrite --lang fin fi_tdt-ud-dev.conllu --roman identity > dev-fi.tsv
    xlt data rewrite --lang aze --ipa epitran --set ipa.map=aze-Cyrl --roman identity az.tsv > dev-az.tsv
    """
    from contextlib import ExitStack

    from xlt_core.cli.output import binary_stdout
    from xlt_core.errors import Problem, UsageError
    from xlt_core.rewriting.columns import rewrite_tagged
    from xlt_core.rewriting.session import session
    from xlt_core.rewriting.stream import Lines

    sets: dict[str, list[str]] = {"ipa": [], "roman": []}
    for text in flags["sets"]:
        column, dot, rest = text.partition(".")
        if not dot or column not in sets:
            problem = Problem("it wants ipa.OPTION=VALUE or roman.OPTION=VALUE", f"--set {text}", f"--set ipa.{text}")
            raise UsageError("A flag is off.", [problem])
        sets[column].append(rest)
    wanted = [
        wanted_of(flags, "transcribe", ipa, tuple(sets["ipa"]), "--ipa"),
        wanted_of(flags, "romanise", roman, tuple(sets["roman"]), "--roman"),
    ]
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(session(one, flags["store"], flags["jobs"], flags["keep"])) for one in wanted
        )
        source = stack.enter_context(Lines.open(file))
        with binary_stdout() as out:
            rewrite_tagged(source, first, second, out)
    tell({"ipa": first, "roman": second}, flags["report"])


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--columns", default="1,3", show_default=True, metavar="WORD,FORM", help="1,3 for IPA, 1,4 for Latin.")
@click.option("--drop", default="", metavar="SIGNS", help="Signs that are left out of forms: ʔ.")
def harvest(files: tuple[Path, ...], columns: str, drop: str) -> None:
    """Gather a lookup file, a word and its form a line, from four-column files.

    Of several forms of a word in a file the commonest is taken. What stands in an earlier file goes before what stands
    in a later, so data is given before a dictionary; a file of two columns is itself a lookup file.

    \b
    xlt data harvest dict.txt --columns 1,2 > dict-zho.tsv
    xlt data harvest train-zh.tsv dev-zh.tsv dict-zho.tsv > lookup-zho.tsv
    xlt rewrite --with lookup --lang zho --resource lookup:zho=lookup-zho.tsv FILE
    """
    from xlt_core.cli.output import binary_stdout
    from xlt_core.errors import Problem, UsageError
    from xlt_core.rewriting.columns import Harvest
    from xlt_core.rewriting.stream import Lines

    cut = columns.split(",")
    if len(cut) != 2 or not all(number.isdigit() and int(number) for number in cut):
        raise UsageError("A flag is off.", [Problem("it wants two numbers", f"--columns {columns}", "--columns 1,3")])
    gathered = Harvest(drop)
    for file in files:
        with Lines.open(file) as source:
            gathered.read(source, (int(cut[0]), int(cut[1])))
    with binary_stdout() as out:
        out.writelines(line.encode() for line in gathered.lines())
    several = "; ".join(f"{word}: {', '.join(forms)}" for word, forms in list(gathered.several.items())[:5])
    told = f"{len(gathered.forms):,} words; {len(gathered.several):,} with several forms in a file"
    told += f" ({several}{' …' if len(gathered.several) > 5 else ''})" if several else ""
    click.echo(f"{told}; {gathered.overruled:,} whose form in a later file differs", err=True)

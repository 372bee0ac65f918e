"""`xlt rewrite`: text in another form, from a file or a pipe to standard output; `romanise`, `transcribe` alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import click

Verb = Literal["rewrite", "transcribe", "romanise"]


def shared(function: Callable[..., Any]) -> Callable[..., Any]:
    """The flags of all verbs that rewrite."""
    options = (
        click.option("--lang", "language", metavar="CODE", required=True, help="The text's language."),
        click.option("--set", "sets", multiple=True, metavar="OPTION=VALUE", help="An option of the rewriter."),
        click.option("--resource", "resources", multiple=True, metavar="KIND:LANG=PATH",
                     help="A file that the rewriter reads: lookup:amh=…"),
        click.option("--plugin", "plugins", multiple=True, type=click.Path(path_type=Path), metavar="FILE.py",
                     help="Parts in a file of your own."),
        click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes. Default: all cores."),
        click.option("--keep/--no-keep", default=True, help="Whether words are kept in the store for the next time."),
        click.option("--report", type=click.Path(path_type=Path), metavar="FILE", help="Coverage, as JSON."),
        click.option("--store", type=click.Path(path_type=Path), envvar="XLT_HOME", show_envvar=True,
                     help="Where words are kept. Default: the user's cache."),
    )  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def _verb(verb: Verb, told: str, example: str) -> click.Command:
    @click.command(verb, help=f"{told}\n\n{_HELP}\n\n\b\n{example}")
    @click.option("--with", "name", metavar="NAME", help="The rewriter: xlt list rewriting. Default: the first that "
                  "can.")  # fmt: skip
    @shared
    @click.argument("file", type=click.Path(path_type=Path), default="-")
    def command(file: Path, **flags: Any) -> None:
        _rewrite(verb, file, flags)

    return command


_HELP = (
    "FILE, which may be gzipped, or what is piped in, goes to standard output line by line, in order. A rewriter by "
    "words parts words and marks by single spaces and leaves a word that it has no form for as it is; how many there "
    "were is told at the end, on stderr."
)
rewrite = _verb("rewrite", "Write text in another form: IPA, Latin letters.",
                "xlt rewrite --with epitran --lang swh corpus.txt > corpus.ipa.txt\n"
                "echo ሰላም ነው | xlt rewrite --lang amh")  # fmt: skip
romanise = _verb("romanise", "Write text in Latin letters.", "xlt romanise --lang amh corpus.txt")
transcribe = _verb("transcribe", "Write text in IPA.", "xlt transcribe --lang amh corpus.txt")


def _rewrite(verb: Verb, file: Path, flags: dict[str, Any]) -> None:
    from xlt_core.cli.output import binary_stdout
    from xlt_core.errors import Problem, StoppedError
    from xlt_core.rewriting.session import rewrite_lines, session
    from xlt_core.rewriting.stream import Lines

    wanted = wanted_of(flags, verb, flags["name"], flags["sets"])
    try:
        with session(wanted, flags["store"], flags["jobs"], flags["keep"]) as once, Lines.open(file) as source:
            rewrite_lines(once, source, binary_stdout())
    except KeyboardInterrupt:
        problem = Problem("the words that were read are kept; the same command is quicker now")
        raise StoppedError("Stopped before the text's end.", [problem] if flags["keep"] else []) from None
    tell({"": once}, flags["report"])


def wanted_of(flags: dict[str, Any], verb: Verb, name: str | None, sets: tuple[str, ...], flag: str = "--with") -> Any:
    """The rewriter that flags ask for; one that nobody named is told."""
    from xlt_core.rewriting.find import Wanted, code_of, first, named

    plugins, language = tuple(flags["plugins"]), code_of(flags["language"])
    given = _split(sets, "--set", "OPTION=VALUE")
    files = _split(flags["resources"], "--resource", "KIND:LANG=PATH")
    chosen = named(name, plugins) if name else first(verb, language, plugins)
    if chosen != name:
        click.echo(f"assumed: {flag} {chosen}", err=True)
    return Wanted(chosen, language, _values(given), _files(files, language), plugins)


def tell(sessions: dict[str, Any], report: Path | None) -> None:
    """Coverage on stderr, and in a file where one is asked for."""
    import json

    for name, once in sessions.items():
        click.echo(f"{name + ': ' if name else ''}{once.tally.text()}", err=True)
        if once.kept is not None and once.kept.off:
            click.echo(f"words could not be kept: {once.kept.off}", err=True)
    if report is not None:
        told = {name or "rewritten": once.tally.as_data() for name, once in sessions.items()}
        report.write_text(json.dumps({"xlt": "coverage", "format": 1, **told}, ensure_ascii=False, indent=2) + "\n")


def _split(texts: tuple[str, ...], flag: str, form: str) -> dict[str, str]:
    from xlt_core.errors import Problem, UsageError

    parted = [text.partition("=") for text in texts]
    off = [Problem(f"it wants {form}", f"{flag} {text}") for text, cut in zip(texts, parted, strict=True) if not cut[1]]
    if off:
        raise UsageError("A flag is off.", off)
    return {key: value for key, _, value in parted}


def _values(given: dict[str, str]) -> dict[str, Any]:
    from xlt_core.yaml12 import scalar

    return {key: scalar(value) for key, value in given.items()}


def _files(given: dict[str, str], language: str) -> dict[str, Path]:
    from xlt_core.errors import Problem, UnavailableError
    from xlt_core.rewriting.find import code_of

    files = {}
    for key, path in given.items():
        kind, _, of = key.partition(":")
        if not Path(path).is_file():
            raise UnavailableError(
                "A resource can't be found.", [Problem(f"there is no file {path}", f"--resource {key}")]
            )
        if of and code_of(of) == language:
            files[kind] = Path(path)
    return files

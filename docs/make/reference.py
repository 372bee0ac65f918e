"""Make the pages in `docs/reference` from the code: the command line, hooks, facts, slots, parts, methods, settings.

    python docs/make/reference.py            write the pages
    python docs/make/reference.py --check    write nothing; exit 1 and list the pages that are not as they should be

The core and the five plugins beside it must be installed. Other plugins are left out.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Iterable, Iterator, Sequence
from inspect import Parameter
from pathlib import Path
from typing import Any, get_args

import click
from pydantic import BaseModel

from xlt_core import facts, hooks
from xlt_core.catalog import SLOTS as CARD_SLOTS
from xlt_core.catalog import Catalog, Entry, load_catalog, load_object
from xlt_core.cli.main import cli
from xlt_core.config.settings import Settings
from xlt_core.errors import Exit, XltError
from xlt_core.example import ExampleRun
from xlt_core.report.parts import describe_entry, shown, type_name
from xlt_core.slots.table import ROLES, SCHEDULES, SLOTS

FOLDER = Path(__file__).resolve().parents[1] / "reference"
MARK = "<!-- Made by docs/make/reference.py; change the code that it reads, not this page. -->"
PLUGINS = ("mtlws", "phonexl", "phoneme_gap", "translit_ppa", "unibridge")
WIDTH = 100
"""Columns of the help texts, whatever the terminal has."""


def page(title: str, *blocks: str) -> str:
    return "\n\n".join((MARK, f"# {title}", *(block.strip("\n") for block in blocks if block.strip()))) + "\n"


def fenced(text: str, language: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def code(text: Any) -> str:
    return f"`{text}`" if str(text) else ""


def codes(items: Iterable[Any]) -> str:
    return ", ".join(map(code, items))


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(cell, line)) + " |" for line in lines)


def value(thing: Any) -> str:
    """A default as `xlt describe` shows it; a dash where there is none."""
    return code(shown(thing)).replace("`-`", "-")


def doc(thing: Any) -> str:
    """A docstring as Markdown: its indented blocks are code blocks already."""
    return (inspect.getdoc(thing) or "").replace("::\n", ":\n")


# the command line


def cli_page() -> str:
    root = _context(cli, "xlt", None)
    about = f"What each verb prints with `--help`, {WIDTH} columns wide."
    blocks = [about, "## `xlt`", fenced(cli.get_help(root), "text")]
    for name in cli.list_commands(root):
        command = cli.get_command(root, name)
        assert command is not None
        blocks += [f"## `xlt {name}`", fenced(command.get_help(_context(command, name, root)), "text")]
    return page("The command line", *blocks)


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH, "color": False}
    return click.Context(command, parent=parent, info_name=name, **settings)


# the contract


def hooks_page() -> str:
    blocks = [doc(hooks), "## `Card`", doc(hooks.Card), _fields(hooks.Card)]
    for hook, slots in hooks.SLOTS_OF_HOOK.items():
        links = " or ".join(map(_slot_link, slots))
        blocks += [f"## `{hook}`", doc(getattr(hooks, hook)), f"Each of its cards fills the slot {links}."]
    return page("Hooks", *blocks)


def _fields(made: type) -> str:
    """The fields of a dataclass."""
    rows = []
    for field in inspect.signature(made).parameters.values():
        default = "required" if field.default is Parameter.empty else code(repr(field.default))
        rows.append([code(field.name), code(field.annotation), default])
    return table(["Field", "Type", "Default"], rows)


def _slot_link(slot: str) -> str:
    return f"[`{slot}`](methods.md)" if slot == "method" else f"[`{slot}`](parts/{slot}.md)"


def facts_page() -> str:
    blocks = [doc(facts)]
    for kind in (*facts.Fact.__subclasses__(), *get_args(facts.StepFact)):
        blocks += [f"## `{kind.kind}`", _signature(kind), doc(kind)]
        names = facts.NAMES.get(kind.kind)
        if names:
            blocks.append(table(["The core's names", "Meaning"], ([code(name), told] for name, told in names.items())))
        for made in (made for made in kind.__subclasses__() if made.__module__ == facts.__name__):
            blocks += [f"### `{made.__name__}`", _signature(made), doc(made)]
    blocks += ["## What is done to a view", _signature(facts.Transform), doc(facts.Transform)]
    return page("Facts", *blocks)


def _signature(made: type) -> str:
    parameters = inspect.signature(made).parameters.values()
    return code(f"{made.__name__}({', '.join(str(p.replace(annotation=Parameter.empty)) for p in parameters)})")


# slots and parts


def slots_page() -> str:
    rows = []
    for slot in SLOTS.values():
        split = [word for word, is_so in (("role", slot.roles), ("channel", slot.channels)) if is_so]
        holds = "parts in order" if slot.many else "one part" + (f" for each {' and '.join(split)}" if split else "")
        rows.append([_slot_link(slot.name), slot.question, holds, value(slot.default), code(_hook_of(slot.name))])
    others = [slot for slot in CARD_SLOTS if slot not in SLOTS]
    return page(
        "Slots",
        "What a recipe fills, in the order in which a run does it.",
        table(["Slot", "Question", "Holds", "Default", "Hook"], rows),
        f"The roles are {codes(ROLES)}. The parts of {codes(SCHEDULES)} drive losses, which are parts too: "
        "`losses: {NAME: WEIGHT}`.",
        f"Cards also fill slots that a recipe reaches in other ways: {', '.join(map(_slot_link, others))}.",
    )


def _hook_of(slot: str) -> str:
    return next(hook for hook, slots in hooks.SLOTS_OF_HOOK.items() if slot in slots)


def parts_page(slot: str, entries: Sequence[Entry]) -> str:
    told = SLOTS[slot].question if slot in SLOTS else doc(getattr(hooks, _hook_of(slot)))
    blocks = [told[:1].upper() + told[1:]]
    if any("needs" in describe_entry(entry) for entry in entries):
        run = ExampleRun()
        assert run.task is not None
        blocks.append(
            "What a part needs and gives depends on its options and on where it stands. Here are the default options, "
            f"in a run of `{run.task.name}` from {codes(run.sources)} to {codes(run.targets)} on `{run.backbone.name}`."
        )
    return page(f"Parts: {slot}", *blocks, *(block for entry in entries for block in _section(entry)))


def _section(entry: Entry) -> Iterator[str]:
    told = describe_entry(entry)
    yield f"## `{entry.name}`"
    yield told["summary"]
    if told.get("about") not in (None, told["summary"]):
        yield told["about"]
    yield "\n".join(_properties(entry, told))
    if told.get("options"):
        yield table(["Option", "Type", "Default", "Meaning"], _options(entry, told["options"]))
    elif "options" in told:
        yield "It has no options."
    if told.get("fields"):
        yield table(["Field", "Value"], ([code(name), value(thing)] for name, thing in told["fields"].items()))


def _properties(entry: Entry, told: dict[str, Any]) -> Iterator[str]:
    yield f"- Distribution: `{entry.distribution}`"
    if "options" in told:
        yield "- Status: " + ("built" if told["built"] else "not built yet; it can be planned")
    if told["cite"]:
        yield f"- Citation: {told['cite']}"
    listed = {"role": "Role", "streams": "Stands on", "feeds": "Feeds", "takes": "Drives losses of the role",
              "abilities": "The backbone must offer", "needs": "Needs", "gives": "Gives"}  # fmt: skip
    for key, title in listed.items():
        items = told.get(key)
        if items:
            yield f"- {title}: " + codes([items] if isinstance(items, str) else items)


def _options(entry: Entry, options: Sequence[dict[str, Any]]) -> Iterator[list[str]]:
    """A row for each option; the fields of an option that is a mapping follow it."""
    fields = load_object(entry.card.declares).model_fields
    for option, field in zip(options, fields.values(), strict=True):
        inner = field.annotation
        nested = isinstance(inner, type) and issubclass(inner, BaseModel)
        default = "see its fields" if nested else value(option["default"])
        yield [code(option["name"]), code(option["type"]), default, option["about"]]
        for name, own in inner.model_fields.items() if nested else ():
            given = value(option["default"][name])
            yield [code(f"{option['name']}.{name}"), code(type_name(own.annotation)), given, own.description or ""]


# methods and settings


def methods_page(entries: Iterable[Entry]) -> str:
    blocks = ["The recipes that have a name: `xlt run --method NAME`, or `NAME@VERSION`."]
    for entry in entries:
        told = describe_entry(entry)
        properties = "\n".join(_properties(entry, told))
        blocks += [f"## `{entry.name}`", told["summary"], properties, fenced(told["recipe"], "yaml")]
    return page("Methods", *blocks)


def settings_page() -> str:
    rows = []
    for name, own in Settings.model_fields.items():
        default = "required" if own.is_required() else value(own.get_default(call_default_factory=True))
        rows.append([code(name), code(type_name(own.annotation)), default, own.description or ""])
    meanings = {Exit.DONE: "All that was asked for is done."}
    meanings |= {made.exit: doc(made) for made in XltError.__subclasses__()}
    exits = ([code(int(exit)), code(exit.name), meanings[exit]] for exit in Exit)
    return page(
        "Settings",
        doc(Settings),
        table(["Setting", "Type", "Default", "Meaning"], rows),
        "## Exit codes",
        doc(Exit),
        table(["Code", "Name", "Meaning"], exits),
    )


# all pages


def our_catalog() -> Catalog:
    """The core and our plugins, all of them and no others, or a message and no page."""
    catalog = load_catalog({"XLT_PLUGINS": ",".join(PLUGINS)})
    if catalog.quarantined:
        aside = (f"  {plugin.plugin}: {plugin.reason}" for plugin in catalog.quarantined)
        sys.exit("\n".join(["The pages can't be made:", *aside]))
    return catalog


def make_pages() -> dict[str, str]:
    """Path under the folder → text."""
    catalog = our_catalog()
    pages = {"cli.md": cli_page(), "hooks.md": hooks_page(), "facts.md": facts_page(), "slots.md": slots_page(),
             "methods.md": methods_page(catalog.all("method")), "settings.md": settings_page()}  # fmt: skip
    parts = {f"parts/{slot}.md": parts_page(slot, catalog.all(slot)) for slot in CARD_SLOTS if slot != "method"}
    return pages | parts


def differences(pages: dict[str, str]) -> list[str]:
    """What is not as it should be in the folder."""
    found = {file.relative_to(FOLDER).as_posix(): file for file in FOLDER.rglob("*") if file.is_file()}
    missing = [f"missing: {name}" for name in pages.keys() - found.keys()]
    surplus = [f"surplus: {name}" for name in found.keys() - pages.keys()]
    both = pages.keys() & found.keys()
    stale = [f"stale: {name}" for name in both if found[name].read_text(encoding="utf-8") != pages[name]]
    return [*sorted(missing), *sorted(stale), *sorted(surplus)]


def write(pages: dict[str, str]) -> None:
    """Write all pages, and remove those that this file once made and no longer makes."""
    for name, text in pages.items():
        file = FOLDER / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    for file in FOLDER.rglob("*.md"):
        ours = file.read_text(encoding="utf-8").startswith(MARK)
        if ours and file.relative_to(FOLDER).as_posix() not in pages:
            file.unlink()


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the pages in docs/reference from the code.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a page is not up to date")
    asked, pages = parser.parse_args(), make_pages()
    if not asked.check:
        write(pages)
    wrong = differences(pages)
    print("\n".join(wrong) if wrong else f"{len(pages)} pages are up to date.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

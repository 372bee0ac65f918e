"""Plugins are found one by one; a broken one is set aside and the rest works."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from xlt_core.catalog import Catalog, load_catalog
from xlt_core.errors import UsageError
from xlt_core.hooks import API, SLOTS_OF_HOOK, Card, hookimpl


@dataclass
class Point:
    """What an installed distribution's entry point looks like."""

    name: str
    load: Callable[[], Any]
    version: str = "1.0"

    @property
    def dist(self) -> SimpleNamespace:
        return SimpleNamespace(name=f"xlt-{self.name}", version=self.version)


def plugin(name: str = "acme", **attributes: Any) -> Point:
    module = ModuleType(f"xlt_{name}_plugin")
    for key, value in {"XLT_API": API, **attributes}.items():
        setattr(module, key, value)
    return Point(name, lambda: module)


def losses(*cards: Card) -> Callable[[], list[Card]]:
    @hookimpl
    def xlt_losses() -> list[Card]:
        return list(cards)

    return xlt_losses


CALM = Card("acme.calm", "Keeps states small.", "acme:Calm")


def load(*points: Point, environ: Mapping[str, str] | None = None) -> Catalog:
    return load_catalog(environ or {}, found=points)  # type: ignore[arg-type]


def reason(catalog: Catalog) -> str:
    (aside,) = catalog.quarantined
    return aside.reason


def test_a_plugin_registers_its_cards() -> None:
    entry = load(plugin(xlt_losses=losses(CALM))).get("loss", "acme.calm")
    assert (entry.distribution, entry.version, entry.built) == ("xlt-acme", "1.0", False)


def test_a_plugin_that_fails_to_import_is_set_aside_and_the_rest_works() -> None:
    def broken() -> ModuleType:
        raise ModuleNotFoundError("No module named 'fasttext'")

    catalog = load(Point("broken", broken), plugin(xlt_losses=losses(CALM)))
    assert catalog.has("loss", "acme.calm") and catalog.has("loss", "mlm")
    assert reason(catalog) == "ModuleNotFoundError: No module named 'fasttext'"


def test_a_plugin_that_raises_while_it_is_asked_is_set_aside() -> None:
    @hookimpl
    def xlt_losses() -> list[Card]:
        raise ZeroDivisionError("division by zero")

    assert reason(load(plugin(xlt_losses=xlt_losses))) == "ZeroDivisionError: division by zero"


def test_a_misspelt_hook_is_told_the_right_one() -> None:
    catalog = load(plugin(xlt_loses=losses(CALM)))
    assert reason(catalog) == "TypeError: there is no hook `xlt_loses`; did you mean `xlt_losses`?"


def test_a_hook_without_its_mark_is_told() -> None:
    assert "lacks @hookimpl" in reason(load(plugin(xlt_losses=lambda: [CALM])))


@pytest.mark.parametrize(
    ("api", "said"),
    [(None, "add `XLT_API = 1`"), (API + 1, f"written for contract {API + 1}, and this xlt has contract {API}")],
)
def test_the_version_of_the_contract_is_checked(api: int | None, said: str) -> None:
    assert said in reason(load(plugin(XLT_API=api, xlt_losses=losses(CALM))))


def test_a_card_that_could_fill_two_slots_must_say_which() -> None:
    @hookimpl
    def xlt_schedules() -> list[Card]:
        return [Card("acme.warm", "Warms up.", "acme:Warm")]

    assert "needs slot='adaptation' or 'training'" in reason(load(plugin(xlt_schedules=xlt_schedules)))


def test_two_parts_of_one_name_are_an_error_that_names_both() -> None:
    other = plugin("zeta", xlt_losses=losses(CALM))
    catalog = load(plugin(xlt_losses=losses(CALM)), other)
    with pytest.raises(UsageError) as caught:
        catalog.get("loss", "acme.calm")
    (problem,) = caught.value.problems
    assert problem.what == "loss `acme.calm` comes from both xlt-acme 1.0 and xlt-zeta 1.0"
    assert problem.fix == "XLT_PLUGINS=acme xlt … leaves xlt-zeta out"
    assert catalog.has("loss", "mlm")


def test_no_plugin_shadows_a_part_of_the_core() -> None:
    catalog = load(plugin(xlt_losses=losses(Card("mlm", "Another.", "acme:Mlm"))))
    with pytest.raises(UsageError, match=r"comes from both xlt-core .* and xlt-acme"):
        catalog.get("loss", "mlm")


def test_xlt_plugins_limits_what_is_loaded() -> None:
    points = (plugin(xlt_losses=losses(CALM)), plugin("zeta"))
    assert [name for name, *_ in load(*points, environ={"XLT_PLUGINS": "acme"}).plugins] == ["core", "acme"]
    assert [name for name, *_ in load(*points, environ={"XLT_PLUGINS": ""}).plugins] == ["core"]
    assert "did you mean `acme`?" in reason(load(*points, environ={"XLT_PLUGINS": "acmee"}))


def test_a_name_in_another_slot_is_pointed_out() -> None:
    with pytest.raises(UsageError, match="`mlm` belongs in loss"):
        load().get("evaluation", "mlm")


def test_a_file_can_be_a_plugin(tmp_path: Path) -> None:
    file = tmp_path / "my_calm.py"
    file.write_text(
        "from xlt_core.hooks import Card, hookimpl\n"
        "XLT_API = 1\n"
        "@hookimpl\n"
        "def xlt_losses():\n"
        "    yield Card('my.calm', 'Mine.', 'my_calm:Calm')\n"
    )
    assert load_catalog({}, files=[file], found=()).get("loss", "my.calm").file == file
    (tmp_path / "my_broken.py").write_text("import nowhere_to_be_found\n")
    with pytest.raises(UsageError, match="nowhere_to_be_found"):
        load_catalog({}, files=[tmp_path / "my_broken.py"], found=())
    with pytest.raises(UsageError, match="there is no file"):
        load_catalog({}, files=[tmp_path / "my_missing.py"], found=())


def test_a_plugin_file_may_lie_on_the_import_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "beside_me.py").write_text("XLT_API = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert ("beside_me", str(tmp_path / "beside_me.py"), "file") in load_catalog(
        {}, files=[tmp_path / "beside_me.py"], found=()
    ).plugins


def test_two_files_with_one_part_are_told_apart(tmp_path: Path) -> None:
    text = (
        "from xlt_core.hooks import Card, hookimpl\nXLT_API = 1\n@hookimpl\ndef xlt_losses():\n"
        "    yield Card('my.calm', 'Mine.', 'nowhere:Calm')\n"
    )
    files = [tmp_path / "one_file.py", tmp_path / "other_file.py"]
    for file in files:
        file.write_text(text)
    problem = load_catalog({}, files=files, found=()).missing("loss", "my.calm")
    assert problem.what == f"loss `my.calm` comes from both {files[0]} and {files[1]}"
    assert problem.fix == f"give the part in {files[1]} another name"


def test_a_card_that_names_nothing_is_no_traceback() -> None:
    from xlt_core.catalog import load_object

    with pytest.raises(UsageError, match=r"a card names `xlt_core\.facts:Fakt`"):
        load_object("xlt_core.facts:Fakt")
    with pytest.raises(UsageError, match="No module named 'nowhere_at_all'"):
        load_object("nowhere_at_all:Calm")


def test_everything_installed_declares_what_its_card_says() -> None:
    """The contract every card must keep: a light module, options with descriptions, facts of known kinds."""
    from xlt_core.report.parts import describe_entry

    catalog = load_catalog({})
    assert not catalog.quarantined and not catalog.conflicts()
    assert len(catalog.all()) > 75
    for entry in catalog.all():
        told = describe_entry(entry)
        assert told["summary"].endswith("."), entry.name
        undescribed = [o["name"] for o in told.get("options", ()) if not o["about"] and o["name"] not in INHERITED]
        assert not undescribed, f"{entry.name}: {undescribed}"


INHERITED = ("losses", "lr", "epochs", "batch", "select", "layer", "lr_schedule", "weight_decay")
"""Options whose description stands in the base class, where a subclass only changes the default."""


def test_every_hook_says_which_slots_it_fills() -> None:
    from xlt_core import hooks

    assert {name for name in vars(hooks) if name.startswith("xlt_")} == set(SLOTS_OF_HOOK)

"""Every part in every method, and every method's schedule with every other's: planned, or refused with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, product
from pathlib import Path

import pytest

from tests import mixtures
from xlt_core import plan
from xlt_core.catalog import load_catalog
from xlt_core.config import resolve
from xlt_core.errors import XltError

METHODS = ("zero_shot", "madx", "extend", "unibridge", "phonexl", "translit_ppa", "mtlws", "phoneme_gap")
SLOTS = {
    **mixtures.SLOTS,
    "rewriting": "--set rewriting.latin={}",
    "training": "--add training={}",
    "reading": "--set reading.labels={}",
}
PARTS = [(slot, name) for slot in SLOTS for name in load_catalog({}).names(slot)]
Asked = Mapping[str, object]
ASKED: Asked = {"sources": "eng,rus", "targets": "amh,tur", "adapt": "eng,rus,amh,tur", "seeds": 2, "task": "ner"}


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every file that any part could ask for."""
    folder: Path = tmp_path_factory.mktemp("resources")
    pairs = [f"{a}-{b}" for a, b in product(("eng", "rus"), ("amh", "tur"))]
    keys = [f"{kind}:{pair}" for kind in ("dictionary", "translation", "alignment") for pair in pairs]
    keys += ["weights:amh", "weights:tur", "distances:syntax_knn", "distances:featural"]
    files = {key: folder / key.replace(":", "-") for key in keys}
    for file in files.values():
        file.write_text("")
    return {key: str(file) for key, file in files.items()}


def outcome(method: str, flags: list[str], resources: dict[str, str], asked: Asked = ASKED) -> str:
    """`planned`, or the reasons; anything but an XltError fails the test."""
    edits: dict[str, list[str]] = {"set": [], "add": []}
    for flag in flags:
        verb, _, text = flag.removeprefix("--").partition(" ")
        edits[verb].append(text)
    try:
        made = plan(method=method, resources=resources, **asked, **edits)  # type: ignore[arg-type]
    except XltError as error:
        assert error.problems, error
        for problem in error.problems:
            assert problem.what and "{of}" not in str(problem) and "<" not in problem.what, problem
        return error.text()
    seen: set[str] = set()
    for stage in made:
        assert set(stage.after) <= seen, f"{stage.id} stands before what it needs"
        seen.add(stage.id)
    return "planned"


@pytest.mark.parametrize("method", METHODS)
def test_every_part_in_every_method_is_planned_or_refused(method: str, resources: dict[str, str]) -> None:
    outcomes = {(slot, name): outcome(method, [SLOTS[slot].format(name)], resources) for slot, name in PARTS}
    assert len(outcomes) > 55
    planned = [part for part, text in outcomes.items() if text == "planned"]
    assert len(planned) > 5, {part: text.splitlines()[1] for part, text in outcomes.items() if text != "planned"}


@pytest.mark.parametrize(("one", "other"), list(combinations(SLOTS, 2)))
def test_every_pair_of_parts_is_planned_or_refused(
    one: str, other: str, resources: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the plainest method; with one catalog for all plans, which is most of what a plan costs."""
    catalog, asked = load_catalog({}), {**ASKED, "sources": "eng", "targets": "amh", "adapt": None, "seeds": 1}
    monkeypatch.setattr(resolve, "load_catalog", lambda **given: catalog)
    for first, second in product(catalog.names(one), catalog.names(other)):
        outcome("zero_shot", [SLOTS[one].format(first), SLOTS[other].format(second)], resources, asked)


@pytest.mark.parametrize(("first", "second"), list(product(METHODS, METHODS)))
def test_every_pair_of_methods_mixes_or_says_why_not(first: str, second: str, resources: dict[str, str]) -> None:
    """The first method with the second's representation, adaptation, losses and inference."""
    from xlt_core.api import request
    from xlt_core.yaml12 import dump

    filled = resolve.resolve(request(method=second, **ASKED)).filled
    flags = [f"--set {slot}={dump(filled[slot]).strip()}" for slot in ("inference",) if filled[slot]]
    for channel, part in filled["representation"].items():
        flags.append(f"--set representation.{channel}={part['use']}")
    for channel, part in filled["rewriting"].items():
        flags.append(f"--set rewriting.{channel}={part['use']}")
    flags += [f"--add adaptation={item['use']}" for item in filled["adaptation"]]
    flags += [f"--add evaluation={item['use']}" for item in filled["evaluation"] if item["use"] != "task"]
    outcome(first, flags, resources)

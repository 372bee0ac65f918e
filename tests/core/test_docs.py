"""The pages in `docs` say what the code does: examples run, messages are the real ones, references are fresh."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from xlt_core import plan, run
from xlt_core.catalog import Catalog, load_catalog
from xlt_core.errors import RefusedError, UsageError, XltError
from xlt_core.hooks import SLOTS_OF_HOOK

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "writing-a-plugin.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.M | re.S)
LOSS = "training.losses.acme.calm=0.1"
MODULES = ("xlt_acme", "calm", "twin", "frequent")


def files_of_the_page() -> dict[str, str]:
    """Path → text of the blocks whose first line is their path."""
    found = {}
    for language, text in BLOCKS:
        match = re.match(r"# (\S+\.(?:py|toml))\n", text)
        if language in ("python", "toml"):
            assert match is not None, f"a block without a path:\n{text}"
            found[match[1]] = text
    return found


FILES = files_of_the_page()
POINT = tomllib.loads(FILES["pyproject.toml"])["project"]["entry-points"]["xlt"]["acme"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the page's single file, where we are; the package lies in `acme` beside it."""
    for name, text in {**FILES, "xlt_acme/__init__.py": ""}.items():
        file = tmp_path / ("alone" if name == "frequent.py" else "acme") / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "alone")
    yield tmp_path / "alone"
    for name in [name for name in sys.modules if name.split(".")[0] in MODULES]:
        del sys.modules[name]


@pytest.fixture
def importable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The page's package, on the path and no more."""
    monkeypatch.syspath_prepend(str(folder.parent / "acme"))
    return folder.parent / "acme"


@pytest.fixture
def installed(importable: Path) -> None:
    """The page's package, as an installer would leave it."""
    about = tomllib.loads(FILES["pyproject.toml"])["project"]
    info = importable / f"xlt_acme-{about['version']}.dist-info"
    info.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[xlt]\nacme = {POINT}\n", encoding="utf-8")


def single_file(name: str) -> str:
    """The text of the page's loss as one file."""
    bodies = [FILES[f"xlt_acme/{part}.py"] for part in ("plugin", "options", "work")]
    return re.sub(r"xlt_acme\.\w+:", f"{name}:", "\n\n".join(bodies))


def refused(folder: Path, text: str, name: str) -> str:
    """Why a plugin file of this text can't be used."""
    file = folder / f"{name}.py"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_catalog(files=[file])
    (problem,) = caught.value.problems
    return problem.what.partition(": ")[2]


def says(message: str) -> bool:
    """Whether the page quotes a message, as a line of a block."""
    return any(message in text.splitlines() for _, text in BLOCKS)


# the page's package


def test_the_package_is_found_by_its_entry_point(installed: None) -> None:
    catalog: Catalog = load_catalog()
    assert catalog.quarantined == []
    assert ("acme", "xlt-acme", "0.1.0") in catalog.plugins
    assert catalog.get("loss", "acme.calm").built


def test_the_package_loads_by_a_bare_entry_point(importable: Path) -> None:
    catalog = load_catalog(found=[EntryPoint("acme", POINT, "xlt")])
    assert [name for name, *_ in catalog.plugins] == ["core", "acme"]


def test_planning_imports_options_and_no_work(installed: None) -> None:
    load_catalog()
    assert "xlt_acme.options" not in sys.modules
    made = plan(method="zero_shot", backbone="mini", add=[LOSS])
    assert made.of("train")[0].options["losses"]["acme.calm"]["weight"] == 0.1
    assert "xlt_acme.options" in sys.modules
    assert "xlt_acme.work" not in sys.modules


def test_the_tests_on_the_page_pass(installed: None) -> None:
    space: dict[str, object] = {}
    exec(compile(FILES["tests/test_acme.py"], "tests/test_acme.py", "exec"), space)
    tests = [thing for name, thing in space.items() if name.startswith("test_") and callable(thing)]
    assert len(tests) == 3
    for test in tests:
        test()


@pytest.mark.slow
def test_the_package_runs(installed: None) -> None:
    done = run(method="zero_shot", backbone="mini", targets="vie", add=[LOSS], budget="3steps", threads=1)
    assert done.scores


def test_the_commands_on_the_page_are_understood(installed: None) -> None:
    from xlt_core.cli.main import call

    lines = "\n".join(text for language, text in BLOCKS if language == "text").replace("\\\n", " ").splitlines()
    commands = [shlex.split(line) for line in lines if re.match(r"xlt (plan|run) ", line)]
    assert len(commands) == 3
    for _, _, *flags in commands:
        assert call(["plan", *flags]) == 0


# the page's single file


def test_the_single_file_loads_and_plans(folder: Path) -> None:
    catalog = load_catalog(files=[folder / "frequent.py"])
    assert not catalog.get("vocabulary", "acme.frequent").built
    edits = ["vocabulary.target=acme.frequent", "embedding.target=mean"]
    asked: dict[str, Any] = {"method": "zero_shot", "backbone": "mini", "targets": "vie", "set": edits}
    made = plan(**asked, plugins=[folder / "frequent.py"])
    tokenizer = made["tokenizer(vie)"]
    assert "artefact acme.counts:vie" in tokenizer.gives
    assert "artefact samples:vie:128w" in tokenizer.needs
    assert "acme.frequent" in made.unbuilt()
    with pytest.raises(RefusedError, match=r"not built yet: acme\.frequent"):
        run(**asked, plugins=[folder / "frequent.py"])


# the page's messages


def test_modules_that_are_refused(folder: Path) -> None:
    whole = single_file("calm")
    assert says(refused(folder, whole.replace("XLT_API = 1", ""), "unversioned"))
    assert says(refused(folder, whole.replace("def xlt_losses", "def xlt_loses"), "misspelt"))
    assert says(refused(folder, whole.replace("@hookimpl", ""), "undecorated"))
    assert says(refused(folder, FILES["frequent.py"].replace(', slot="vocabulary"', ""), "slotless"))


def test_two_parts_with_one_name_are_refused(folder: Path) -> None:
    for name in ("calm", "twin"):
        (folder / f"{name}.py").write_text(single_file(name), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        plan(method="zero_shot", backbone="mini", add=[LOSS], plugins=["calm.py", "twin.py"])
    (problem,) = caught.value.problems
    assert says(problem.what)


def test_a_fact_without_the_plugins_name_is_refused(folder: Path) -> None:
    file = folder / "frequent.py"
    file.write_text(FILES["frequent.py"].replace("acme.counts", "counts"), encoding="utf-8")
    edits = ["vocabulary.target=acme.frequent", "embedding.target=mean"]
    with pytest.raises(XltError) as caught:
        plan(method="zero_shot", backbone="mini", targets="vie", set=edits, plugins=[file])
    (problem,) = caught.value.problems
    assert says(problem.what)


# the reference pages


def test_the_reference_pages_are_fresh() -> None:
    command = [sys.executable, str(DOCS / "make" / "reference.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 0, f"run python docs/make/reference.py\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("hook", SLOTS_OF_HOOK)
def test_every_hook_has_a_heading(hook: str) -> None:
    text = (DOCS / "reference" / "hooks.md").read_text(encoding="utf-8")
    assert f"\n## `{hook}`\n" in text


def test_links_lead_to_pages() -> None:
    pages = [DOCS / "writing-a-plugin.md", *(DOCS / "reference").rglob("*.md")]
    for page in pages:
        for link in re.findall(r"\]\(([\w./-]+\.md)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).is_file(), f"{page.name}: {link}"

"""The command line: what it imports, what it prints, how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
HEAVY = ("torch", "transformers", "datasets", "numpy")
HEADLINE = ("--method", "unibridge", "--backbone", "xlm-roberta-base", "--targets", "amh,khm")


def imported(*arguments: str) -> set[str]:
    """The modules that a command line has imported when it ends."""
    code = (
        "import sys\n"
        "from xlt_core.cli.main import call\n"
        f"code = call({list(arguments)!r})\n"
        "print('MODULES', code, *sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("MODULES")]
    return set(line.split()[2:])


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("run", "--help"),
        ("list",),
        ("list", "plugins"),
        ("plan", *HEADLINE),
        ("plan", "--method", "zero_shot", "--backbone", "mini", "--json"),
        ("plan", "--method", "unibrige"),
        ("run", *HEADLINE, "--set", "embedding=unibridge.focsu"),
        ("run", "--method", "unibridge", "--backbone", "mini", "--targets", "amh", "--set", "inference=single"),
        ("describe", "unibridge.kl"),
    ],
)
def test_names_and_plans_import_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert imported(*arguments).isdisjoint(HEAVY)


def test_help_and_list_do_without_pydantic() -> None:
    assert "pydantic" not in imported("--help") | imported("list") | imported("list", "methods")
    assert "pluggy" not in imported("--help")


BAD = [
    (
        ("rum",),
        2,
        "Usage: xlt [OPTIONS] COMMAND [ARGS]...\nTry 'xlt --help' for help.\n\n"
        "Error: there is no verb `rum`; did you mean `run`?\n",
    ),
    (
        ("plan",),
        2,
        "A run needs a method.\n  1. --method: no method is given\n     Try: --method zero_shot, or another of: "
        "zero_shot, pretrain, madx, extend, mtlws, phoneme_gap, phonexl, translit_ppa, unibridge\n",
    ),
    (
        ("plan", "--method", "unibrige", "--targets", "amh"),
        2,
        "This method is not known.\n  1. --method: no method is called `unibrige`; did you mean `unibridge`?\n"
        "     Try: xlt list methods\n",
    ),
    (
        ("plan", "--method", "zero_shot", "--backbone", "xlm-roberta-base"),
        2,
        "This run is not clear (1 problem); nothing was read or written.\n  1. --targets: no target language is "
        "given, and the preset names none\n     Try: --targets amh,khm\n",
    ),
    (
        ("plan", *HEADLINE, "--set", "embedding=unibridge.focsu"),
        2,
        "This run is not clear (1 problem); nothing was read or written.\n  1. --set embedding=unibridge.focsu: no "
        "embedding is called `unibridge.focsu`; did you mean `unibridge.focus`?\n     Try: xlt list embedding\n",
    ),
    (
        ("plan", *HEADLINE, "--set", "adaptation.lr=1e-4"),
        2,
        "This run is not clear (1 problem); nothing was read or written.\n  1. --set adaptation.lr=1e-4: "
        "`adaptation.lr` fits several places: `adaptation.0.source.lr`, `adaptation.0.target.lr`\n"
        "     Try: --set adaptation.0.target.lr=…\n",
    ),
    (
        ("plan", *HEADLINE, "--resource", "text:amh"),
        2,
        "A flag is off.\n  1. --resource text:amh: it wants KIND:LANG=PATH\n     Try: --resource text:amh=FILE\n",
    ),
    (
        ("plan", *HEADLINE, "--resource", "text:amh=nowhere.txt"),
        4,
        "A resource can't be found.\n  1. --resource text:amh: there is no file nowhere.txt\n",
    ),
    (
        ("plan", *HEADLINE, "--sources", "eng"),
        3,
        "This run cannot be composed (1 problem); nothing was read or written.\n  1. inference `unibridge.harmony`: it "
        "needs several task models to choose or mix, and training gives 1\n     Try: --set "
        "training.models=one_per_source with two or more --sources, or --set inference=single\n",
    ),
    (
        ("plan", "--config", "nowhere.yaml"),
        2,
        "A file can't be read.\n  1. --config: No such file or directory: nowhere.yaml\n",
    ),
    (
        ("list", "los"),
        2,
        "This list is not known.\n  1. there is nothing called `los` to list; did you mean `loss`?\n"
        "     Try: xlt list\n",
    ),
    (
        ("describe", "unibridge.k"),
        2,
        "There is nothing to describe.\n  1. nothing is called `unibridge.k`; did you mean `unibridge.kl` or "
        "`unibridge`?\n"
        "     Try: xlt list\n",
    ),
]


@pytest.mark.parametrize(("arguments", "code", "message"), BAD, ids=[" ".join(case[0])[:40] for case in BAD])
def test_bad_invocations_say_what_where_and_what_to_type_next(
    xlt: Run, arguments: tuple[str, ...], code: int, message: str
) -> None:
    done = xlt(*arguments)
    assert (done.stderr, done.stdout, done.returncode) == (message, "", code)


def test_the_headline_run_without_a_network_names_what_to_fetch(xlt: Run) -> None:
    done = xlt("run", *HEADLINE)
    assert done.returncode == 4
    assert "backbone xlm-roberta-base is not in the cache (about 1120 MB): FacebookAI/xlm-roberta-base" in done.stderr
    assert "text of amh from wikipedia" in done.stderr and "labels of eng from wikiann" in done.stderr
    assert "--backbone mini" in done.stderr
    assert "Traceback" not in done.stderr and done.stdout == ""


def test_a_part_that_is_not_built_yet_is_refused_before_anything_begins(xlt: Run) -> None:
    done = xlt("run", "--method", "translit_ppa", "--backbone", "mini")
    assert done.returncode == 3
    assert "not built yet: translit_ppa.posttrain, " in done.stderr and "nothing was begun" in done.stderr
    assert not done.stdout


def test_every_verb_answers_in_json(xlt: Run) -> None:
    for arguments in (("plan", *HEADLINE), ("list",), ("list", "plugins"), ("describe", "mlm"), ("list", "methods")):
        done = xlt(*arguments, "--json")
        assert json.loads(done.stdout)["format"] == 1, arguments
    refused = xlt("plan", *HEADLINE, "--sources", "eng", "--json")
    told = json.loads(refused.stdout)
    assert (told["xlt"], told["exit"], len(told["problems"])) == ("error", 3, 1)
    assert refused.returncode == 3


def test_a_plan_says_what_it_assumed_first(xlt: Run) -> None:
    lines = xlt("plan", *HEADLINE).stdout.splitlines()
    assert lines[0] == ("unibridge@1 · ner · xlm-roberta-base · eng, zho, rus, ara, jpn → amh, khm · zero_shot")
    assert lines[2].startswith("assumed: preset ner (the method's first); task ner; sources eng,zho,rus,ara,jpn")


def test_a_plugin_that_is_set_aside_is_shown_and_the_rest_works(xlt: Run) -> None:
    done = xlt("list", "plugins", XLT_PLUGINS="unibridge,nowhere")
    assert "unibridge" in done.stdout and "phonexl" not in done.stdout
    assert "set aside: nowhere" in done.stderr


def test_a_method_of_a_plugin_that_was_set_aside_says_so(xlt: Run, tmp_path: Path) -> None:
    info = tmp_path / "site" / "xlt_broken-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: xlt-broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[xlt]\nbroken = xlt_broken.plugin\n")
    (tmp_path / "site" / "xlt_broken").mkdir()
    (tmp_path / "site" / "xlt_broken" / "plugin.py").write_text("import sys\nsys.exit('no licence')\n")
    path = str(tmp_path / "site")
    done = xlt("plan", "--method", "broken@1", "--targets", "amh", PYTHONPATH=path)
    assert done.returncode == 2
    assert "plugin `broken` was set aside: `xlt list plugins` says why" in done.stderr
    assert "set aside: broken (xlt-broken): SystemExit: no licence" in xlt("list", "plugins", PYTHONPATH=path).stderr
    assert xlt("plan", *HEADLINE, PYTHONPATH=path).returncode == 0


def test_describe_shows_options_needs_gives_citation_and_where_it_is_from(xlt: Run) -> None:
    told = xlt("describe", "unibridge.alp_search").stdout
    for expected in ("start", "7000", "needs", "artefact samples:amh:128w", "artefact tokenizer:amh:text",
                     "Pham, Le and Luu 2024", "xlt-unibridge", "xlt_unibridge.vocabulary"):  # fmt: skip
        assert expected in told
    assert "recipe" in xlt("describe", "unibridge", "--json").stdout
    two = xlt("describe", "file").stdout
    assert "[inference]" in two and "[translation]" in two
    assert "[inference]" not in xlt("describe", "translation/file").stdout


def test_help_has_its_options_under_headings(xlt: Run) -> None:
    told = xlt("run", "--help").stdout
    for heading in ("What is run:", "Languages and data:", "Parts and options:", "Seeds and budget:", "Machine:"):
        assert heading in told
    assert "env var: XLT_HOME" in told

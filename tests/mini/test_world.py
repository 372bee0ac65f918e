"""The sentences of the mini world: labels, splits, translations, repeatability."""

from __future__ import annotations

import ast
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from xlt_core.mini import LANGUAGES, world
from xlt_core.mini.grammar.tur import suffix
from xlt_core.mini.lexicon import concepts, entries
from xlt_core.mini.meaning import Split
from xlt_core.mini.world import sentences

SPLITS: tuple[Split, ...] = ("train", "dev", "test", "text")
PINNED = "7c66edeca6327a9d966487b37af57d36b7f6e6c9e5a3d71ca62d1a7e243f7395"


def test_translations_are_in_step() -> None:
    rows = [sentences(language, "test", 400) for language in LANGUAGES]
    for translations in zip(*rows, strict=True):
        assert len({row.id for row in translations}) == 1
        entities = [sorted(tag[2:] for tag in row.ner if tag.startswith("B-")) for row in translations]
        assert all(found == entities[0] for found in entities)


def test_no_meaning_is_in_two_splits() -> None:
    homes: dict[str, str] = {}
    for split in SPLITS:
        for seed in (0, 1):
            for row in sentences("eng", split, 1200, seed):
                assert homes.setdefault(row.id, split) == split


def test_no_sentence_comes_twice() -> None:
    rows = sentences("swh", "text", 2000)
    assert len({row.id for row in rows}) == 2000


def test_some_names_are_kept_for_the_test() -> None:
    kept = [entries("eng")[concept] for concept, tags in concepts().items() if "new" in tags]
    names = {word for entry in kept for word in entry.form().split() if "/" not in word}
    names -= {"Bank", "Central", "Kenya", "University", "Tokyo", "of"}
    met = {split: {word for row in sentences("eng", split, 1500) for word in row.words} for split in SPLITS}
    earlier, later = met["train"] | met["dev"] | met["text"], met["test"]
    assert names and not names & earlier
    assert names <= later


def test_the_size_of_the_world() -> None:
    assert len(LANGUAGES) == 18
    floors = {"given": 85, "family": 60, "place": 70, "org": 40, "noun": 70, "verb": 45, "adj": 35}
    for kind, floor in floors.items():
        assert sum(concept.startswith(f"{kind}.") for concept in concepts()) >= floor, kind
    for language in LANGUAGES:
        assert set(entries(language)) == set(concepts())


def test_a_longer_run_begins_with_a_shorter() -> None:
    assert sentences("tur", "dev", 120)[:40] == sentences("tur", "dev", 40)
    assert sentences("tur", "dev", 40, seed=1) != sentences("tur", "dev", 40)


def test_same_seed_same_bytes() -> None:
    script = (
        "import hashlib; from xlt_core.mini import *; from xlt_core.mini.world import *\n"
        "rows = [repr(row) for name in LANGUAGES for split in ('train', 'test')"
        " for row in sentences(name, split, 100)]\n"
        "print(hashlib.sha256('\\n'.join(rows).encode()).hexdigest())"
    )
    root = Path(__file__).parents[2]
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=root,
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == PINNED
    here = [repr(r) for name in LANGUAGES for split in SPLITS[::2] for r in sentences(name, split, 100)]
    assert hashlib.sha256("\n".join(here).encode()).hexdigest() == PINNED


def test_the_world_needs_the_standard_library_only() -> None:
    folder = Path(world.__file__).parent
    files = [folder / name for name in ("world.py", "meaning.py", "lexicon.py")]
    files += [folder / name for name in ("said.py", "links.py", "bitext.py", "inference.py")]
    for file in [*files, *sorted((folder / "grammar").glob("*.py")), *sorted((folder / "sound").glob("*.py"))]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.startswith("xlt_core.mini") or name.partition(".")[0] in sys.stdlib_module_names


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="xxx"):
        sentences("xxx", "train", 1)
    with pytest.raises(ValueError, match="split"):
        sentences("eng", "valid", 1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "case", "ending"),
    [
        ("Londra", "loc", "da"), ("Paris", "loc", "te"), ("Mısır", "acc", "ı"), ("Tokyo", "dat", "ya"),
        ("Ürdün", "gen", "ün"), ("Fas", "abl", "tan"), ("Kahire", "acc", "yi"), ("İstanbul", "acc", "u"),
    ],
)  # fmt: skip
def test_turkish_endings(name: str, case: str, ending: str) -> None:
    assert suffix(name, case) == ending


def test_turkish_compounds_take_n() -> None:
    assert suffix("Bankası", "loc", izafet=True) == "nda"
    assert suffix("Örgütü", "acc", izafet=True) == "nü"
    assert suffix("Devletleri", "dat", izafet=True) == "ne"

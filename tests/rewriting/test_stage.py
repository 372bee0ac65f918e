"""A corpus of a run in another form: as many rows, each word's maker told, what wasn't read counted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from xlt_core import plan
from xlt_core.catalog import load_catalog, load_object
from xlt_core.config.settings import Settings
from xlt_core.data.mini import examples
from xlt_core.data.records import EXAMPLES, OTHER, PAIRS, TEXT, Tagged, read_tagged, write_tagged
from xlt_core.data.samples import SAMPLES
from xlt_core.errors import RefusedError, UnavailableError
from xlt_core.graph.job import Job
from xlt_core.graph.stages import Stage
from xlt_core.graph.store import Store
from xlt_core.rewriting.stage import COVERAGE, WORDS
from xlt_core.slots.backbones import MINI

LOOKUP = "Anna\tanːa\nreads\tɹidz\nwent\twɛnt\n"
PHONEMES = "representation.text={use: subword, channel: phonemes}"


def rewritten(
    folder: Path, corpus: str, files: dict[str, str] | Sequence[Tagged], use: str = "lookup", **options: Any
) -> tuple[Path, list[dict[str, Any]]]:
    """The output of a stage that rewrites an English corpus by a rewriter, and what it reported."""
    source, lookup, out = (folder / name for name in ("source", "lookup", "out"))
    for each in (source, lookup, out):
        each.mkdir()
    (lookup / OTHER).write_text(LOOKUP)
    if isinstance(files, dict):
        for name, text in files.items():
            (source / name).write_text(text)
    else:
        write_tagged(source / EXAMPLES, files)
    catalog = load_catalog()
    declared = load_object(catalog.get("rewriting", use).card.declares)(**options)
    stage = Stage("rewrite(eng)", "rewrite", use, "rewriting", ("eng",), (), (), (), declared.model_dump(mode="json"),
                  "key", "xlt_core.rewriting.stage:rewrite", channel="phonemes")  # fmt: skip
    said: list[dict[str, Any]] = []
    inputs = {corpus: source} | ({"resource lookup:eng": lookup} if declared.files("eng") else {})
    job = Job(stage, inputs, out, Settings(method="any", backbone="mini"), MINI, None, catalog, said.append,
              store=Store(folder / "store"))  # fmt: skip
    load_object(str(stage.work))(job)
    return out, said


def test_labelled_words_stay_as_many_and_say_who_served_them(tmp_path: Path) -> None:
    rows = [
        Tagged("1", "eng", ("Anna", "reads", "Proust", "."), ("B-PER", "O", "B-PER", "O")),
        Tagged("2", "eng", ("Anna", "went", "42"), ("O", "O", "O"), second=("Proust", "went"), marked=1),
    ]
    out, (said,) = rewritten(tmp_path, "labels ner:eng:train", rows)
    made = read_tagged(out / EXAMPLES)
    assert [row.words for row in made] == [("anːa", "ɹidz", "Proust", "."), ("anːa", "wɛnt", "42")]
    assert made[1].second == ("Proust", "wɛnt")
    assert [(row.id, row.tags, row.marked) for row in made] == [(row.id, row.tags, row.marked) for row in rows]
    words = [line.split("\t") for line in (out / WORDS).read_text().splitlines()]
    assert ["Anna", "anːa", "lookup"] in words and ["Proust", "Proust", "not"] in words
    told = json.loads((out / COVERAGE).read_text())
    assert told["by"] == {"lookup": 5, "not": 2, "as it is": 2} and told["first"] == {"Proust": 2}
    assert "not read to the end: Proust (2)" in said["text"]


def test_lines_and_pairs_keep_their_places(tmp_path: Path) -> None:
    (tmp_path / "pairs").mkdir()
    pairs = {PAIRS: "Anna lit\tAnna reads\nx\twent\n"}
    out, _ = rewritten(tmp_path / "pairs", "resource parallel:fra-eng", pairs)
    assert (out / PAIRS).read_text() == "Anna lit\tanːa ɹidz\nx\twɛnt\n"
    out, _ = rewritten(tmp_path, "resource text:eng", {TEXT: "Anna reads, and\tNina\n\nwent\n", SAMPLES: "Anna\n"})
    assert (out / SAMPLES).read_text() == "anːa\n"
    assert (out / TEXT).read_text() == "anːa ɹidz , and Nina\n\nwɛnt\n"


def test_identity_leaves_all_as_it_was(tmp_path: Path) -> None:
    rows = list(examples("ner", "eng", "dev"))[:50]
    out, _ = rewritten(tmp_path, "labels ner:eng:dev", rows, "identity")
    assert read_tagged(out / EXAMPLES) == rows


def test_a_lookup_file_is_a_resource_whose_content_is_part_of_the_key(tmp_path: Path) -> None:
    file = tmp_path / "eng.tsv"
    asked: dict[str, Any] = {
        "method": "zero_shot",
        "backbone": "mini",
        "targets": "swh",
        "set": [PHONEMES, "rewriting.phonemes=lookup"],
    }
    keys = []
    for text in (LOOKUP, LOOKUP + "new\tnju\n"):
        file.write_text(text)
        made = plan(**asked, resources={"lookup:eng": str(file), "lookup:swh": str(file)})
        stages = made.of("rewrite")
        assert stages and all(any(need.startswith("resource lookup:") for need in stage.needs) for stage in stages)
        keys.append({stage.key for stage in stages})
    assert not keys[0] & keys[1]
    with pytest.raises(RefusedError, match="--resource lookup:eng=FILE"):
        plan(**asked)


def test_a_run_without_a_library_is_told_before_anything_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    from xlt_core import run
    from xlt_core.slots import rewriting

    monkeypatch.setattr(rewriting, "installed", lambda name: name != "epitran")
    with pytest.raises(UnavailableError, match=r"pip install 'xlt-core\[ipa\]'"):
        run(method="zero_shot", backbone="mini", targets="swh", set=[PHONEMES, "rewriting.phonemes=epitran"])
    assert not Path("runs").exists()

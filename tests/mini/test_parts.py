"""The mini world as parts of a run: data, rewriters, a translator and an aligner, for any of its languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xlt_core.catalog import load_catalog, load_object
from xlt_core.config.settings import Settings
from xlt_core.data.mini import SIZES, examples
from xlt_core.data.records import EXAMPLES, LINKS, PAIRS, TEXT, read_tagged
from xlt_core.errors import RefusedError, RunError
from xlt_core.graph.job import Job
from xlt_core.mini import LANGUAGES
from xlt_core.mini.bitext import meaning_of
from xlt_core.mini.links import links
from xlt_core.mini.sound import sound_of
from xlt_core.mini.world import say, sentences
from xlt_core.rewriting.mini import words_of
from xlt_core.slots.backbones import MINI

METHODS = ("unibridge", "phonexl", "mtlws", "translit_ppa", "phoneme_gap", "madx", "zero_shot")
Work = Callable[[Any, str], Path]


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """Do a stage of a plan and those it reads, as a run would: `work(plan, "align(eng-zho)")` is its folder."""
    done: dict[str, Path] = {}

    def do(made: Any, ident: str) -> Path:
        if ident in done:
            return done[ident]
        stage = next(stage for stage in made if stage.id == ident)
        inputs = {fact: do(made, s.id) for fact in stage.needs for s in made if fact in s.gives}
        out = tmp_path / ident
        out.mkdir()
        catalog = load_catalog()
        task = load_object(catalog.get("task", made.run["task"]).card.declares)
        job = Job(stage, inputs, out, Settings(method="any", backbone="mini"), MINI, task, catalog, lambda event: None)
        load_object(stage.work)(job)
        done[ident] = out
        return out

    return do


def plan(**asked: Any) -> Any:
    from xlt_core import plan as made

    return made(backbone="mini", **asked)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_plans_in_the_mini_world_with_nothing_from_outside(method: str) -> None:
    made = plan(method=method)
    assert not made.downloads
    assert all(offer.source == "mini" for stage in made if (offer := stage.offer) is not None)


@pytest.mark.parametrize("task", ["ner", "pos", "topic", "nli", "absa", "roles"])
def test_every_task_has_examples_in_every_language(task: str) -> None:
    first: list[Any] = []
    for language in LANGUAGES:
        rows = list(examples(task, language, "dev"))
        assert len(rows) == SIZES["dev"]
        units = 1 if task in ("topic", "nli") else None
        assert all(len(row.tags) == (units or len(row.words)) for row in rows)
        assert all(row.marked is not None for row in rows) == (task == "roles")
        first = first or rows
        assert [row.id for row in rows] == [row.id for row in first]
        if units:
            assert [row.tags for row in rows] == [row.tags for row in first]


def test_topics_are_all_there() -> None:
    from collections import Counter

    from xlt_core.mini.said import TOPICS

    counts = Counter(row.tags[0] for row in examples("topic", "eng", "train"))
    assert set(counts) == set(TOPICS) and min(counts.values()) >= 15, counts


def test_rewritten_words_are_one_to_one(work: Work) -> None:
    made = plan(method="phoneme_gap", sources=",".join(LANGUAGES), targets=",".join(LANGUAGES))
    for language in LANGUAGES:
        (stage,) = [s for s in made if s.verb == "rewrite" and s.languages == (language,) and ":dev" in s.id]
        (before,) = [s for s in made if s.gives[0] == f"labels ner:{language}:dev"]
        rows, old = read_tagged(work(made, stage.id) / EXAMPLES), read_tagged(work(made, before.id) / EXAMPLES)
        sound = sound_of(language)
        for row, was in zip(rows, old, strict=True):
            assert row.tags == was.tags
            assert row.words == tuple(sound.ipa(word) for word in was.words)


@pytest.mark.parametrize("language", ["eng", "zho", "khm", "amh", "hin"])
def test_running_text_is_cut_to_its_words(language: str) -> None:
    rows = sentences(language, "text", 40)
    for row in rows:
        assert tuple(words_of(row.text, language)) == row.words
    joined = " ".join(row.text for row in rows)
    if " " not in "".join(row.text for row in rows) or language in ("eng", "hin", "amh"):
        assert tuple(words_of(joined, language)) == tuple(word for row in rows for word in row.words)


def test_other_text_is_refused(work: Work, tmp_path: Path) -> None:
    file = tmp_path / "eng.txt"
    file.write_text("The committee adjourned sine die.\n", encoding="utf-8")
    made = plan(method="translit_ppa", set=["rewriting.latin=mini_ipa"], resources={"text:eng": str(file)})
    (stage,) = [s for s in made if s.verb == "rewrite" and s.languages == ("eng",)]
    with pytest.raises(RunError, match="no reading of 'committee' in eng") as refused:
        work(made, stage.id)
    assert "xlt list rewriting" in str(refused.value.text())


def test_a_language_the_world_does_not_speak_is_refused_in_the_plan() -> None:
    with pytest.raises(RefusedError, match="hau"):
        plan(method="translit_ppa", targets="hau", adapt="hau,eng")


def test_translations_and_links_of_a_run(work: Work) -> None:
    made = plan(method="mtlws", set=["translation=mini", "alignment=mini"])
    folder = work(made, "align(eng-zho)")
    rows = read_tagged(work(made, "translate(eng-zho)") / EXAMPLES)
    lines = (folder / LINKS).read_text("utf-8").splitlines()
    assert len(rows) == len(lines) == SIZES["train"]
    for row, line in zip(rows[:100], lines, strict=False):
        meaning = meaning_of(row.id)
        assert row.language == "zho" and row.words == say(meaning, "zho").words
        found = tuple(tuple(map(int, link.split("-"))) for link in line.split())
        assert found == links(say(meaning, "eng"), say(meaning, "zho"))


def test_noise_is_part_of_the_key_and_so_is_the_seed() -> None:
    plain, noisy = (
        next(s.key for s in plan(method="mtlws", set=edits) if s.id == "translate(eng-zho)")
        for edits in (["translation.dropped=0"], ["translation.dropped=0.2"])
    )
    assert plain != noisy


def test_text_pairs_and_dictionaries(work: Work) -> None:
    made = plan(method="phonexl")
    (stage,) = [s for s in made if s.verb == "dictionary"]
    (file,) = work(made, stage.id).iterdir()
    rows = [line.split("\t") for line in file.read_text("utf-8").splitlines()]
    assert ["书", "sách"] in rows or ["书", "quyển sách"] in rows
    made = plan(method="translit_ppa")
    (folder,) = [work(made, s.id) for s in made if s.id == "parallel(tur-eng)"]
    pairs = [line.split("\t") for line in (folder / PAIRS).read_text("utf-8").splitlines()]
    read = {row.text for row in sentences("eng", "text", 4000)} | {row.text for row in sentences("eng", "train", 2000)}
    assert all(len(pair) == 2 for pair in pairs) and not {pair[1] for pair in pairs} & read
    (text,) = [work(made, s.id) for s in made if s.id == "text(amh)"]
    assert len((text / TEXT).read_text("utf-8").splitlines()) == SIZES["text"]

"""Results are whole or not there, whatever happens to disks, processes and files."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

import xlt_core.graph.store as store_module
from xlt_core import run
from xlt_core.errors import RunError, StoppedError
from xlt_core.graph.store import SMALL, Store, is_full
from xlt_core.graph.upkeep import keys_in_use
from xlt_core.report.folder import RunFolder

KEY = "ab12"
SILENT = lambda line: None  # noqa: E731


def make(store: Store, key: str = KEY, about: dict[str, Any] | None = None, **files: str) -> None:
    with store.making(key, about or {}) as folder:
        for name, text in (files or {"x": "1"}).items():
            (folder / name).write_text(text)


def lying_about(store: Store) -> list[str]:
    """What is in the store's own folders and is no result."""
    folders = ("making", "locks", "using", "unfinished", "aside")
    return sorted(path.name for name in folders for path in (store.root / name).glob("*"))


def test_a_result_is_there_when_it_is_whole(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.making(KEY, {"stage": "a"}) as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "x.txt").write_text("1")
        assert not store.has(KEY)
    assert store.has(KEY) and store.damage(KEY, thorough=True) == []
    assert (store.path(KEY) / "deep" / "x.txt").read_text() == "1"
    manifest = store.manifest(KEY)
    assert manifest.about == {"stage": "a"} and manifest.bytes == 1 and list(manifest.files) == ["deep/x.txt"]
    assert lying_about(store) == []


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_what_fails_leaves_no_trace(tmp_path: Path, error: type[BaseException]) -> None:
    store = Store(tmp_path)
    with pytest.raises(error), store.making(KEY, {}) as folder:
        (folder / "x.txt").write_text("half")
        raise error
    assert not store.has(KEY) and lying_about(store) == []


def test_the_first_result_in_a_place_stays_there(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.making(KEY, {}) as folder:
        (folder / "x").write_text("second")
        make(store, x="first")
    assert (store.path(KEY) / "x").read_text() == "first" and store.damage(KEY) == []


def test_other_users_may_read_what_one_made(tmp_path: Path) -> None:
    store, before = Store(tmp_path), os.umask(0o022)
    try:
        with store.making(KEY, {}) as folder:
            save_file({"x": torch.zeros(1)}, folder / "weights.safetensors")  # the library keeps it from others
    finally:
        os.umask(before)
    assert store.path(KEY).stat().st_mode & 0o777 == 0o755
    assert {file.stat().st_mode & 0o777 for file in store.path(KEY).iterdir()} == {0o644}


def test_damage_is_noticed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    make(store, other="12", shorter="12", gone="12", big="-" * (SMALL + 1))
    folder = store.path(KEY)
    (folder / "other").write_text("21")
    (folder / "shorter").write_text("1")
    (folder / "gone").unlink()
    (folder / "big").write_text("+" + "-" * SMALL)
    (folder / "more").write_text("")
    quick = ["gone: No such file or directory", "other: has changed", "shorter: 1 bytes, 2 were written"]
    assert sorted(store.damage(KEY)) == quick
    thorough = ["big: has changed", *quick, "more: nothing says where it comes from"]
    assert sorted(store.damage(KEY, thorough=True)) == sorted(thorough)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": {"x": "an older form"}}', '{"files": []}'])
def test_a_manifest_that_cannot_be_read_is_damage_and_no_crash(tmp_path: Path, text: str) -> None:
    store = Store(tmp_path)
    make(store)
    (store.path(KEY) / "manifest.json").write_text(text)
    (problem,) = store.damage(KEY)
    assert problem.startswith("manifest.json can't be read")


def test_a_result_under_another_key_is_damage(tmp_path: Path) -> None:
    store = Store(tmp_path)
    make(store)
    store.path(KEY).rename(store.path("abcd"))
    assert store.damage("abcd") == ["manifest.json is not of this result or of another format"]


def test_a_damaged_result_is_set_aside_and_made_anew(tmp_path: Path) -> None:
    store, said = Store(tmp_path), list[str]()
    make(store, x="12")
    (store.path(KEY) / "x").write_text("1")
    with store.claim(KEY, "train(eng)", said.append) as mine:
        assert mine and not store.has(KEY), "while it is made anew, nobody reads the damaged one"
        make(store, x="12")
    (line,) = said
    (aside,) = (tmp_path / "aside").iterdir()
    assert line.startswith("train(eng): what the store has can't be used (x: 1 bytes, 2 were written)")
    assert str(aside) in line and (aside / "x").read_text() == "1"
    with store.claim(KEY, "train(eng)", said.append) as mine:
        assert not mine
    assert len(said) == 1 and store.damage(KEY) == []


def test_a_place_without_a_manifest_is_cleared(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.path(KEY).mkdir(parents=True)
    (store.path(KEY) / "x").write_text("of no known origin")
    assert not store.has(KEY)
    make(store, y="1")
    assert store.damage(KEY, thorough=True) == []


def test_what_was_made_from_another_first_result_is_made_anew(tmp_path: Path) -> None:
    """Where an input can't be made the same twice, its key doesn't say which result was read."""
    store, said = Store(tmp_path), list[str]()
    make(store, "input", x="first")
    first = {"input": store.manifest("input").content}
    make(store, about={"read": first})
    with store.claim(KEY, "b", said.append, first) as mine:
        assert not mine
    store.set_aside("input")
    make(store, "input", x="second")
    with store.claim(KEY, "b", said.append, {"input": store.manifest("input").content}) as mine:
        assert mine and "it was made from another result of input" in said[0]


def test_the_place_of_the_store(tmp_path: Path) -> None:
    assert Store.at(tmp_path / "a", {"XLT_HOME": "/b"}).root == tmp_path / "a" / "store"
    assert Store.at(None, {"XLT_HOME": "/b"}).root == Path("/b/store")
    assert Store.at(None, {"XDG_CACHE_HOME": "/c"}).root == Path("/c/xlt/store")


# a full disk


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_quota_that_shows_when_files_are_flushed_leaves_the_last_good_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    make(store)
    monkeypatch.setattr(store_module, "_sync", full)
    with pytest.raises(OSError, match="No space left"):
        make(store, "cd34")
    assert store.damage(KEY, thorough=True) == [] and store.known() == [KEY] and lying_about(store) == []


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), True),
        (RuntimeError("I/O error: No space left on device (os error 28)"), True),
        (OSError(errno.ENOENT, "No such file or directory"), False),
        (RuntimeError("out of memory"), False),
    ],
)
def test_libraries_wrap_a_full_disk_in_errors_of_their_own(error: Exception, expected: bool) -> None:
    assert is_full(error) is expected
    wrapped = RunError("train failed.")
    wrapped.__cause__ = error
    assert is_full(wrapped) is expected


@pytest.fixture
def tiny(tmp_path: Path) -> dict[str, Any]:
    """A run of a second."""
    for file in ("eng/train", "vie/test"):
        path = tmp_path / "mine" / f"{file}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Anna\tB-PER\nsleeps\tO\n\n" * 4, encoding="utf-8")
    chosen = ["training.train=head", "training.steps=1", "training.select.keep=last"]
    return {
        "method": "zero_shot", "backbone": "mini", "targets": "vie", "data": str(tmp_path / "mine"), "set": chosen,
        "store": tmp_path / "kept",
    }  # fmt: skip


def done_again(folder: RunFolder) -> list[str]:
    return [record["stage"] for record in folder.scores["stages"] if not record["from_store"]]


def test_a_run_on_a_full_disk_says_so_and_goes_on_from_there(
    tiny: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Store._put

    def no_room(self: Store, folder: Path, key: str) -> None:
        if (folder / "head.safetensors").exists():
            full()
        put(self, folder, key)

    with monkeypatch.context() as patched:
        patched.setattr(Store, "_put", no_room)
        with pytest.raises(RunError) as caught:
            run(**tiny, out="a")
    text = str(caught.value)
    assert "train(eng, ner) was not kept; 3 of 6 stages are finished, and whole in the store." in text
    assert "there is no room left on this disk" in text and "xlt store gc --dry-run" in text
    assert text.rstrip().endswith("xlt run --config a/run.yaml --out a --resume")
    store = Store.at(tiny["store"])
    assert len(store.known()) == 3 and lying_about(store) == []
    assert done_again(run(config="a/run.yaml", out="a", resume=True, store=tiny["store"]))[0] == "train(eng, ner)"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no `mount` here")
    if mounted.returncode:
        pytest.skip(f"a small disk can't be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_is_really_full(small_disk: Path, tiny: dict[str, Any]) -> None:
    whole = [*tiny["set"], "training.train=all"]
    with pytest.raises(RunError, match="there is no room left on this disk") as caught:
        run(**{**tiny, "store": small_disk, "set": whole}, out="a")
    assert "train(eng, ner) was not kept" in str(caught.value) and str(small_disk / "store") in str(caught.value)
    store = Store(small_disk / "store")
    assert len(store.known()) == 3 and lying_about(store) == []
    assert [problem for key in store.known() for problem in store.damage(key, thorough=True)] == []


def test_a_store_that_cannot_be_a_folder(tiny: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(RunError, match="--store FOLDER, where you may write"):
        run(**{**tiny, "store": tmp_path / "taken"}, out="a")


# in runs


def test_a_run_notices_what_was_damaged_and_makes_only_that_anew(
    tiny: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    first = run(**tiny, out="a")
    store = Store.at(tiny["store"])
    keys = {record["stage"]: record["key"] for record in first.scores["stages"]}
    file = store.path(keys["train(eng, ner)"]) / "head.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    capsys.readouterr()
    second = run(**tiny, out="b")
    assert done_again(second) == ["train(eng, ner)"], "the others read the same again"
    assert "train(eng, ner): what the store has can't be used (head.safetensors: " in capsys.readouterr().err
    assert file.read_bytes() == whole


UNSURE = """
import os
from xlt_core.hooks import Card, hookimpl
from xlt_core.slots.losses import Loss
XLT_API = 1
@hookimpl
def xlt_losses():
    yield Card("my.mood", "Another loss each day.", "my_mood:Mood", work="my_mood:mood")
class Mood(Loss):
    repeatable = False
def mood(ctx, options):
    states = ctx.hidden(next(iter(ctx.batches)))
    return float(os.environ["MOOD"]) * ctx.task_scores(next(iter(ctx.batches))).sum(), states.new_ones(())
"""


def test_the_first_result_of_a_part_that_cannot_repeat_itself_is_kept_and_marked(
    tiny: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "my_mood.py"
    file.write_text(UNSURE, encoding="utf-8")
    asked = {**tiny, "plugins": [file], "add": ["training.losses.my.mood=1"]}
    monkeypatch.setenv("MOOD", "1")
    first = run(**asked, out="a")
    keys = {record["stage"]: record["key"] for record in first.scores["stages"]}
    store = Store.at(tiny["store"])
    marked = {stage for stage, key in keys.items() if not store.manifest(key).repeatable}
    assert marked == {"train(eng, ner)"}
    monkeypatch.setenv("MOOD", "2")
    assert done_again(run(**asked, out="b")) == [], "the first result stands"

    store.set_aside(keys["train(eng, ner)"])
    again = run(**asked, out="c")
    after = ["train(eng, ner)", "predict(vie, ner)"]
    assert done_again(again)[:2] == after, "what was made from the first result is no longer taken for it"
    read = json.loads((store.path(keys["predict(vie, ner)"]) / "manifest.json").read_text())["about"]["read"]
    assert read == {keys["train(eng, ner)"]: store.manifest(keys["train(eng, ner)"]).content}
    assert done_again(run(**asked, out="d")) == []
    sys.modules.pop("my_mood")


def test_a_stopped_stage_finds_what_it_left_and_leaves_nothing_when_it_is_done(
    tiny: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import xlt_core.engine.train as engine

    train, seen = engine.train, list[bool]()

    def stopping(job: Any) -> None:
        left = job.unfinished / "so far"
        seen.append(left.exists())
        store = Store.at(tiny["store"])
        assert job.stage.key in keys_in_use(store) and set(store.known()) < keys_in_use(store), "none is collected now"
        if not left.exists():
            left.parent.mkdir(parents=True)
            left.write_text("half")
            raise KeyboardInterrupt
        train(job)

    monkeypatch.setattr(engine, "train", stopping)
    with pytest.raises(StoppedError):
        run(**tiny, out="a")
    run(**tiny, out="a", resume=True)
    store = Store.at(tiny["store"])
    assert seen == [False, True] and lying_about(store) == [] and keys_in_use(store) == set()

"""`xlt store`: what is kept, whether it is whole, why something ran again, what can go."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from xlt_core import plan
from xlt_core.cli.main import call
from xlt_core.graph.locks import Owner
from xlt_core.graph.stages import Plan
from xlt_core.graph.store import Store
from xlt_core.running.workshop import about
from xlt_core.slots.schedule import Finetune

ASKED: dict[str, Any] = {"method": "zero_shot", "backbone": "mini", "targets": "vie"}
Xlt = Callable[..., tuple[int, str, str]]


@pytest.fixture
def xlt(capsys: pytest.CaptureFixture[str]) -> Xlt:
    """`code, out, err = xlt("ls")`, in this process."""

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = call(["store", *arguments])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "xlt-home" / "store")


def fill(store: Store, made: Plan) -> dict[str, str]:
    """Put something in the place of each of a plan's results; the keys by the stages' names."""
    for stage in made:
        if not store.has(stage.key):
            with store.making(stage.key, about(stage, made)) as folder:
                (folder / "x").write_text(stage.id)
    return {stage.id: stage.key for stage in made}


def document(out: str) -> Any:
    return json.loads(out)


# ls


def test_an_empty_store(xlt: Xlt, store: Store) -> None:
    assert xlt("ls") == (0, f"0 results, 0 B, in {store.root}\n", "")
    assert document(xlt("ls", "--json")[1]) == {"xlt": "store", "format": 1, "items": []}


def test_results_are_listed_the_latest_used_first(
    xlt: Xlt, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Finetune, "repeatable", False)
    keys = fill(store, plan(**ASKED))
    store.touch(keys["backbone(mini)"])
    os.utime(store.path(keys["labels(eng, ner, dev)"]) / "manifest.json", (0, 0))
    _, out, _ = xlt("ls")
    first, *_, last = out.splitlines()[1:8]
    assert first.split() == [keys["backbone(mini)"][:10], "backbone(mini)", "mini", "14", "B", "just", "now"]
    assert "labels(eng, ner, dev)" in last and last.endswith("d ago")
    (marked,) = [line for line in out.splitlines() if "can't be made the same twice" in line]
    assert "train(eng, ner)" in marked
    items = document(xlt("ls", "--json")[1])["items"]
    assert {item["stage"]: item["key"] for item in items} == keys
    assert [item["stage"] for item in items if not item["repeatable"]] == ["train(eng, ner)"]
    assert xlt("ls", "--store", str(tmp_path / "other"), "--json")[1].count("key") == 0


# verify


def test_a_whole_store_is_verified_with_0(xlt: Xlt, store: Store) -> None:
    keys = fill(store, plan(**ASKED))
    assert xlt("verify") == (0, "7 results read to the last byte; none damaged\n", "")
    assert document(xlt("verify", keys["backbone(mini)"][:6], "--json")[1])["checked"] == 1


def test_damage_is_told_with_1_and_set_aside_when_asked(xlt: Xlt, store: Store) -> None:
    keys = fill(store, plan(**ASKED))
    key = keys["train(eng, ner)"]
    (store.path(key) / "x").write_text("other things ..")
    code, out, _ = xlt("verify")
    assert code == 1
    assert out.splitlines() == [
        "7 results read to the last byte; 1 damaged",
        f"{key[:10]}  train(eng, ner)",
        "  x: has changed",
        "Try: xlt store verify --set-aside",
    ]
    told = document(xlt("verify", "--json")[1])
    assert told["damaged"] == [{"key": key, "stage": "train(eng, ner)", "problems": ["x: has changed"]}]
    assert store.has(key) and xlt("verify", "--set-aside")[0] == 1 and not store.has(key)
    assert xlt("verify")[0] == 0
    assert "1 set aside (xlt store gc)" in xlt("ls")[1]


# explain


def explained(xlt: Xlt, key: str) -> tuple[dict[str, Any], str]:
    return document(xlt("explain", key, "--json")[1]), xlt("explain", key)[1]


def test_the_first_of_its_kind_has_nothing_to_be_compared_with(xlt: Xlt, store: Store) -> None:
    keys = fill(store, plan(**ASKED))
    told, text = explained(xlt, keys["train(eng, ner)"])
    assert told["nearest"] is None and told["differences"] == []
    assert "The store holds no other result of training finetune at eng, ner" in text


def test_an_option_that_differs(xlt: Xlt, store: Store) -> None:
    before = fill(store, plan(**ASKED))
    after = fill(store, plan(**ASKED, set=["training.lr=1e-3", "training.select.patience=2"]))
    told, text = explained(xlt, after["train(eng, ner)"])
    assert told["nearest"] == before["train(eng, ner)"]
    assert told["differences"] == [
        {"what": "option lr", "here": 0.001, "there": 0.0005},
        {"what": "option select.patience", "here": 2, "there": None},
    ]
    assert "  option lr: 0.001 here, 0.0005 there\n  option select.patience: 2 here, none there\n" in text


def test_an_input_is_followed_to_its_own_reason(xlt: Xlt, store: Store) -> None:
    fill(store, plan(**ASKED))
    after = fill(store, plan(**ASKED, set=["training.lr=1e-3"]))
    _, text = explained(xlt, after["score:span_f1(vie, ner)"])
    assert text.splitlines()[-3:] == [
        "  input predict(vie, ner) is another:",
        "    input train(eng, ner) is another:",
        "      option lr: 0.001 here, 0.0005 there",
    ]
    store.set_aside(fill(store, plan(**ASKED))["predict(vie, ner)"])
    _, text = explained(xlt, after["score:span_f1(vie, ner)"])
    assert f"  input predict(vie, ner): {after['predict(vie, ner)']} here, " in text


def test_the_nearest_of_several_is_taken(xlt: Xlt, store: Store) -> None:
    near = fill(store, plan(**ASKED, set=["training.lr=1e-3"]))
    fill(store, plan(**ASKED, set=["training.lr=1e-2", "training.epochs=2", "training.batch=8"]))
    told, text = explained(xlt, fill(store, plan(**ASKED))["train(eng, ner)"])
    assert told["nearest"] == near["train(eng, ner)"] and told["others"] == 2
    assert [each["what"] for each in told["differences"]] == ["option lr"]
    assert f"Of 2 others of training finetune at eng, ner, the nearest is {near['train(eng, ner)'][:10]}" in text


def test_another_seed_precision_version_and_library(xlt: Xlt, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store, plan(**ASKED, seeds="1,2"))
    monkeypatch.setattr(Finetune, "version", 7)
    monkeypatch.setattr(Finetune, "libraries", ("no-such-library",))
    after = fill(store, plan(**ASKED, seeds="3,", precision="bf16"))
    told, _ = explained(xlt, after["train(eng, ner)"])
    assert [(each["what"], each["here"]) for each in told["differences"]] == [
        ("option precision", "bf16"), ("the part's version", 7), ("the seed", 3), ("library no-such-library",
        "not installed"),
    ]  # fmt: skip


def test_data_that_changed(xlt: Xlt, store: Store, tmp_path: Path) -> None:
    for file in ("eng/train", "eng/dev", "vie/test"):
        path = tmp_path / "mine" / f"{file}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Anna\tB-PER\n\n", encoding="utf-8")
    asked = {**ASKED, "data": str(tmp_path / "mine")}
    fill(store, plan(**asked))
    (tmp_path / "mine" / "vie" / "test.tsv").write_text("Anna\tO\n\n", encoding="utf-8")
    told, text = explained(xlt, fill(store, plan(**asked))["predict(vie, ner)"])
    (difference,) = told["differences"]
    assert difference["what"] == "input labels(vie, ner, test)"
    assert [each["what"] for each in difference["because"]] == ["data fingerprint"]
    assert "    data fingerprint: " in text


def test_a_parts_file_that_changed(xlt: Xlt, store: Store, tmp_path: Path) -> None:
    file = tmp_path / "my_still.py"
    text = (
        "from xlt_core.hooks import Card, hookimpl\nfrom xlt_core.slots.losses import Loss\nXLT_API = 1\n"
        "@hookimpl\ndef xlt_losses():\n    yield Card('my.still', 'Stills.', 'my_still:Still', work='my_still:work')\n"
        "class Still(Loss):\n    pass\ndef work(ctx, options): ...\n"
    )
    asked = {**ASKED, "plugins": [file], "add": ["training.losses.my.still=1"]}
    for more in ("", "# more\n"):
        file.write_text(text + more, encoding="utf-8")
        keys = fill(store, plan(**asked))
        sys.modules.pop("my_still")
    told, _ = explained(xlt, keys["train(eng, ner)"])
    assert [each["what"] for each in told["differences"]] == ["the file of loss my.still"]


# gc


@pytest.fixture
def runs(store: Store, tmp_path: Path) -> dict[str, dict[str, str]]:
    """Two runs, of which the results in the store and plan.json are left."""
    made = {}
    for name, lr in (("a", "1e-3"), ("b", "1e-2")):
        planned = plan(**ASKED, set=[f"training.lr={lr}"])
        made[name] = fill(store, planned)
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        (folder / "plan.json").write_text(json.dumps(planned.as_data(), default=str))
    return made


def used(store: Store, key: str, days: float) -> None:
    then = time.time() - days * 86400
    os.utime(store.path(key) / "manifest.json", (then, then))


def test_without_a_choice_no_result_goes(xlt: Xlt, store: Store, runs: Any) -> None:
    code, out, _ = xlt("gc")
    assert code == 0 and "No result was looked at. Try: --older-than 30, or --keep-runs runs" in out
    assert len(store.known()) == 10


def test_what_no_kept_run_was_made_of_goes(xlt: Xlt, store: Store, runs: Any, tmp_path: Path) -> None:
    asked = ("gc", "--keep-runs", str(tmp_path / "runs" / "a"))
    told = document(xlt(*asked, "--dry-run", "--json")[1])
    gone = {runs["b"][name] for name in ("train(eng, ner)", "predict(vie, ner)", "score:span_f1(vie, ner)")}
    assert {each["key"] for each in told["results"]} == gone and told["dry_run"] and len(store.known()) == 10
    assert "3 results and 0 leftovers would go" in xlt(*asked, "--dry-run")[1]
    assert "7 stay: used by the runs that are kept" in xlt(*asked)[1]
    assert set(store.known()) == set(runs["a"].values()) and not list((store.root / "aside").iterdir())
    assert document(xlt("gc", "--keep-runs", str(tmp_path / "runs"), "--json")[1])["results"] == []


def test_what_was_not_used_for_long_goes_and_use_is_noted(xlt: Xlt, store: Store, runs: Any, tmp_path: Path) -> None:
    old = [runs["a"]["train(eng, ner)"], runs["b"]["train(eng, ner)"], runs["a"]["backbone(mini)"]]
    for key in old:
        used(store, key, days=31)
    with store.claim(old[2], "backbone(mini)", print) as mine:
        assert not mine
    told = document(xlt("gc", "--older-than", "30", "--keep-runs", str(tmp_path / "runs" / "b"), "--json")[1])
    assert [each["key"] for each in told["results"]] == [old[0]]
    assert told["left"]["used by the runs that are kept"] == 7
    assert document(xlt("gc", "--older-than", "30", "--json")[1])["left"] == {"used within 30 days": 8}


def test_what_cannot_be_made_the_same_twice_stays_unless_asked_for(
    xlt: Xlt, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Finetune, "repeatable", False)
    keys = fill(store, plan(**ASKED))
    assert "1 stay: can't be made the same twice" in xlt("gc", "--older-than", "0")[1]
    assert store.known() == [keys["train(eng, ner)"]]
    xlt("gc", "--older-than", "0", "--unrepeatable")
    assert store.known() == []


def test_what_a_run_reads_that_goes_on_stays(xlt: Xlt, store: Store, runs: Any) -> None:
    with store.using(list(runs["a"].values())):
        told = document(xlt("gc", "--older-than", "0", "--json")[1])
        assert told["left"] == {"read by a run that goes on": 7} and told["leftovers"] == []
    xlt("gc", "--older-than", "0")
    assert store.known() == []


def test_what_dead_processes_left_goes_and_what_living_ones_make_stays(xlt: Xlt, store: Store, runs: Any) -> None:
    dead = json.dumps({**asdict(replace(Owner.me(), started="long ago")), "keys": list(runs["a"].values())})
    store.lock("dead").parent.mkdir(exist_ok=True)
    left = [store.lock("dead"), store.root / "using" / "dead.json", store.root / "making" / "dead-1" / "owner.json"]
    for file in left:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dead)
    done, stopped = (store.unfinished(key) for key in (runs["a"]["train(eng, ner)"], "stopped"))
    for folder in (done, stopped):
        folder.mkdir(parents=True)
    damaged = store.set_aside(runs["b"]["train(eng, ner)"])
    away = store.root / "making" / "away-1"
    away.mkdir()
    (away / "owner.json").write_text(json.dumps(asdict(dataclasses.replace(Owner.me(), host="elsewhere"))))
    with store.claim("living", "a", print), store.making("living", {}) as making:
        told = document(xlt("gc", "--json")[1])
        assert making.is_dir() and store.lock("living").exists()
    expected = [left[0], left[1], left[2].parent, damaged, done]
    assert sorted(told["leftovers"]) == sorted(map(str, expected))
    assert not any(path.exists() for path in expected) and stopped.exists() and away.exists()
    for path in (stopped, away, away / "owner.json"):
        os.utime(path, (1, 1))
    assert sorted(document(xlt("gc", "--older-than", "9", "--json")[1])["leftovers"]) == [str(away), str(stopped)]


# mistakes


def test_mistakes_are_told_with_2(xlt: Xlt, store: Store, runs: Any, tmp_path: Path) -> None:
    code, _, err = xlt("explain", "nowhere")
    assert code == 2 and "KEY: no result is `nowhere`" in err and "Try: xlt store ls" in err
    code, out, _ = xlt("verify", "", "--json")
    assert code == 2 and document(out)["problems"][0]["where"] == "KEY"
    first = min("0123456789abcdef", key=lambda c: -sum(key.startswith(c) for key in store.known()))
    if sum(key.startswith(first) for key in store.known()) > 1:
        assert f"results begin with `{first}`" in xlt("explain", first)[2]
    code, _, err = xlt("gc", "--keep-runs", str(tmp_path / "nowhere"))
    assert code == 2 and "is no run, and there is none in it: no plan.json" in err
    (tmp_path / "runs" / "a" / "plan.json").write_text("{")
    code, _, err = xlt("gc", "--keep-runs", str(tmp_path / "runs"), "--older-than", "0")
    assert code == 2 and "plan.json can't be read" in err and len(store.known()) == 10
    assert xlt("gc", "--older-than", "-1")[0] == 2
    assert xlt("lst")[0] == 2


def test_a_manifest_that_cannot_be_read_is_listed_and_not_explained(xlt: Xlt, store: Store) -> None:
    key = fill(store, plan(**ASKED))["backbone(mini)"]
    (store.path(key) / "manifest.json").write_text("{")
    assert f"{key[:10]}  ?" in xlt("ls")[1] and "can't be read" in xlt("ls")[1]
    code, _, err = xlt("explain", key)
    assert code == 1 and f"xlt store verify {key[:10]} --set-aside" in err
    assert xlt("verify", key)[0] == 1

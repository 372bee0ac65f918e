"""Results are whole or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlt_core.graph.store import Store

KEY = "ab12"


def test_a_result_is_there_when_it_is_whole(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.making(KEY, {"stage": "a"}) as folder:
        (folder / "x.txt").write_text("1")
        assert not store.has(KEY)
    assert store.has(KEY) and store.check(KEY) == []
    assert (store.path(KEY) / "x.txt").read_text() == "1"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_what_fails_leaves_no_trace(tmp_path: Path, error: type[BaseException]) -> None:
    store = Store(tmp_path)
    with pytest.raises(error), store.making(KEY, {}) as folder:
        (folder / "x.txt").write_text("half")
        raise error
    assert not store.has(KEY)
    assert list(store.path(KEY).parent.iterdir()) == []


def test_a_result_that_changed_is_noticed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.making(KEY, {}) as folder:
        (folder / "x.txt").write_text("1")
        (folder / "y.txt").write_text("2")
    (store.path(KEY) / "x.txt").write_text("other")
    (store.path(KEY) / "y.txt").unlink()
    assert store.check(KEY) == ["x.txt", "y.txt"]


def test_the_place_of_the_store(tmp_path: Path) -> None:
    assert Store.at(tmp_path / "a", {"XLT_HOME": "/b"}).root == tmp_path / "a" / "store"
    assert Store.at(None, {"XLT_HOME": "/b"}).root == Path("/b/store")
    assert Store.at(None, {"XDG_CACHE_HOME": "/c"}).root == Path("/c/xlt/store")

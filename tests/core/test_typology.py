"""Weights from tables of typology."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from xlt_core.engine.typology import lang2vec, weights_of
from xlt_core.errors import RunError

LIJ = dict(zip(("eng", "zho", "rus", "ara", "jpn"), (0.8371, 0.6429, 0.8810, 0.7676, 0.4695), strict=True))


def weighed(content: bytes, tmp_path: Path, models: list[str], target: str = "lij", **options: Any) -> dict[str, float]:
    (tmp_path / "resource").write_bytes(content)
    asked = {"features": "syntax_knn", "normalise": "softmax", "temperature": 1.0, "treat_as_missing": (), **options}
    stage = SimpleNamespace(options={**asked, "models": models}, languages=(target,), id="weights")
    job: Any = SimpleNamespace(
        stage=stage, out=tmp_path, inputs_named=lambda start: {start: tmp_path}, report=lambda event: None
    )
    lang2vec(job)
    return dict(json.loads((tmp_path / "weights.json").read_text("utf-8")))


def test_the_sheets_numbers() -> None:
    softmax, shares = ([*weights_of(LIJ, softmax=how).values()] for how in (True, False))
    assert softmax == pytest.approx([0.2225, 0.1833, 0.2325, 0.2076, 0.1541], abs=1e-4)
    assert shares == pytest.approx([0.2327, 0.1787, 0.2448, 0.2133, 0.1305], abs=1e-4)
    assert weights_of({"eng": 0.3}) == {"eng": 1.0}
    hot = weights_of(LIJ, temperature=1e-3)
    assert hot["rus"] == pytest.approx(1.0) and sum(hot.values()) == pytest.approx(1.0)


def table(**vectors: list[float]) -> bytes:
    """As lang2vec has it: features of other kinds stand among those of syntax."""
    width = len(next(iter(vectors.values())))
    data = np.asarray([[*own, 9.0] for own in vectors.values()], dtype=np.float32)[:, :, None]
    out = io.BytesIO()
    np.savez(out, langs=np.array([*vectors]), feats=np.array([*(f"S_{n}" for n in range(width)), "P_X"]), data=data)
    return out.getvalue()


def test_cosines_of_the_syntax_in_lang2vecs_own_table(tmp_path: Path) -> None:
    content = table(lij=[1, 1, 0], eng=[1, 0, 0], cmn=[0, 1, 1], zho=[1, 1, 0])
    similar = {"eng": 1 / np.sqrt(2), "zho": 0.5}  # zho is Mandarin
    assert weighed(content, tmp_path, ["eng", "zho"]) == pytest.approx(weights_of(similar))
    plain = b"lij\t1\t1\t0\neng\t1\t0\t0\ncmn\t0\t1\t1\n"
    assert weighed(plain, tmp_path, ["eng", "zho"]) == pytest.approx(weights_of(similar))


@pytest.mark.parametrize("more", [{"target": "xyz"}, {"treat_as_missing": ["lij"]}, {"treat_as_missing": ["eng"]}])
def test_a_language_that_is_missing_makes_all_alike(more: dict[str, Any], tmp_path: Path) -> None:
    found = weighed(table(lij=[1, 1], eng=[1, 0], rus=[1, 1]), tmp_path, ["eng", "rus"], **more)
    assert found == {"eng": 0.5, "rus": 0.5}


def test_one_less_the_distance(tmp_path: Path) -> None:
    content = b"lij\teng\t0.3\nrus\tlij\t0.1\n"
    found = weighed(content, tmp_path, ["eng", "rus"], features="featural", normalise="sum")
    assert found == pytest.approx({"eng": 0.7 / 1.6, "rus": 0.9 / 1.6})


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"lij\t1\neng\t1\t2\n", "as many numbers"), (b"lij\tx\n", "stand numbers"), (b"\xff\xfe\xfa", "neither UTF-8")],
)
def test_a_table_that_cannot_be_read_is_told(content: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(RunError) as met:
        weighed(content, tmp_path, ["eng", "rus"])
    assert said in met.value.problems[0].what


def test_an_archive_that_is_no_such_table_is_told(tmp_path: Path) -> None:
    out = io.BytesIO()
    np.savez(out, other=np.zeros(2))
    with pytest.raises(RunError) as met:
        weighed(out.getvalue(), tmp_path, ["eng", "rus"])
    assert "no table of lang2vec" in met.value.problems[0].what

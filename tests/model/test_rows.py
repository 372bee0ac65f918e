"""What tokenizer and embedding stages leave is read back as it was."""

from __future__ import annotations

import json
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest
import torch

from xlt_core.errors import RunError
from xlt_core.model.load import load_tokenizer
from xlt_core.model.rows import FINGERPRINT, read_rows, read_tokenizer, write_rows, write_tokenizer
from xlt_core.model.tokens import tokenizer_from_pieces


@pytest.fixture(scope="module")
def own() -> Any:
    with as_file(files("xlt_core.mini").joinpath("backbones/subword")) as folder:
        return tokenizer_from_pieces([("▁a", -1.0), ("b", -1.5), ("▁", -2.0)], like=load_tokenizer(folder))


def test_a_tokenizer_reads_as_before(own: Any, tmp_path: Path) -> None:
    write_tokenizer(tmp_path, own)
    again = read_tokenizer(tmp_path)
    assert again("ab a b")["input_ids"] == own("ab a b")["input_ids"]
    assert again.get_vocab() == own.get_vocab()
    assert again.pad_token_id == own.pad_token_id


def test_a_changed_tokenizer_is_refused(own: Any, tmp_path: Path) -> None:
    write_tokenizer(tmp_path, own)
    told = json.loads((tmp_path / FINGERPRINT).read_text())
    told["special tokens"] = "other"
    (tmp_path / FINGERPRINT).write_text(json.dumps(told))
    with pytest.raises(RunError, match="doesn't read as it did"):
        read_tokenizer(tmp_path)


def test_rows_come_back(tmp_path: Path) -> None:
    rows, bias = torch.randn(5, 3, dtype=torch.float64), torch.randn(5)
    write_rows(tmp_path, rows, bias)
    found = read_rows(tmp_path)
    assert found.rows.dtype == torch.float32
    assert torch.equal(found.rows, rows.float())
    assert found.bias is not None
    assert torch.equal(found.bias, bias)
    assert found.output is None


@pytest.mark.parametrize(
    ("given", "said"),
    [({"bias": torch.zeros(4)}, "bias: expected"), ({"output": torch.full((5, 3), float("nan"))}, "aren't finite")],
)
def test_rows_that_nothing_could_read_are_refused(given: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=said):
        write_rows(tmp_path, torch.zeros(5, 3), **given)


def test_rows_that_are_gone_are_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="can't be read"):
        read_rows(tmp_path)

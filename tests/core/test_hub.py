"""Models and data as the hub's caches lay them out, and folders; nothing here needs a network."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import xlt_core
from xlt_core import plan
from xlt_core.errors import UsageError

Run = Callable[..., "subprocess.CompletedProcess[str]"]
MINI = Path(xlt_core.__file__).parent / "mini" / "backbones" / "subword"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def labels(tmp_path: Path) -> str:
    for file in ("eng/train", "eng/dev", "vie/test"):
        path = tmp_path / "labels" / f"{file}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Anna\tB-PER\nsleeps\tO\n.\tO\n\n" * 6, encoding="utf-8")
    return str(tmp_path / "labels")


@pytest.fixture
def cached_xlm_r(tmp_path: Path) -> Path:
    """A small model in the place where the hub's client keeps XLM-R."""
    home = tmp_path / "hf-home" / "hub" / "models--FacebookAI--xlm-roberta-base"
    snapshot = home / "snapshots" / COMMIT
    shutil.copytree(MINI, snapshot)
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text(COMMIT)
    return snapshot


@pytest.mark.parametrize("offline", [("--offline",), ()], ids=["offline", "no network"])
def test_a_backbone_that_the_hubs_cache_holds_is_used(
    xlt: Run, labels: str, cached_xlm_r: Path, offline: tuple[str, ...]
) -> None:
    asked = ("--method", "zero_shot", "--backbone", "xlm-roberta-base", "--targets", "vie", "--data", labels)
    done = xlt("run", *asked, "--set", "training.epochs=1", "--out", "a", *offline)
    assert done.returncode == 0, done.stderr
    assert "vie" in done.stdout


def test_a_backbone_that_is_nowhere_is_exit_4(xlt: Run, labels: str) -> None:
    asked = ("--method", "zero_shot", "--backbone", "xlm-roberta-base", "--targets", "vie", "--data", labels)
    done = xlt("run", *asked, "--offline")
    assert done.returncode == 4
    assert done.stderr.startswith("This run needs what is not on this machine, and --offline was given.\n  1. backbone")
    assert "labels" not in done.stderr, "these are here"


def test_a_cached_tokenizer_without_weights_is_no_backbone(xlt: Run, labels: str, cached_xlm_r: Path) -> None:
    (cached_xlm_r / "model.safetensors").unlink()
    asked = ("--method", "zero_shot", "--backbone", "xlm-roberta-base", "--targets", "vie", "--data", labels)
    done = xlt("run", *asked, "--offline")
    assert done.returncode == 4 and "backbone xlm-roberta-base is not in the cache" in done.stderr


def test_cached_weights_that_are_pickled_are_refused_with_the_command_that_converts_them(
    xlt: Run, labels: str, cached_xlm_r: Path
) -> None:
    (cached_xlm_r / "model.safetensors").rename(cached_xlm_r / "pytorch_model.bin")
    asked = ("--method", "zero_shot", "--backbone", "xlm-roberta-base", "--targets", "vie", "--data", labels)
    done = xlt("run", *asked, "--offline")
    new = "xlm-roberta-base-safetensors"
    assert done.returncode == 1, done.stderr
    assert f"python -m xlt_core.model.convert {cached_xlm_r} {new}, then --backbone {new}" in done.stderr


def test_a_folder_is_a_backbone(xlt: Run, labels: str, tmp_path: Path) -> None:
    shutil.copytree(MINI, tmp_path / "my-model")
    asked = ("--method", "zero_shot", "--targets", "vie", "--data", labels, "--set", "training.epochs=1")
    done = xlt("run", *asked, "--backbone", str(tmp_path / "my-model"), "--out", "a")
    assert done.returncode == 0, done.stderr
    made = plan(method="zero_shot", backbone=str(tmp_path / "my-model"), targets="vie", data=labels)
    assert not made.downloads


def test_a_hub_name_is_the_backbone_of_that_name() -> None:
    by_hub = plan(method="zero_shot", backbone="FacebookAI/xlm-roberta-base", targets="amh")
    by_name = plan(method="zero_shot", backbone="xlm-roberta-base", targets="amh")
    assert [stage.key for stage in by_hub] == [stage.key for stage in by_name]


def test_a_folder_without_a_model_is_no_backbone(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"it is no folder with a config\.json"):
        plan(method="zero_shot", backbone=str(tmp_path), targets="vie")

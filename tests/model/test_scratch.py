"""A backbone from nothing but texts."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from xlt_core.model.backbone import BackboneModel
from xlt_core.model.scratch import main, waves
from xlt_core.slots.backbones import folder_backbone

WORDS = {"eng": "the red house king sees bread water old", "fra": "la rouge maison roi voit pain eau vieux"}
ASKED = ["--languages", "eng,fra", "--pieces", "40", "--layers", "1", "--width", "16", "--heads", "2"]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    draw = torch.Generator().manual_seed(0)
    for language, words in WORDS.items():
        drawn = torch.randint(8, (200, 5), generator=draw).tolist()
        lines = [" ".join(words.split()[n] for n in row) for row in drawn]
        (tmp_path / f"{language}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    pairs = zip(*(words.split() for words in WORDS.values()), strict=True)
    (tmp_path / "eng-fra.tsv").write_text("".join(f"{one}\t{two}\n" for one, two in pairs) * 5, encoding="utf-8")
    return tmp_path


def test_the_folder_is_a_backbone_and_the_same_each_time(texts: Path) -> None:
    for name in ("one", "two"):
        assert main([str(texts), str(texts / name), *ASKED]) == 0
    for file in ("tokenizer.json", "model.safetensors"):
        assert (texts / "one" / file).read_bytes() == (texts / "two" / file).read_bytes()
    known = folder_backbone(texts / "one")
    assert known is not None and (known.layers, known.width, known.positions) == (1, 16, 128)
    model = BackboneModel.load(texts / "one")
    assert (
        model.tokenizer("red", "rouge")["input_ids"][0] == 0 and model.tokenizer.mask_token_id == known.vocabulary - 1
    )
    assert float(model.words.weight.detach().std()) == pytest.approx(0.05, rel=0.3)
    table = model.base.embeddings.position_embeddings.weight.detach()
    torch.testing.assert_close(table, 0.03 * waves(*table.shape))


def test_without_translations_there_are_still_vectors(texts: Path) -> None:
    (texts / "eng-fra.tsv").unlink()
    assert main([str(texts), str(texts / "new"), *ASKED]) == 0
    assert main([str(texts), str(texts / "other"), *ASKED[2:]]) == 4


def test_the_languages_are_those_of_the_table(texts: Path) -> None:
    assert main([str(texts), str(texts / "new"), *ASKED[2:]]) == 0


def test_mistakes_are_told(texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(texts), str(texts), *ASKED]) == 4
    assert "is there already" in capsys.readouterr().err
    assert main([str(texts), str(texts / "new"), *ASKED[2:], "--languages", "eng,hin"]) == 4
    assert "hin.txt can't be read" in capsys.readouterr().err
    assert main([str(texts), str(texts / "new"), *ASKED, "--pieces", "900"]) == 4
    assert "too high" in capsys.readouterr().err


def test_waves_are_those_of_the_paper() -> None:
    table = waves(50, 8)
    assert table[0].tolist() == [0, 1] * 4
    assert table[3, 4] == pytest.approx(float(torch.tensor(3 / 10_000 ** (4 / 8)).sin()))
    products = table @ table.T  # they depend on the distance alone
    torch.testing.assert_close(products[10, 14], products[30, 34])

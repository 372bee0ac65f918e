"""FOCUS as its authors' package does it, given the same tokenizers, table and static vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from xlt_unibridge.static import StaticVectors

from plugins.unibridge.tests.made import Made
from plugins.unibridge.tests.test_stages import mini_folder, of_turkish, rows_of
from xlt_core.model.backbone import BackboneModel
from xlt_core.model.rows import read_rows, read_tokenizer


@dataclass
class AsTheirs:
    """What the package asks of a fastText model."""

    vectors: dict[str, np.ndarray[Any, Any]]

    @classmethod
    def of(cls, static: StaticVectors, tokenizer: Any) -> AsTheirs:
        pieces = tokenizer.convert_ids_to_tokens(list(range(len(static.vectors))))
        # fastText ends every line with a `</s>` of its own, which the package would take for the tokenizer's
        trained, special = static.trained.tolist(), {*tokenizer.all_special_ids}
        known = (n for n in range(len(pieces)) if trained[n] and n not in special)
        return cls({pieces[n]: static.vectors[n].numpy() for n in known})

    def __contains__(self, piece: str) -> bool:
        return piece in self.vectors

    def __getitem__(self, piece: str) -> np.ndarray[Any, Any]:
        return self.vectors[piece]


@pytest.fixture(scope="module")
def focus(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Turkish, with first vectors by FOCUS."""
    made = of_turkish(tmp_path_factory.mktemp("focus"), "embedding.target.text=unibridge.focus")
    made.stage("embedding(tur)")
    return made


def test_rows_are_those_of_the_package(focus: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    deepfocus = pytest.importorskip("deepfocus", reason="deepfocus isn't installed")
    new, model = read_tokenizer(focus.stage("tokenizer(tur)")), BackboneModel.load(mini_folder())
    table = model.words.weight.detach()
    theirs_of_text = AsTheirs.of(StaticVectors.load(focus.shared("static vectors")), new)
    monkeypatch.setattr(deepfocus.focus, "load_target_token_embedding", lambda **asked: theirs_of_text)
    theirs = deepfocus.FOCUS(
        target_tokenizer=new, source_tokenizer=model.tokenizer, source_embeddings=table,
        target_training_data_path="unread", verbosity="silent",
    )  # fmt: skip
    folder = focus.stage("embedding(tur)")
    ours, rows = read_rows(folder).rows, rows_of(folder)
    kinds = {how: [row["id"] for row in rows if row["how"] == how] for how in ("copied", "mixture", "drawn")}
    assert sum(map(len, kinds.values())) == len(theirs) and min(len(kinds["copied"]), len(kinds["mixture"])) > 50
    assert ours[kinds["copied"]].equal(theirs[kinds["copied"]])
    torch.testing.assert_close(ours[kinds["mixture"]], theirs[kinds["mixture"]], atol=1e-5, rtol=0)

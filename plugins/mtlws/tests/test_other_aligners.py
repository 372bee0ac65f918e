"""eflomal and simalign: refused with what to install where they aren't, and what they say where they are."""

from __future__ import annotations

import builtins
import importlib
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from xlt_core.bitext.pairs import Pair
from xlt_core.errors import UnavailableError
from xlt_core.mini.bitext import parallel
from xlt_core.mini.links import links as gold_links


@pytest.mark.parametrize("tool", ["eflomal", "simalign"])
def test_without_its_library_a_part_says_what_to_install(tool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *more: Any, **asked: Any) -> Any:
        if name == tool:
            raise ImportError(f"No module named {tool}")
        return real(name, *more, **asked)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.delitem(sys.modules, f"xlt_mtlws.{tool}_links", raising=False)
    with pytest.raises(UnavailableError, match=rf"pip install 'xlt-mtlws\[{tool}\]'"):
        importlib.import_module(f"xlt_mtlws.{tool}_links")


def test_eflomal_links_source_to_target() -> None:
    """Its two files name links in one order; were one of them turned, few links would agree."""
    pytest.importorskip("eflomal", reason="eflomal, an extra, isn't installed")
    from xlt_mtlws.eflomal_links import links_of

    rows = list(islice(parallel("eng", "tur", "text", 400), 400))
    pairs = [Pair(one.id, one.words, other.words) for one, other in rows]
    found = links_of(pairs, "grow-diag-final-and")
    gold = [set(gold_links(one, other)) for one, other in rows]
    hit = sum(len(own & set(said)) for own, said in zip(gold, found, strict=True))
    assert len(found) == 400 and 2 * hit / (sum(map(len, gold)) + sum(map(len, found))) > 0.6


def test_simalign_links_words_of_like_states(tmp_path: Path) -> None:
    """A sentence beside itself: by any encoder, each word is most like itself."""
    pytest.importorskip("simalign", reason="simalign, an extra, isn't installed")
    import torch
    from simalign import SentenceAligner
    from transformers import BertConfig, BertModel, BertTokenizerFast
    from xlt_mtlws.simalign_links import links_by

    words = ("the", "red", "house", "is", "big")
    vocabulary = tmp_path / "vocab.txt"
    vocabulary.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]), encoding="utf-8")
    torch.manual_seed(0)
    shape = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
    BertModel(BertConfig(vocab_size=10, **shape)).save_pretrained(tmp_path / "bert")
    BertTokenizerFast(str(vocabulary)).save_pretrained(tmp_path / "bert")
    aligner = SentenceAligner(str(tmp_path / "bert"), "bpe", 0.0, "a", "cpu", 1)
    assert links_by(aligner, Pair("1", words, words), "inter") == [(at, at) for at in range(5)]

"""A small mBART of random weights, its files laid out as the hub lays them out."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import sentencepiece
import torch
import transformers
from transformers.models.mbart50.tokenization_mbart50 import FAIRSEQ_LANGUAGE_CODES

from xlt_core.mini.meaning import meanings
from xlt_core.mini.world import say

CODES = list(FAIRSEQ_LANGUAGE_CODES)
MASK = {"content": "<mask>", "lstrip": True, "normalized": True, "rstrip": False, "single_word": False}
ROLES: dict[str, Any] = {
    "bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "mask_token": MASK, "pad_token": "<pad>",
    "sep_token": "</s>", "unk_token": "<unk>", "additional_special_tokens": CODES,
}  # fmt: skip


def lines(languages: Iterable[str] = ("eng", "rus"), count: int = 150) -> list[str]:
    """Sentences of the mini world."""
    return [say(meaning, language).text for language in languages for meaning in islice(meanings("text"), count)]


def mbart(folder: Path, text: Iterable[str] | None = None, size: int = 120, **more: Any) -> Path:
    """The folder: `sentencepiece.bpe.model`, `tokenizer_config.json`, `config.json`, `model.safetensors` and the like.

    The ids are fairseq's: `<s> <pad> </s> <unk>`, pieces, 52 codes of languages, `<mask>`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(text or lines()), model_writer=out, vocab_size=size, model_type="unigram",
        minloglevel=2, num_threads=1,
    )  # fmt: skip
    (folder / "sentencepiece.bpe.model").write_bytes(out.getvalue())
    (folder / "special_tokens_map.json").write_text(json.dumps(ROLES), encoding="utf-8")
    told = {
        **ROLES,
        "src_lang": None,
        "tgt_lang": None,
        "tokenizer_class": "MBart50Tokenizer",
        "language_codes": "ML50",
    }
    told["mask_token"] = {**MASK, "__type": "AddedToken"}
    (folder / "tokenizer_config.json").write_text(json.dumps(told), encoding="utf-8")
    sizes = {"d_model": 16, "encoder_layers": 3, "decoder_layers": 3, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32,
             "encoder_attention_heads": 2, "decoder_attention_heads": 2, "max_position_embeddings": 128}  # fmt: skip
    config = transformers.MBartConfig(
        vocab_size=size + 1 + len(CODES) + 1, scale_embedding=True, forced_eos_token_id=2, decoder_start_token_id=2,
        **{**sizes, **more},
    )  # fmt: skip
    torch.manual_seed(0)
    model = transformers.MBartForConditionalGeneration(config)
    with torch.no_grad():
        for name, weight in (*model.named_parameters(), *model.named_buffers()):
            if "norm" in name or name.endswith("bias"):  # as if trained: neither 1 nor 0
                weight += 0.2 * torch.randn(weight.shape)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    return folder

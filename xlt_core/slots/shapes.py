"""The shapes of the checkpoints that papers use, as their published configurations have them: for `random:NAME`.

A plugin adds one more by putting it into `SHAPES` in the module that declares its backbone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Shape:
    """What is drawn at random: a model of this configuration, read through control tokens of these ids."""

    config: Mapping[str, Any]
    """transformers' names and values; what it doesn't read is left out."""
    special: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """Role to token and id; none where the architecture reads characters without a vocabulary."""
    single: str = ""
    """How control tokens stand about a sentence: `<s>:0 $A:0 </s>:0`; the number is the segment."""
    pair: str = ""

    def written(self) -> str:
        """All of it as text, to be hashed."""
        return json.dumps(asdict(self), sort_keys=True)


_BASE = {
    "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072,
    "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1, "initializer_range": 0.02,
}  # fmt: skip
_LARGE = {**_BASE, "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096}
_FRAMED = ("<s>:0 $A:0 </s>:0", "<s>:0 $A:0 </s>:0 </s>:0 $B:0 </s>:0")


def _fairseq(mask: int) -> dict[str, tuple[str, int]]:
    """Control tokens as fairseq numbers them, the mask last."""
    start, end = ("<s>", 0), ("</s>", 2)
    return {
        "bos_token": start, "cls_token": start, "pad_token": ("<pad>", 1), "eos_token": end, "sep_token": end,
        "unk_token": ("<unk>", 3), "mask_token": ("<mask>", mask),
    }  # fmt: skip


def _roberta(kind: str, vocabulary: int, size: Mapping[str, Any] = _BASE) -> Shape:
    rest = {"max_position_embeddings": 514, "type_vocab_size": 1, "layer_norm_eps": 1e-5}
    ids = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2}
    config = {"model_type": kind, **size, **rest, **ids, "vocab_size": vocabulary}
    return Shape(config, _fairseq(vocabulary - 1), *_FRAMED)


_CANINE = Shape(
    {
        "model_type": "canine", **_BASE, "max_position_embeddings": 16384, "type_vocab_size": 16,
        "layer_norm_eps": 1e-12, "pad_token_id": 0, "bos_token_id": 0xE000, "eos_token_id": 0xE001,
        "downsampling_rate": 4, "upsampling_kernel_size": 4, "num_hash_functions": 8, "num_hash_buckets": 16384,
        "local_transformer_stride": 128,
    }
)  # fmt: skip

SHAPES: dict[str, Shape] = {
    "xlm-roberta-base": _roberta("xlm-roberta", 250_002),
    "xlm-roberta-large": _roberta("xlm-roberta", 250_002, _LARGE),
    "glot500-base": _roberta("xlm-roberta", 401_145),
    "xphonebert-base": _roberta("roberta", 1_960),
    "bert-base-multilingual-cased": Shape(
        {
            "model_type": "bert", **_BASE, "max_position_embeddings": 512, "type_vocab_size": 2,
            "layer_norm_eps": 1e-12, "pad_token_id": 0, "vocab_size": 119_547,
        },
        {
            "pad_token": ("[PAD]", 0), "unk_token": ("[UNK]", 100), "cls_token": ("[CLS]", 101),
            "sep_token": ("[SEP]", 102), "mask_token": ("[MASK]", 103),
        },
        "[CLS]:0 $A:0 [SEP]:0",
        "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
    ),
    "canine-c": _CANINE,
    "canine-s": _CANINE,
    "mbart-large-50": Shape(
        {
            "model_type": "mbart", "d_model": 1024, "encoder_layers": 12, "decoder_layers": 12,
            "encoder_attention_heads": 16, "decoder_attention_heads": 16, "encoder_ffn_dim": 4096,
            "decoder_ffn_dim": 4096, "activation_function": "gelu", "dropout": 0.1, "attention_dropout": 0.0,
            "activation_dropout": 0.0, "classifier_dropout": 0.0, "init_std": 0.02, "scale_embedding": True,
            "max_position_embeddings": 1024, "vocab_size": 250_054, "bos_token_id": 0, "pad_token_id": 1,
            "eos_token_id": 2, "decoder_start_token_id": 2, "forced_eos_token_id": 2,
        },
        _fairseq(250_053),
        *_FRAMED,
    ),
    "mGPT": Shape(
        {
            "model_type": "gpt2", "n_embd": 2048, "n_layer": 24, "n_head": 16, "n_positions": 2048,
            "activation_function": "gelu_new", "attn_pdrop": 0.1, "embd_pdrop": 0.1, "resid_pdrop": 0.1,
            "layer_norm_epsilon": 1e-5, "initializer_range": 0.02, "vocab_size": 100_000,
            "bos_token_id": 50_256, "eos_token_id": 50_256,
        },
        {
            "pad_token": ("<pad>", 1), "unk_token": ("<unk>", 3), "bos_token": ("<|endoftext|>", 5),
            "eos_token": ("<|endoftext|>", 5),
        },
        "$A:0",
        "$A:0 $B:0",
    ),
}  # fmt: skip

"""Small backbones of random weights, one of each kind that the paper adapts, in folders as the hub has them."""

from __future__ import annotations

from pathlib import Path

import torch
import transformers

from tests.model.mbart_folder import mbart
from tests.model.test_shapes import tiny
from xlt_core.model.load import model_class
from xlt_core.model.shapes import byte_tokenizer

LIKE = {"xlm-roberta": "xlm-roberta-base", "bert": "bert-base-multilingual-cased", "gpt2": "mGPT"}
KINDS = (*LIKE, "mbart")
LOSS = {"xlm-roberta": "mlm", "bert": "mlm", "gpt2": "causal_lm", "mbart": "denoising"}
PRESET = {"xlm-roberta": "ner", "bert": "ner", "gpt2": "mgpt", "mbart": "mbart"}


def small(kind: str, folder: Path) -> Path:
    """The folder of a small model whose pieces are bytes, or mBART's of sentencepiece; as if it were trained."""
    if kind == "mbart":
        return mbart(folder, max_position_embeddings=512)
    shape = tiny(LIKE[kind])
    config = transformers.AutoConfig.for_model(**{**shape.config, "n_layer": 3, "num_hidden_layers": 3})
    torch.manual_seed(0)
    model = model_class(config.model_type).from_config(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" in name.lower() or "ln_" in name or name.endswith("bias"):  # neither 1 nor 0
                weight += 0.2 * torch.randn(weight.shape)
    model.save_pretrained(folder)
    byte_tokenizer(shape, 512).save_pretrained(folder)
    return folder

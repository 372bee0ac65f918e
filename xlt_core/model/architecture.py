"""What must be known of an architecture to use any of its models: where its parts are, as data.

A plugin adds one more by putting it into `ARCHITECTURES` under its `model_type` when it is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

HeadKind = Literal["masked", "causal", "denoising", "none"]


@dataclass(frozen=True, slots=True)
class Architecture:
    """Paths of attributes, from the base model unless it is said otherwise."""

    kind: str
    """transformers' `model_type`."""
    head: HeadKind
    embeddings: str
    """The module whose output enters the first layer."""
    words: str
    """The table of the vocabulary's vectors; empty where there is no vocabulary."""
    layers: str
    feed_forward: str
    """In a layer: the module that ends it with LayerNorm(output + residual); empty where layers end otherwise."""
    body: str = ""
    """In the model with a head: the base model."""
    transform: str = ""
    """In the model with a masked head: what stands before the output matrix."""
    decoder: str = ""
    """In the model with a head: the output matrix."""
    bias: str = ""
    """In the model with a head: the output bias."""
    encoder: str = ""
    """In the base model of an encoder and decoder: the encoder."""
    rebuilder: str = ""
    """In the base model of an encoder and decoder: the decoder, which writes again what the encoder read."""
    decoder_layers: str = ""
    """Its layers."""
    positions_from_pad: bool = False
    """Whether positions are counted from the id of the padding token, as RoBERTa does."""
    places: bool = True
    """Whether it can be told positions."""
    segments: bool = False
    """Whether it is told the second text of a pair from the first."""


def _roberta(kind: str) -> Architecture:
    return Architecture(
        kind, "masked", "embeddings", "embeddings.word_embeddings", "encoder.layer", "output",
        body="roberta", transform="lm_head", decoder="lm_head.decoder", bias="lm_head.bias", positions_from_pad=True,
    )  # fmt: skip


ARCHITECTURES: dict[str, Architecture] = {
    "xlm-roberta": _roberta("xlm-roberta"),
    "roberta": _roberta("roberta"),
    "bert": Architecture(
        "bert", "masked", "embeddings", "embeddings.word_embeddings", "encoder.layer", "output",
        body="bert", transform="cls.predictions.transform", decoder="cls.predictions.decoder",
        bias="cls.predictions.bias", segments=True,
    ),
    "canine": Architecture("canine", "none", "char_embeddings", "", "encoder.layer", "output", places=False),
    "mbart": Architecture(
        "mbart", "denoising", "encoder.layernorm_embedding", "shared", "encoder.layers", "",
        body="model", decoder="lm_head", bias="final_logits_bias", encoder="encoder", rebuilder="decoder",
        decoder_layers="decoder.layers", places=False,
    ),
    "gpt2": Architecture("gpt2", "causal", "drop", "wte", "h", "", body="transformer", decoder="lm_head"),
}  # fmt: skip


def at_path(module: Any, path: str) -> Any:
    """The attribute at a dotted path; the module itself where the path is empty.

    >>> at_path({}.__class__, "")
    <class 'dict'>
    """
    for name in path.split(".") if path else ():
        module = getattr(module, name)
    return module


def set_at_path(module: Any, path: str, value: Any) -> None:
    *owner, name = path.split(".")
    setattr(at_path(module, ".".join(owner)), name, value)

"""The backbones that are known by name: data about an architecture, not code for a paper."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from xlt_core.slots.shapes import SHAPES

Reads = Literal["subword", "character", "phoneme"]

ENCODER = frozenset({"vocabulary", "mlm", "inputs_embeds"})
HASHED = frozenset({"inputs_embeds"})
CAUSAL = frozenset({"vocabulary", "causal", "inputs_embeds"})
DENOISER = frozenset({"vocabulary", "denoising", "language_codes", "inputs_embeds"})


@dataclass(frozen=True, slots=True)
class Backbone:
    """What a plan must know of a model before it is loaded.

    `family` joins variants that differ in what they read; `location` is a hub name, a folder, a package's folder
    (`package:xlt_core.mini/backbones/char`), or a shape that is filled at random (`random:xlm-roberta-base`).

    A plugin yields a card from `xlt_backbones` whose `declares` names one of these. Where its architecture is new,
    the same module puts an `Architecture` into `xlt_core.model.architecture.ARCHITECTURES`, and a `Shape` into
    `SHAPES` where it is to be drawn at random:

        ARCHITECTURES["electra"] = Architecture("electra", "masked", "embeddings", ...)
        SMALL = Backbone("acme.small", "electra", "acme/electra-small", 12, 256, 30_522, 512)
    """

    name: str
    architecture: str
    location: str
    layers: int
    width: int
    vocabulary: int
    positions: int
    reads: Reads = "subword"
    abilities: frozenset[str] = field(default=ENCODER)
    family: str = ""
    revision: str = "main"
    megabytes: int = 0

    @property
    def local(self) -> bool:
        return self.location.startswith(("package:", "folder:", "random:"))


XLM_R = Backbone(
    "xlm-roberta-base", "xlm-roberta", "FacebookAI/xlm-roberta-base", 12, 768, 250_002, 512, megabytes=1120
)
MBERT = Backbone(
    "bert-base-multilingual-cased", "bert", "google-bert/bert-base-multilingual-cased", 12, 768, 119_547, 512,
    megabytes=714,
)  # fmt: skip
GLOT500 = Backbone("glot500-base", "xlm-roberta", "cis-lmu/glot500-base", 12, 768, 401_145, 512, megabytes=1580)
XPHONEBERT = Backbone(
    "xphonebert-base", "roberta", "vinai/xphonebert-base", 12, 768, 1_960, 512, "phoneme", megabytes=350
)
CANINE_C = Backbone("canine-c", "canine", "google/canine-c", 12, 768, 0, 2048, "character", HASHED, megabytes=529)
CANINE_S = Backbone("canine-s", "canine", "google/canine-s", 12, 768, 0, 2048, "character", HASHED, megabytes=529)
MBART = Backbone(
    "mbart-large-50", "mbart", "facebook/mbart-large-50", 12, 1024, 250_054, 1024, "subword", DENOISER,
    megabytes=2440,
)  # fmt: skip
MGPT = Backbone("mGPT", "gpt2", "ai-forever/mGPT", 24, 2048, 100_000, 2048, "subword", CAUSAL, megabytes=6700)
MINI = Backbone(
    "mini", "xlm-roberta", "package:xlt_core.mini/backbones/subword", 4, 128, 8_000, 128, family="mini", megabytes=4
)
MINI_CHAR = Backbone(
    "mini:char", "xlm-roberta", "package:xlt_core.mini/backbones/char", 4, 128, 1_575, 192, "character",
    family="mini", megabytes=2,
)  # fmt: skip
MINI_PHONEME = Backbone(
    "mini:phoneme", "xlm-roberta", "package:xlt_core.mini/backbones/phoneme", 4, 128, 130, 192, "phoneme",
    family="mini", megabytes=2,
)  # fmt: skip

_ABILITIES = {"canine": HASHED, "gpt2": CAUSAL, "mbart": DENOISER}
_NAMES = {
    "layers": ("num_hidden_layers", "n_layer", "n_layers", "encoder_layers"),
    "width": ("hidden_size", "n_embd", "d_model", "dim"),
    "vocabulary": ("vocab_size",),
    "positions": ("max_position_embeddings", "n_positions"),
}
_HASHES = {"canine"}
"""Kinds that hash characters, so their configurations give no size of a vocabulary."""


def folder_backbone(folder: Path) -> Backbone | None:
    """The backbone saved in a folder, by its config.json; None where there is none."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return _described(str(folder), f"folder:{folder}", config)
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return None


def random_backbone(name: str, known: Backbone | None = None) -> Backbone | None:
    """A shape filled at random, by what is known of the model that has it; None where no shape has this name.

    >>> random_backbone("xlm-roberta-base").layers
    12
    """
    shape = SHAPES.get(name)
    if shape is None:
        return None
    like = known or _described(name, "", shape.config)
    named = f"random:{name}"
    return replace(like, name=named, location=named, revision=drawn_with(1), family="", megabytes=0)


def drawn_with(seed: int) -> str:
    """The revision of a backbone that is drawn at random: weights of another seed are another backbone.

    >>> drawn_with(3)
    'seed 3'
    """
    return f"seed {seed}"


def _described(name: str, location: str, config: Mapping[str, Any]) -> Backbone:
    kind = str(config["model_type"])
    given = {"vocab_size": 0, **config} if kind in _HASHES else config
    size: dict[str, Any] = {
        key: next(int(given[alias]) for alias in names if alias in given) for key, names in _NAMES.items()
    }
    if kind in ("xlm-roberta", "roberta", "camembert"):
        size["positions"] -= 2  # RoBERTa counts positions from padding_idx + 1
    reads: Reads = "character" if kind in _HASHES else "subword"
    return Backbone(name, kind, location, reads=reads, abilities=_ABILITIES.get(kind, ENCODER), **size)

"""The backbones that are known by name: data about an architecture, not code for a paper."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Reads = Literal["subword", "character", "phoneme"]

ENCODER = frozenset({"vocabulary", "mlm", "inputs_embeds"})
HASHED = frozenset({"inputs_embeds"})
CAUSAL = frozenset({"vocabulary", "causal", "inputs_embeds"})
DENOISER = frozenset({"vocabulary", "denoising", "inputs_embeds"})


@dataclass(frozen=True, slots=True)
class Backbone:
    """What a plan must know of a model before it is loaded.

    `family` joins variants that differ in what they read; `location` is a hub name, a folder, or a
    package's folder (`package:xlt_core.mini/backbones/char`).
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
        return self.location.startswith(("package:", "folder:"))


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
    "mini:char", "xlm-roberta", "package:xlt_core.mini/backbones/char", 4, 128, 1_500, 192, "character",
    family="mini", megabytes=2,
)  # fmt: skip
MINI_PHONEME = Backbone(
    "mini:phoneme", "xlm-roberta", "package:xlt_core.mini/backbones/phoneme", 4, 128, 150, 192, "phoneme",
    family="mini", megabytes=2,
)  # fmt: skip

_ABILITIES = {"canine": HASHED, "gpt2": CAUSAL, "mbart": DENOISER}
_NAMES = {
    "layers": ("num_hidden_layers", "n_layer", "encoder_layers"),
    "width": ("hidden_size", "n_embd", "d_model"),
    "vocabulary": ("vocab_size",),
    "positions": ("max_position_embeddings", "n_positions"),
}


def folder_backbone(folder: Path) -> Backbone | None:
    """The backbone saved in a folder, by its config.json; None where there is none."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        kind = str(config["model_type"])
        size: dict[str, Any] = {
            key: next(int(config[name]) for name in names if name in config) for key, names in _NAMES.items()
        }
    except (OSError, ValueError, KeyError, StopIteration):
        return None
    if kind in ("xlm-roberta", "roberta", "camembert"):
        size["positions"] -= 2  # RoBERTa counts positions from padding_idx + 1
    reads: Reads = "character" if kind == "canine" else "subword"
    return Backbone(str(folder), kind, f"folder:{folder}", reads=reads, abilities=_ABILITIES.get(kind, ENCODER), **size)

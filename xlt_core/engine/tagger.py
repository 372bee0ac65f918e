"""A backbone with a linear head over units, and its way in and out of the store."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch

from xlt_core.data.encode import Batch
from xlt_core.engine.batching import generator
from xlt_core.model.load import backbone_folder, load_encoder

WEIGHTS, ABOUT = "model.safetensors", "model.json"


class Tagger(torch.nn.Module):
    """Encoder → dropout → linear: one score for each label at each unit."""

    def __init__(self, encoder: Any, labels: Sequence[str], seed: int) -> None:
        super().__init__()
        self.encoder, self.labels = encoder, tuple(labels)
        width = encoder.config.hidden_size
        self.dropout = torch.nn.Dropout(getattr(encoder.config, "hidden_dropout_prob", 0.0))
        self.head = torch.nn.Linear(width, len(self.labels))
        with torch.no_grad():
            self.head.weight.normal_(0.0, 0.02, generator=generator(seed, "head"))
            self.head.bias.zero_()

    def encode(self, batch: Batch) -> tuple[torch.Tensor, ...]:
        """Hidden states of every layer, the embeddings' output first."""
        out = self.encoder(input_ids=batch.ids, attention_mask=batch.attention, output_hidden_states=True)
        states: tuple[torch.Tensor, ...] = out.hidden_states
        return states

    def score(self, states: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.head(self.dropout(states))
        return scores

    def freeze(self, train: str) -> None:
        """Leave trainable what `train` says: `all`, or the `head` alone."""
        self.encoder.requires_grad_(train == "all")

    def save(self, folder: Path) -> None:
        """What the stage trained, and what is needed to put it together again."""
        from safetensors.torch import save_file

        trained = {name for name, weight in self.named_parameters() if weight.requires_grad}
        state = {name: value.contiguous() for name, value in self.state_dict().items() if name in trained}
        save_file(state, folder / WEIGHTS)
        (folder / ABOUT).write_text(json.dumps({"labels": list(self.labels)}, ensure_ascii=False), encoding="utf-8")


def trained_folders(inputs: Mapping[str, Path], key: str = "") -> list[Path]:
    """The stages whose weights make a task model: the one that gave its body, then the one that gave its head."""
    found: list[Path] = []
    for start in ("parts body/", "parts head:"):
        every = {fact: folder for fact, folder in inputs.items() if fact.startswith(start)}
        own = [folder for fact, folder in every.items() if fact.endswith(f":{key}")]
        shared = [folder for fact, folder in every.items() if fact.endswith(("@shared", "@task"))]
        found += (own or shared)[-1:]
    return list(dict.fromkeys(found))


def load_tagger(
    inputs: Mapping[str, Path], labels: Sequence[str], seed: int, trained: Sequence[Path]
) -> tuple[Tagger, Any]:
    """The backbone as it came, with the weights of stages laid over it in their order; and its tokenizer."""
    from safetensors.torch import load_file

    with ExitStack() as stack:
        encoder, tokenizer = load_encoder(backbone_folder(inputs["artefact tokenizer:backbone"], stack))
    if trained:
        labels = json.loads((trained[-1] / ABOUT).read_text(encoding="utf-8"))["labels"]
    tagger = Tagger(encoder, labels, seed)
    for folder in trained:
        tagger.load_state_dict(load_file(folder / WEIGHTS), strict=False)
    return tagger, tokenizer

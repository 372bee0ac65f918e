"""What a tokenizer stage and an embedding stage leave for others: a fast tokenizer, and a row for each of its pieces.

>>> like = backbone_layout(job)                                              # doctest: +SKIP
>>> write_tokenizer(job.out, tokenizer)                                      # doctest: +SKIP
>>> write_rows(job.out, rows, bias)                                          # doctest: +SKIP
>>> tokenizer, rows = read_tokenizer(made_by), read_rows(started_by)         # doctest: +SKIP
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job
from xlt_core.model.load import backbone_folder, load_tokenizer
from xlt_core.model.tokens import Layout, TokenizerChanged, check, fingerprint, layout

FINGERPRINT, ROWS = "tokenizer_fingerprint.json", "rows.safetensors"
PARTS = ("rows", "bias", "output")


@dataclass(frozen=True, slots=True)
class Rows:
    """Vectors of a tokenizer's pieces in the order of its ids, control pieces too."""

    rows: torch.Tensor
    """[pieces, width], float32."""
    bias: torch.Tensor | None = None
    """[pieces]: what is added to each piece's score; zeros are taken where nothing is said."""
    output: torch.Tensor | None = None
    """[pieces, width], of models whose output matrix isn't tied to their word vectors."""


def backbone_tokenizer(job: Job) -> Any:
    """The backbone's tokenizer."""
    with ExitStack() as stack:
        return load_tokenizer(backbone_folder(job.inputs["artefact tokenizer:backbone"], stack))


def backbone_layout(job: Job) -> Layout:
    """The backbone's control pieces and templates, which the tokenizer of the stage's language takes over."""
    try:
        return layout(backbone_tokenizer(job), job.stage.languages[0])
    except ValueError as error:
        headline = "The backbone's tokenizer leaves no room for another."
        raise RunError(headline, [Problem(str(error), job.stage.id)]) from None


def write_tokenizer(folder: Path, tokenizer: Any) -> None:
    """The fast tokenizer as `save_pretrained` writes it, and how it reads."""
    tokenizer.save_pretrained(folder)
    (folder / FINGERPRINT).write_text(json.dumps(fingerprint(tokenizer), indent=1), encoding="utf-8")


def read_tokenizer(folder: Path) -> Any:
    """The tokenizer that `write_tokenizer` left; one that reads otherwise than it did then is refused."""
    tokenizer = load_tokenizer(folder)
    try:
        check(tokenizer, json.loads((folder / FINGERPRINT).read_text(encoding="utf-8")))
    except TokenizerChanged as error:
        fix = f"delete {folder} and what was made with it, or begin anew with --store ANOTHER-FOLDER"
        raise RunError(
            "A language's tokenizer doesn't read as it did.", [Problem(str(error), str(folder), fix)]
        ) from None
    return tokenizer


def write_rows(
    folder: Path, rows: torch.Tensor, bias: torch.Tensor | None = None, output: torch.Tensor | None = None
) -> None:
    """The rows of all pieces, [pieces, width]; bias and output where the initialiser has an opinion on them."""
    given = {name: value for name, value in zip(PARTS, (rows, bias, output), strict=True) if value is not None}
    for name, value in given.items():
        wanted = (len(rows),) if name == "bias" else tuple(rows.shape)
        if rows.ndim != 2 or tuple(value.shape) != wanted:
            raise ValueError(f"{name}: expected {list(wanted)}, got {list(value.shape)}")
        if not torch.isfinite(value).all():
            raise ValueError(f"{name} holds numbers that aren't finite")
    tensors = {name: value.detach().cpu().float().contiguous() for name, value in given.items()}
    save_file(tensors, folder / ROWS)


def read_rows(folder: Path) -> Rows:
    """The rows that `write_rows` left."""
    try:
        found = load_file(folder / ROWS)
    except (OSError, SafetensorError) as error:
        raise RunError("The rows of new pieces can't be read.", [Problem(str(error), str(folder / ROWS))]) from None
    return Rows(found["rows"], found.get("bias"), found.get("output"))

"""The work of an encoding: a model that doesn't train reads each example once, and its pooled states are kept."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from xlt_core.data.corpus import texts_of
from xlt_core.data.encode import Batch, Piece, TextReader, WordReader, collate, reads_in
from xlt_core.data.hub import NO_PAIRS
from xlt_core.data.records import Tagged
from xlt_core.engine.batching import a_call, physical
from xlt_core.engine.context import kept_units
from xlt_core.engine.device import arithmetic, prepare
from xlt_core.engine.net import Net, assemble
from xlt_core.errors import Problem, RunError
from xlt_core.facts import Layer
from xlt_core.graph.job import Job
from xlt_core.model.overlap import bare_marks

STATES, ABOUT = "states.safetensors", "states.json"
TOKENS_AT_ONCE = 4096
MANY = 0.5
"""Share of unknown pieces from which states say little of a text."""
SPECIALS = "mean+specials"
"""The pooling in which the special tokens count."""


def encode(job: Job) -> None:
    """Read every text of the corpus once, unmasked; row n of what is kept is the corpus's nth example."""
    options = job.stage.options
    (language,) = job.stage.languages
    device = prepare(job.settings)
    net = assemble(job.inputs, (language,), options["key"]).to(device)
    texts = _texts(job, language)
    pieces = _pieces(job, net, texts, language)
    with arithmetic(job.settings, device):
        states = pooled_states(net, pieces, len(texts), options["layer"], options["pooling"] == SPECIALS, device)
    save_file({"states": states}, job.out / STATES)
    tokenizer = net.tokenizer_of(language)
    unknown = unknown_share(pieces, tokenizer.unk_token_id, bare_marks(tokenizer))
    told = {"examples": len(texts), "unknown": unknown, "entropy": round(mean_entropy(states), 4)}
    about = {**told, "language": language, **options}
    (job.out / ABOUT).write_text(json.dumps(about, indent=1), encoding="utf-8")
    job.report({"kind": "states", **told})
    if unknown > MANY:
        what = f"{unknown:.0%} of what it read of {language} are pieces that its tokenizer doesn't know"
        job.report({"kind": "note", "text": f"{what}: its states say little of the text"})


def _texts(job: Job, language: str) -> list[str]:
    corpus = job.stage.options["corpus"]
    (folder,) = [folder for fact, folder in job.inputs.items() if fact.partition(" ")[2] == corpus]
    texts = texts_of(folder, corpus, language)[: job.stage.options["most"]]
    if not texts:
        fix = "" if corpus.startswith("labels") else f"--resource {':'.join(corpus.split(':')[:2])}=FILE"
        fix += NO_PAIRS * corpus.startswith("parallel")
        raise RunError("There is nothing to read.", [Problem(f"{corpus} is empty", job.stage.id, fix)])
    return texts


def _pieces(job: Job, net: Net, texts: Sequence[str], language: str) -> list[Piece]:
    length, tokenizer = job.backbone.positions, net.tokenizer_of(language)
    if reads_in(job.stage.details) == "word":
        rows = [Tagged(str(n), language, tuple(text.split()), ()) for n, text in enumerate(texts)]
        return WordReader(tokenizer, length).stretches(rows)
    return TextReader(tokenizer, length).stretches(texts, language)


def pooled_states(
    net: Net, pieces: Sequence[Piece], examples: int, layer: Layer, specials: bool, device: torch.device
) -> torch.Tensor:
    """Σ m·H / Σ m over all stretches of an example, [examples, width]; one mean, however often it had to be cut."""
    net.eval()
    sums = torch.zeros(examples, net.backbone.width)
    counts = torch.zeros(examples, 1)
    lengths = [len(piece.ids) for piece in pieces]
    with torch.inference_mode():
        for part in physical(pieces, lengths, TOKENS_AT_ONCE, a_call(device)):
            batch = collate(part, int(net.tokenizer_of(part[0].language).pad_token_id)).to(device)
            states = net.states(batch, frozenset({layer}))[layer].float()
            keep = kept_units(batch, specials).unsqueeze(-1).to(states.dtype)
            of = torch.tensor([piece.sentence for piece in part])
            sums.index_add_(0, of, (states * keep).sum(1).cpu())
            counts.index_add_(0, of, keep.sum(1).cpu())
    return sums / counts.clamp(min=1)


def unknown_share(pieces: Sequence[Piece], unknown: int | None, marks: Collection[int] = ()) -> float:
    """How much of what was read the tokenizer didn't know, bare marks of a word's beginning left out."""
    ids = [number for piece in pieces for number in (piece.ids if piece.unit_of else piece.ids[piece.words])]
    ids = [number for number in ids if number not in marks]
    return round(sum(number == unknown for number in ids) / max(1, len(ids)), 4)


def mean_entropy(states: torch.Tensor) -> float:
    """Of states as distributions over their width, in nats: near 0 where one dimension drowns all others."""
    logs = torch.log_softmax(states.double(), -1)
    return float(-(logs.exp() * logs).sum(-1).mean())


@dataclass(frozen=True, slots=True)
class Kept:
    """The states that an encoding left, and what it says of them."""

    states: torch.Tensor
    about: dict[str, Any]


def read_states(folder: Path) -> Kept:
    return Kept(load_file(folder / STATES)["states"], json.loads((folder / ABOUT).read_text(encoding="utf-8")))


class KeptStates:
    """What a stage was given of other models' states, by example.

    >>> KeptStates(job.inputs)(batch, "frozen", "last", "mean+specials")   # doctest: +SKIP
    """

    def __init__(self, inputs: Mapping[str, Path]) -> None:
        self.folders = [folder for fact, folder in inputs.items() if fact.startswith("artefact states:")]
        self._known: dict[tuple[str, Layer, str, str], torch.Tensor] = {}

    def __call__(self, batch: Batch, model: str, layer: Layer, pooling: str) -> torch.Tensor:
        """The states of a batch's examples, [examples, width]."""
        if not self._known:
            for kept in map(read_states, self.folders):
                name = (kept.about["model"], kept.about["layer"], kept.about["pooling"], kept.about["language"])
                self._known[name] = kept.states
        rows = [self._known[model, layer, pooling, piece.language][piece.sentence] for piece in batch.pieces]
        return torch.stack(rows).to(batch.ids.device)

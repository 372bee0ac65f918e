"""The work of a prediction stage: a task model, or a mix of several, answers for a language's test sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from xlt_core.data.encode import Piece, SubwordReader, collate, reader_for
from xlt_core.data.records import EXAMPLES, Tagged, read_tagged, write_tagged
from xlt_core.engine.device import prepare
from xlt_core.engine.net import Net, assemble
from xlt_core.engine.weigh import WEIGHTS
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job

PREDICTED, TABLE = "predicted.jsonl", "predictions.tsv"
AT_ONCE = 64


def predict(job: Job) -> None:
    """Answer, and write the answers as records and as `word, gold, predicted` lines."""
    (labels,) = [folder for fact, folder in job.inputs_named("labels ").items() if fact.endswith(":test")]
    rows = read_tagged(labels / EXAMPLES)
    predicted = _answers(job, rows)
    answers = [replace(row, tags=tags) for row, tags in zip(rows, predicted, strict=True)]
    write_tagged(job.out / PREDICTED, answers)
    assert job.task is not None
    _write_table(job.out / TABLE, rows, predicted, whole=job.task.unit in ("sentence", "pair"))


def _answers(job: Job, rows: Sequence[Tagged]) -> list[tuple[str, ...]]:
    """The tags of one task model, or of several whose logits are mixed: ŷ = Σ w·logits."""
    device = prepare(job.settings)
    keys = list(job.stage.options["mix"])
    weights = _weights(job, keys)
    mixed: list[torch.Tensor] = []
    labels: tuple[str, ...] = ()
    for key in keys:
        net = assemble(job.inputs, job.stage.languages, key)
        if labels and net.labels != labels:
            problem = Problem(f"the task model of {key} has other labels than the first one's", job.stage.id)
            raise RunError("These models can't be mixed.", [problem])
        labels = net.labels
        length = min(int(job.stage.options["max_length"]), job.backbone.positions)
        assert job.task is not None
        reader = reader_for(job.task.unit, net.tokenizer, length, job.stage.options["too_long"] == "truncate")
        scores = [weights[key] * own for own in word_scores(net.to(device), reader, rows, device)]
        mixed = [old + own for old, own in zip(mixed, scores, strict=True)] if mixed else scores
    return [tuple(labels[n] for n in own.argmax(-1).tolist()) for own in mixed]


def _weights(job: Job, keys: Sequence[str]) -> dict[str, float]:
    """The weights that a combiner's stage left, or 1 where one model answers."""
    found = list(job.inputs_named("artefact weights").values())
    if not found:
        return dict.fromkeys(keys, 1.0)
    return {key: float(weight) for key, weight in json.loads((found[0] / WEIGHTS).read_text(encoding="utf-8")).items()}


def tag(net: Net, reader: SubwordReader, rows: Sequence[Tagged], device: torch.device) -> list[tuple[str, ...]]:
    """A tag for every word, also of sentences that had to be split; words cut off get the first label."""
    scores = word_scores(net, reader, rows, device)
    return [tuple(net.labels[n] for n in own.argmax(-1).tolist()) for own in scores]


def word_scores(net: Net, reader: SubwordReader, rows: Sequence[Tagged], device: torch.device) -> list[torch.Tensor]:
    """Logits of everything that has a label, [units, labels]: of every word, read off its first piece (zeros for
    words that were cut off), or of the sentence."""
    found = [torch.zeros(len(row.tags), len(net.labels)) for row in rows]
    pieces = sorted(reader.stretches(rows), key=lambda piece: len(piece.ids))
    net.eval()
    with torch.inference_mode():
        for part in _together(pieces, net.apart):
            batch = collate(part, net.tokenizer.pad_token_id).to(device)
            scores = net.score(net.states(batch, frozenset({"last"}))["last"]).float().cpu()
            for own, piece in zip(scores, batch.pieces, strict=True):
                places = [(place, word) for place, word in enumerate(piece.first_of) if word >= 0]
                units, words = (torch.tensor(column) for column in zip(*places, strict=True))
                found[piece.sentence][words] = own[units]
    return found


def _together(pieces: Sequence[Piece], apart: bool) -> Iterator[Sequence[Piece]]:
    """What runs at once; languages with adapters of their own apart."""
    groups: dict[str, list[Piece]] = {}
    for piece in pieces:
        groups.setdefault(piece.language if apart else "", []).append(piece)
    for group in groups.values():
        for start in range(0, len(group), AT_ONCE):
            yield group[start : start + AT_ONCE]


def _write_table(file: Path, rows: Sequence[Tagged], predicted: Sequence[tuple[str, ...]], whole: bool) -> None:
    with file.open("w", encoding="utf-8") as out:
        for row, tags in zip(rows, predicted, strict=True):
            if whole:
                sentences = [" ".join(own) for own in (row.words, row.second) if own]
                out.write("\t".join((*sentences, *row.tags, *tags)) + "\n")
                continue
            out.writelines(f"{w}\t{g}\t{p}\n" for w, g, p in zip(row.words, row.tags, tags, strict=True))
            out.write("\n")

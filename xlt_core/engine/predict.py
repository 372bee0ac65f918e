"""The work of a prediction stage: one task model answers for a language's test sentences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from xlt_core.data.encode import SubwordReader
from xlt_core.data.records import EXAMPLES, Tagged, read_tagged, write_tagged
from xlt_core.engine.device import prepare
from xlt_core.engine.tagger import Tagger, load_tagger
from xlt_core.graph.job import Job

PREDICTED, TABLE = "predicted.jsonl", "predictions.tsv"
AT_ONCE = 64


def predict(job: Job) -> None:
    """Answer, and write the answers as records and as `word, gold, predicted` lines."""
    device = prepare(job.settings)
    (labels,) = [folder for fact, folder in job.inputs_named("labels ").items() if fact.endswith(":test")]
    rows = read_tagged(labels / EXAMPLES)
    tagger, tokenizer = load_tagger(job.inputs, (), 0, _trained(job))
    tagger.to(device)
    length = min(int(job.stage.options["max_length"]), job.backbone.positions)
    reader = SubwordReader(tokenizer, length, truncate=job.stage.options["too_long"] == "truncate")
    predicted = tag(tagger, reader, rows, device)
    answers = [Tagged(row.id, row.language, row.words, tags) for row, tags in zip(rows, predicted, strict=True)]
    write_tagged(job.out / PREDICTED, answers)
    _write_table(job.out / TABLE, rows, predicted)


def _trained(job: Job) -> Path:
    """The last training's folder: its body if it trained one, its head in any case."""
    heads = job.inputs_named("parts head:")
    return next(reversed(heads.values()))


def tag(tagger: Tagger, reader: SubwordReader, rows: Sequence[Tagged], device: torch.device) -> list[tuple[str, ...]]:
    """A tag for every word, also of sentences that had to be split; words cut off get the first label."""
    found = [[tagger.labels[0]] * len(row.words) for row in rows]
    pieces = sorted(reader.stretches(rows), key=lambda piece: len(piece.ids))
    numbers = {label: n for n, label in enumerate(tagger.labels)}
    blank = [Tagged(row.id, row.language, row.words, (tagger.labels[0],) * len(row.words)) for row in rows]
    tagger.eval()
    with torch.inference_mode():
        for start in range(0, len(pieces), AT_ONCE):
            batch = reader.batch(pieces[start : start + AT_ONCE], blank, numbers).to(device)
            best = tagger.score(tagger.encode(batch)[-1]).argmax(-1).tolist()
            for n, piece in enumerate(batch.pieces):
                for place, word in enumerate(piece.first_of):
                    if word >= 0:
                        found[piece.sentence][word] = tagger.labels[best[n][place]]
    return [tuple(tags) for tags in found]


def _write_table(file: Path, rows: Sequence[Tagged], predicted: Sequence[tuple[str, ...]]) -> None:
    with file.open("w", encoding="utf-8") as out:
        for row, tags in zip(rows, predicted, strict=True):
            out.writelines(f"{w}\t{g}\t{p}\n" for w, g, p in zip(row.words, row.tags, tags, strict=True))
            out.write("\n")

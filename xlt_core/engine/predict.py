"""The work of a prediction stage: a task model, or a mix of several, answers for a language's test sentences.

Beside a mix stands what each of its models would have answered alone, and what all of them alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from xlt_core.data.encode import Piece, collate, reader_for, reads_in
from xlt_core.data.records import EXAMPLES, Tagged, read_tagged, write_tagged
from xlt_core.data.schemes import convert, scheme_of
from xlt_core.engine.channels import Reading
from xlt_core.engine.device import prepare
from xlt_core.engine.mixing import Mix, SideBySide, mixes, side_by_side
from xlt_core.engine.net import Net, assemble
from xlt_core.engine.pieces import PIECES, Scored, Units, beside_each_other, units_of, write_pieces
from xlt_core.engine.readers import LanguageReaders, Reader, with_forms
from xlt_core.engine.weigh import WEIGHTS
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job
from xlt_core.model.heads import Head

PREDICTED, TABLE, BESIDE = "predicted.jsonl", "predictions.tsv", "beside"
AT_ONCE = 64
UNREAD = "_"
"""The tag of a word that was cut off, where there is no `O`; it is never right."""


def predict(job: Job) -> None:
    """Answer, and write the answers as records and as `word, gold, predicted` lines; of spans also what each piece of
    a word was taken for."""
    (labels,) = [folder for fact, folder in job.inputs_named("labels ").items() if fact.endswith(":test")]
    rows = with_forms(read_tagged(labels / EXAMPLES), labels, job)
    answers, units = _answers(job, rows)
    if len(answers) > 1:
        (job.out / BESIDE).mkdir()
        weights = weights_given(job, job.stage.options["mix"])
        (job.out / WEIGHTS).write_text(json.dumps(weights, indent=2) + "\n", encoding="utf-8")
    for name, predicted in answers.items():
        file = job.out / (f"{BESIDE}/{name}.jsonl" if name else PREDICTED)
        write_tagged(file, [replace(row, tags=tags) for row, tags in zip(rows, predicted, strict=True)])
    assert job.task is not None
    _write_table(job.out / TABLE, rows, answers[""], whole=job.task.unit in ("sentence", "pair"))
    if units is not None:
        write_pieces(job.out / PIECES, units)


def _answers(job: Job, rows: Sequence[Tagged]) -> tuple[dict[str, list[tuple[str, ...]]], list[Units] | None]:
    """The tags of one task model, or of several whose logits are mixed; beside a mix those by each and by all alike.
    And of spans each piece's own, where all models read the same pieces."""
    device = prepare(job.settings)
    keys = list(job.stage.options["mix"])
    given = weights_given(job, keys)
    together = side_by_side(job.inputs, job.stage.languages, keys, Reading.of(job.stage.details))
    if together is not None:
        heads = [head for head in together.heads if isinstance(head, Head)]
        for number, head in enumerate(heads):
            _refuse_other(head, heads[:number], keys[number], job)
        together.to(device)
        reader = _reader(job, together.net, together.first)
        read: list[Scored] | None = list(scored(together.net, reader, rows, device, together))
        logits = of_words(read or (), reader, rows, (len(heads), together.first.spec.classes))
    else:
        heads, logits, read, reader = _one_by_one(job, keys, rows, device)
    found = mixes(keys, [given[key] for key in keys], heads)
    counts = [reader.units(row) for row in rows]
    answers = {mix.name: _tagged(job, mix, logits, rows, counts) for mix in found}
    assert job.task is not None
    return answers, _units(found[0], read, rows) if read is not None and job.task.unit == "span" else None


def _tagged(
    job: Job, mix: Mix, logits: Sequence[torch.Tensor], rows: Sequence[Tagged], counts: Sequence[int]
) -> list[tuple[str, ...]]:
    answers = tags_of(mix.head, [mix.of(own) for own in logits], counts)
    assert job.task is not None
    return in_data_scheme(mix.head, answers, rows) if job.task.unit == "span" else answers


def _units(mix: Mix, read: Sequence[Scored], rows: Sequence[Tagged]) -> list[Units]:
    units = units_of(((piece, mix.of(own)) for piece, own in read), len(rows), mix.head.spec.labels)
    tags = in_data_scheme(mix.head, [own.tags for own in units], rows)
    return [replace(own, tags=new) for own, new in zip(units, tags, strict=True)]


def _one_by_one(
    job: Job, keys: Sequence[str], rows: Sequence[Tagged], device: torch.device
) -> tuple[list[Head], list[torch.Tensor], list[Scored] | None, Reader]:
    """The logits of task models that are whole models of their own, one in memory at a time: of words, and of pieces
    where all models read the same; [units, models, classes]."""
    words: list[list[torch.Tensor]] = []
    pieces: list[list[Scored]] = []
    heads: list[Head] = []
    for key in keys:
        net = assemble(job.inputs, job.stage.languages, key, Reading.of(job.stage.details))
        _tell_borrowed(net, job)
        assert net.head is not None
        _refuse_other(net.head, heads, key, job)
        reader = _reader(job, net, net.head)
        pieces.append(list(scored(net.to(device), reader, rows, device)))
        words.append(of_words(pieces[-1], reader, rows, (net.head.spec.classes,)))
        heads.append(net.head)
    return heads, [_of_both(own) for own in zip(*words, strict=True)], beside_each_other(pieces), reader


def _of_both(logits: Sequence[torch.Tensor]) -> torch.Tensor:
    """[words, models, classes] of the words that all models have read."""
    until = min(map(len, logits))
    return torch.stack([own[:until] for own in logits], dim=1)


def _tell_borrowed(net: Net, job: Job) -> None:
    (language,) = job.stage.languages
    if net.language_ids is not None and net.language_ids.borrows(language):
        sources = ", ".join(net.language_ids.sources)
        job.note(f"{language} is read with the language vector of {sources}: its own was not trained, or not asked for")


def _reader(job: Job, net: Net, head: Head) -> Reader:
    assert job.task is not None
    length = min(int(job.stage.options["max_length"]), job.backbone.positions)
    truncate = job.stage.options["too_long"] == "truncate"
    side, reads = tuple(head.spec.side), reads_in(job.stage.details)
    unit = job.task.unit
    return LanguageReaders(net, lambda own: reader_for(unit, own, length, truncate, side=side, reads=reads))


def _refuse_other(head: Head, before: Sequence[Head], key: str, job: Job) -> None:
    if before and head.spec != before[0].spec:
        alike = head.spec.labels == before[0].spec.labels
        what = f"the task model of {key} has {'another head' if alike else 'other labels'} than the first one's"
        raise RunError("These models can't be mixed.", [Problem(what, job.stage.id)])


def in_data_scheme(head: Head, answers: Sequence[tuple[str, ...]], rows: Sequence[Tagged]) -> list[tuple[str, ...]]:
    """Spans written as the data writes them, whatever the model was taught: so they are scored alike."""
    scheme = scheme_of(row.tags for row in rows)
    return [convert(tags, head.spec.scheme, scheme) for tags in answers]


def weights_given(job: Job, keys: Sequence[str]) -> dict[str, float]:
    """The weights that a combiner's stage left, or 1 where one model answers."""
    found = list(job.inputs_named("artefact weights").values())
    if not found:
        return dict.fromkeys(keys, 1.0)
    return {key: float(weight) for key, weight in json.loads((found[0] / WEIGHTS).read_text(encoding="utf-8")).items()}


def tag(net: Net, reader: Reader, rows: Sequence[Tagged], device: torch.device) -> list[tuple[str, ...]]:
    """A tag for every word, also of sentences that had to be split, in the head's own scheme."""
    assert net.head is not None
    scores = word_scores(net, reader, rows, device)
    return tags_of(net.head, scores, [reader.units(row) for row in rows])


def tags_of(head: Head, scores: Sequence[torch.Tensor], units: Sequence[int]) -> list[tuple[str, ...]]:
    """The best tags by the logits of each sentence; what was cut off is `O`, or a tag that is never right."""
    labels = head.spec.labels
    unread = "O" if "O" in labels else UNREAD
    found: list[tuple[str, ...]] = []
    for start in range(0, len(scores), AT_ONCE):
        part = list(scores[start : start + AT_ONCE])
        padded = torch.nn.utils.rnn.pad_sequence(part, batch_first=True)
        lengths = torch.tensor([len(own) for own in part])
        best = head.best(padded, torch.arange(padded.shape[1]) < lengths.unsqueeze(1))
        found += [tuple(labels[n] for n in own) for own in best]
    return [(*tags, *[unread] * (length - len(tags))) for tags, length in zip(found, units, strict=True)]


def word_scores(
    net: Net, reader: Reader, rows: Sequence[Tagged], device: torch.device, several: SideBySide | None = None
) -> list[torch.Tensor]:
    """Logits of everything that was read, [units, classes], by `several` models [units, models, classes]: of every
    word, off its first piece, or of the sentence. Words that were cut off have none."""
    head = net.head if several is None else several.first
    assert head is not None
    models = () if several is None else (len(several.heads),)
    return of_words(scored(net, reader, rows, device, several), reader, rows, (*models, head.spec.classes))


def scored(
    net: Net, reader: Reader, rows: Sequence[Tagged], device: torch.device, several: SideBySide | None = None
) -> Iterator[Scored]:
    """Every stretch with the logits of its units, the shortest first."""
    pieces = sorted(reader.stretches(rows), key=lambda piece: len(piece.ids))
    net.eval()
    for part in _together(pieces, net.apart):
        with torch.inference_mode():
            batch = collate(part, net.tokenizer_of(part[0].language).pad_token_id).to(device)
            scores = (net.answer(batch) if several is None else several.scores(batch)).float().cpu()
        yield from ((piece, own[: len(piece.first_of)]) for own, piece in zip(scores, part, strict=True))


def of_words(
    read: Iterable[Scored], reader: Reader, rows: Sequence[Tagged], shape: Sequence[int]
) -> list[torch.Tensor]:
    """The logits of each sentence's words, off their first pieces; those of one have this shape."""
    found = [torch.zeros(reader.units(row), *shape) for row in rows]
    until = [0] * len(rows)
    for piece, scores in read:
        places = [(place, word) for place, word in enumerate(piece.first_of) if word >= 0]
        units, words = (torch.tensor(column) for column in zip(*places, strict=True))
        found[piece.sentence][words] = scores[units]
        until[piece.sentence] = max(until[piece.sentence], int(words.max()) + 1)
    return [own[:count] for own, count in zip(found, until, strict=True)]


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

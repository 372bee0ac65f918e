"""More pieces for the backbone's tokenizer, learnt from a language's text: the work of the vocabulary `extend`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tokenizers import Tokenizer

from xlt_core.data.samples import SAMPLES
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job
from xlt_core.model.rows import backbone_tokenizer, write_tokenizer
from xlt_core.model.tokens import plain_fast, settings_of
from xlt_core.model.unigram import trained_on

Piece = tuple[bool, str, float]
"""Whether a piece begins a word, its letters, and its score in the model that it was learnt by."""


def extend(job: Job) -> None:
    """Learn pieces of the text as the backbone's tokenizer meets it, and add those that it hasn't."""
    (folder,) = job.inputs_named("artefact samples").values()
    lines = (folder / SAMPLES).read_text(encoding="utf-8").splitlines()
    backbone = backbone_tokenizer(job)
    _refuse_bytes(backbone, job)
    words = list(as_met(backbone, lines))
    learnt = trained_on(job, words, int(job.stage.options["size"]), "identity").pieces
    made = with_pieces(backbone, pieces_of(learnt))
    write_tokenizer(job.out, made)
    shares = {"unknown_before": unknown(backbone, words), "unknown": unknown(made, words)}
    job.report({"kind": "vocabulary", "added": len(made) - len(backbone), **shares})


def _refuse_bytes(tokenizer: Any, job: Job) -> None:
    kind = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["type"]
    if kind not in ("Unigram", "WordPiece"):
        what = f"the backbone's tokenizer is of the kind {kind}, whose pieces are joined by rules: none can be added"
        fix = f"--set vocabulary.{job.stage.role or 'target'}=fixed_size"
        raise RunError("No tokenizer can be made.", [Problem(what, job.stage.id, fix)])


def as_met(tokenizer: Any, lines: Iterable[str]) -> Iterator[str]:
    """Each line as the tokenizer's model meets it: normalised, its words with blanks between them."""
    backend = tokenizer.backend_tokenizer
    for line in lines:
        text = backend.normalizer.normalize_str(line) if backend.normalizer else line
        words = [word for word, _ in backend.pre_tokenizer.pre_tokenize_str(text)] if backend.pre_tokenizer else [text]
        yield " ".join(word.replace("▁", " ").strip() for word in words)


def pieces_of(learnt: Sequence[tuple[str, float]]) -> list[Piece]:
    """A unigram model's pieces without its control pieces and the bare mark of a beginning."""
    told = ((piece.startswith("▁"), piece.removeprefix("▁"), score) for piece, score in learnt[3:])
    return [piece for piece in told if piece[1]]


def with_pieces(tokenizer: Any, pieces: Iterable[Piece]) -> Any:
    """A tokenizer with more pieces behind its own, whose ids stay.

    Of a unigram model a piece counts as much as in the model that it was learnt by, and more than its parts; WordPiece
    takes the longest piece that fits.

    >>> len(with_pieces(m_bert, [(True, "ሰላም", -5.0)])) - len(m_bert)     # doctest: +SKIP
    1
    """
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    prefix = state["model"].get("continuing_subword_prefix")
    before = tokenizer.get_vocab()
    wanted: dict[str, float] = {}
    for piece in pieces:
        for form in _forms(piece, prefix):
            if form not in before:
                wanted.setdefault(form, piece[2])
    if prefix is not None:
        state["model"]["vocab"].update({form: len(tokenizer) + n for n, form in enumerate(wanted)})
    else:
        _append(state["model"]["vocab"], tokenizer, wanted)
    return plain_fast(Tokenizer.from_str(json.dumps(state)), settings_of(tokenizer))


def _forms(piece: Piece, prefix: str | None) -> list[str]:
    """How a tokenizer writes a piece. WordPiece gets each letter in both forms, since words may begin with any."""
    begins, letters, _ = piece
    if prefix is None:
        return [f"▁{letters}" if begins else letters]
    if len(letters) == 1:
        return [letters, prefix + letters]
    return [letters if begins else prefix + letters]


def _append(vocabulary: list[list[Any]], tokenizer: Any, wanted: dict[str, float]) -> None:
    scores = dict(map(tuple, vocabulary))
    lowest = min(scores.values())
    # tokens that were added behind the pieces have ids here as well
    vocabulary += [[tokenizer.convert_ids_to_tokens(n), 0.0] for n in range(len(vocabulary), len(tokenizer))]
    for form, score in wanted.items():
        parts = tokenizer.backend_tokenizer.model.tokenize(form)
        # unknown characters are scored from the worst piece, so no piece may be a new worst one
        apart = sum(scores.get(part.value, lowest - 10) for part in parts)
        vocabulary.append([form, max(lowest, score, apart + 1e-3)])


def unknown(tokenizer: Any, words: Sequence[str]) -> float:
    """The share of a text's pieces that a tokenizer doesn't know."""
    coded = tokenizer(list(words), add_special_tokens=False)["input_ids"]
    met: int = sum(ids.count(tokenizer.unk_token_id) for ids in coded)
    return round(met / max(1, sum(map(len, coded))), 4)

"""Unigram models trained by sentencepiece, and tokenizers made of them for a backbone."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import sentencepiece

from xlt_core.data.samples import SAMPLES
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job
from xlt_core.model.rows import backbone_layout, write_tokenizer
from xlt_core.model.tokens import tokenizer_from_pieces

LONGEST_LINE = 1 << 20
"""Bytes of a line up to which the trainer takes it; its own limit of 4192 would drop long samples without a word."""


class SizeRefused(ValueError):
    """sentencepiece can't make a model of this size; `bound` is the size that it can make."""

    def __init__(self, size: int, bound: int, too_high: bool) -> None:
        super().__init__(f"{size} pieces are too {'many' if too_high else 'few'}: it can be {bound}")
        self.size, self.bound, self.too_high = size, bound, too_high


@dataclass(frozen=True, slots=True)
class Unigram:
    """A trained model: its file, its pieces with their scores, and its normalisation map."""

    proto: bytes
    pieces: tuple[tuple[str, float], ...]
    charsmap: bytes | None

    @classmethod
    def of(cls, proto: bytes) -> Unigram:
        """The model that a file holds."""
        model = sentencepiece.SentencePieceProcessor(model_proto=proto)
        pieces = tuple((model.id_to_piece(n), model.get_score(n)) for n in range(model.get_piece_size()))
        return cls(proto, pieces, charsmap_of(proto))


def train_unigram(
    lines: Iterable[str],
    size: int,
    coverage: float = 1.0,
    longest_line: int = LONGEST_LINE,
    threads: int = 1,
    rule: str = "nmt_nfkc",
) -> Unigram:
    """A unigram model of so many pieces. One thread gives the same pieces in the same order each time. `rule` is
    sentencepiece's name of how text is normalised first.

    >>> len(train_unigram(["the cat and the dog"] * 20, 30).pieces)     # doctest: +SKIP
    30
    """
    out = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines), model_writer=out, vocab_size=size, model_type="unigram",
            character_coverage=coverage, max_sentence_length=longest_line, num_threads=threads, minloglevel=2,
            normalization_rule_name=rule,
        )  # fmt: skip
    except RuntimeError as error:
        raise _refused(size, str(error)) from None
    return Unigram.of(out.getvalue())


def _refused(size: int, said: str) -> Exception:
    """What the trainer's refusal means; anything but a size is told as it is."""
    high = re.search(r"too high \(\d+\)\. Please set it to a value <= (\d+)", said)
    low = re.search(r"smaller than required_chars\. \d+ vs (\d+)", said)
    if high or low:
        bound = int((high or low)[1])  # type: ignore[index]
        return SizeRefused(size, bound if high else bound + 1, bool(high))
    return RuntimeError(f"sentencepiece: {said}")


def charsmap_of(proto: bytes) -> bytes | None:
    """The map by which a model normalises text, out of its file: field 2 of field 3."""
    rules = next((value for field, value in _fields(proto) if field == 3), b"")
    return next((value for field, value in _fields(rules) if field == 2), None) or None


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields of a protocol buffer that hold bytes, with their numbers."""
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    while at < len(message):
        key = number()
        kind = key & 7
        if kind == 0:
            number()
            continue
        size = number() if kind == 2 else {1: 8, 5: 4}[kind]
        if kind == 2:
            yield key >> 3, message[at : at + size]
        at += size


def fixed_size(job: Job) -> None:
    """The work of the vocabulary `fixed_size`."""
    (folder,) = job.inputs_named("artefact samples").values()
    lines = (folder / SAMPLES).read_text(encoding="utf-8").splitlines()
    trained = trained_on(job, lines, int(job.stage.options["size"]))
    write_tokenizer(job.out, tokenizer_from_pieces(trained.pieces, backbone_layout(job), trained.charsmap))


def trained_on(job: Job, lines: Sequence[str], size: int, rule: str = "nmt_nfkc") -> Unigram:
    """A model of the size that a stage asks for; what can't be is told with what can."""
    (language,) = job.stage.languages
    more = f"--resource text:{language}=FILE with more text"
    where = f"vocabulary.{job.stage.role}.{job.stage.channel}"
    try:
        return train_unigram(lines, size, rule=rule)
    except SizeRefused as error:
        amount = "at most" if error.too_high else "at least"
        what = f"the text of {language} makes {amount} {error.bound} pieces, and {size} are wanted"
        raise _told(job, what, f"--set {where}.size={error.bound}, or {more}") from None
    except RuntimeError as error:
        raise _told(job, str(error), more) from None


def _told(job: Job, what: str, fix: str) -> RunError:
    return RunError("No tokenizer can be made.", [Problem(what, job.stage.id, fix)])

"""The first vectors of a new vocabulary: the works of `unibridge.aligned` and `unibridge.focus`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from xlt_core.engine.batching import generator
from xlt_core.engine.first_rows import Start
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job
from xlt_core.model.overlap import keys, overlap
from xlt_core.model.rows import write_rows
from xlt_unibridge.corpus import Corpus, read_corpus
from xlt_unibridge.cuts import cut, pieces_of, stripped, told_unknown, unknown_share
from xlt_unibridge.embedding import Aligned, Focus
from xlt_unibridge.mixtures import means, mixtures
from xlt_unibridge.neighbours import mutual_nearest
from xlt_unibridge.origins import Origins
from xlt_unibridge.procrustes import rotation, unit
from xlt_unibridge.static import StaticVectors, static_vectors

FREQUENT = 5000
"""Words that anchor an alignment where the shared pieces are too few."""
LITTLE = 0.1
"""Share of shared pieces found again below which the vectors know next to nothing."""


def focus(job: Job) -> None:
    """Shared rows copied, the rest mixtures of them."""
    options, _ = job.part("embedding", "unibridge.focus", job.stage.options)
    assert isinstance(options, Focus)
    sides = Sides.of(job, options)
    _write(job, sides, assign(sides, {}, options.fewest), {})


def aligned(job: Job) -> None:
    """Shared rows copied, then those of mutual neighbours, the rest mixtures of both."""
    options, _ = job.part("embedding", "unibridge.aligned", job.stage.options)
    assert isinstance(options, Aligned)
    sides = Sides.of(job, options)
    share = unknown_share(sides.backbones, sides.corpus.words)
    if told := told_unknown(share, job.stage.languages[0]):
        job.note(told)
    looked_up = stripped(sides.backbones) if options.key == "stripped" else None
    source = static_vectors(job, sides.corpus, sides.backbones, options, looked_up)
    pairs, numbers = semantic_pairs(sides, source, options)
    if note := doubts(numbers, options, job):
        job.note(note)
    told_more = {**numbers, "unknown_to_the_backbone": round(share, 6)}
    _write(job, sides, assign(sides, pairs, options.fewest), told_more)


def doubts(numbers: Mapping[str, float], options: Aligned, job: Job) -> str | None:
    """What to tell of neighbours that mean little."""
    if options.align == "none":
        return None
    if numbers["held_together_by"] < options.anchors:
        same = int(numbers["held_together_by"])
        return f"only {same} pieces and words are known to be the same in both tokenizers: neighbours mean little"
    if numbers["found_again"] < LITTLE:
        return (
            f"of the shared pieces that the alignment hasn't seen {numbers['found_again']:.0%} lie nearest to "
            f"themselves: in so short a text fastText learns little in {options.epochs} epochs "
            f"(--set embedding.{job.stage.role}.epochs={options.epochs * 5})"
        )
    return None


@dataclass(frozen=True)
class Sides:
    """What is known of the two vocabularies before any row is made."""

    corpus: Corpus
    start: Start
    """The backbone's vocabulary, and the new tokenizer."""
    shared: Mapping[int, int]
    """The lexical overlap (equation 2), control tokens among it."""
    vectors: StaticVectors
    """Of the new pieces."""

    @classmethod
    def of(cls, job: Job, options: Focus) -> Sides:
        corpus, start = read_corpus(job), Start.of(job)
        shared = overlap(start.tokenizer, start.there.tokenizer, options.match, options.match_symbols == "auto")
        vectors = static_vectors(job, corpus, start.tokenizer, options)
        if not vectors.trained.any():
            what = "the text has too few kinds of pieces for fastText to learn from"
            fix = f"more text, or --set embedding.{job.stage.role}.subsample=1"
            raise RunError("No vectors could be learnt.", [Problem(what, job.stage.id, fix)])
        return cls(corpus, start, shared, vectors)

    @property
    def backbones(self) -> Any:
        """The backbone's tokenizer."""
        return self.start.there.tokenizer

    @cached_property
    def trained(self) -> list[bool]:
        """Whether a new piece stood in the text, so that its vector means something."""
        return self.vectors.trained.tolist()  # type: ignore[no-any-return]

    @cached_property
    def anchors(self) -> dict[int, int]:
        """Shared pieces that are text and whose vectors were trained."""
        special = {*self.start.tokenizer.all_special_ids}
        return {n: of for n, of in self.shared.items() if n not in special and self.trained[n]}


def semantic_pairs(sides: Sides, source: StaticVectors, options: Aligned) -> tuple[dict[int, int], dict[str, float]]:
    """Pieces of the two vocabularies that are each other's nearest, and how they were found (equations 3 and 4)."""
    vectors = source.vectors
    told: dict[str, float] = {}
    if options.align == "procrustes":
        ours, theirs = known_pieces(sides, source)
        told["found_again"] = found_again(ours, theirs)
        if len(ours) < options.anchors:
            ours, theirs = with_words(ours, theirs, sides, source)
        told["held_together_by"] = len(ours)
        if len(ours) < options.fewest:
            return {}, told
        vectors = vectors @ rotation(ours, theirs)
    waiting = [n for n in range(sides.start.size) if n not in sides.shared and sides.trained[n]]
    may = candidates(sides, source, options)
    chosen = mutual_nearest(sides.vectors.vectors[waiting], vectors[may])
    pairs = {waiting[i]: may[j] for i, j in chosen.tolist()}
    return pairs, {**told, "candidates": len(may), "candidates_in_the_text": int((source.counts[may] > 0).sum())}


def known_pieces(sides: Sides, source: StaticVectors) -> tuple[Tensor, Tensor]:
    """The vectors in both spaces of shared pieces that stood in the text under both tokenizers."""
    trained = source.trained.tolist()
    shared = {n: of for n, of in sides.anchors.items() if trained[of]}
    return source.vectors[[*shared.values()]], sides.vectors.vectors[[*shared]]


def with_words(ours: Tensor, theirs: Tensor, sides: Sides, source: StaticVectors) -> tuple[Tensor, Tensor]:
    """The same with frequent words behind the pieces."""
    words = [word for word, _ in sides.corpus.words.most_common(FREQUENT)]
    ours = torch.cat([ours, word_vectors(words, sides.backbones, source)])
    theirs = torch.cat([theirs, word_vectors(words, sides.start.tokenizer, sides.vectors)])
    lengths: Tensor = torch.minimum(ours.norm(dim=1), theirs.norm(dim=1))
    return ours[lengths > 0], theirs[lengths > 0]


def found_again(ours: Tensor, theirs: Tensor) -> float:
    """How much the vectors know: a rotation is fitted to every other piece; the share of the rest nearest to itself.

    Chance is one over the number of pieces.
    """
    if len(ours) < 4:
        return 0.0
    turned = unit(ours @ rotation(ours[::2], theirs[::2]))
    nearest = (unit(theirs[1::2]) @ turned.T).argmax(1)
    return round(float((nearest == torch.arange(1, len(ours), 2)).float().mean()), 4)


def word_vectors(words: list[str], tokenizer: Any, vectors: StaticVectors) -> Tensor:
    """The mean of the vectors of each word's pieces; zeros where one of them is unknown."""
    unknown = tokenizer.unk_token_id
    found = torch.zeros(len(words), vectors.vectors.shape[1])
    for n, ids in enumerate(cut(tokenizer, words)):
        if ids and unknown not in ids:
            found[n] = vectors.vectors[ids].mean(0)
    return found


def candidates(sides: Sides, source: StaticVectors, options: Aligned) -> list[int]:
    """The source pieces that may be a neighbour."""
    taken = set() if options.candidates == "all_source" else {*sides.shared.values()}
    counts = source.counts.tolist()
    text = (n for n, (begins, _) in keys(sides.backbones).items() if isinstance(begins, bool))
    of_text = [n for n in text if n not in taken and n < sides.start.there.size]
    return [n for n in of_text if options.candidates != "observed" or counts[n]]


def assign(sides: Sides, neighbours: Mapping[int, int], fewest: int) -> Origins:
    """Where each new piece's row is to come from."""
    anchors = {**sides.anchors, **neighbours}
    codes = sides.start.codes
    known = {*sides.shared, *neighbours, *codes}
    rest = [n for n in range(sides.start.size) if n not in known]
    mixed = [n for n in rest if len(anchors) >= fewest and sides.trained[n]]
    drawn = sorted({*rest} - {*mixed})
    vectors, of = sides.vectors.vectors, torch.tensor([*anchors.values()], dtype=torch.long)
    weights = mixtures(vectors[mixed], vectors[[*anchors]]).named(of).followed_by(means([*codes.values()]))
    of_several = torch.tensor([*mixed, *codes], dtype=torch.long)
    return Origins(sides.shared, neighbours, of_several, weights, drawn)


def _write(job: Job, sides: Sides, origins: Origins, told: Mapping[str, Any]) -> None:
    assert len(origins) == sides.start.size, "each piece has one origin"
    if len(origins.mixed) == len(sides.start.codes) and origins.drawn:
        few = len(sides.anchors) + len(origins.neighbours)
        job.note(
            f"only {few} pieces of the text have a row to start from: {len(origins.drawn)} rows are drawn at random"
        )
    seed, bias = job.stage.seed, sides.start.there.bias
    assert seed is not None
    made = {name: origins.rows(table.float(), generator(seed, name)) for name, table in sides.start.tables().items()}
    write_rows(job.out, made["rows"], None if bias is None else origins.bias(bias), made.get("output"))
    numbers = {**origins.statistics(), "anchors": len(sides.anchors), **told}
    origins.write(job.out, pieces_of(sides.start.tokenizer), numbers)
    job.report({"kind": "rows", **numbers})

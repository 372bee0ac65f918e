"""Labels carried along word links: spans by their images, or word by word; and a report of what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from xlt_core.bitext.pairs import labelled, pairs_of, read_links, told
from xlt_core.data.records import EXAMPLES, Tagged, write_tagged
from xlt_core.data.schemes import Scheme, Span, convert, scheme_of, spans_of, written
from xlt_core.graph.job import Job
from xlt_mtlws.bitext import SpanToSpan, WordToWord
from xlt_mtlws.images import Image, Link, image, partners, place

NOT_LINKED = "X"
"""The part of speech of a word without a partner: UPOS's own "other"."""


@dataclass
class Report:
    """What became of sentences and spans. Every span of the source is kept, or lost for one reason."""

    kept: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    """Sentences that are left out, by reason."""
    spans: int = 0
    """Spans that stand in the translation."""
    moved: int = 0
    """Those of them that don't stand on the words of the same numbers as in the source."""
    filled: int = 0
    """Those with words in them that none of their own is linked to."""
    grown: float = 0.0
    """The sum of their widths as multiples of the source's."""
    irregular: int = 0
    """Spans as they were written that no scheme allows: a word that ends nothing, an end without a beginning."""
    lost: Counter[str] = field(default_factory=Counter)
    """Spans that don't, by reason; `with_sentence` had a place in a sentence that is left out."""

    def drop(self, reason: str, spans: int, lost: Counter[str] | None = None) -> None:
        self.dropped[reason] += 1
        self.lost.update(lost or {})
        self.lost["with_sentence"] += spans - sum((lost or {}).values())

    def keep(self, images: Iterable[Image], lost: Counter[str]) -> None:
        """Count a sentence's images; one that was cut in several counts once."""
        self.kept += 1
        self.lost.update(lost)
        first = {one.span: one for one in reversed(list(images))}
        self.spans += len(first)
        for span, one in first.items():
            self.moved += (one.first, one.last) != (span.first, span.last)
            self.filled += one.filled
            self.grown += (one.last - one.first + 1) / (span.last - span.first + 1)

    def as_data(self) -> dict[str, Any]:
        return {
            "sentences": self.kept + sum(self.dropped.values()),
            "kept": self.kept,
            "dropped": dict(self.dropped),
            "spans": self.spans + sum(self.lost.values()),
            "spans_kept": self.spans,
            "spans_moved": self.moved,
            "spans_lost": dict(+self.lost),
            "spans_irregular": self.irregular,
            "filled_share": self.filled / self.spans if self.spans else 0.0,
            "mean_width_ratio": self.grown / self.spans if self.spans else 0.0,
        }


Carry = Callable[[Tagged, Sequence[str], Sequence[Link], Report], Tagged | None]
"""From a labelled sentence, its translation's words and the links to the labelled translation; None leaves it out."""


def span_to_span(job: Job) -> None:
    """The work of the projector `mtlws.span_to_span`."""
    options, _ = job.part("projection", job.stage.part, job.stage.options)
    assert isinstance(options, SpanToSpan) and job.task is not None
    sources = labelled(job)
    carry: Carry = sentence_label
    if job.task.unit == "span":
        carry = partial(by_span, options=options, scheme=scheme_of(row.tags for row in sources))
    _project(job, sources, carry)


def word_to_word(job: Job) -> None:
    """The work of the projector `mtlws.word_to_word`."""
    options, _ = job.part("projection", job.stage.part, job.stage.options)
    assert isinstance(options, WordToWord) and job.task is not None
    sources = labelled(job)
    carry: Carry = word_labels if job.task.unit == "word" else sentence_label
    if job.task.unit == "span":
        carry = partial(by_word, options=options, scheme=scheme_of(row.tags for row in sources))
    _project(job, sources, carry)


def _project(job: Job, sources: Sequence[Tagged], carry: Carry) -> None:
    (folder,) = job.inputs_named("artefact alignment").values()
    report = Report()
    language = job.stage.languages[-1]
    beside = zip(sources, pairs_of(job), read_links(folder), strict=True)
    found = (carry(row, pair.target, links, report) for row, pair, links in beside)
    write_tagged(job.out / EXAMPLES, (replace(row, language=language) for row in found if row is not None))
    told(job, report.as_data())


def sentence_label(row: Tagged, target: Sequence[str], links: Sequence[Link], report: Report) -> Tagged | None:
    """A sentence's translation has its label."""
    carried = _carried(row, target, links, report, 0)
    if carried is not None:
        report.keep((), Counter())
    return carried


def word_labels(row: Tagged, target: Sequence[str], links: Sequence[Link], report: Report) -> Tagged | None:
    """Each word of the translation has the label of the first word that it is linked to."""
    carried = sentence_label(row, target, links, report)
    return None if carried is None else replace(carried, tags=_of_first(row.tags, target, links))


def by_span(
    row: Tagged, target: Sequence[str], links: Sequence[Link], report: Report, options: SpanToSpan, scheme: Scheme
) -> Tagged | None:
    """A sentence's translation with its spans' images on it."""
    spans = spans_of(row.tags, scheme)
    carried = _carried(row, target, links, report, len(spans))
    if carried is None:
        return None
    placed = place(spans, partners(links), options, roles=row.marked is not None)
    clash = options.overlap == "drop_sentence" and placed.lost["overlap"] > 0
    if placed.lost and (clash or options.lost == "drop_sentence"):
        report.drop("overlap" if clash else next(iter(placed.lost)), len(spans), placed.lost)
        return None
    report.keep(placed.images, placed.lost)
    images = [Span(one.first, one.last, one.span.kind) for one in placed.images]
    return replace(carried, tags=written(images, len(target), scheme))


def by_word(
    row: Tagged, target: Sequence[str], links: Sequence[Link], report: Report, options: WordToWord, scheme: Scheme
) -> Tagged | None:
    """A sentence's translation; each word has the tag of the first word that it is linked to and that has one.

    Tags are copied as BIOES writes them, prefix and all, and nothing is mended unless that is asked for.
    """
    spans = spans_of(row.tags, scheme)
    carried = _carried(row, target, links, report, len(spans))
    if carried is None:
        return None
    new: Scheme = "oi" if scheme == "oi" else "bioes"
    tags = convert(row.tags, scheme, new)
    copied, giver = ["O"] * len(target), [-1] * len(target)
    for one, other in sorted(links, reverse=True):  # so that the lowest is written last
        if tags[one] != "O":
            copied[other], giver[other] = tags[one], one
    _count_words(report, spans, links, set(giver))
    found = spans_of(copied, new)
    report.irregular += sum(not span.regular for span in found)
    if options.repair == "regenerate":
        copied = list(written([span._replace(regular=True) for span in found], len(target), new))
    return replace(carried, tags=tuple(copied))


def _count_words(report: Report, spans: Sequence[Span], links: Sequence[Link], givers: set[int]) -> None:
    """A span is kept where a word of the translation has a tag of one of its words."""
    linked, lost = partners(links), Counter[str]()
    images = []
    for span in spans:
        found = image(span, linked)
        if found is None:
            lost["unaligned"] += 1
        elif givers.isdisjoint(range(span.first, span.last + 1)):
            lost["overlap"] += 1
        else:
            images.append(found)
    report.keep(images, lost)


def _carried(row: Tagged, target: Sequence[str], links: Sequence[Link], report: Report, spans: int) -> Tagged | None:
    """What every projection carries over: a sentence's own label, its predicate, its parts of speech."""
    if not target:
        report.drop("untranslated", spans)
        return None
    marked = min((other for one, other in links if one == row.marked), default=None)
    if row.marked is not None and marked is None:
        report.drop("predicate", spans)
        return None
    upos = _of_first(row.upos, target, links) if row.upos else ()
    return Tagged(row.id, row.language, tuple(target), row.tags, (), marked, upos)


def _of_first(tags: Sequence[str], target: Sequence[str], links: Sequence[Link]) -> tuple[str, ...]:
    """Of each target word, what the first word that it is linked to has."""
    found = [NOT_LINKED] * len(target)
    for one, other in sorted(links, reverse=True):
        found[other] = tags[one]
    return tuple(found)

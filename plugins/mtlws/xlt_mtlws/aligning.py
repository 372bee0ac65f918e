"""The native aligner's work: both directions trained, read off and made one set of links."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from xlt_core.bitext.pairs import Pair, pairs_of, told, write_links
from xlt_core.graph.job import Job
from xlt_mtlws.bitext import DiagonalIbm2
from xlt_mtlws.diagonal import Fit, both_ways, train, viterbi
from xlt_mtlws.places import Tension
from xlt_mtlws.symmetry import Link, symmetric

FEW = 1_000
"""Pairs below which λ stays where it is: there is too little to learn it from."""


def diagonal_ibm2(job: Job) -> None:
    """The work of the aligner `mtlws.diagonal_ibm2`."""
    options, _ = job.part("alignment", job.stage.part, job.stage.options)
    assert isinstance(options, DiagonalIbm2)
    fits: dict[str, Fit] = {}
    rows = of_full(pairs_of(job), lambda pairs: align(pairs, options, fits))
    write_links(job.out, rows)
    report_links(job, rows, **{f"steepness_{name}": fit.steepness for name, fit in fits.items()})


def align(pairs: Sequence[Pair], options: DiagonalIbm2, fits: dict[str, Fit] | None = None) -> list[list[Link]]:
    """The links of each pair, none of which has an empty side; what each direction learnt is put into `fits`."""
    sides = [pair.source for pair in pairs], [pair.target for pair in pairs]
    tension: Tension = ("fixed" if len(pairs) < FEW else "compat") if options.tension == "auto" else options.tension
    chosen = {}
    for name, corpus in zip(("forward", "reverse"), both_ways(*sides), strict=True):
        if name == "forward" and options.symmetrise == "reverse":
            continue
        fit = train(corpus, options.passes, options.null, options.prior, tension)
        chosen[name] = iter(viterbi(corpus, fit, options.null).tolist())
        if fits is not None:
            fits[name] = fit
    found = []
    for pair in pairs:
        forward = [(i, j) for j, i in enumerate(islice(chosen.get("forward", ()), len(pair.target))) if i >= 0]
        backward = [(i, j) for i, j in enumerate(islice(chosen["reverse"], len(pair.source))) if j >= 0]
        found.append(symmetric(forward, backward, options.symmetrise))
    return found


def of_full(pairs: Sequence[Pair], links: Callable[[list[Pair]], list[list[Link]]]) -> list[list[Link]]:
    """The links of all pairs, where those with an empty side have none and aren't shown to the aligner."""
    full = [pair for pair in pairs if pair.source and pair.target]
    found = iter(links(full) if full else ())
    return [next(found) if pair.source and pair.target else [] for pair in pairs]


def report_links(job: Job, rows: Sequence[Sequence[Link]], **more: Any) -> None:
    """Tell how many links there are, and how many sentences have none."""
    counts = {"sentences": len(rows), "links": sum(map(len, rows)), "without_links": sum(not row for row in rows)}
    told(job, {**counts, **more})

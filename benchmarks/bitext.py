"""Word alignment beside systran-align and eflomal, where they are installed, and projection: speed and error.

    python benchmarks/bitext.py [--pairs 30000] [--aer 2000]

Seconds are of the clock, both sides on as many cores as they take; the error is 1 − F on the mini world's gold links.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from xlt_mtlws.aligning import align
from xlt_mtlws.bitext import DiagonalIbm2, SpanToSpan
from xlt_mtlws.projecting import Report, by_span
from xlt_mtlws.symmetry import Link

from xlt_core.bitext.pairs import Pair
from xlt_core.data.records import Tagged
from xlt_core.mini import LANGUAGES
from xlt_core.mini.bitext import parallel
from xlt_core.mini.links import links as gold_links

BOUND, PER_MINUTE = 60.0, 200_000
TYPES = 30_000
Aligner = Callable[[Sequence[Pair]], list[list[Link]]]


def corpus(count: int) -> list[Pair]:
    """Sentences of some 17 words by Zipf's law; their translations drop, swap and mistake some."""
    draw = np.random.default_rng(0)
    chance = 1 / (np.arange(TYPES) + 2.7)
    chance /= chance.sum()
    made = []
    for number in range(count):
        length = int(np.clip(draw.lognormal(2.75, 0.5), 2, 60))
        words = draw.choice(TYPES, length, p=chance)
        other = [at for at in words if draw.random() > 0.08] or [words[0]]
        other = [at if draw.random() > 0.05 else draw.integers(TYPES) for at in other]
        for at in range(len(other) - 1):
            if draw.random() < 0.2:
                other[at], other[at + 1] = other[at + 1], other[at]
        made.append(Pair(str(number), tuple(f"s{at}" for at in words), tuple(f"t{at}" for at in other)))
    return made


def native(pairs: Sequence[Pair]) -> list[list[Link]]:
    found: list[list[Link]] = align(pairs, DiagonalIbm2())
    return found


def systran(pairs: Sequence[Pair]) -> list[list[Link]]:
    import systran_align

    with tempfile.TemporaryDirectory() as folder:
        text, forward, backward = (str(Path(folder, name)) for name in ("text", "forward", "backward"))
        lines = (f"{' '.join(pair.source)} ||| {' '.join(pair.target)}\n" for pair in pairs)
        Path(text).write_text("".join(lines), encoding="utf-8")
        systran_align.generate_alignment_probabilities(
            text, forward, backward, favor_diagonal=True, optimize_tension=True, variational_bayes=True
        )
        aligner = systran_align.Aligner(forward, backward)
        sides = [list(pair.source) for pair in pairs], [list(pair.target) for pair in pairs]
        found: list[list[Link]] = [[(i, j) for i, j in row["alignments"]] for row in aligner.align_batch(*sides)]
        return found


def eflomal(pairs: Sequence[Pair]) -> list[list[Link]]:
    from xlt_mtlws.eflomal_links import links_of

    found: list[list[Link]] = links_of(pairs, "grow-diag-final-and")
    return found


def others() -> dict[str, Aligner]:
    """The aligners to compare with that are installed."""
    known: dict[str, Aligner] = {"systran_align": systran, "eflomal": eflomal}
    found = {name: own for name, own in known.items() if importlib.util.find_spec(name)}
    for name in known.keys() - found.keys():
        print(f"{name} isn't installed and is left out")
    return found


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def error(gold: Sequence[Sequence[Link]], said: Sequence[Sequence[Link]]) -> float:
    both = sum(len(set(one) & set(other)) for one, other in zip(gold, said, strict=True))
    return 100 * (1 - 2 * both / (sum(map(len, gold)) + sum(map(len, said))))


def speed(count: int, beside: dict[str, Aligner]) -> None:
    pairs = corpus(count)
    own = seconds(lambda: native(pairs))
    print(f"diagonal_ibm2, {count} pairs, both directions and grow-diag-final-and: {own:.1f} s", end="")
    print(f", {own / BOUND:.2f} of {BOUND:g} s" if count == 30_000 else "")
    for name, aligner in beside.items():
        taken = seconds(lambda aligner=aligner: aligner(pairs))  # type: ignore[misc]
        print(f"{name}: {taken:.1f} s, {taken / own:.1f}x")


def errors(count: int, beside: dict[str, Aligner]) -> None:
    print(f"\nalignment error on {count} sentences of the mini world, eng and …")
    aligners = {"diagonal_ibm2": native, **beside}
    print("| language | " + " | ".join(aligners) + " |\n| --- |" + " ---: |" * len(aligners))
    found: list[list[float]] = []
    for language in LANGUAGES:
        if language == "eng":
            continue
        rows = list(parallel("eng", language, "text", count))
        pairs = [Pair(one.id, one.words, other.words) for one, other in rows]
        gold = [gold_links(one, other) for one, other in rows]
        found.append([error(gold, aligner(pairs)) for aligner in aligners.values()])
        print(f"| {language} | " + " | ".join(f"{own:.1f}" for own in found[-1]) + " |", flush=True)
    print("| mean | " + " | ".join(f"{np.mean(own):.1f}" for own in zip(*found, strict=True)) + " |")


def projection(count: int) -> None:
    pairs = corpus(count)
    draw = np.random.default_rng(1)
    rows, linked = [], []
    for pair in pairs:
        tags = ["O"] * len(pair.source)
        start = int(draw.integers(len(tags)))
        end = min(start + int(draw.integers(1, 4)), len(tags))
        tags[start:end] = ["B-PER", *["I-PER"] * (end - start - 1)]
        rows.append(Tagged(pair.id, "eng", pair.source, tuple(tags)))
        linked.append([(at, min(at, len(pair.target) - 1)) for at in range(len(pair.source))])
    options, report = SpanToSpan(), Report()

    def carry() -> None:
        for row, pair, links in zip(rows, pairs, linked, strict=True):
            by_span(row, pair.target, links, report, options, "iob2")

    taken = seconds(carry)
    rate = 60 * count / taken
    print(f"\nspan_to_span: {rate:,.0f} sentences a minute, {rate / PER_MINUTE:.1f}x {PER_MINUTE:,}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pairs", type=int, default=30_000)
    asked.add_argument("--aer", type=int, default=2_000)
    told = asked.parse_args()
    beside = others()
    speed(told.pairs, beside)
    projection(told.pairs)
    errors(told.aer, beside)


if __name__ == "__main__":
    main()

"""What a bootstrap over 10,000 sentences costs from counts, and what it would cost by measuring each draw anew.

Seconds of this process; the measures are timed on a few draws and told for all of them.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from xlt_core.engine.score import measure_seqeval_f1, measure_spans, sentence_counts
from xlt_core.report.statistics import resample

SENTENCES, WORDS, DRAWS, TIMED = 10_000, 20, 1000, 2
BOUND = 1.0
TAGS = ("O", "O", "O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG")

Corpus = list[list[str]]


def corpus(seed: int) -> Corpus:
    draw = random.Random(seed)
    return [draw.choices(TAGS, k=WORDS) for _ in range(SENTENCES)]


def seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def by_measuring(measure: Callable[[Corpus, Corpus], object], gold: Corpus, said: Corpus) -> float:
    """Seconds for all draws, from a few."""
    draw = random.Random(0)

    def timed() -> None:
        for _ in range(TIMED):
            chosen = draw.choices(range(SENTENCES), k=SENTENCES)
            measure([gold[n] for n in chosen], [said[n] for n in chosen])

    return DRAWS / TIMED * seconds(timed)


def main() -> None:
    gold, said = corpus(0), corpus(1)
    counting = seconds(lambda: sentence_counts("span_f1", gold, said))
    counted = [sentence_counts("span_f1", gold, said), sentence_counts("span_f1", gold, corpus(2))]
    taken = seconds(lambda: resample(counted, DRAWS, 0))
    print(f"{DRAWS} draws of {SENTENCES} sentences, two systems: {taken:.2f} s, {taken / BOUND:.2f} of {BOUND:g}")
    print(f"counting one system's sentences, once: {counting:.2f} s")
    for name, measure in (("span_f1 anew", measure_spans), ("seqeval anew", measure_seqeval_f1)):
        anew = 2 * by_measuring(measure, gold, said)
        print(f"{name}: {anew:.0f} s, {anew / (taken + 2 * counting):.0f}x counting and drawing")


if __name__ == "__main__":
    main()

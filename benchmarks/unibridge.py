"""What UniBridge's vocabulary and first vectors cost, beside the plain way to the same answers.

Wall-clock seconds; both sides of a ratio run in one go, on an idle machine. `--full` takes the sizes of XLM-R and
30,000 new pieces, and 128-word samples of a whole text; without it everything is smaller.

    python benchmarks/unibridge.py [--full] [--text FILE.txt.gz] [--workers 2]
"""

from __future__ import annotations

import argparse
import gzip
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from math import log
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from xlt_unibridge.corpus import Corpus
from xlt_unibridge.mixtures import mixtures
from xlt_unibridge.neighbours import COLUMNS, ROWS, mutual_nearest
from xlt_unibridge.procrustes import unit
from xlt_unibridge.sizes import Sizes
from xlt_unibridge.walk import Found, Rule

from xlt_core import plan
from xlt_core.catalog import load_catalog
from xlt_core.config.settings import Settings
from xlt_core.data.samples import recut
from xlt_core.graph.job import Job
from xlt_core.graph.store import Store
from xlt_core.mini.meaning import meanings
from xlt_core.mini.world import say
from xlt_core.model.unigram import train_unigram
from xlt_core.slots.backbones import MINI

TEXT = Path(__file__).resolve().parents[2] / "shared" / "data" / "mono" / "lij.txt.gz"
THRESHOLDS = (5.0, 10.0, 15.0)
BACKBONES = 2


@dataclass(frozen=True)
class Scale:
    samples: int
    rule: tuple[int, int, int]
    target: int
    source: int
    new: int
    anchors: int
    dim: int = 300
    width: int = 768


SMALL = Scale(800, (2000, 500, 9000), 6_000, 40_000, 1_500, 5_000)
FULL = Scale(10_000, (7000, 1000, 60_000), 51_000, 250_000, 30_000, 21_000)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    found = work()
    return time.perf_counter() - started, found


# the search


def plain_search(samples: Sequence[str], rule: Rule, spent: list[float]) -> Found:
    """A training a size, one after the other, and the whole text cut anew for each."""

    def score(size: int) -> float:
        seconds, trained = timed(lambda: train_unigram(samples, size))
        spent.append(seconds)
        counts: Counter[int] = Counter()
        for ids in sentencepiece.SentencePieceProcessor(model_proto=trained.proto).encode(list(samples)):
            counts.update(ids)
        total = counts.total()
        return sum(n * log(n / total) for n in counts.values()) / len(samples)

    return rule.walk(score)


def our_search(samples: Sequence[str], rule: Rule, job: Job, workers: int) -> Found:
    return rule.walk(Sizes(job, Corpus(tuple(samples)), 1.0, 1 << 20, workers, rule).alp)


def a_job(folder: Path) -> Job:
    stage = plan(method="unibridge", backbone="mini")["tokenizer(amh)"]
    settings, heard = Settings(method="any", backbone="mini"), lambda event: None
    return Job(stage, {}, folder, settings, MINI, None, load_catalog(), heard, store=Store(folder))


def bench_search(samples: Sequence[str], scale: Scale, workers: int) -> None:
    rules = [Rule(*scale.rule, threshold) for threshold in THRESHOLDS]
    spent: list[float] = []
    plain = [timed(partial(plain_search, samples, rule, spent)) for rule in rules]
    cold_trainings = spent[: len(plain[0][1].tried)]
    with tempfile.TemporaryDirectory() as folder:
        job = a_job(Path(folder))
        ours = [timed(partial(our_search, samples, rule, job, workers)) for rule in rules]
        again = [timed(partial(our_search, samples, rule, job, workers)) for rule in rules]
    for (_, theirs), (_, found), (_, second) in zip(plain, ours, again, strict=True):
        assert found == second and [t.size for t in theirs.tried] == [t.size for t in found.tried]
        assert all(abs(a.alp - b.alp) < 1e-6 for a, b in zip(theirs.tried, found.tried, strict=True))
    sizes = ", ".join(f"{rule.threshold:g}: {found.size}" for rule, (_, found) in zip(rules, ours, strict=True))
    first = plain[0][1].tried[0]
    print(f"search over {len(samples)} samples, {first.size} has {first.alp:.2f}; sizes by threshold {sizes}")
    cold, floor = ours[0][0], sum(cold_trainings) / workers
    print(f"  cold, {workers} workers: {cold:.1f} s, plain {plain[0][0]:.1f} s: {plain[0][0] / cold:.2f}x")
    print(f"  (sentencepiece alone, divided by the workers: {floor:.1f} s; nothing that trains every size is faster)")
    sweep, plainly = sum(s for s, _ in (*ours, *again)), BACKBONES * sum(s for s, _ in plain)
    gain = f"{plainly / sweep:.1f}x"
    print(f"  {len(rules)} thresholds, {BACKBONES} backbones: {sweep:.1f} s, plain {plainly:.1f} s: {gain}")


# neighbours and mixtures


def bench_neighbours(scale: Scale) -> None:
    draw = torch.Generator().manual_seed(0)
    target, source = (torch.randn(n, scale.dim, generator=draw) for n in (scale.target, scale.source))
    few, many = target[:300], source[:5000]
    similar = unit(few) @ unit(many).T
    brute = [[i, int(j)] for i, j in enumerate(similar.argmax(1)) if similar.argmax(0)[j] == i]
    assert mutual_nearest(few, many).tolist() == brute

    def bare() -> None:
        for top in range(0, len(target), ROWS):
            for left in range(0, len(source), COLUMNS):
                torch.mm(target[top : top + ROWS], source[left : left + COLUMNS].T)

    product, _ = timed(bare)
    ours, pairs = timed(lambda: mutual_nearest(target, source))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    sizes = f"{scale.target} x {scale.source} x {scale.dim}"
    print(f"mutual neighbours, {sizes}: {ours:.1f} s, the bare product {product:.1f} s: {ours / product:.2f} times")
    print(f"  {len(pairs)} pairs; memory of this process so far {peak:.2f} GB")


def focus_loop(new: torch.Tensor, anchors: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """As FOCUS does it: the whole matrix of similarities, then a sparsemax and a sum for one piece after the other."""
    from entmax import sparsemax

    similar, made = unit(new) @ unit(anchors).T, torch.zeros(len(new), rows.shape[1])
    for n, cosines in enumerate(similar):
        weights = sparsemax(cosines, dim=0)
        kept = weights > 0
        made[n] = (rows[kept] * weights[kept].unsqueeze(1)).sum(0)
    return made


def bench_mixtures(scale: Scale) -> None:
    draw = torch.Generator().manual_seed(0)
    # vectors of some hundred directions with noise, so that cosines spread as those of static vectors do
    themes = torch.randn(300, scale.dim, generator=draw)

    def drawn(count: int) -> torch.Tensor:
        which = torch.randint(0, len(themes), (count,), generator=draw)
        return themes[which] + 0.8 * torch.randn(count, scale.dim, generator=draw)

    new, anchors, rows = drawn(scale.new), drawn(scale.anchors), torch.randn(scale.anchors, scale.width, generator=draw)
    loop, theirs = timed(lambda: focus_loop(new, anchors, rows))
    made = mixtures(new, anchors)
    ours, mine = timed(lambda: mixtures(new, anchors).of(rows))
    assert torch.allclose(mine, theirs, atol=1e-4)
    support = len(made.rows) / len(made)
    sizes = f"{scale.new} x {scale.anchors} x {scale.dim}"
    print(f"mixtures, {sizes}, {support:.0f} anchors each: {ours:.1f} s, the loop {loop:.1f} s: {loop / ours:.1f}x")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--full", action="store_true")
    asked.add_argument("--text", type=Path, default=TEXT)
    asked.add_argument("--workers", type=int, default=2)
    given = asked.parse_args()
    scale = FULL if given.full else SMALL
    if given.text.is_file():
        with gzip.open(given.text, "rt", encoding="utf-8") as lines:
            samples = list(islice(recut(lines, 128), scale.samples))
    else:
        print(f"there is no {given.text}: the mini world's text, and smaller sizes")
        scale = Scale(**{**vars(scale), "rule": (300, 50, 2000)})
        samples = list(recut((say(meaning, "tur").text for meaning in islice(meanings("text"), 2000)), 16))
    bench_search(samples, scale, given.workers)
    bench_neighbours(scale)
    bench_mixtures(scale)


if __name__ == "__main__":
    main()

"""What phonemes and the three losses cost a training step, over the same backbone that pools words of spelling alone.

Counted is what the engine does between two movements of the weights: views made and padded, forward, backward, every
table's gradient made whole. The optimiser's own pass isn't counted and stands beside it: it grows by a second table's
rows. Both sides read the same sentences, none of which is split, and take turns; process CPU time, medians, of ratios
too. Phonemes and language alone should cost at most 1.15 of the pooled backbone; everything at most a tenth over three
such passes and what the two language-model heads cost by themselves. The paper's batch is 32 sentences.

    OMP_NUM_THREADS=1 python benchmarks/phonexl.py [small|base] [TURNS] [SENTENCES]
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from xlt_phonexl.losses import Align, SwitchedMlm, WordMlm
from xlt_phonexl.minimising import Aligning, Predicting, predicted

from plugins.phonexl.tests.small import Letters, making, net, pieces, row
from xlt_core.config.settings import Settings
from xlt_core.data.encode import Piece
from xlt_core.data.records import Tagged
from xlt_core.engine.context import HiddenWords
from xlt_core.engine.device import Machine, prepare
from xlt_core.engine.feed import Feed
from xlt_core.engine.losses import task
from xlt_core.engine.net import Net
from xlt_core.engine.update import Term, Update
from xlt_core.facts import View
from xlt_core.slots.losses import Mask, TaskLoss

WORDS = 24
SIZES = {"small": (6, 256, 4, 4_000), "base": (12, 768, 12, 119_547)}
"""Layers, width, heads and pieces; `base` is mBERT's."""
MASK = Mask(rate=0.2, unit="word", replace="mask", fresh=False, draw="words")
Step = Callable[[], object]


def sentences(letters: str, count: int) -> Iterator[Tagged]:
    """Words of one or two pieces, and of three or four phonemes."""
    draw = random.Random(0)
    for number in range(count):
        words = ("".join(draw.choices(letters, k=draw.randint(1, 2))) for _ in range(WORDS))
        sounds = ("".join(draw.choices(letters[:200], k=draw.randint(3, 4))) for _ in range(WORDS))
        yield row(" ".join(words), " ".join(sounds), name=str(number))


def step(model: Net, rows: list[Piece], *losses: Term) -> tuple[Step, Feed]:
    """One step of a model, and what feeds it."""
    mlms = [own.options for own in losses if isinstance(own.options, WordMlm)]
    views = {view: frozenset({"last"}) for view in (View(), *(own.copied for own in mlms))}
    switches = [s for view in views for s in view.transforms if s.name == "switch"]
    feed = Feed(model, views, 1, torch.device("cpu"), changes=dict.fromkeys(switches, lambda piece, _: piece))  # type: ignore[arg-type]
    update = Update(model, [Term("task", TaskLoss(), task), *losses], Machine(), 1)

    def run() -> None:
        model.zero_grad(set_to_none=True)
        update(feed(rows, 1), 1)

    return run, feed


def heads(model: Net, feed: Feed, rows: list[Piece], losses: list[Predicting]) -> Step:
    """Both language-model heads alone, forward and backward, on as many states as they get."""
    given = []
    for ctx, loss in product(feed(rows, 1), losses):
        told = ctx.batches[loss.options.copied].hidden
        assert told is not None
        places, of_word = torch.unique_consecutive(told[:, :2], dim=0, return_inverse=True)
        states = torch.randn(len(places), model.backbone.width, requires_grad=True)
        given.append((loss, HiddenWords(states, of_word, told[:, 2])))

    def run() -> None:
        for loss in losses:
            loss.zero_grad(set_to_none=True)
        for loss, words in given:
            predicted(loss.mlm_head(words.states, model.backbone.words.weight), words).backward()

    return run


def turns(count: int, works: dict[str, Step]) -> dict[str, list[float]]:
    """CPU seconds of each, one after the other, once more than is counted."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(count + 1):
        for name, work in works.items():
            started = time.process_time()
            work()
            if turn:
                found[name].append(time.process_time() - started)
    return found


def compare(size: str = "small", count: int | str = 11, batch: int | str = 32) -> None:
    prepare(Settings(method="phonexl", backbone="none", device="cpu"))  # as every stage does
    layers, width, attention, vocabulary = SIZES[size]
    letters = "".join(map(chr, range(0x20000, 0x20000 + vocabulary - 5)))
    rows = list(sentences(letters, int(batch)))

    def model(phonemes: bool) -> Net:
        reads: dict[str, Any] = {"phonemes": phonemes, "languages": phonemes, "tokenizer": Letters(letters)}
        return net(**reads, width=width, layers=layers, heads=attention)

    plain, full = model(phonemes=False), model(phonemes=True)
    owners = [Aligning(Align(), making(full)), Predicting(WordMlm(mask=MASK), making(full)),
              Predicting(SwitchedMlm(mask=MASK), making(full))]  # fmt: skip
    for owner in owners:
        full.owned[str(id(owner))] = owner
    terms = [Term(str(n), own.options, lambda ctx, _, own=own: own(ctx)) for n, own in enumerate(owners)]  # type: ignore[misc]
    pooled, _ = step(plain, pieces(plain, rows))
    phonemes, _ = step(full, pieces(full, rows))
    everything, feed = step(full, pieces(full, rows), *terms)
    both = heads(full, feed, pieces(full, rows), [own for own in owners if isinstance(own, Predicting)])
    print(f"{batch} sentences of {WORDS} words, {layers} layers × {width}, {vocabulary:,} pieces; CPU seconds")
    told(turns(int(count), {"pooled": pooled, "phonemes": phonemes, "everything": everything, "heads": both}))
    for run in (pooled, phonemes):
        run()  # leaves gradients
    updates = turns(int(count), {"pooled": optimiser(plain).step, "phonemes": optimiser(full).step})
    told_optimiser(updates)


def optimiser(model: Net) -> torch.optim.Optimizer:
    """AdamW over what a step of the task alone leaves gradients for."""
    return torch.optim.AdamW([weight for weight in model.parameters() if weight.grad is not None], lr=1e-5)


def ratio(ones: list[float], others: list[float]) -> float:
    return median(one / other for one, other in zip(ones, others, strict=True))


def told_optimiser(found: dict[str, list[float]]) -> None:
    names = ", ".join(f"{name} {median(own):.3f}" for name, own in found.items())
    print(f"the optimiser's pass, not counted above: {names}, ratio {ratio(found['phonemes'], found['pooled']):.2f}")


def told(found: dict[str, list[float]]) -> None:
    print(", ".join(f"{name} {median(own):.3f}" for name, own in found.items()))
    due = [3 * own + head for own, head in zip(found["phonemes"], found["heads"], strict=True)]
    print(f"phonemes over pooled {ratio(found['phonemes'], found['pooled']):.2f} (at most 1.15)")
    print(f"two heads' share of everything {ratio(found['heads'], found['everything']):.2f}")
    print(f"everything over three passes and the heads {ratio(found['everything'], due):.2f} (at most 1.10)")


if __name__ == "__main__":
    compare(*sys.argv[1:])

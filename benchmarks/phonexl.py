"""What phonemes and the three losses cost a training step, over the same backbone that pools words of spelling alone.

Forward and backward of one batch, process CPU time, the best of a few interleaved turns. Phonemes alone should cost
at most 1.15 of the pooled backbone; everything three passes and the two heads' share, within a tenth.

    OMP_NUM_THREADS=1 python benchmarks/phonexl.py [TURNS]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from xlt_phonexl.losses import Align, SwitchedMlm, WordMlm
from xlt_phonexl.minimising import Aligning, Predicting, predicted

from plugins.phonexl.tests.small import contexts, making, net, row
from xlt_core.engine.context import Context, HiddenWords
from xlt_core.engine.losses import task
from xlt_core.engine.net import Net
from xlt_core.facts import View
from xlt_core.slots.losses import Mask, TaskLoss

TURNS, SENTENCES, WORDS = 5, 8, 24
MASK = Mask(rate=0.2, unit="word", replace="mask", fresh=False, draw="words")
ROWS = [row("abc de f " * (WORDS // 3), "vwxyz uv tsr " * (WORDS // 3), name=str(n)) for n in range(SENTENCES)]
LETTERS = "".join(map(chr, range(97, 97 + 4000)))


def step(model: Net, ctx: Context, *losses: Callable[[Context], tuple[torch.Tensor, torch.Tensor]]) -> None:
    parts = [task(ctx, TaskLoss()), *(loss(ctx) for loss in losses)]
    torch.autograd.backward([torch.stack([value / count for value, count in parts]).sum()])
    model.zero_grad(set_to_none=True)


def best(turns: int, works: dict[str, Callable[[], None]]) -> dict[str, float]:
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(turns):
        for name, work in works.items():
            started = time.process_time()
            work()
            found[name].append(time.process_time() - started)
    return {name: min(times) for name, times in found.items()}


def main(turns: int) -> None:
    plain, full = big(phonemes=False), big(phonemes=True)
    mlm, xmlm = WordMlm(mask=MASK), SwitchedMlm(mask=MASK)
    losses = [Aligning(Align(), making(full)), *(Predicting(own, making(full)) for own in (mlm, xmlm))]
    unchanged = {xmlm.copied.transforms[0]: lambda piece, _: piece}
    views = (View(), mlm.copied, xmlm.copied)
    (one,), (two,) = contexts(plain, ROWS), contexts(full, ROWS)
    (three,) = contexts(full, ROWS, *views, changes=unchanged)
    told = three.batches[mlm.copied].hidden
    assert told is not None
    head = losses[1].mlm_head
    states = torch.randn(len(torch.unique(told[:, :2], dim=0)), full.backbone.width, requires_grad=True)
    of_word = torch.unique_consecutive(told[:, :2], dim=0, return_inverse=True)[1]

    def heads() -> None:
        for _ in range(2):
            predicted(head(states, full.backbone.words.weight), HiddenWords(states, of_word, told[:, 2])).backward()
        head.zero_grad(set_to_none=True)

    found = best(
        turns,
        {
            "pooled": lambda: step(plain, one.fresh()),
            "phonemes": lambda: step(full, two.fresh()),
            "everything": lambda: step(full, three.fresh(), *losses),
            "heads": heads,
        },
    )
    due = 3 * found["phonemes"] + found["heads"]
    print(f"{SENTENCES} sentences of {WORDS} words, 6 layers × 256, {len(LETTERS) + 5} pieces, CPU seconds a step")
    print(", ".join(f"{name} {value:.3f}" for name, value in found.items()))
    print(f"phonemes over pooled {found['phonemes'] / found['pooled']:.2f} (at most 1.15)")
    print(f"two heads' share of everything {found['heads'] / found['everything']:.2f}")
    print(f"everything over three passes and the heads {found['everything'] / due:.2f} (at most 1.10)")


def big(phonemes: bool) -> Net:
    from plugins.phonexl.tests.small import Letters

    return net(phonemes=phonemes, languages=False, width=256, layers=6, tokenizer=Letters(LETTERS))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TURNS)

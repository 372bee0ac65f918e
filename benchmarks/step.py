"""Where the time of a training step goes on a CPU: masked language modelling by a small XLM-R, all of it trained.

4 layers × 256, 16,000 pieces, dropout 0.1, 48 rows of 40 to 88 pieces an update, a quarter of them masked. Milliseconds
of the process's own time, the middle of some steps, part by part.

    OMP_NUM_THREADS=1 python benchmarks/step.py [STEPS] [fp32 bf16]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import torch
from transformers import XLMRobertaConfig, XLMRobertaForMaskedLM

from xlt_core.config.settings import Settings
from xlt_core.data.encode import Piece
from xlt_core.engine.batching import generator
from xlt_core.engine.device import Machine
from xlt_core.engine.dropout import seed_dropout
from xlt_core.engine.feed import Feed
from xlt_core.engine.loop import train_steps
from xlt_core.engine.losses import mlm
from xlt_core.engine.net import Net
from xlt_core.engine.update import Term
from xlt_core.facts import View
from xlt_core.model.backbone import BackboneModel
from xlt_core.slots.losses import Mask, Mlm
from xlt_core.slots.schedule import Pretrain

PIECES, ROWS, SHORTEST, LONGEST = 16_000, 48, 40, 88


class Numbers:
    """A tokenizer of nothing: what masking asks of one."""

    pad_token_id, mask_token_id = 1, 4
    all_special_ids = (0, 1, 2, 3, 4)

    def __len__(self) -> int:
        return PIECES


def net() -> Net:
    torch.manual_seed(0)
    config = XLMRobertaConfig(
        vocab_size=PIECES, hidden_size=256, num_hidden_layers=4, num_attention_heads=4, intermediate_size=1024,
        max_position_embeddings=130, type_vocab_size=1, pad_token_id=1,
    )  # fmt: skip
    made = Net(BackboneModel(XLMRobertaForMaskedLM(config), Numbers()))
    seed_dropout(made)
    return made


def pieces(count: int) -> list[Piece]:
    draw = generator("step")
    found = []
    for number, length in enumerate(torch.randint(SHORTEST, LONGEST + 1, (count,), generator=draw).tolist()):
        ids = (0, *torch.randint(5, PIECES, (length - 2,), generator=draw).tolist(), 2)
        found.append(Piece(number, ids, (-1, *range(length - 2), -1), slice(1, length - 1), "eng"))
    return found


class Clock:
    """The process's own time, part by part: `clock.of("forward", function)` is the function, and counts."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    def of(self, part: str, run: Callable[..., Any], within: str = "") -> Callable[..., Any]:
        """`within` is the part that this one is taken out of."""

        def timed(*given: Any, **named: Any) -> Any:
            started = time.process_time()
            found = run(*given, **named)
            taken = time.process_time() - started
            self.spent[part] = self.spent.get(part, 0.0) + taken
            if within:
                self.spent[within] = self.spent.get(within, 0.0) - taken
            return found

        return timed

    def take(self) -> dict[str, float]:
        spent, self.spent = self.spent, {}
        return spent


def steps(precision: str, count: int) -> None:
    clock, model, texts = Clock(), net(), pieces(ROWS * (count + 2))
    machine = Machine.of(Settings(method="pretrain", backbone="none", device="cpu", precision=precision))
    term = Term("mlm", Mlm(mask=Mask(rate=0.25)), mlm)
    view = View("text", (term.options.mask.transform(),))  # type: ignore[attr-defined]
    feed: Any = Feed(model, {view: frozenset({"last"})}, 1, machine.device)
    model.states = clock.of("body, forward", model.states)  # type: ignore[method-assign]
    model.vocabulary = clock.of("scores, forward", model.vocabulary)  # type: ignore[method-assign]
    machine.backward = clock.of("backward", machine.backward)  # type: ignore[method-assign]
    machine.step = clock.of("optimiser", machine.step)  # type: ignore[method-assign]
    options = Pretrain(batch=ROWS, steps=count + 2, lr=1e-3)
    told: list[dict[str, float]] = []
    started = time.process_time()
    for event in train_steps(
        model, [term], texts, clock.of("masks and batches", feed), options, 1, None, None, None, machine
    ):
        if event.kind == "step":
            ended = time.process_time()
            told.append({**clock.take(), "all": ended - started})
            started = ended
    tokens = sum(len(piece.ids) for piece in texts) / len(told)
    middle = {part: statistics.median(step[part] for step in told[2:]) for part in told[0]}
    rest = middle["all"] - sum(taken for part, taken in middle.items() if part != "all")
    parts = ", ".join(f"{part} {1000 * taken:.0f}" for part, taken in middle.items() if part != "all")
    print(f"{precision}: {tokens / middle['all']:.0f} tokens per CPU second; {parts}, the rest {1000 * rest:.0f} ms")


def main(count: int, precisions: list[str]) -> None:
    print(f"{ROWS} rows an update, 4 layers × 256, {PIECES} pieces, {torch.get_num_threads()} threads")
    for precision in precisions:
        steps(precision, count)


if __name__ == "__main__":
    given = sys.argv[1:]
    numbers, names = [int(word) for word in given if word.isdigit()], [word for word in given if not word.isdigit()]
    main(numbers[0] if numbers else 8, names or ["fp32", "bf16"])

"""Learning a language with adapters: this engine against Hugging Face's Trainer doing what its `run_mlm` does.

A random XLM-R-base with 250,002 pieces, its body frozen, a language adapter in every layer but the last, dropout 0.1,
lines as long as those of real text, cut at 128 pieces. The Trainer takes 8 lines at a time, as it does where nobody
says otherwise, pads them to the longest and scores every piece at every place; the engine sorts what runs together by
length and scores masked places alone; neither runs more than 1,024 tokens at once. A round is some updates of the
Trainer, the same updates of the engine, and one of the engine with so many lines that they sort well. The Trainer runs
in a process of its own, and waits while it isn't asked. Speeds are in tokens that are no padding.

    OMP_NUM_THREADS=1 python benchmarks/adaptation.py [--rounds 2] [--updates 2] [--lines 32] [--free 512] [--layers 12]
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from torch.utils.data import SequentialSampler
from transformers import (
    DataCollatorForLanguageModeling,
    PreTrainedTokenizerFast,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
)

from xlt_core.config.settings import Settings
from xlt_core.data.encode import Piece
from xlt_core.engine.batching import epoch_batches, generator
from xlt_core.engine.device import prepare
from xlt_core.engine.dropout import seed_dropout
from xlt_core.engine.feed import Feed
from xlt_core.engine.loop import train_steps
from xlt_core.engine.losses import mlm
from xlt_core.engine.net import Net
from xlt_core.engine.update import Term
from xlt_core.facts import View
from xlt_core.model.adapters import AdapterShape, LanguageAdapter, Stack
from xlt_core.model.backbone import BackboneModel
from xlt_core.model.products import Linear
from xlt_core.slots.losses import Mlm
from xlt_core.slots.schedule import Madx

PIECES, SPECIAL = 250_002, ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
WORDS = (1, 1, 3, 5, 6, 8, 10, 11, 13, 14, 16, 17, 19, 21, 22, 25, 27, 30, 34, 41, 233)
"""Words of a line of Amharic, English, Khmer, Swahili and Turkish text, at every twentieth; a piece and a half each."""
LONGEST, AT_A_TIME = 128, 8
AT_ONCE = LONGEST * AT_A_TIME


def tokenizer() -> Any:
    names = [*SPECIAL, *(str(n) for n in range(len(SPECIAL), PIECES))]
    made = Tokenizer(WordLevel({name: n for n, name in enumerate(names)}, "<unk>"))
    return PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token="<s>", pad_token="<pad>", eos_token="</s>", unk_token="<unk>",
        mask_token="<mask>",
    )  # fmt: skip


def pieces(count: int) -> list[Piece]:
    draw, found = random.Random(0), []
    for number in range(count):
        place = draw.random() * (len(WORDS) - 1)
        low = int(place)
        words = WORDS[low] + (place - low) * (WORDS[low + 1] - WORDS[low])
        length = max(2, min(LONGEST - 2, round(1.5 * words)))
        ids = (0, *(draw.randrange(len(SPECIAL), PIECES) for _ in range(length)), 2)
        found.append(Piece(number, ids, (-1, *range(length), -1), slice(1, length + 1), "amh"))
    return found


def net(layers: int) -> Net:
    torch.manual_seed(0)
    config = XLMRobertaConfig(
        vocab_size=PIECES, hidden_size=768, num_hidden_layers=layers, num_attention_heads=12, intermediate_size=3072,
        max_position_embeddings=514, type_vocab_size=1, pad_token_id=1,
    )  # fmt: skip
    made = Net(BackboneModel(XLMRobertaForMaskedLM(config), tokenizer()))
    shape = AdapterShape.of(made.backbone, reduction=2, activation="relu", leave_out=(-1,), inverse_reduction=2)
    made.languages["amh"] = LanguageAdapter("amh", shape, generator(0))
    made.freeze_but(made.languages["amh"])
    for weight in made.mlm_head("amh").values():
        weight.requires_grad_(True)
    return made


@dataclass(frozen=True, slots=True)
class Spent:
    """Of some updates: tokens, all places that were computed, the seconds of the process and those of the wall."""

    tokens: float = 0
    places: float = 0
    own: float = 0
    wall: float = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(*(a + b for a, b in zip(self.told(), other.told(), strict=True)))

    def told(self) -> tuple[float, float, float, float]:
        return self.tokens, self.places, self.own, self.wall


class Watch:
    """What is spent between `begin` and `take`."""

    def begin(self) -> None:
        self.tokens = self.places = 0
        self.own, self.wall = time.process_time(), time.perf_counter()

    def saw(self, attention: torch.Tensor) -> None:
        self.tokens += int(attention.sum())
        self.places += attention.numel()

    def take(self) -> Spent:
        own, wall = time.process_time() - self.own, time.perf_counter() - self.wall
        return Spent(self.tokens, self.places, own, wall)


class Watched(Feed):
    """A feed that shows a watch what it gives."""

    def __init__(self, watch: Watch, *given: Any) -> None:
        super().__init__(*given)
        self.watch = watch

    def __call__(self, logical: Any, step: int) -> Any:
        contexts = super().__call__(logical, step)
        for ctx in contexts:
            for batch in ctx.batches.values():
                self.watch.saw(batch.attention)
        return contexts


def engine(model: Net, texts: Sequence[Piece], lines: int) -> Iterator[Spent]:
    """What each update over these texts costs."""
    options, watch = Madx(lr=5e-4, batch=lines, steps=len(texts) // lines), Watch()
    term = Term("mlm", Mlm(), mlm)
    wanted: Any = {View("text", (term.options.mask.transform(),)): frozenset({"last"})}  # type: ignore[attr-defined]
    feed = Watched(watch, model, wanted, 1, torch.device("cpu"), AT_ONCE)
    events = train_steps(model, [term], texts, feed, options, 1, None)
    watch.begin()
    for event in events:
        if event.kind == "step":
            yield watch.take()
            watch.begin()


class Whole(torch.nn.Module):
    """The model as the Trainer calls it, its adapters attached once and for all, its layers torch's own."""

    def __init__(self, model: Net, watch: Watch) -> None:
        super().__init__()
        self.net, self.watch = model, watch
        for module in model.modules():
            if isinstance(module, Linear):
                module.__class__ = torch.nn.Linear  # type: ignore[assignment]
        self.stack = Stack(model.backbone, [model.languages["amh"]]).attach()  # type: ignore[list-item]

    def forward(self, input_ids: Any, attention_mask: Any, labels: Any) -> Any:
        self.watch.saw(attention_mask)
        return self.net.backbone.model(input_ids=input_ids, attention_mask=attention_mask, labels=labels)


class InOrder(Trainer):  # type: ignore[misc]
    """A Trainer that takes examples in the order in which they are given."""

    def _get_train_sampler(self, *_: Any) -> Any:
        return SequentialSampler(self.train_dataset)


class InTurn(TrainerCallback):  # type: ignore[misc]
    """An update for each line that comes in; what it cost goes out."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self.wait()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        print(*self.watch.take().told(), flush=True)
        self.wait()

    def wait(self) -> None:
        if not sys.stdin.readline():
            raise SystemExit
        self.watch.begin()


def serve(texts: Sequence[Piece], lines: int, layers: int) -> None:
    """The Trainer's side: the engine's examples in the engine's order."""
    model, watch = net(layers), Watch()
    drawn = [piece for batch in epoch_batches(texts, lines, 1, 0) for piece in batch]
    rows = [{"input_ids": list(piece.ids), "attention_mask": [1] * len(piece.ids)} for piece in drawn]
    with tempfile.TemporaryDirectory() as folder:
        told = TrainingArguments(
            folder, per_device_train_batch_size=AT_A_TIME, gradient_accumulation_steps=lines // AT_A_TIME,
            max_steps=len(texts) // lines, learning_rate=5e-4, weight_decay=0.01, report_to=[], save_strategy="no",
            use_cpu=True, disable_tqdm=True, logging_strategy="no", dataloader_pin_memory=False,
            remove_unused_columns=False,
        )  # fmt: skip
        collate = DataCollatorForLanguageModeling(model.backbone.tokenizer, mlm_probability=0.15)
        made = InOrder(Whole(model, watch), told, data_collator=collate, train_dataset=rows, callbacks=[InTurn(watch)])
        made.remove_callback(PrinterCallback)
        made.train()


def theirs(child: subprocess.Popen[str]) -> Spent:
    """The Trainer's next update."""
    assert child.stdin is not None and child.stdout is not None
    print(file=child.stdin, flush=True)
    line = child.stdout.readline()
    if not line:
        raise SystemExit("the Trainer ended before it answered; what it said stands above")
    return Spent(*map(float, line.split()))


def summed(turns: Iterator[Spent], count: int) -> Spent:
    return sum(islice(turns, count), Spent())


def report(name: str, turns: Sequence[Spent], against: Sequence[Spent]) -> None:
    every = sum(turns, Spent())
    print(f"{name}: {every.tokens / every.own:.0f} tokens a CPU second, {every.tokens / every.places:.0%} real", end="")
    for clock, which in (("CPU time", 2), ("the wall", 3)):
        speeds = [[spent.tokens / spent.told()[which] for spent in side] for side in (turns, against)]
        if turns is not against:
            ratios = ", ".join(f"{own / other:.2f}" for own, other in zip(*speeds, strict=True))
            print(f"; {ratios} times the Trainer's by {clock}", end="")
    print(flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, count in (("rounds", 2), ("updates", 2), ("lines", 32), ("free", 512), ("layers", 12)):
        parser.add_argument(f"--{name}", type=int, default=count)
    parser.add_argument("--theirs", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    texts = pieces(given.rounds * given.updates * given.lines)
    if given.theirs:
        serve(texts, given.lines, given.layers)
        return
    print(f"{given.layers} layers, {torch.get_num_threads()} threads, {given.rounds} rounds", flush=True)
    prepare(Settings(method="madx", backbone="none", device="cpu"))
    model = net(given.layers)
    seed_dropout(model)
    same = engine(model, texts, given.lines)
    free = engine(model, pieces(given.rounds * given.free), given.free)
    run = [sys.executable, __file__, *sys.argv[1:], "--theirs"]
    with subprocess.Popen(run, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        rounds = []
        for _ in range(given.rounds):
            other = sum((theirs(child) for _ in range(given.updates)), Spent())
            rounds.append((other, summed(same, given.updates), summed(free, 1)))
            assert rounds[-1][0].tokens == rounds[-1][1].tokens, "the Trainer's batches are others than the engine's"
    trainer, alike, sorted_ = zip(*rounds, strict=True)
    report(f"Trainer, {given.lines} lines an update", trainer, trainer)
    report(f"engine, the same {given.lines} lines", alike, trainer)
    report(f"engine, {given.free} lines", sorted_, trainer)


if __name__ == "__main__":
    main()

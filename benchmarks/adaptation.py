"""Learning a language with adapters: this engine against Hugging Face's Trainer doing what its `run_mlm` does.

A random XLM-R-base with 250,002 pieces, its body frozen, a language adapter in every layer but the last, dropout 0.1.
The Trainer pads to the longest of a batch and scores every piece at every place; the engine sorts what runs together
by length and scores masked places alone; neither runs more than 1,024 tokens at once. Both get the same logical
batches; then the engine gets larger ones, which sort better. Tokens that are no padding, per second.

    OMP_NUM_THREADS=2 python benchmarks/adaptation.py [UPDATES, a multiple of 4] [LAYERS] [LINES an update]
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from torch.utils.data import SequentialSampler
from transformers import (
    DataCollatorForLanguageModeling,
    PreTrainedTokenizerFast,
    Trainer,
    TrainingArguments,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
)

from xlt_core.data.encode import Piece
from xlt_core.engine.batching import epoch_batches, generator
from xlt_core.engine.dropout import seed_dropout
from xlt_core.engine.feed import Feed
from xlt_core.engine.loop import train_steps
from xlt_core.engine.losses import mlm
from xlt_core.engine.net import Net
from xlt_core.engine.update import Term
from xlt_core.facts import View
from xlt_core.model.adapters import AdapterShape, LanguageAdapter, Stack
from xlt_core.model.backbone import BackboneModel
from xlt_core.slots.losses import Mlm
from xlt_core.slots.schedule import Madx

PIECES, SPECIAL = 250_002, ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
WORDS = (1, 1, 3, 5, 6, 8, 10, 11, 13, 14, 16, 17, 19, 21, 22, 25, 27, 30, 34, 41, 233)
"""Words of a line of Amharic, English, Khmer, Swahili and Turkish text, at every twentieth; a piece and a half each."""
AT_ONCE = 1024


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
        length = max(2, min(510, round(1.5 * words)))
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


def engine(texts: list[Piece], updates: int, layers: int, logical: int) -> tuple[float, float]:
    """Seconds, and the share of what was computed that is no padding."""
    model = net(layers)
    seed_dropout(model)
    options = Madx(lr=5e-4, batch=logical, steps=updates)
    term = Term("mlm", Mlm(), mlm)
    wanted: Any = {View("text", (term.options.mask.transform(),)): frozenset({"last"})}  # type: ignore[attr-defined]
    feed = Counting(model, wanted, 1, torch.device("cpu"), AT_ONCE)
    started = time.perf_counter()
    for _ in train_steps(model, [term], texts, feed, options, 1, None):
        pass
    return time.perf_counter() - started, feed.real / feed.padded


class Counting(Feed):
    """A feed that knows how much of what it gave is padding."""

    real = padded = 0

    def __call__(self, logical: Any, step: int) -> Any:
        contexts = super().__call__(logical, step)
        for ctx in contexts:
            for batch in ctx.batches.values():
                self.real += int(batch.attention.sum())
                self.padded += batch.attention.numel()
        return contexts


class Whole(torch.nn.Module):
    """The model as the Trainer calls it, its adapters attached once and for all."""

    def __init__(self, model: Net) -> None:
        super().__init__()
        self.net = model
        self.stack = Stack(model.backbone, [model.languages["amh"]]).attach()  # type: ignore[list-item]

    def forward(self, input_ids: Any, attention_mask: Any, labels: Any) -> Any:
        return self.net.backbone.model(input_ids=input_ids, attention_mask=attention_mask, labels=labels)


class InOrder(Trainer):  # type: ignore[misc]
    """A Trainer that takes examples in the order in which they are given."""

    def _get_train_sampler(self, *_: Any) -> Any:
        return SequentialSampler(self.train_dataset)


class Seen:
    """The collator of `run_mlm`, that notes the length of every example it was given."""

    def __init__(self, tokenizer: Any) -> None:
        self.collate = DataCollatorForLanguageModeling(tokenizer, mlm_probability=0.15)
        self.lengths: list[int] = []

    def __call__(self, rows: Any) -> Any:
        self.lengths += [len(row["input_ids"]) for row in rows]
        return self.collate(rows)


def trainer(texts: list[Piece], updates: int, layers: int, logical: int) -> float:
    """Seconds; that it saw the engine's examples in the engine's order is looked at afterwards."""
    model = net(layers)
    longest = max(len(piece.ids) for piece in texts)
    at_once = max(n for n in range(1, logical + 1) if logical % n == 0 and (n == 1 or n * longest <= AT_ONCE))
    drawn = [piece for batch in epoch_batches(texts, logical, 1, 0) for piece in batch]
    rows = [{"input_ids": list(piece.ids), "attention_mask": [1] * len(piece.ids)} for piece in drawn]
    with tempfile.TemporaryDirectory() as folder:
        told = TrainingArguments(
            folder, per_device_train_batch_size=at_once, gradient_accumulation_steps=logical // at_once,
            max_steps=updates, learning_rate=5e-4, weight_decay=0.01, report_to=[], save_strategy="no",
            use_cpu=True, disable_tqdm=True, logging_strategy="no", dataloader_pin_memory=False,
            remove_unused_columns=False,
        )  # fmt: skip
        collate = Seen(model.backbone.tokenizer)
        made = InOrder(Whole(model), told, data_collator=collate, train_dataset=rows)
        started = time.perf_counter()
        made.train()
        taken = time.perf_counter() - started
    assert collate.lengths == [len(piece.ids) for piece in drawn], "the Trainer's batches are others than the engine's"
    return taken


def main(updates: int, layers: int, logical: int) -> None:
    texts = pieces(updates * logical)
    tokens = sum(len(piece.ids) for piece in texts)
    print(f"{updates} updates of {logical} lines, {tokens} tokens, {layers} layers, {torch.get_num_threads()} threads")
    same, share = engine(texts, updates, layers, logical)
    free, full = engine(texts, updates // 4, layers, 4 * logical)
    theirs = trainer(texts, updates, layers, logical)
    print(f"Trainer: {tokens / theirs:.0f} tokens/s")
    rows = ((f"{logical} lines an update, as the Trainer", same, share), (f"{4 * logical} lines", free, full))
    for name, seconds, real in rows:
        print(f"engine, {name}: {tokens / seconds:.0f} tokens/s, {real:.0%} real, ratio {theirs / seconds:.2f}")


if __name__ == "__main__":
    main(*map(int, (sys.argv[1:] + ["4", "12", "32"][len(sys.argv) - 1 :])))

"""What ten times as many lines cost in memory: a corpus read, drawn and learnt from, each size in a process of its own.

A text of made-up words as long as real lines goes through the reader of an adaptation (`stretches`), that of a joint
training (`rows`), and, to compare, into a list (`list`). All batches of an epoch are drawn and put together; the first
of them train a small model. Told is the most memory that the process ever had, shared libraries and all.

    python benchmarks/streaming.py [LINES [TIMES [KIND ...]]]
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

LINES, TIMES, KINDS = 100_000, 10, ("stretches", "rows", "list")
GOAL = 1.1
WORDS = (1, 3, 6, 10, 13, 16, 19, 22, 27, 34, 233)
"""Words of a line of Amharic, English, Khmer, Swahili and Turkish text, at every tenth."""
VOCABULARY, BATCH, STEPS, LENGTH = 5000, 32, 20, 128


def lines(count: int) -> Iterator[str]:
    draw = random.Random(0)
    for _ in range(count):
        place = draw.random() * (len(WORDS) - 1)
        low = int(place)
        words = round(WORDS[low] + (place - low) * (WORDS[low + 1] - WORDS[low]))
        yield " ".join(map(str, draw.choices(range(5, VOCABULARY), k=words)))


def net() -> Any:
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaForMaskedLM

    from xlt_core.engine.net import Net
    from xlt_core.model.backbone import BackboneModel

    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    made = Tokenizer(
        WordLevel({name: n for n, name in enumerate([*special, *map(str, range(5, VOCABULARY))])}, "<unk>")
    )
    made.pre_tokenizer = Whitespace()
    made.post_processor = TemplateProcessing("<s> $A </s>", "<s> $A </s> </s> $B </s>", [("<s>", 0), ("</s>", 2)])
    names = dict(zip(("bos_token", "pad_token", "eos_token", "unk_token", "mask_token"), special, strict=True))
    torch.manual_seed(0)
    config = XLMRobertaConfig(
        vocab_size=VOCABULARY, hidden_size=64, num_hidden_layers=2, num_attention_heads=2, intermediate_size=128,
        max_position_embeddings=LENGTH + 2, pad_token_id=1,
    )  # fmt: skip
    return Net(BackboneModel(XLMRobertaForMaskedLM(config), PreTrainedTokenizerFast(tokenizer_object=made, **names)))


def read(kind: str, tokenizer: Any, folder: Path) -> Sequence[Any]:
    from xlt_core.data.corpus import each_line, lines_of
    from xlt_core.data.encode import TextReader
    from xlt_core.data.kept import Stretches
    from xlt_core.data.rows import Mixture, RowReader

    if kind == "rows":
        return Mixture([RowReader(tokenizer, LENGTH, folder=folder).text(each_line(folder), "eng")], [1.0], 1)
    reader = TextReader(tokenizer, LENGTH)
    if kind == "list":
        return reader.stretches(lines_of(folder), "eng")
    return Stretches(reader, each_line(folder), "eng", folder)


def learn(kind: str, folder: Path) -> None:
    """Read, train for some steps, draw a whole epoch; print the peak in MiB, examples and tokens."""
    import torch

    from xlt_core.config.settings import Settings
    from xlt_core.engine.batching import epoch_batches
    from xlt_core.engine.device import prepare
    from xlt_core.engine.feed import Feed
    from xlt_core.engine.loop import train_steps
    from xlt_core.engine.losses import mlm
    from xlt_core.engine.update import Term
    from xlt_core.facts import View
    from xlt_core.slots.losses import Mlm
    from xlt_core.slots.schedule import Pretrain

    model = net()
    rows = read(kind, model.backbone.tokenizer, folder)
    prepare(Settings(method="pretrain", backbone="none", device="cpu"))  # as every stage does
    options = Mlm()
    wanted: Any = {View("text", (options.mask.transform(),)): frozenset({"last"})}
    feed = Feed(model, wanted, 1, torch.device("cpu"), 1024)
    for _ in train_steps(model, [Term("mlm", options, mlm)], rows, feed, Pretrain(batch=BATCH, steps=STEPS), 1, None):
        pass
    tokens = sum(len(piece.ids) for batch in epoch_batches(rows, BATCH, 1, 0) for piece in batch)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    print(peak, len(rows), tokens)


def main(count: int, times: int, kinds: Sequence[str]) -> None:
    from xlt_core.data.records import TEXT

    peaks: dict[tuple[str, int], float] = {}
    for size in (count, times * count):
        with tempfile.TemporaryDirectory() as folder:
            with (Path(folder) / TEXT).open("w", encoding="utf-8") as out:
                out.writelines(line + "\n" for line in lines(size))
            for kind in kinds:
                run = [sys.executable, __file__, "--learn", kind, folder]
                told = subprocess.run(run, check=True, capture_output=True, text=True).stdout.split()
                peaks[kind, size] = float(told[0])
                print(
                    f"{kind}, {size} lines: {float(told[0]):.0f} MiB, {told[1]} examples, {told[2]} tokens", flush=True
                )
    for kind in kinds:
        ratio = peaks[kind, times * count] / peaks[kind, count]
        print(f"{kind}: {times}x the lines, {ratio:.2f}x the memory; {GOAL:g} is asked for")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--learn"]:
        learn(sys.argv[2], Path(sys.argv[3]))
    else:
        told = [int(number) for number in sys.argv[1:3]]
        main(told[0] if told else LINES, told[1] if told[1:] else TIMES, sys.argv[3:] or KINDS)

"""How much of a GPU's arithmetic a full masked-language training uses, with and without `--deterministic`.

12 layers × 768, 30,000 pieces, 128 places, bf16, dropout 0.1; every weight trains. By token the model does six times as
many operations as the body has weights, 12 · layers · width · places in attention's two products, and at masked places
alone six times the head's; MFU is that times the tokens a second over what the chip can do at most, dense.

    python benchmarks/mfu.py [--peak TFLOPS] [--updates 40] [--batch 512] [--at-once 65536]
    python benchmarks/mfu.py --smoke      # a tiny model on the CPU, to see that it runs; no share is told
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import Any

import torch
from transformers import XLMRobertaConfig, XLMRobertaForMaskedLM

from xlt_core.data.encode import Piece
from xlt_core.engine.device import Machine
from xlt_core.engine.dropout import seed_dropout
from xlt_core.engine.feed import Feed
from xlt_core.engine.loop import train_steps
from xlt_core.engine.losses import mlm
from xlt_core.engine.net import Net
from xlt_core.engine.update import Term
from xlt_core.facts import View
from xlt_core.model.backbone import BackboneModel
from xlt_core.slots.losses import Mlm
from xlt_core.slots.schedule import Pretrain

PEAKS = {"H200": 989.4, "H100": 989.4, "A100": 312.0, "L40S": 362.05, "L4": 121.0, "A10": 125.0, "V100": 125.0}
"""Dense bf16 operations a second, in 10¹², of the SXM forms where there are several; V100's are fp16's."""
LENGTH, MASKED, WARM_UP = 128, 0.15, 5


class Numbers:
    """What masking asks of a tokenizer."""

    pad_token_id, unk_token_id, mask_token_id = 1, 3, 4
    all_special_ids = (0, 1, 2, 3, 4)

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count


def net(layers: int, width: int, pieces: int) -> Net:
    torch.manual_seed(0)
    config = XLMRobertaConfig(
        vocab_size=pieces, hidden_size=width, num_hidden_layers=layers, num_attention_heads=width // 64,
        intermediate_size=4 * width, max_position_embeddings=LENGTH + 2, type_vocab_size=1, pad_token_id=1,
    )  # fmt: skip
    return Net(BackboneModel(XLMRobertaForMaskedLM(config), Numbers(pieces)))


def texts(count: int, pieces: int) -> list[Piece]:
    drawn = torch.randint(5, pieces, (count, LENGTH - 2), generator=torch.Generator().manual_seed(0)).tolist()
    marks = (-1, *range(LENGTH - 2), -1)
    return [Piece(n, (0, *ids, 2), marks, slice(1, LENGTH - 1), "eng") for n, ids in enumerate(drawn)]


def operations(model: Net, layers: int, width: int) -> float:
    """By token, forward and back."""
    body: int = sum(weight.numel() for weight in model.backbone.layers.parameters())
    head: int = sum(w.numel() for w in model.backbone.model.lm_head.parameters() if w.ndim > 1)
    return 6.0 * body + 12.0 * layers * width * LENGTH + 6.0 * head * MASKED


def speed(model: Net, rows: list[Piece], machine: Machine, updates: int, batch: int, at_once: int) -> float:
    """Tokens a second, once it runs evenly."""
    model.to(machine.device).train()
    seed_dropout(model)
    term = Term("mlm", Mlm(), mlm)
    wanted: Any = {View("text", (term.options.mask.transform(),)): frozenset({"last"})}  # type: ignore[attr-defined]
    feed = Feed(model, wanted, 1, machine.device, at_once)
    options = Pretrain(batch=batch, steps=WARM_UP + updates)
    started, before = 0.0, 0
    for event in train_steps(model, [term], rows, feed, options, 1, None, machine=machine):
        if event.kind == "step" and event.step in (WARM_UP, WARM_UP + updates):
            if machine.device.type == "cuda":
                torch.cuda.synchronize()
            if event.step == WARM_UP:
                started, before = time.perf_counter(), event.tokens
            else:
                return (event.tokens - before) / (time.perf_counter() - started)
    raise AssertionError("the training ended before it was measured")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peak", type=float, help="the chip's dense bf16 operations a second, in 10¹²")
    parser.add_argument("--updates", type=int, default=40)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--at-once", type=int, default=65536)
    parser.add_argument("--smoke", action="store_true")
    given = parser.parse_args()
    if given.smoke:
        found = speed(net(2, 64, 500), texts(64, 500), Machine(precision="bf16"), 2, 8, 1024)
        print(f"it runs: {found:.0f} tokens/s of a tiny model on the CPU, which says nothing of a GPU")
        return 0
    if not torch.cuda.is_available():
        print("There is no GPU here, and this measures one. To see that it runs: --smoke", file=sys.stderr)
        return 4
    name = torch.cuda.get_device_name()
    peak = given.peak or next((peak for chip, peak in PEAKS.items() if chip in name.replace("-", " ").split()), None)
    if peak is None:
        print(f"What a {name} can do at most isn't known here: --peak TFLOPS", file=sys.stderr)
        return 2
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"  # read once: for the turn without, too
    layers, width, pieces = 12, 768, 30_000
    rows = texts(given.batch * (WARM_UP + given.updates), pieces)
    for deterministic in (False, True):
        model = net(layers, width, pieces)
        torch.use_deterministic_algorithms(deterministic)
        machine = Machine(torch.device("cuda"), "bf16")
        found = speed(model, rows, machine, given.updates, given.batch, given.at_once)
        share = operations(model, layers, width) * found / (peak * 1e12)
        how = "deterministic" if deterministic else "as it is"
        print(f"{name}, {how}: {found:.0f} tokens/s, MFU {share:.1%} (floor 20%, aim 30%)")
    return 0


if __name__ == "__main__":
    sys.exit(main())

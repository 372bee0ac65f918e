"""What dropout costs a training step on a CPU: none, torch's own, and the seeded one of this engine.

Tokens per second of this process's CPU time, forward and backward, the best of a few interleaved turns.

    OMP_NUM_THREADS=1 python benchmarks/dropout.py
"""

from __future__ import annotations

import sys
import time

import torch
from transformers import XLMRobertaConfig, XLMRobertaModel

from xlt_core.engine.dropout import seed_dropout

RATE, TURNS = 0.1, 5
SHAPES = ((32, 32), (8, 128), (2, 512))


def encoder(rate: float, seeded: bool = False) -> XLMRobertaModel:
    """6 layers × 256."""
    torch.manual_seed(0)
    config = XLMRobertaConfig(
        vocab_size=8000, hidden_size=256, num_hidden_layers=6, num_attention_heads=4, intermediate_size=1024,
        max_position_embeddings=514, hidden_dropout_prob=rate, attention_probs_dropout_prob=rate, pad_token_id=1,
    )  # fmt: skip
    model = XLMRobertaModel(config, add_pooling_layer=False).train()
    if seeded:
        seed_dropout(model)
    return model


def seconds(model: XLMRobertaModel, ids: torch.Tensor, low: bool) -> float:
    started = time.process_time()
    with torch.autocast("cpu", torch.bfloat16, enabled=low):
        states = model(ids, attention_mask=torch.ones_like(ids)).last_hidden_state
    states.float().square().mean().backward()
    return time.process_time() - started


def main(turns: int) -> None:
    print(f"dropout {RATE}, 6 layers × 256, {torch.get_num_threads()} threads: tokens per CPU second")
    for shape in SHAPES:
        ids = torch.randint(5, 8000, shape)
        for low in (False, True):
            models = {"none": encoder(0.0), "torch": encoder(RATE), "seeded": encoder(RATE, seeded=True)}
            times: dict[str, list[float]] = {name: [] for name in models}
            for _ in range(turns):
                for name, model in models.items():
                    times[name].append(seconds(model, ids, low))
            speed = {name: ids.numel() / min(found) for name, found in times.items()}
            told = ", ".join(f"{name} {value:.0f}" for name, value in speed.items())
            ratio = {other: speed["seeded"] / speed[other] for other in ("torch", "none")}
            how = f"{shape[0]} × {shape[1]}, {'bf16' if low else 'fp32'}"
            print(f"{how}: {told}; seeded over torch {ratio['torch']:.2f}, over none {ratio['none']:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TURNS)

"""Five task adapters in one pass, against five passes and against the Parallel block of the `adapters` library.

Task adapters of a frozen body side by side share all that lies beneath the first of them: of N adapters in L layers
the share (1 + N(L−1)) / (N·L) of the layers' passes is left. What is gained beyond that comes of fuller products.
Seconds of the process's CPU time, the best of a few interleaved turns; the other library in a process of
its own with its own environment, right after.

    python -m venv other && other/bin/pip install torch==2.13.0 && other/bin/pip install adapters
    OMP_NUM_THREADS=1 python benchmarks/parallel_adapters.py [--turns 5] [--adapters other/bin/python]
"""

from __future__ import annotations

import argparse
import subprocess
import time
from collections.abc import Callable
from typing import Any

import torch
from transformers import XLMRobertaConfig, XLMRobertaModel

TASKS, LAYERS, WIDTH, BATCH, LENGTH, REDUCTION = 5, 4, 256, 32, 64, 16
KINDS = ("answering", "learning")
Pass = Callable[[], torch.Tensor]


def body() -> Any:
    torch.manual_seed(0)
    config = XLMRobertaConfig(
        vocab_size=8000, hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=4,
        intermediate_size=4 * WIDTH, max_position_embeddings=LENGTH + 2, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0, pad_token_id=1,
    )  # fmt: skip
    return XLMRobertaModel(config, add_pooling_layer=False).requires_grad_(False)


def texts() -> tuple[torch.Tensor, torch.Tensor]:
    ids = torch.randint(5, 8000, (BATCH, LENGTH), generator=torch.Generator().manual_seed(1))
    return ids, torch.ones_like(ids)


def seconds(run: Pass, kind: str) -> float:
    """One turn: states alone, or the adapters' gradients too."""
    started = time.process_time()
    if kind == "answering":
        with torch.no_grad():
            run()
    else:
        torch.autograd.backward(run().square().mean())
    return time.process_time() - started


def best(runs: dict[str, Pass], turns: int) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], list[float]] = {(name, kind): [] for kind in KINDS for name in runs}
    for _ in range(turns + 1):  # the first warms up
        for name, kind in found:
            found[name, kind].append(seconds(runs[name], kind))
    return {which: min(taken[1:]) for which, taken in found.items()}


def ours() -> dict[str, Pass]:
    """One pass with all, and one pass for each; that they say the same is looked at first."""
    from xlt_core.model.adapters import AdapterShape, ParallelTaskAdapters, Stack, TaskAdapter
    from xlt_core.model.backbone import BackboneModel

    model, (ids, attention) = BackboneModel(body()), texts()
    shape = AdapterShape.of(model, reduction=REDUCTION, activation="relu")
    tasks = [TaskAdapter(str(n), shape, torch.Generator().manual_seed(n)) for n in range(TASKS)]

    def one_pass() -> torch.Tensor:
        with Stack(model, [ParallelTaskAdapters(tasks)]) as stack:
            return stack.states(ids, attention)["last"]

    def a_pass_each() -> torch.Tensor:
        found = []
        for task in tasks:
            with Stack(model, [task]) as stack:
                found.append(stack.states(ids, attention)["last"])
        return torch.stack(found)

    torch.testing.assert_close(one_pass(), a_pass_each(), atol=1e-4, rtol=1e-4)
    return {"one pass": one_pass, "a pass each": a_pass_each}


def theirs() -> dict[str, Pass]:
    import adapters
    from adapters.composition import Parallel

    model, (ids, attention) = body(), texts()
    adapters.init(model)
    names = [str(n) for n in range(TASKS)]
    for name in names:
        model.add_adapter(name, config=adapters.SeqBnConfig(reduction_factor=REDUCTION))
    block = Parallel(*names)
    model.train_adapter(block)
    model.set_active_adapters(block)

    def parallel() -> torch.Tensor:
        states: torch.Tensor = model(ids, attention_mask=attention).last_hidden_state
        assert len(states) == TASKS * BATCH, "the block hasn't repeated the batch"
        return states

    return {"Parallel": parallel}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--adapters", help="the Python of an environment with the `adapters` library")
    parser.add_argument("--theirs", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.theirs:
        for (_, kind), found in best(theirs(), given.turns).items():
            print(kind, found)
        return
    print(f"{TASKS} adapters, {LAYERS} layers × {WIDTH}, {BATCH} × {LENGTH}, {torch.get_num_threads()} threads")
    taken = best(ours(), given.turns)
    if given.adapters:
        run = [given.adapters, __file__, "--theirs", "--turns", str(given.turns)]
        for line in subprocess.run(run, check=True, capture_output=True, text=True).stdout.splitlines():
            kind, _, told = line.partition(" ")
            taken["Parallel", kind] = float(told)
    floor = (1 + TASKS * (LAYERS - 1)) / (TASKS * LAYERS)
    for kind in KINDS:
        one, each = taken["one pass", kind], taken["a pass each", kind]
        print(f"{kind}: one pass {one:.3f} s, a pass each {each:.3f} s, ratio {each / one:.2f}")
        print(
            f"  {1 / floor:.2f} of it by the passes saved (floor {floor:.2f}), {each / one * floor:.2f} by utilisation"
        )
        if ("Parallel", kind) in taken:
            other = taken["Parallel", kind]
            print(f"  Parallel {other:.3f} s, ratio {other / one:.2f}")
    if not given.adapters:
        print("the `adapters` library was not asked (--adapters PYTHON)")


if __name__ == "__main__":
    main()

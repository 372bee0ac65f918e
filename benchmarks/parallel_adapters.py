"""Five task adapters in one pass, against five passes and against the Parallel block of the `adapters` library.

Task adapters of a frozen body side by side share all that lies beneath the first of them. Counted in passes through a
layer, forward and, above the first adapter alone, back, of N adapters in L layers is left

    answering (1 + N(L−1)) / (N·L)        learning (1 + 2N(L−1)) / (N(2L−1))

What is gained beyond that comes of how well the processor is used. The sides take turns, and which begins changes with
every round; the other library runs in a process of its own with its own environment, and waits while it isn't asked.
Ratios are those of one round, and the middle one is told, with the middle half of them.

    python -m venv other && other/bin/pip install torch==2.13.0 && other/bin/pip install adapters
    OMP_NUM_THREADS=1 python benchmarks/parallel_adapters.py [--rounds 15] [--adapters other/bin/python]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

import torch
from transformers import XLMRobertaConfig, XLMRobertaModel

TASKS, LAYERS, WIDTH, BATCH, LENGTH, REDUCTION = 5, 4, 256, 32, 64, 16
KINDS = ("answering", "learning")
FLOORS = {
    "answering": (1 + TASKS * (LAYERS - 1)) / (TASKS * LAYERS),
    "learning": (1 + 2 * TASKS * (LAYERS - 1)) / (TASKS * (2 * LAYERS - 1)),
}
Pass = Callable[[], torch.Tensor]
Taken = tuple[float, float]
"""Seconds of the process's own time, and of the wall's."""
Turn = Callable[[str], Taken]


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


def turn(run: Pass, kind: str) -> Taken:
    """One turn: states alone, or the adapters' gradients too."""
    own, wall = time.process_time(), time.perf_counter()
    if kind == "answering":
        with torch.no_grad():
            run()
    else:
        torch.autograd.backward(run().square().mean())
    return time.process_time() - own, time.perf_counter() - wall


def ours() -> dict[str, Pass]:
    """One pass with all, and one pass for each; that they say the same is looked at first."""
    from xlt_core.config.settings import Settings
    from xlt_core.engine.device import prepare
    from xlt_core.model.adapters import AdapterShape, ParallelTaskAdapters, Stack, TaskAdapter
    from xlt_core.model.backbone import BackboneModel

    prepare(Settings(method="madx", backbone="none", device="cpu"))  # as every stage does
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

    torch.testing.assert_close(one_pass(), a_pass_each(), atol=1e-5, rtol=1e-5)
    return {"one pass": one_pass, "a pass each": a_pass_each}


def theirs() -> Pass:
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

    return parallel


def serve() -> None:
    """A turn for each line that comes in, until no more come."""
    run = theirs()
    for line in sys.stdin:
        print(*turn(run, line.strip()), flush=True)


def other(python: str, stack: ExitStack) -> Turn:
    """The other library's turn, taken by its own process."""
    run = [python, __file__, "--theirs"]
    child = stack.enter_context(subprocess.Popen(run, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    assert child.stdin is not None and child.stdout is not None
    given, said = child.stdin, child.stdout

    def take(kind: str) -> Taken:
        print(kind, file=given, flush=True)
        line = said.readline()
        if not line:
            raise SystemExit(f"{python} ended before it answered; what it said stands above")
        own, wall = map(float, line.split())
        return own, wall

    return take


def rounds(turns: dict[str, Turn], count: int) -> dict[tuple[str, str], list[Taken]]:
    found: dict[tuple[str, str], list[Taken]] = {(name, kind): [] for kind in KINDS for name in turns}
    names = list(turns)
    for number in range(count + 1):  # the first warms up
        names = [*names[1:], names[0]]
        for kind in KINDS:
            for name in names:
                taken = turns[name](kind)
                if number:
                    found[name, kind].append(taken)
    return found


def told(one: list[Taken], against: list[Taken], clock: int) -> tuple[float, str]:
    """The middle of the rounds' ratios, and the middle half of them."""
    ratios = [other[clock] / own[clock] for own, other in zip(one, against, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return middle, f"{middle:.2f} ({low:.2f} to {high:.2f})"


def report(taken: dict[tuple[str, str], list[Taken]], names: list[str]) -> None:
    for kind in KINDS:
        one = taken["one pass", kind]
        own = ", ".join(f"{name} {statistics.median(spent for spent, _ in taken[name, kind]):.3f} s" for name in names)
        print(f"{kind}, CPU time: {own}")
        for name in names[1:]:
            (ratio, cpu), (_, wall) = (told(one, taken[name, kind], clock) for clock in (0, 1))
            print(f"  over {name}: {cpu} by CPU time, {wall} by the wall's")
            if name == "a pass each":
                floor = FLOORS[kind]
                saved = f"{1 / floor:.2f} by the passes saved (floor {floor:.2f})"
                print(f"    {saved}, {ratio * floor:.2f} by utilisation")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--adapters", help="the Python of an environment with the `adapters` library")
    parser.add_argument("--theirs", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.theirs:
        serve()
        return
    print(f"{TASKS} adapters, {LAYERS} layers × {WIDTH}, {BATCH} × {LENGTH}, {torch.get_num_threads()} threads")
    with ExitStack() as stack:
        turns: dict[str, Turn] = {name: partial(turn, run) for name, run in ours().items()}
        if given.adapters:
            turns["Parallel"] = other(given.adapters, stack)
        report(rounds(turns, given.rounds), list(turns))
    if not given.adapters:
        print("the `adapters` library was not asked (--adapters PYTHON)")


if __name__ == "__main__":
    main()

"""Outer updates over inner loops: copies of a model learn a language each, and the shared weights move by what they
found. A program over the loop, not a second one.

θ^ℓ ← inner steps from θ, for each language ℓ;  θ ← θ + γ_z · mean_ℓ (θ^ℓ − θ), or an Adam step along that mean.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch

from xlt_core.data.encode import Piece
from xlt_core.engine.batching import generator
from xlt_core.engine.checkpoint import Checkpoint
from xlt_core.engine.loop import Event

Inner = Callable[[int, str, Checkpoint | None], Iterator[Event]]
"""The inner loop of a round and a language, on the live model: `inner(round, language, checkpoint)`."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How the shared weights move."""

    rounds: int
    rate: float
    """γ: the share of the way to the mean, or Adam's learning rate."""
    kind: Literal["interpolate", "adam"] = "interpolate"
    anneal: bool = True
    """Whether γ falls over the rounds, from all of it in the first by as much each time."""

    def at(self, number: int) -> float:
        """γ in a round, counted from 0.

        >>> [Rule(4, 0.5).at(number) for number in range(4)]
        [0.5, 0.375, 0.25, 0.125]
        """
        return self.rate * (1 - number / self.rounds) if self.anneal else self.rate


class Outer:
    """The shared weights and what the copies of a round have found so far; it stands in the inner loops' checkpoints.

    One copy is live at a time: in memory there are θ, the live weights and one running sum, however many languages.
    """

    def __init__(self, model: torch.nn.Module, languages: Sequence[str], rule: Rule) -> None:
        self.model, self.languages, self.rule = model, tuple(languages), rule
        self.round, self.number = 0, 0
        self.live: list[torch.Tensor] = [weight for weight in model.parameters() if weight.requires_grad]
        self.shared: list[torch.Tensor] = [weight.detach().clone().float() for weight in self.live]
        self.found = [torch.zeros_like(weight) for weight in self.shared]
        self.adam = torch.optim.Adam(self.shared, lr=rule.rate) if rule.kind == "adam" else None

    @property
    def language(self) -> str:
        return self.languages[self.number]

    def send(self) -> None:
        """The live weights are a copy of the shared ones."""
        with torch.no_grad():
            torch._foreach_copy_(self.live, self.shared)

    def meet(self) -> None:
        """A copy has learnt its language; after the last one of a round the shared weights move."""
        with torch.no_grad():
            torch._foreach_add_(self.found, [weight.detach().float() for weight in self.live])
            torch._foreach_sub_(self.found, self.shared)
        self.number += 1
        if self.number == len(self.languages):
            self._move()
            self.round, self.number = self.round + 1, 0

    def _move(self) -> None:
        with torch.no_grad():
            torch._foreach_div_(self.found, len(self.languages))
            if self.adam is None:
                torch._foreach_add_(self.shared, self.found, alpha=self.rule.at(self.round))
            else:
                for weight, found in zip(self.shared, self.found, strict=True):
                    weight.grad = -found
                self.adam.param_groups[0]["lr"] = self.rule.at(self.round)
                self.adam.step()
                self.adam.zero_grad(set_to_none=True)
            torch._foreach_zero_(self.found)

    def state_dict(self) -> dict[str, Any]:
        return {
            "round": self.round, "number": self.number, "found": self.found,
            "shared": self.shared,
            "adam": self.adam.state_dict() if self.adam else {},
        }  # fmt: skip

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.round, self.number = state["round"], state["number"]
        with torch.no_grad():
            torch._foreach_copy_(self.shared, state["shared"])
            torch._foreach_copy_(self.found, state["found"])
        if self.adam:
            self.adam.load_state_dict(state["adam"])


def rounds(outer: Outer, inner: Inner, checkpoint: Checkpoint | None = None) -> Iterator[tuple[int, str, Event]]:
    """All rounds, and what happens in them; from where a stopped one was, in the middle of a round too.

    What a checkpoint holds is a step of one inner loop, with the shared weights beside it: the others are done again
    from there, and find the same.
    """
    if checkpoint is not None:
        checkpoint = replace(checkpoint, carried={**checkpoint.carried, "outer": outer})
        checkpoint.restore_carried()
    first = True
    while outer.round < outer.rule.rounds:
        outer.send()
        number, language = outer.round, outer.language
        if checkpoint is not None:
            checkpoint = replace(checkpoint, goes_on=first)  # each loop begins anew, but the one that was stopped
        for event in inner(number, language, checkpoint):
            yield number, language, event
        first = False
        outer.meet()
    outer.send()


def drawn(pieces: Sequence[Piece], count: int, seed: int, number: int, language: str, resample: bool) -> list[Piece]:
    """What a copy reads in a round: always the same examples, or the next ones of the language's own order, which is
    drawn anew when all were read."""
    start = number * count if resample else 0
    found: list[Piece] = []
    while len(found) < count:
        turn, place = divmod(start + len(found), len(pieces))
        order = torch.randperm(len(pieces), generator=generator(seed, "rounds", language, turn)).tolist()
        found += [pieces[n] for n in order[place : place + count - len(found)]]
    return found


@dataclass(frozen=True, slots=True)
class Displacement:
    """How far weights have moved: against their own length, and in steps that Adam would take at a learning rate.

    >>> told = Displacement.between([torch.tensor([3.0, 4.0])], [torch.tensor([3.0, 4.5])], lr=0.1)
    >>> round(told.relative, 3), round(told.steps, 3)
    (0.1, 3.536)
    """

    relative: float
    steps: float

    @classmethod
    def between(cls, before: Sequence[torch.Tensor], after: Sequence[torch.Tensor], lr: float) -> Displacement:
        pairs = list(zip(before, after, strict=True))
        moved = math.sqrt(math.fsum(float((new.detach().float() - old).double().square().sum()) for old, new in pairs))
        length = math.sqrt(math.fsum(float(old.double().square().sum()) for old, _ in pairs))
        count = sum(old.numel() for old, _ in pairs)
        return cls(moved / max(length, 1e-12), moved / (lr * math.sqrt(max(count, 1))))

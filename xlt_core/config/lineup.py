"""The parts that were chosen, with their options: what the composer works from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from xlt_core.catalog import Entry
from xlt_core.site import Role
from xlt_core.slots.base import Options
from xlt_core.slots.losses import Loss
from xlt_core.slots.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Chosen:
    """A part, its options, and the path at which it stands in the recipe."""

    entry: Entry
    options: Options
    path: str
    instance: str = ""

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def title(self) -> str:
        """How messages name it: "loss 'mlm'"."""
        slot = "loss" if isinstance(self.options, Loss) else self.entry.slot
        alias = f" (`{self.name}`)" if self.instance and self.instance != self.name else ""
        return f"{slot} `{self.instance or self.name}`{alias}"


@dataclass(frozen=True, slots=True)
class ScheduleFor:
    """A schedule's options, losses and selector for one role."""

    options: Schedule
    losses: tuple[Chosen, ...]
    selector: Chosen | None


@dataclass(frozen=True, slots=True)
class ChosenSchedule:
    """A schedule, as each role has it. The key "" holds for roles that the recipe doesn't split off."""

    entry: Entry
    path: str
    by_role: dict[Role, ScheduleFor]

    def roles(self) -> tuple[Role, ...]:
        split = tuple(role for role in self.by_role if role)
        return split or self.by_role[""].options.roles

    def for_role(self, role: Role) -> ScheduleFor:
        return self.by_role.get(role) or self.by_role[""]


@dataclass
class LineUp:
    """Every slot's choice."""

    reading: dict[str, Chosen] = field(default_factory=dict)
    rewriting: dict[str, Chosen] = field(default_factory=dict)
    representation: dict[str, Chosen] = field(default_factory=dict)
    vocabulary: dict[tuple[str, str], Chosen] = field(default_factory=dict)
    embedding: dict[tuple[str, str], Chosen] = field(default_factory=dict)
    adaptation: list[ChosenSchedule] = field(default_factory=list)
    translation: Chosen | None = None
    alignment: Chosen | None = None
    projection: Chosen | None = None
    training: list[ChosenSchedule] = field(default_factory=list)
    inference: Chosen | None = None
    evaluation: list[Chosen] = field(default_factory=list)


Filled = dict[str, Any]
"""The slots with every default written out, as `run.yaml` holds them."""

"""What a stage's work is given: where to read, where to write, and what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlt_core.catalog import Catalog, load_object
from xlt_core.config.settings import Settings
from xlt_core.graph.stages import Stage
from xlt_core.slots.backbones import Backbone
from xlt_core.slots.base import Options
from xlt_core.slots.tasks import Task


@dataclass(frozen=True, slots=True)
class Job:
    """One stage to be done. Its work is called as `work(job)` and writes into `job.out`."""

    stage: Stage
    inputs: Mapping[str, Path]
    """The facts it needs, as text, each with the folder of the stage that gave it."""
    out: Path
    settings: Settings
    backbone: Backbone
    task: Task | None
    catalog: Catalog
    report: Callable[[dict[str, Any]], None]
    """Takes an event: it is shown, and kept in `metrics.jsonl`."""
    unfinished: Path | None = None
    """Where a long work keeps what it needs to go on after a stop; gone when the stage is done."""
    cache: Path | None = None
    """Where a work may keep what the works of other stages can use, too; anything there may be lost at any time."""

    @property
    def memory(self) -> Path | None:
        """Where works keep what serves other stages, too, each in a folder under its own name."""
        return self.unfinished.parents[1] / "memory" if self.unfinished is not None else None

    @property
    def fact(self) -> list[str]:
        """The name of the fact that the stage gives first, and what it is a fact of."""
        kind, _, rest = self.stage.gives[0].partition(" ")
        return [kind, *rest.split(":")] if kind == "labels" else rest.split(":")

    def inputs_named(self, start: str) -> dict[str, Path]:
        """The inputs whose fact begins so: `job.inputs_named("labels ")`."""
        return {fact: folder for fact, folder in self.inputs.items() if fact.startswith(start)}

    def part(self, slot: str, name: str, data: Mapping[str, Any]) -> tuple[Options, Callable[..., Any]]:
        """A part that this stage drives, such as a loss: its options and its work."""
        card = self.catalog.get(slot, name).card
        declared: type[Options] = load_object(card.declares)
        assert card.work is not None, "a plan with parts that aren't built is refused"
        fields = {field.alias or key for key, field in declared.model_fields.items()}
        options = declared.model_validate({key: value for key, value in data.items() if key in fields})
        return options, load_object(card.work)

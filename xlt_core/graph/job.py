"""What a stage's work is given: where to read, where to write, and what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlt_core.catalog import Catalog, load_object
from xlt_core.config.settings import Settings
from xlt_core.graph.stages import Stage, digest
from xlt_core.graph.store import SHARED, Store
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
    store: Store | None = None
    """Where results lie; `once` and `shared` keep there what several stages can use."""

    @property
    def fact(self) -> list[str]:
        """The name of the fact that the stage gives first, and what it is a fact of."""
        kind, _, rest = self.stage.gives[0].partition(" ")
        return [kind, *rest.split(":")] if kind == "labels" else rest.split(":")

    def inputs_named(self, start: str) -> dict[str, Path]:
        """The inputs whose fact begins so: `job.inputs_named("labels ")`."""
        return {fact: folder for fact, folder in self.inputs.items() if fact.startswith(start)}

    def note(self, what: str) -> None:
        """Tell something that the user should know and that doesn't end the run."""
        self.report({"kind": "note", "text": what})

    def shared(self, name: str) -> Path | None:
        """A folder for what other works can use, too, under a name; anything there may be lost at any time."""
        return self.store.root / SHARED / name if self.store is not None else None

    def once(self, what: str, made_from: Mapping[str, Any], make: Callable[[Path], None]) -> Path:
        """The folder of something that other stages can use too: `make(folder)` writes it where nobody has yet.

        It lies in the store under a key of its own, so `made_from` must name all that can change it.

        >>> job.once("unigram(8000)", {"text": digest, "size": 8000}, train)  # doctest: +SKIP
        """
        store, key = self._kept(what, made_from)
        with store.claim(key, what, self.note) as mine:
            if mine:
                about = {"stage": what, "part": self.stage.part, "slot": self.stage.slot, "options": dict(made_from)}
                with store.making(key, about) as folder:
                    make(folder)
        return store.path(key)

    def has(self, what: str, made_from: Mapping[str, Any]) -> bool:
        """Whether `once` would find this made."""
        store, key = self._kept(what, made_from)
        return store.has(key)

    def _kept(self, what: str, made_from: Mapping[str, Any]) -> tuple[Store, str]:
        """The store, and the key there of something that several stages can use."""
        assert self.store is not None, "a run gives each job its store"
        return self.store, digest([self.stage.part.partition(".")[0], what, dict(made_from)])

    def part(self, slot: str, name: str, data: Mapping[str, Any]) -> tuple[Options, Callable[..., Any]]:
        """A part that this stage drives, such as a loss: its options and its work."""
        card = self.catalog.get(slot, name).card
        declared: type[Options] = load_object(card.declares)
        assert card.work is not None, "a plan with parts that aren't built is refused"
        fields = {field.alias or key for key, field in declared.model_fields.items()}
        options = declared.model_validate({key: value for key, value in data.items() if key in fields})
        return options, load_object(card.work)

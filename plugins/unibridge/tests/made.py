"""Stages of a plan, done one after the other as a run would do them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlt_core import plan
from xlt_core.catalog import load_catalog, load_object
from xlt_core.config.settings import Settings
from xlt_core.graph.job import Job
from xlt_core.graph.stages import Plan
from xlt_core.graph.store import Store
from xlt_core.slots.backbones import MINI


@dataclass
class Made:
    """A plan and the folders of the stages that were done.

    >>> Made(folder, Store(folder / "store"), targets="tur").stage("tokenizer(tur)")  # doctest: +SKIP
    """

    folder: Path
    store: Store
    plan: Plan
    threads: int | None = 1
    done: dict[str, Path] = field(default_factory=dict)
    heard: list[Mapping[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, folder: Path, store: Store | None = None, threads: int | None = 1, **asked: Any) -> Made:
        folder.mkdir(parents=True, exist_ok=True)
        made = plan(**{"method": "unibridge", "backbone": "mini", "sources": "eng,rus", "data": "mini", **asked})
        return cls(folder, store or Store(folder / "store"), made, threads)

    def stage(self, ident: str) -> Path:
        """The folder of a stage, done now unless it was."""
        if ident not in self.done:
            stage = self.plan[ident]
            inputs = {fact: self.stage(of.id) for fact in stage.needs for of in self.plan if fact in of.gives}
            out = self.folder / f"{len(self.done)}-{ident.partition('(')[0]}"
            out.mkdir()
            settings = Settings(method="any", backbone="mini", threads=self.threads)
            job = Job(stage, inputs, out, settings, MINI, None, load_catalog(), self.heard.append, store=self.store)
            load_object(str(stage.work))(job)
            self.done[ident] = out
        return self.done[ident]

    @property
    def notes(self) -> list[str]:
        return [event["text"] for event in self.heard if event["kind"] == "note"]

    def shared(self, what: str) -> Path:
        """The folder in the store of something that several stages use."""
        (key,) = (key for key in self.store.known() if self.store.manifest(key).about["stage"] == what)
        return self.store.path(key)

    @property
    def trained(self) -> list[str]:
        """What the store keeps for several stages."""
        return sorted(str(self.store.manifest(key).about["stage"]) for key in self.store.known())

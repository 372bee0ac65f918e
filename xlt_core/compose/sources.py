"""Where data come from: the sets and folders that `--data` names, and how what they offer is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlt_core.catalog import Catalog, load_object
from xlt_core.config.lineup import Chosen
from xlt_core.config.settings import data_parts
from xlt_core.data.folders import Folder
from xlt_core.data.sets import DataSet, MiniSet
from xlt_core.errors import Problem
from xlt_core.facts import Fact
from xlt_core.graph.stages import Offer
from xlt_core.slots.reading import LabelReader, Reader
from xlt_core.slots.tasks import Task

Source = DataSet | MiniSet | Folder


@dataclass(frozen=True, slots=True)
class File:
    """What a file is read for."""

    kind: str
    languages: tuple[str, ...]
    task: Task | None


PLAIN = {"parallel": "pairs", "dictionary": "pairs"}
"""The reader of a kind of file for which none was chosen; any other kind is taken as it stands, line by line."""
OF_THE_RUN = ("unknown", "broken")
"""Options of a reader of labels that are the run's, whatever reader a data set's files need."""


class Sources:
    """The data sets of a run, those that its labels may come from first."""

    def __init__(self, catalog: Catalog, named: str | None, usual: list[str], tested_on: str | None = None) -> None:
        self.known: dict[str, DataSet | MiniSet] = {e.name: load_object(e.card.declares) for e in catalog.all("data")}
        self.tests = self._listed(tested_on)
        """Where test labels come from, where that is said apart."""
        on_hub = [source for source in self.known.values() if not isinstance(source, MiniSet)]
        if named is None:
            self.all: list[Source] = list(on_hub)
            self.labels_from: list[str] = usual
            return
        chosen = self._listed(named)
        self.labels_from = [source.name for source in chosen]
        alone = any(isinstance(source, MiniSet) for source in chosen)
        self.all = [*chosen, *(source for source in on_hub if not alone and source not in chosen)]

    def _listed(self, named: str | None) -> list[Source]:
        return [self._named(name, folder) for name, folder in data_parts(named or "")]

    def _named(self, name: str, folder: str) -> Source:
        """A known set, a folder, or a folder in which a known set lies under another name."""
        if not folder:
            return self.known[name]
        sets = [source for source in self.known.values() if isinstance(source, DataSet)]
        told = self.known.get(name)
        return Folder(folder, Path(folder), sets, told if isinstance(told, DataSet) else None)

    def lacks(self, fact: Fact) -> str:
        """What the folders that were named have instead of a fact."""
        told = [source.lacks(fact) for source in self.all if isinstance(source, Folder)]
        return "".join(f"; {one}" for one in told)

    def offer(self, fact: Fact, reader: str) -> Offer | Problem | None:
        """The first offer of a fact; labels come from where they were asked for, and from nowhere else."""
        for source in self._asked(fact):
            offer = source.offer(fact, reader) if isinstance(source, Folder) else source.offer(fact)
            if offer is not None:
                return offer
        return None

    def _asked(self, fact: Fact) -> list[Source]:
        """Who is asked for a fact, in this order."""
        if fact.name != "labels":
            return self.all
        if self.tests and fact.of[2] == "test":
            return self.tests
        return [source for source in self.all if source.name in self.labels_from]


def reader_of(catalog: Catalog, file: File, offer: Offer, chosen: Chosen | None) -> tuple[str, Reader, str | None]:
    """Who reads an offer's file: a known set's own reader, the run's, or the one that fits the file; its name, its
    options and its work.

    What the run says of labels that the task doesn't have, and of broken tags, holds for every file.
    """
    told = dict(offer.reading)
    name = told.pop("use", None)
    own = chosen.options if chosen is not None else None
    if chosen is not None and own is not None and name in (None, chosen.name):
        told |= own.model_dump(exclude_defaults=True)
    name = name or (chosen.name if chosen is not None else PLAIN.get(file.kind, "lines"))
    if isinstance(own, LabelReader):
        told |= {option: getattr(own, option) for option in OF_THE_RUN}
        told["rename"] = {**offer.reading.get("rename", {}), **own.rename}
    if name == "auto":
        name, fitted = _fitting(file, offer)
        told |= fitted
    card = catalog.get("reading", name).card
    declared: type[Reader] = load_object(card.declares)
    return name, declared.model_validate(told), card.work


def _fitting(file: File, offer: Offer) -> tuple[str, dict[str, Any]]:
    """By the file's first lines: so the plan says who reads it, and a result's key knows."""
    from xlt_core.data.readers.sniff import fitting
    from xlt_core.data.readers.source import Source as Opened

    return fitting(Opened(Path(offer.location.removeprefix("file:")), file.languages, task=file.task))

"""A stage, and the plan that a configuration unrolls into."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Offer:
    """Where one fact can be had: a data set, its place and revision, and what that costs."""

    source: str
    location: str
    revision: str = ""
    megabytes: float = 0.0
    gated: bool = False
    note: str = ""
    reading: dict[str, Any] = field(default_factory=dict)
    """The reader that fits, `use`, and its options; empty where the run's own reads it."""
    beside: tuple[str, ...] = ()
    """Files that are read together with the one at the location."""
    sha256: str = ""
    """What its content is known by, where a known set was released with it."""

    @property
    def remote(self) -> bool:
        return self.location.startswith("hub:")


@dataclass(frozen=True, slots=True)
class Stage:
    """One piece of work: a part at a place, the facts it reads and the facts it leaves.

    `key` is a hash of all that makes its result: part, version, options, place, the keys of what it reads,
    and the seed where it draws.
    """

    id: str
    verb: str
    part: str
    slot: str
    languages: tuple[str, ...]
    needs: tuple[str, ...]
    gives: tuple[str, ...]
    after: tuple[str, ...]
    options: dict[str, Any]
    key: str
    work: str | None
    role: str = ""
    channel: str = "text"
    seed: int | None = None
    views: tuple[str, ...] = ()
    trains: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)
    offer: Offer | None = None

    @property
    def built(self) -> bool:
        return self.work is not None

    @property
    def passes(self) -> int:
        """Encodings a training step costs: one for each distinct view."""
        return len(self.views)


@dataclass(frozen=True, slots=True)
class Download:
    """Something a run would fetch: a model or a part of a data set."""

    what: str
    location: str
    revision: str
    megabytes: float
    gated: bool = False


@dataclass(frozen=True)
class Plan:
    """All stages in an order in which they can be done, and what was assumed on the way."""

    stages: tuple[Stage, ...]
    assumed: tuple[str, ...]
    notes: tuple[str, ...]
    downloads: tuple[Download, ...]
    run: dict[str, Any]

    def __iter__(self) -> Iterator[Stage]:
        return iter(self.stages)

    def __getitem__(self, stage_id: str) -> Stage:
        for stage in self.stages:
            if stage.id == stage_id:
                return stage
        raise KeyError(stage_id)

    def of(self, verb: str) -> list[Stage]:
        """The stages with one verb: `plan.of("train")`."""
        return [stage for stage in self.stages if stage.verb == verb]

    def giving(self, fact: object) -> list[Stage]:
        return [stage for stage in self.stages if str(fact) in stage.gives]

    def before(self, stage: Stage) -> list[Stage]:
        """Everything that must be done before a stage, direct or not."""
        wanted, found = set(stage.after), []
        for earlier in reversed(self.stages):
            if earlier.id in wanted:
                found.append(earlier)
                wanted |= set(earlier.after)
        return found[::-1]

    def unbuilt(self) -> list[str]:
        """The parts that nothing can compute yet."""
        whole = [named(stage.slot, stage.part) for stage in self.stages if not stage.built]
        inside = [name for stage in self.stages for name in stage.details.get("unbuilt", ())]
        return list(dict.fromkeys(whole + inside))

    def as_data(self) -> dict[str, Any]:
        stages = [{k: v for k, v in asdict(stage).items() if v not in (None, (), {}, "")} for stage in self.stages]
        return {
            "format": FORMAT,
            "run": self.run,
            "assumed": list(self.assumed),
            "notes": list(self.notes),
            "downloads": [asdict(download) for download in self.downloads],
            "stages": stages,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Plan:
        """The plan that `as_data` told; composing it again could give another one, with other libraries."""
        assumed, notes = tuple(data["assumed"]), tuple(data["notes"])
        downloads = tuple(Download(**download) for download in data["downloads"])
        return cls(tuple(_stage(told) for told in data["stages"]), assumed, notes, downloads, dict(data["run"]))


def _stage(told: Mapping[str, Any]) -> Stage:
    """A stage; what is empty wasn't written."""
    known: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    if "offer" in known:
        known["offer"] = Offer(**{**known["offer"], "beside": tuple(known["offer"]["beside"])})
    empty: dict[str, Any] = {"options": {}, "work": None}
    without = [one.name for one in fields(Stage) if one.default is MISSING and one.default_factory is MISSING]
    return Stage(**{**{name: empty.get(name, ()) for name in without}, **known})


def named(slot: str, part: str) -> str:
    """A part as messages name it: a plugin's by its name, the core's with its slot.

    >>> named("loss", "mlm"), named("loss", "acme.calm")
    ('loss mlm', 'acme.calm')
    """
    return part if "." in part else f"{slot} {part}"


def digest(parts: Iterable[Any]) -> str:
    """A short hash of plain data.

    >>> digest(["a", {"b": 1}]) == digest(["a", {"b": 1}])
    True
    """
    text = json.dumps(list(parts), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:20]

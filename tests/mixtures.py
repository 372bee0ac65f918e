"""Mixtures of parts, drawn from all that are registered: any plugin's in any method."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from xlt_core.catalog import Catalog, load_catalog

METHODS: dict[str, tuple[str, ...]] = {
    "zero_shot": (),
    "madx": (),
    "unibridge": ("--set vocabulary.target.text.largest=500", "--set embedding.target.text.epochs=1",
                  "--set embedding.target.text.dim=16"),
    "phonexl": (),
    "mtlws": ("--set training.0.rounds=1", "--set training.0.inner_steps=3"),
}  # fmt: skip
"""Each with what makes its own parts quick."""
VERBS = ("--drop", "--set", "--add")
SOURCES, TARGETS = ("eng", "zho", "eng,zho"), ("vie", "swh")
"""Few, so that mixtures find in the store what others have made."""
SLOTS = {
    "representation": "--set representation={}",
    "rewriting": "--set rewriting.phonemes={}",
    "embedding": "--set embedding.target.text={}",
    "vocabulary": "--set vocabulary.target.text={}",
    "adaptation": "--add adaptation={}",
    "training": "--set training={}",
    "loss": "--add training.losses.{}=0.5",
    "inference": "--set inference={}",
    "evaluation": "--add evaluation={}",
    "translation": "--set translation={}",
    "alignment": "--set alignment={}",
    "projection": "--set projection={}",
}
SETTINGS = (
    "--set training.head=crf", "--set training.train=task_adapter", "--set training.models=one_per_source",
    "--set representation.text.language_ids=false", "--set rewriting.phonemes.shuffled=1",
    "--set training.train=head", "--drop embedding.source.text",
)  # fmt: skip
QUICK: dict[str, dict[str, Any]] = {
    "fixed_size": {"size": 700, "words": 8},
    "unibridge.alp_search": {"start": 300, "step": 100, "largest": 500, "words": 16},
    "unibridge.aligned": {"words": 16, "dim": 16, "epochs": 1, "buckets": 3000, "threads": 1},
    "unibridge.focus": {"words": 16, "dim": 16, "epochs": 1, "buckets": 3000, "threads": 1},
    "mtlws.warm_start": {"rounds": 1, "inner_steps": 3},
}
"""Options with which a part is quick on the mini world's texts."""
FAR = ("mtlws.seq2seq", "mtlws.simalign")
"""What needs a large model."""


@dataclass(frozen=True)
class Mixture:
    """A run as one would type it."""

    method: str
    sources: str
    targets: str
    flags: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join((f"xlt run --method {self.method} --backbone mini --task ner --sources {self.sources}",
                         f"--targets {self.targets} --budget 3steps", *map(_quoted, self.typed)))  # fmt: skip

    @property
    def typed(self) -> list[str]:
        """All flags in the order in which they are done."""
        return sorted((*METHODS[self.method], *self.flags), key=lambda flag: VERBS.index(flag.split()[0]))

    def asked(self, without: str = "") -> dict[str, Any]:
        """What `plan` and `run` take; if asked for, one flag left out."""
        edits: dict[str, list[str]] = {"drop": [], "set": [], "add": []}
        for flag in self.typed:
            if flag == without:
                continue
            verb, _, text = flag.removeprefix("--").partition(" ")
            edits[verb].append(text)
        known = {"method": self.method, "sources": self.sources, "targets": self.targets}
        return {**known, "backbone": "mini", "task": "ner", "seeds": 1, "budget": "3steps", **edits}


def _quoted(flag: str) -> str:
    verb, _, text = flag.partition(" ")
    return f"{verb} '{text}'" if " " in text else flag


def mixtures(seed: str) -> Iterator[Mixture]:
    """Without end; two or three slots of a method are filled anew, and at times a setting is changed."""
    draw, catalog = random.Random(seed), load_catalog({})
    while True:
        slots = draw.sample(list(SLOTS), draw.choice((2, 3)))
        flags = [SLOTS[slot].format(_part(draw, catalog, slot)) for slot in slots]
        if "vocabulary" in slots and "embedding" not in slots:
            flags.append(SLOTS["embedding"].format(_part(draw, catalog, "embedding")))
        if any("phonexl.phonemic" in flag for flag in flags) and "rewriting" not in slots:
            flags.append(SLOTS["rewriting"].format(_part(draw, catalog, "rewriting")))
        flags += draw.sample(SETTINGS, draw.choice((0, 0, 1)))
        yield Mixture(draw.choice(list(METHODS)), draw.choice(SOURCES), draw.choice(TARGETS), tuple(flags))


def _part(draw: random.Random, catalog: Catalog, slot: str) -> str:
    name = draw.choice([entry.name for entry in catalog.all(slot) if entry.built and entry.name not in FAR])
    options = "".join(f", {key}: {value}" for key, value in QUICK.get(name, {}).items())
    return f"{{use: {name}{options}}}" if options else name

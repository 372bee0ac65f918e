"""Results written out as a data folder, each file with a record of what made it and of what.

eng/train.tsv      the labelled sentences
eng-spa.bitext     their translations
eng-spa.links      which word became which
spa/train.tsv      their labels, carried over
provenance.json    who made each of these files, with which options, out of which files
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlt_core.bitext.pairs import BETWEEN, REPORT
from xlt_core.catalog import Catalog
from xlt_core.data.records import EXAMPLES, LINKS, Tagged, read_tagged
from xlt_core.data.schemes import convert, scheme_of
from xlt_core.errors import Problem, RefusedError
from xlt_core.graph.stages import Plan, Stage
from xlt_core.slots.tasks import Task

PROVENANCE = "provenance.json"
FORMAT = 1


@dataclass(frozen=True)
class Made:
    """A plan's stages and the folders that they left."""

    plan: Plan
    folders: Mapping[str, Path]
    catalog: Catalog

    def stage(self, verb: str, pair: str = "") -> Stage:
        """The stage with that verb, of that pair."""
        (found,) = (one for one in self.plan.of(verb) if not pair or "-".join(one.languages) == pair)
        return found

    def rows(self, stage: Stage) -> list[Tagged]:
        return read_tagged(self.folders[stage.id] / EXAMPLES)

    def report(self, stage: Stage) -> dict[str, Any]:
        """What a stage had to tell."""
        file = self.folders[stage.id] / REPORT
        return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}

    def about(self, stage: Stage) -> dict[str, Any]:
        """What made a result: the tool, its version and options, and what it read, back to the files."""
        entry = self.catalog.get(stage.slot, stage.part) if self.catalog.has(stage.slot, stage.part) else None
        key_from = stage.details.get("key_from", {})
        told = {
            "verb": stage.verb, "part": stage.part, "from": entry.owner if entry else stage.part,
            "version": key_from.get("version", 1), "options": stage.options, "seed": stage.seed,
            "libraries": key_from.get("libraries"), "key": stage.key, "report": self.report(stage),
            "read": [self._source(self.plan[name]) for name in stage.after],
        }  # fmt: skip
        return {name: value for name, value in told.items() if value not in (None, {}, [])}

    def _source(self, stage: Stage) -> dict[str, Any]:
        location = str(stage.options.get("location", ""))
        if not location:
            return self.about(stage)
        told: dict[str, Any] = {"verb": stage.verb, "of": list(stage.languages), "location": location}
        file = Path(location.removeprefix("file:"))
        if location.startswith("file:") and file.is_file():
            return told | {"sha256": sha256(file)}
        return told | {name: stage.options[name] for name in ("revision", "content") if stage.options.get(name)}


class DataFolder:
    """A folder that results are written into; what somebody else put there is never overwritten."""

    def __init__(self, path: Path) -> None:
        self.path = path
        file = path / PROVENANCE
        self.known: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["files"] if file.is_file() else {}

    def refuse_taken(self, names: Iterable[str], flag: str) -> None:
        """Refuse, before anything is computed, to write over files that weren't made here, or were changed since."""
        problems = []
        for name in names:
            file, made = self.path / name, self.known.get(name)
            if not file.is_file():
                continue
            if made is None:
                problems.append(Problem("it is there already, and wasn't made by this command", str(file), flag))
            elif sha256(file) != made["sha256"]:
                problems.append(Problem("it was changed since it was made", str(file), f"move it away, or {flag}"))
        if problems:
            raise RefusedError("Nothing is overwritten; nothing was begun.", problems)

    def write(self, name: str, lines: Iterable[str], about: Mapping[str, Any]) -> Path:
        """A file, whole or not at all, and the record of it."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        half = file.with_name(f".{file.name}.half")
        with half.open("w", encoding="utf-8", newline="\n") as out:
            out.writelines(line + "\n" for line in lines)
        half.rename(file)
        self.known[name] = {"sha256": sha256(file), **about}
        told = {"xlt": "provenance", "format": FORMAT, "files": dict(sorted(self.known.items()))}
        text = json.dumps(told, indent=1, ensure_ascii=False, default=str)
        (self.path / PROVENANCE).write_text(text + "\n", encoding="utf-8")
        return file

    def bring(self, name: str, file: Path) -> None:
        """A file of the folder that was read, so that this one is whole; nothing where they are the same."""
        if file.is_file() and file.resolve() != (self.path / name).resolve():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, self.path / name)
            self.known[name] = {"sha256": sha256(file), "copied": str(file)}


def sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


# what files hold


def bitext_lines(sources: Iterable[Tagged], targets: Iterable[Tagged]) -> Iterable[str]:
    """A line a sentence. Where there is no translation, whoever reads the file is told so, with the line."""
    for row, other in zip(sources, targets, strict=True):
        yield f"{' '.join(row.words)}{BETWEEN}{' '.join(other.words)}"


def links_lines(folder: Path) -> list[str]:
    return (folder / LINKS).read_text(encoding="utf-8").split("\n")[:-1]


def labelled_lines(rows: Iterable[Tagged], task: Task) -> Iterable[str]:
    """A word, a tab and its tag a line, spans as IOB2, a blank line after each sentence."""
    rows = list(rows)
    scheme = scheme_of(row.tags for row in rows) if task.unit == "span" else None
    for row in rows:
        tags = convert(row.tags, scheme, "iob2") if scheme not in (None, "oi") else row.tags
        yield from (f"{word}\t{tag}" for word, tag in zip(row.words, tags, strict=True))
        yield ""


def refuse_unwritable(rows: Iterable[Tagged], task: Task) -> None:
    """Refuse labels that two columns can't hold: of whole sentences, or about a marked word."""
    marked = any(row.marked is not None for row in rows)
    if marked or task.unit not in ("span", "word"):
        why = "the word that they are about" if marked else f"labels of a {task.unit}"
        problem = Problem(f"labels of {task.name} aren't written out yet: a word, a tab and a tag can't hold {why}",
                          "--task", "xlt run with the same --set carries them over inside the run")  # fmt: skip
        raise RefusedError("These labels can't be written.", [problem])

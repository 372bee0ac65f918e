"""The store as a person reads it: what it holds, what is wrong, why a stage ran again, what was collected."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from xlt_core.graph.store import ASIDE, Damaged, Manifest, Store
from xlt_core.graph.upkeep import Collected, Kept, held
from xlt_core.report.tables import table

SHORT = 10
WORDS = {
    "version": "the part's version", "seed": "the seed", "gives": "what it gives", "libraries": "library",
    "sources": "the file of", "beside": "beside it,", "task": "the task's",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which two results of one part differ; of an input, what that differs in itself."""

    what: str
    here: Any
    there: Any
    because: tuple[Difference, ...] = ()

    def as_data(self) -> dict[str, Any]:
        because = [other.as_data() for other in self.because]
        return {"what": self.what, "here": self.here, "there": self.there, **({"because": because} if because else {})}


# ls


def listed(store: Store) -> list[dict[str, Any]]:
    """A row for each result, the latest used first."""
    return [_row(kept) for kept in held(store)]


def _row(kept: Kept) -> dict[str, Any]:
    about = kept.manifest.about if kept.manifest else {}
    return {
        "key": kept.key, "stage": about.get("stage"), "part": about.get("part"), "slot": about.get("slot"),
        "bytes": kept.bytes, "made": kept.manifest.made if kept.manifest else None, "used": kept.used,
        "repeatable": kept.manifest.repeatable if kept.manifest else None, "readable": kept.manifest is not None,
        "folder": str(kept.folder),
    }  # fmt: skip


def list_text(store: Store, rows: list[dict[str, Any]]) -> str:
    total = f"{len(rows)} results, {size(sum(row['bytes'] for row in rows))}, in {store.root}"
    aside = len(list((store.root / ASIDE).glob("*")))
    if aside:
        total += f"; {aside} set aside (xlt store gc)"
    if not rows:
        return total
    cells = [
        [row["key"][:SHORT], row["stage"] or "?", row["part"] or "?", size(row["bytes"]), ago(row["used"]), _mark(row)]
        for row in rows
    ]
    return table(cells, ["key", "stage", "part", "size", "used", ""], indent="") + f"\n\n{total}"


def _mark(row: Mapping[str, Any]) -> str:
    if not row["readable"]:
        return "can't be read"
    return "" if row["repeatable"] else "can't be made the same twice"


# verify


def verified_text(found: Mapping[str, list[str]], checked: int, stages: Mapping[str, str], aside: bool) -> str:
    """What was found, and what to type next."""
    lines = [f"{checked} results read to the last byte; {len(found) or 'none'} damaged"]
    for key, problems in found.items():
        lines += [f"{key[:SHORT]}  {stages.get(key, '?')}", *(f"  {problem}" for problem in problems)]
    if found:
        then = "They were set aside; the next run makes them anew." if aside else "Try: xlt store verify --set-aside"
        lines.append(then)
    return "\n".join(lines)


# explain


def explained(store: Store, key: str) -> dict[str, Any]:
    """A result beside the one that it is most like, of the same part in the same place."""
    mine = store.manifest(key)
    others = [
        kept.manifest
        for kept in held(store)
        if kept.manifest is not None and kept.key != key and _place(kept.manifest) == _place(mine)
    ]
    told = {"key": key, "made": mine.made, "about": mine.about, "others": len(others), "nearest": None}
    if not others:
        return {**told, "differences": []}
    ranked = [(other, list(differences(store, mine, other))) for other in others]
    nearest, found = min(ranked, key=lambda pair: (len(pair[1]), -pair[0].made))
    return {**told, "nearest": nearest.key, "nearest_made": nearest.made, "differences": [d.as_data() for d in found]}


def _place(manifest: Manifest) -> tuple[Any, ...]:
    return tuple(manifest.about.get(name) for name in ("part", "slot", "verb", "place"))


def differences(store: Store, one: Manifest, other: Manifest) -> Iterator[Difference]:
    """What the keys of two results were not both made from; an input that differs is followed to its own reasons."""
    inputs = _inputs(one), _inputs(other)
    for name in sorted(inputs[0].keys() | inputs[1].keys()):
        here, there = (of.get(name) for of in inputs)
        if here != there:
            yield Difference(f"input {name}", here, there, tuple(_because(store, here, there)))
    for name in ("options", *WORDS):
        values = (_flat(of.about.get(name), (name,)) for of in (one, other))
        here_all, there_all = (dict(value) for value in values)
        for path in sorted(here_all.keys() | there_all.keys()):
            if here_all.get(path) != there_all.get(path):
                yield Difference(_worded(path), here_all.get(path), there_all.get(path))


def _because(store: Store, here: str | None, there: str | None) -> Iterator[Difference]:
    if here is None or there is None:
        return
    try:
        pair = store.manifest(here), store.manifest(there)
    except Damaged:  # one of the two was collected
        return
    yield from differences(store, *pair)


def _inputs(manifest: Manifest) -> dict[str, str]:
    """The keys of what was read, by the stages' names without their seeds, which are told apart."""
    found: dict[str, str] = {}
    for name, key in manifest.about.get("inputs", {}).items():
        bare = re.sub(r"#a?[0-9]+", "", name)
        found[bare if bare not in found else name] = key
    return found


def _flat(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _flat(each, (*path, str(key)))
    elif value is not None:
        yield path, value


def _worded(path: tuple[str, ...]) -> str:
    """A path in a manifest as a person calls it."""
    if path == ("options", "content"):
        return "data fingerprint"
    if path[0] == "options":
        return f"option {'.'.join(path[1:])}"
    return " ".join((WORDS[path[0]], *([".".join(path[1:])] if path[1:] else [])))


def explain_text(told: Mapping[str, Any]) -> str:
    about = told["about"]
    head = f"{told['key']}  {about.get('stage')}\n  made {when(told['made'])}"
    if not about.get("repeatable", True):
        head += "; it can't be made the same twice, so this first result is kept"
    what = f"{about.get('slot')} {about.get('part')} at {about.get('place')}"
    if told["nearest"] is None:
        return f"{head}\n\nThe store holds no other result of {what}: this was the first, or the others were collected."
    beside = f"Of {told['others']} other{'s' if told['others'] > 1 else ''} of {what}, the nearest is"
    lines = [head, "", f"{beside} {told['nearest'][:SHORT]}, made {when(told['nearest_made'])}. It differs in"]
    return "\n".join([*lines, *_lines(told["differences"], "  ")])


def _lines(found: list[dict[str, Any]], indent: str) -> Iterator[str]:
    for each in found:
        because = each.get("because")
        if because:
            yield f"{indent}{each['what']} is another:"
            yield from _lines(because, indent + "  ")
        else:
            yield f"{indent}{each['what']}: {_value(each['here'])} here, {_value(each['there'])} there"


def _value(value: Any) -> str:
    return "none" if value is None else str(value)


# gc


def collected_data(done: Collected) -> dict[str, Any]:
    return {
        "results": [_row(kept) for kept in done.results],
        "leftovers": [str(path) for path in done.leftovers],
        "bytes": done.bytes,
        "left": done.left,
    }


def collected_text(done: Collected, store: Store, chosen: bool, dry: bool) -> str:
    """What went, what stayed and why; with `dry`, what would."""
    would = "would go" if dry else "removed"
    cells = [[kept.key[:SHORT], _row(kept)["stage"] or "?", size(kept.bytes), ago(kept.used)] for kept in done.results]
    lines = [table(cells, ["key", "stage", "size", "used"], indent="")] if cells else []
    counts = f"{len(done.results)} results and {len(done.leftovers)} leftovers {would}, {size(done.bytes)}"
    lines.append(f"{counts}, in {store.root}")
    lines += [f"{count} stay: {why}" for why, count in done.left.items()]
    if not chosen:
        lines.append("No result was looked at. Try: --older-than 30, or --keep-runs runs")
    return "\n".join(lines)


# words


def size(count: float) -> str:
    """
    >>> size(12), size(2_300_000)
    ('12 B', '2.3 MB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}" if unit != "B" else f"{count:g} B"
        count /= 1000
    return f"{count:.1f} TB"


def ago(then: float) -> str:
    """How long ago, in the largest unit that gives a whole number."""
    seconds = max(0.0, time.time() - then)
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit} ago"
    return "just now"


def when(then: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(then))

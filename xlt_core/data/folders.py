"""A folder of one's own as a data set: which of its files holds what, by their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from xlt_core.data.checksums import known_sum
from xlt_core.data.layout import Found, Layout, fits, found_in
from xlt_core.data.sets import DataSet
from xlt_core.errors import Problem
from xlt_core.facts import Fact
from xlt_core.graph.stages import Offer
from xlt_core.languages import Language, language, to_iso1

ORDER = ("train", "dev", "test", "")
"""Which part of parallel text is taken, where there are several."""
USUAL = (
    *(
        Layout(pattern)
        for pattern in (
            "{lang}/{split}.{ext}",
            "{split}/{lang}.{ext}",
            "{lang}/{split}",
            "{split}-{lang}.{ext}",
            "{split}_{lang}.{ext}",
            "{split}.{lang}.{ext}",
            "{lang}-{split}.{ext}",
            "{lang}_{split}.{ext}",
            "{lang}.{split}.{ext}",
            "{lang}_*-{split}.{ext}",
            "*/{lang}_*-{split}.{ext}",
            "{lang}/*-{split}.{ext}",
            "{lang}/*_{split}.{ext}",
            "{lang}/*.{split}.{ext}",
            "*.{split}.{lang}.{ext}",
            "{lang}.*.{split}.{ext}",
        )
    ),
    *(Layout(pattern, "text") for pattern in ("{lang}.txt", "{lang}/text.txt", "{lang}/{lang}.txt")),
    *(Layout(pattern, "parallel", {"use": "pairs"}) for pattern in ("{a}-{b}.tsv", "{a}_{b}.tsv")),
    *(
        Layout(pattern, "parallel", {"use": "sides"})
        for pattern in ("{a}-{b}/{split}.{lang}", "{a}-{b}.{lang}", "*.{a}-{b}.{lang}")
    ),
    *(
        Layout(pattern, "dictionary", {"use": "pairs"})
        for pattern in ("dictionary/{a}-{b}.{ext}", "dict/{a}-{b}.{ext}", "{a}-{b}.dict", "{a}-{b}-dict.{ext}")
    ),
    Layout("{a}-{b}.bitext", "translation"),
    Layout("{a}-{b}.links", "alignment"),
)
"""How files are called in a folder that isn't a known set's."""


class Folder:
    """A folder, and the known data set that lies in it, if it is one.

    >>> Folder("ner/masakhaner1", Path("ner/masakhaner1"), sets).known.name
    'masakhaner'
    """

    def __init__(self, name: str, folder: Path, sets: Iterable[DataSet] = (), told: DataSet | None = None) -> None:
        self.folder = folder
        self.known = told or next((one for one in sets if one.is_called(folder) and any(self._of(one))), None)
        self.name = f"{self.known.name} in {name}" if self.known else name

    def _of(self, known: DataSet) -> Iterable[Found]:
        return found_in(self.folder, known.layouts)

    @cached_property
    def found(self) -> tuple[Found, ...]:
        """What there is; where a known set's own layouts know a file, the usual ones say nothing of it."""
        own = tuple(self._of(self.known)) if self.known else ()
        told = {one.file for one in own}
        return (*own, *(one for one in found_in(self.folder, USUAL) if one.file not in told))

    def offer(self, fact: Fact, reader: str = "") -> Offer | Problem | None:
        """What the folder has of a fact, or why it can't be said which file is meant."""
        if fact.name == "labels":
            return self._labels(fact)
        if fact.name == "text":
            return self._one(fact, [one for one in self.found if one.layout.kind == "text"], fact.of[0])
        codes = fact.of[0].split("-")
        if fact.name in ("translation", "alignment"):
            held = [one for one in self.found if one.layout.kind == fact.name and _are(one.languages, codes)]
            return self._offer(held[0], codes) if held else None
        if fact.name not in ("parallel", "dictionary"):
            return None
        if reader == "through" and fact.name == "dictionary":
            return self._through(codes)
        held = [one for one in self.found if one.layout.kind == fact.name]
        if len(codes) > 2 and (file := self.folder / f"{fact.of[0]}.tsv").is_file():
            return Offer(self.name, f"file:{file}", reading={"use": "pairs"})
        return self._table(codes, held) or self._sides(codes, held)

    def lacks(self, fact: Fact) -> str:
        """What the folder has instead of a fact, for who looks for it in vain."""
        if not self.folder.is_dir():
            return f"{self.folder} is no folder"
        held = [one for one in self.found if one.layout.kind == fact.name]
        if not held:
            example = {"labels": "LANGUAGE/SPLIT.tsv", "text": "LANGUAGE.txt"}.get(fact.name, "LANGUAGE-LANGUAGE.tsv")
            return f"in {self.folder} no file's name says that it holds {fact.name}: {example} would"
        if fact.name != "labels":
            pairs = dict.fromkeys("-".join(own.code for own in one.languages) for one in held)
            return f"{self.folder} has {fact.name} of {_some(pairs)}"
        splits: dict[str, list[str]] = {}
        for one in held:
            code = one.languages[0].code if one.languages else "many languages"
            splits.setdefault(code, []).append(one.split)
        told = [f"{code} ({', '.join(s for s in ORDER if s in own)})" for code, own in splits.items()]
        return f"{self.folder} has labels of {_some(told)}"

    # one file

    def _labels(self, fact: Fact) -> Offer | Problem | None:
        task, code, split = fact.of
        if self.known is not None and self.known.gives.startswith("labels:") and self.known.gives != f"labels:{task}":
            return None
        held = [one for one in self.found if one.layout.kind == "labels" and one.split == split]
        return self._one(fact, held, code)

    def _one(self, fact: Fact, held: Sequence[Found], code: str) -> Offer | Problem | None:
        """The file whose language is nearest to the one asked for."""
        scored = [(fits(one.languages[0], code) if one.languages else 1, one) for one in held]
        best = max((score for score, _ in scored), default=0)
        files = [one for score, one in scored if score == best]
        if best == 0:
            return None
        if len(files) > 1:
            listed = _some([str(one.file) for one in files])
            what = f"several files hold {fact.of[2] if len(fact.of) > 2 else fact.kind} {fact.name} of {code}: {listed}"
            return Problem(what, "--data", f"--data {files[0].file.parent}, or another folder with only one of them")
        return self._offer(files[0], [code])

    def _offer(self, found: Found, codes: Sequence[str], beside: Sequence[Path] = (), **options: Any) -> Offer:
        reading = {**self.reading(found, codes[0]), **options}
        others = tuple(f"file:{file}" for file in beside)
        known = known_sum(self.known, found.file) if self.known is not None else ""
        return Offer(self.name, f"file:{found.file}", reading=reading, beside=others, sha256=known)

    def reading(self, found: Found, code: str) -> dict[str, Any]:
        """How a file is read: the reader and its options; empty where its name doesn't say."""
        reading = _filled(found.layout.reading, code)
        if self.known is not None and self.known.rename and found.layout.kind == "labels":
            reading["rename"] = dict(self.known.rename)
        return reading

    # several languages

    def _table(self, codes: Sequence[str], held: Sequence[Found]) -> Offer | None:
        """One file with a column for each of two languages, in whichever order."""
        for one in sorted(held, key=lambda one: ORDER.index(one.split)):
            if one.side is not None or len(one.languages) != 2 or len(codes) != 2:
                continue
            if _are(one.languages, codes):
                return self._offer(one, codes)
            if one.layout.reading.get("use") == "pairs" and _are(one.languages[::-1], codes):
                columns = list(one.layout.reading.get("columns", (0, 1)))
                return self._offer(one, codes, columns=columns[::-1])
        return None

    def _sides(self, codes: Sequence[str], held: Sequence[Found]) -> Offer | None:
        """A file for each language, of one pair and one split, or of a text in many languages."""
        groups: dict[tuple[object, ...], list[Found]] = {}
        for one in held:
            pair = one.languages if one.side is not None else ()
            if one.side is not None or len(one.languages) == 1:
                groups.setdefault((one.split, one.layout.reading.get("use"), pair), []).append(one)
        for group in sorted(groups.values(), key=lambda group: ORDER.index(group[0].split)):
            chosen = [_nearest(group, code) for code in codes]
            files = [one.file for one in chosen if one is not None]
            if len(set(files)) == len(codes):
                first = next(one for one in chosen if one is not None)
                return self._offer(first, codes, files[1:])
        return None

    def _through(self, codes: Sequence[str]) -> Offer | None:
        """Two dictionaries with a language in common, on the same side in both."""
        pairs = [one for one in self.found if one.layout.kind == "dictionary" and len(one.languages) == 2]
        for one in pairs:
            for other in pairs:
                shared = one.languages[0] == other.languages[0]
                if shared and fits(one.languages[1], codes[0]) and fits(other.languages[1], codes[1]):
                    columns = list(one.layout.reading.get("columns", (0, 1)))
                    joined = replace(one, layout=replace(one.layout, reading={"use": "through"}))
                    return self._offer(joined, codes, [other.file], columns=columns)
        return None


def _are(found: Sequence[Language], asked: Sequence[str]) -> bool:
    return all(fits(own, code) for own, code in zip(found, asked, strict=True))


def _nearest(group: Sequence[Found], code: str) -> Found | None:
    best = max(group, key=lambda one: fits(one.side or one.languages[0], code))
    return best if fits(best.side or best.languages[0], code) else None


def _filled(reading: Mapping[str, Any], code: str) -> dict[str, Any]:
    """A layout's reader, with the language written in where it says `{iso1}`."""
    iso1 = to_iso1(language(code).code) or code

    def filled(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace("{iso1}", iso1)
        return {key: filled(own) for key, own in value.items()} if isinstance(value, Mapping) else value

    return {name: filled(value) for name, value in reading.items()}


def _some(names: Iterable[str], most: int = 6) -> str:
    listed = list(dict.fromkeys(names))
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more

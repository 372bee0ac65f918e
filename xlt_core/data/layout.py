"""How files lie in a folder, as patterns of their names: `{lang}/{split}.tsv`, `tatoeba.{a}-{b}.{lang}`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from xlt_core.languages import Language, UnknownLanguage, language, same_language

SPLITS = {
    "train": "train", "training": "train", "dev": "dev", "devel": "dev", "development": "dev", "valid": "dev",
    "validation": "dev", "val": "dev", "trial": "dev", "test": "test", "devtest": "test", "testing": "test",
}  # fmt: skip
"""What splits are called, and what is meant."""
DEEP = 4
"""How deep a folder is looked through."""
FIELDS = {
    "lang": r"(?P<lang>{code})", "a": r"(?P<a>{code})", "b": r"(?P<b>{code})",
    "split": rf"(?P<split>{'|'.join(sorted(SPLITS, key=len, reverse=True))})",
    "ext": r"(?:tsv|txt|conllu?|iob2?|bio|bioes|csv|jsonl?|xml|parquet)",
}  # fmt: skip
MANY_LANGUAGES = "many"
"""The language of a layout whose files hold several, row by row."""
CODE = r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,4})?"


@dataclass(frozen=True, slots=True)
class Layout:
    """One way in which files are called. What the name doesn't say, the layout does.

    `{lang}`, `{a}` and `{b}` stand for languages, `{split}` for a split, `{ext}` for an ending, `*` for anything but a
    slash. A name may end in `.gz`.
    """

    pattern: str
    kind: str = "labels"
    """`labels`, `text`, `parallel` or `dictionary`."""
    reading: Mapping[str, Any] = field(default_factory=dict)
    """The reader that fits, `use`, and its options; `{iso1}` in one is the language's two letters."""
    language: str = ""
    split: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    """Codes that say another language here than they do elsewhere."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that a layout knows: what it holds."""

    file: Path
    layout: Layout
    languages: tuple[Language, ...]
    """The language; or of a pair its two; none where the file holds many."""
    split: str
    side: Language | None = None
    """Of a pair that lies in two files, the language of this one."""

    @property
    def told(self) -> tuple[object, ...]:
        """What is said of the file."""
        codes = tuple(own.code for own in self.languages)
        return self.layout.kind, codes, self.split, self.side.code if self.side is not None else ""


def found_in(folder: Path, layouts: tuple[Layout, ...]) -> Iterator[Found]:
    """What a folder's files hold by their names; of two layouts that say the same of a file, the first one counts.

    A folder's own name counts, too: `hau/train.txt` is found in `masakhaner1`, and in `masakhaner1/hau`.
    """
    around = folder.resolve().name
    for inside in files_in(folder):
        name = inside.as_posix().removesuffix(".gz")
        said = set()
        for layout in layouts:
            for own in (name, f"{around}/{name}"):
                found = _matched(layout, own, folder / inside)
                if found is not None and found.told not in said:
                    said.add(found.told)
                    yield found


def files_in(folder: Path) -> tuple[Path, ...]:
    """A folder's files, relative to it, in the order of their names; hidden ones are left out."""

    def walk(inner: Path, depth: int) -> Iterator[Path]:
        try:
            inside = sorted(inner.iterdir())
        except OSError:  # a folder that isn't ours to look into holds nothing for us
            return
        for path in inside:
            if path.name.startswith("."):
                continue
            if path.is_dir():
                if depth < DEEP:
                    yield from walk(path, depth + 1)
            else:
                yield path.relative_to(folder)

    if not folder.is_dir():
        return ()
    return tuple(walk(folder, 1))


def _matched(layout: Layout, name: str, file: Path) -> Found | None:
    match = _regex(layout.pattern).fullmatch(name)
    if match is None:
        return None
    said = match.groupdict()
    one, two, lang = (_language(said.get(field), layout) for field in ("a", "b", "lang"))
    if any(said.get(field) and own is None for field, own in (("a", one), ("b", two), ("lang", lang))):
        return None
    split = SPLITS[said["split"].lower()] if said.get("split") else layout.split
    if one is not None and two is not None:
        return Found(file, layout, (one, two), split, side=lang)
    if layout.language == MANY_LANGUAGES:
        return Found(file, layout, (), split)
    lang = lang or (language(layout.language) if layout.language else None)
    return Found(file, layout, (lang,), split) if lang is not None else None


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[a-z]+\}|\*)", pattern)
    names = {name: text.replace("{code}", CODE) for name, text in FIELDS.items()}
    seen: set[str] = set()

    def part(text: str) -> str:
        if text == "*":
            return "[^/]*"
        if not text.startswith("{"):
            return re.escape(text)
        name = text[1:-1]
        if name in seen:
            return f"(?P={name})"
        if name != "ext":
            seen.add(name)
        return names[name]

    return re.compile("".join(part(text) for text in parts), re.IGNORECASE)


def _language(said: str | None, layout: Layout) -> Language | None:
    """The language of a code in a file's name; a split's name is none, though `dev` and `val` are codes."""
    if not said or said.lower() in SPLITS:
        return None
    try:
        return language(layout.codes.get(said, said))
    except UnknownLanguage:
        return None


def fits(found: Language, asked: str) -> int:
    """How well a file's language is the one asked for: 0 not at all, 3 in code and script.

    >>> fits(language("zho_Hans"), "zho"), fits(language("cmn"), "zho"), fits(language("arz"), "arb")
    (2, 1, 0)
    """
    if not same_language(found.code, asked):
        return 0
    if found.code != language(asked).code:
        return 1
    return 3 if found.script == language(asked).script else 2

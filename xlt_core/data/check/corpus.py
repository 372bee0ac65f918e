"""What is looked at: the files of a folder of data, read with the lines on which their sentences begin."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from xlt_core.catalog import Catalog, load_object
from xlt_core.data.folders import Folder
from xlt_core.data.hub import Part, bring, labelled
from xlt_core.data.layout import Found
from xlt_core.data.read import reader
from xlt_core.data.readers.classes import COLUMNS
from xlt_core.data.readers.columns import Numbered
from xlt_core.data.readers.labels import Told, settled
from xlt_core.data.readers.sniff import SPAN
from xlt_core.data.readers.source import Source
from xlt_core.data.sets import DataSet
from xlt_core.errors import Problem, UsageError, did_you_mean
from xlt_core.facts import Labels
from xlt_core.languages import UnknownLanguage, language
from xlt_core.slots.reading import Auto, LabelReader
from xlt_core.slots.tasks import UPOS, Task

Choice = Callable[[str], bool]
DEEP = 3
"""How deep under a folder data sets are looked for."""
SAMPLE = 200


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, or an example, and the line on which it begins."""

    line: int
    words: tuple[str, ...]
    tags: tuple[str, ...] = ()
    second: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was read."""

    path: Path
    kind: str
    languages: tuple[str, ...]
    split: str
    task: Task | None
    sentences: tuple[Sentence, ...]
    source: Source
    told: Told | None = None

    @property
    def language(self) -> str:
        return self.languages[0]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Files that belong together: one data set's, whose languages and splits are compared."""

    name: str
    files: tuple[File, ...] = field(default=())


def corpora(path: Path, catalog: Catalog, task: str | None, code: str | None) -> Iterator[Corpus]:
    """The data sets in a folder, or the one file that a path names, each read in turn."""
    chosen = _task(catalog, task)
    if not path.exists():
        yield _of_the_hub(str(path), catalog, code)
        return
    if path.is_file():
        yield _one_file(path, catalog, chosen, code)
        return
    held = list(_folders(path, catalog, DEEP))
    if not held:
        what = "no file's name says which language and split, or which text, it holds"
        fix = f"LANGUAGE/SPLIT.tsv, LANGUAGE.txt, …; or one file: xlt data check {path}/FILE --lang CODE"
        raise UsageError("There is nothing to look at.", [Problem(what, str(path), fix)])
    for folder in held:
        yield Corpus(folder.name, tuple(_read(folder, catalog, chosen)))


def _task(catalog: Catalog, name: str | None) -> Task | None:
    if name is None:
        return None
    known = {entry.name: entry for entry in catalog.all("task")}
    if name not in known:
        what = f"no task `{name}`{did_you_mean(name, known)}"
        raise UsageError("A flag is off.", [Problem(what, "--task", f"one of {', '.join(known)}")])
    task: Task = load_object(known[name].card.declares)
    return task


def _of_the_hub(name: str, catalog: Catalog, code: str | None) -> Corpus:
    """A language of a data set that is known by name, every split that it has."""
    sets = {entry.name: load_object(entry.card.declares) for entry in catalog.all("data")}
    known = sets.get(name)
    if not isinstance(known, DataSet) or not known.gives.startswith("labels:"):
        what = f"there is no such file or folder, and no data set with labels of that name{did_you_mean(name, sets)}"
        raise UsageError("There is nothing to look at.", [Problem(what, name, "xlt data list")])
    if code is None:
        problem = Problem("a data set of the hub is looked at language by language", name, f"{name} --lang CODE")
        raise UsageError("A flag is missing.", [problem])
    task, files = _known_task(known, catalog), []
    for split in known.splits:
        offer = known.offer(Labels(known.gives.partition(":")[2], language(code).code, split))
        if offer is None:
            what = f"{name} has no {code}, or must be fetched by hand{f' from {known.home}' if known.home else ''}"
            raise UsageError("There is nothing to look at.", [Problem(what, name, "xlt data check FOLDER")])
        part = Part.offered(offer, split)
        (held,) = bring(part)
        source, said = Source(held.paths[0], (language(code).code,), split, task), Told()
        rows = settled(source, _numbered(enumerate(labelled(part, held, source.language), 1)), Auto(), said)
        sentences = tuple(Sentence(int(row.id), row.words, row.tags, row.second) for row in rows)
        files.append(File(source.file, "labels", source.languages, split, task, sentences, source, said))
    return Corpus(name, tuple(files))


# which files


def _folders(path: Path, catalog: Catalog, deep: int) -> Iterator[Folder]:
    """A folder that is a known set; else those under it; else the folder with the files that its names tell of."""
    sets = [one for entry in catalog.all("data") if isinstance(one := load_object(entry.card.declares), DataSet)]
    own = Folder(str(path), path, sets)
    if own.known is not None:
        yield own
        return
    inner = sorted(one for one in path.iterdir() if one.is_dir() and not one.name.startswith(".")) if deep else []
    below = [one for folder in inner for one in _folders(folder, catalog, deep - 1)]
    if any(one.known is not None for one in below) or not own.found:
        yield from below
    else:
        yield own


def _one_file(path: Path, catalog: Catalog, task: Task | None, code: str | None) -> Corpus:
    folder = next((one for one in _folders(path.parent, catalog, 0)), Folder(str(path.parent), path.parent))
    told = next((one for one in folder.found if one.file == path), None)
    if code is None and told is None:
        what = "the file's name doesn't say which language it holds"
        raise UsageError("A flag is missing.", [Problem(what, str(path), f"xlt data check {path} --lang CODE")])
    if told is not None and code is None:
        return Corpus(folder.name, tuple(_read(folder, catalog, task, lambda file: file == str(path))))
    try:
        codes = (language(code or "").code,)
    except UnknownLanguage as unknown:
        raise UsageError("A flag is off.", [Problem(str(unknown), "--lang")]) from None
    plain = path.name.removesuffix(".gz").endswith(".txt") and task is None
    file = (
        _text(path, codes, catalog, {"use": "lines"}, "text") if plain else _labels(path, codes, "", catalog, {}, task)
    )
    return Corpus(str(path), (file,))


def _read(folder: Folder, catalog: Catalog, task: Task | None, wanted: Choice = lambda file: True) -> Iterator[File]:
    """Each file once; where one serves as labels and as texts, as labels."""
    order = sorted(folder.found, key=lambda one: one.layout.kind != "labels")
    seen: set[tuple[Path, str]] = set()
    for found in order:
        taken = found.split if found.layout.kind == "labels" else ""
        if (
            not wanted(str(found.file))
            or (found.file, taken) in seen
            or (found.layout.kind != "labels" and any(file == found.file for file, _ in seen))
        ):
            continue
        seen.add((found.file, taken))
        yield from _found(folder, found, catalog, task)


def _found(folder: Folder, found: Found, catalog: Catalog, task: Task | None) -> Iterator[File]:
    codes = tuple(own.code for own in found.languages)
    if found.layout.kind == "labels":
        for code in codes or _languages_in(folder):
            known = task or _known_task(folder.known, catalog)
            yield _labels(found.file, (code,), found.split, catalog, folder.reading(found, code), known)
    elif found.side is not None or len(codes) == 1:
        side = (found.side.code,) if found.side is not None else codes
        told = found.layout.reading if found.layout.reading.get("use") == "by_id" else {"use": "lines"}
        yield _text(found.file, side, catalog, told, found.layout.kind)
    elif codes:
        yield _text(found.file, codes, catalog, folder.reading(found, codes[0]), found.layout.kind)


def _languages_in(folder: Folder) -> Sequence[str]:
    """Of a file with many languages, those that its set has."""
    return sorted(folder.known.languages) if folder.known is not None else ()


def _known_task(known: DataSet | None, catalog: Catalog) -> Task | None:
    kind, _, name = known.gives.partition(":") if known is not None else ("", "", "")
    return _task(catalog, name) if kind == "labels" and name else None


# reading them


def _labels(
    path: Path, codes: tuple[str, ...], split: str, catalog: Catalog, told: dict[str, Any], task: Task | None
) -> File:
    task = task or _guessed(path, codes, catalog)
    options, work = reader(catalog, {"use": "auto", **told})
    assert isinstance(options, LabelReader)
    source, said = Source(path, codes, split, task), Told()
    rows = settled(source, _numbered(work(source, options)), options, said)
    sentences = tuple(Sentence(int(row.id), row.words, row.tags, row.second) for row in rows)
    return File(path, "labels", codes, split, task, sentences, source, said)


def _numbered(rows: Iterable[Numbered]) -> Iterator[Numbered]:
    """Rows called by their line: those that are left out on the way don't shift the others."""
    return ((line, replace(row, id=str(line))) for line, row in rows)


def _text(path: Path, codes: tuple[str, ...], catalog: Catalog, told: Any, kind: str) -> File:
    options, work = reader(catalog, {**told})
    source = Source(path, codes)
    sentences = []
    for line, cells in work(source, options):
        first, *others = (tuple(cell.split()) for cell in cells)
        sentences.append(Sentence(line, first, second=others[0] if others else ()))
    return File(path, kind, codes, "", None, tuple(sentences), source)


def _guessed(path: Path, codes: tuple[str, ...], catalog: Catalog) -> Task | None:
    """What a file labels, by its header or its first tags; nothing where neither says."""
    source = Source(path, codes)
    first = next((line for _, line in source.lines() if line.strip()), "").lower()
    header = {cell.strip('" {') for cell in re.split(r"[\t,]|: ", first)}
    if header & {*COLUMNS["label"]} and header & {*COLUMNS["text"]}:
        pair = bool(header & {*COLUMNS["second"]})
        return Task("classes", "labels of texts", "pair" if pair else "sentence", (), (), ())
    options, work = reader(catalog, {"use": "auto"})
    tags = {tag for _, row in islice(work(source, options), SAMPLE) for tag in row.tags}
    if tags and tags <= {*UPOS, "_", "CONJ"}:
        return _task(catalog, "pos")
    if tags - {"O"} and all(tag == "O" or tag.startswith(SPAN) for tag in tags):
        return Task("spans", "spans of words", "span", (), (), ())
    return None

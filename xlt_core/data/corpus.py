"""The texts of a corpus in the store: its nth example is the same one for whoever reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xlt_core.data.records import EXAMPLES, PAIRS, TEXT, read_tagged
from xlt_core.data.samples import SAMPLES
from xlt_core.errors import Problem, RunError


def each_line(folder: Path) -> Iterator[str]:
    """The lines of a text, or its samples, empty ones left out, one after the other."""
    with (folder / (SAMPLES if (folder / SAMPLES).is_file() else TEXT)).open(encoding="utf-8") as lines:
        for line in lines:
            yield from (part for part in line.splitlines() if part.strip())


def lines_of(folder: Path) -> list[str]:
    """All lines of a text, or its samples, empty ones left out."""
    return list(each_line(folder))


def side_of(folder: Path, languages: str, language: str) -> list[str]:
    """One language's side of sentences in several languages (`amh-eng`), of rows that no language lacks.

    >>> side_of(folder, "amh-eng", "eng")     # doctest: +SKIP
    """
    place = languages.split("-").index(language)
    rows = [line.split("\t") for line in (folder / PAIRS).read_text(encoding="utf-8").splitlines() if line.strip()]
    count = len(languages.split("-"))
    odd = [number for number, row in enumerate(rows, 1) if len(row) != count]
    if odd:
        what = f"a row holds a sentence in each of {languages}, and row {odd[0]} has {len(rows[odd[0] - 1])} columns"
        fix = f"mend it: {count} sentences with a tab between, or --resource parallel:{languages}=FILE"
        raise RunError("These sentences can't be read.", [Problem(what, f"parallel:{languages}", fix)])
    return [row[place] for row in rows if all(cell.strip() for cell in row)]


def texts_of(folder: Path, corpus: str, language: str) -> list[str]:
    """A language's texts of a corpus, by its fact's name: `samples:amh:128w`, `parallel:amh-eng`, `labels:ner:…`."""
    name, *of = corpus.split(":")
    if name == "parallel":
        return side_of(folder, of[0], language)
    if (folder / EXAMPLES).is_file():
        return [" ".join(row.words + row.second) for row in read_tagged(folder / EXAMPLES)]
    return lines_of(folder)

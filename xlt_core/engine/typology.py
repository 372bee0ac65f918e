"""Source weights from tables of typology: files of numbers, read as such."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from xlt_core.data.records import OTHER
from xlt_core.engine.weigh import write_weights
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job

Vectors = Mapping[str, npt.NDArray[np.float64]]
Similarity = Callable[[str, str], float | None]
SYNTAX = "S_"
STANDARD = {
    "ara": "arb", "aze": "azj", "est": "ekk", "fas": "pes", "kur": "kmr", "lav": "lvs", "mlg": "plt", "mon": "khk",
    "msa": "zsm", "nep": "npi", "nor": "nob", "ori": "ory", "orm": "gaz", "pus": "pbt", "sqi": "als", "swa": "swh",
    "uzb": "uzn", "yid": "ydd", "zho": "cmn",
}  # fmt: skip
"""What a macrolanguage's code means where a table has the standard member too: `zho` is Mandarin."""


def lang2vec(job: Job) -> None:
    """The work of the combiner: w = softmax(s/T) or s/Σs; a language that the tables don't know makes them equal."""
    options, (target,) = job.stage.options, job.stage.languages
    (folder,) = job.inputs_named("resource distances").values()
    similarity = by_vectors(folder) if options["features"] == "syntax_knn" else by_distances(folder)
    keys = list(options["models"])
    known = {key: _similar(similarity, target, key, options["treat_as_missing"]) for key in keys}
    missing = [key for key, value in known.items() if value is None]
    job.report({"kind": "similarity", "missing": missing, **{key: value for key, value in known.items() if value}})
    if missing:
        write_weights(job, dict.fromkeys(keys, 1 / len(keys)))
        return
    write_weights(job, weights_of({k: float(v or 0.0) for k, v in known.items()}, options["normalise"] == "softmax",
                                  options["temperature"]))  # fmt: skip


def _similar(similarity: Similarity, target: str, source: str, left_out: Sequence[str]) -> float | None:
    return None if {target, source} & set(left_out) else similarity(target, source)


def weights_of(similarities: Mapping[str, float], softmax: bool = True, temperature: float = 1.0) -> dict[str, float]:
    """Similarities as weights of the sum 1.

    >>> {key: round(weight, 4) for key, weight in weights_of({"eng": 0.6, "rus": 0.9}).items()}
    {'eng': 0.4256, 'rus': 0.5744}
    >>> {key: round(weight, 4) for key, weight in weights_of({"eng": 0.6, "rus": 0.9}, softmax=False).items()}
    {'eng': 0.4, 'rus': 0.6}
    """
    highest = max(similarities.values())
    parts = {k: math.exp((s - highest) / temperature) if softmax else max(s, 0.0) for k, s in similarities.items()}
    total = sum(parts.values())
    if total <= 0:
        what = f"nothing is similar: {', '.join(f'{key} {value:.3f}' for key, value in similarities.items())}"
        raise RunError("The weights can't be used.", [Problem(what, fix="--set inference.normalise=softmax")])
    return {key: part / total for key, part in parts.items()}


def by_vectors(folder: Path) -> Similarity:
    """Cosines of vectors in the file of a resource."""
    vectors = read_vectors(folder / OTHER)

    def similarity(one: str, other: str) -> float | None:
        a, b = (vectors.get(_code(name, vectors)) for name in (one, other))
        if a is None or b is None or not a.any() or not b.any():
            return None
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    return similarity


def by_distances(folder: Path) -> Similarity:
    """1 − distance, of distances in the file of a resource."""
    found: dict[tuple[str, str], float] = {}
    for number, cells in _rows(folder / OTHER):
        if len(cells) != 3:
            raise _odd("a line holds two languages and their distance", cells, number)
        found[cells[0], cells[1]] = found[cells[1], cells[0]] = _numbers(cells[2:], number)[0]
    known = dict.fromkeys(language for pair in found for language in pair)

    def similarity(one: str, other: str) -> float | None:
        a, b = (_code(name, known) for name in (one, other))
        distance = 0.0 if a == b and a in known else found.get((a, b))
        return None if distance is None else 1 - distance

    return similarity


def read_vectors(file: Path) -> Vectors:
    """Vectors by language: the syntax of lang2vec's own table, or a line of numbers for each."""
    if zipfile.is_zipfile(file):
        return _of_table(file)
    found: dict[str, npt.NDArray[np.float64]] = {}
    for number, cells in _rows(file):
        found[cells[0]] = np.asarray(_numbers(cells[1:], number))
        if len(found[cells[0]]) != len(next(iter(found.values()))) or len(cells) < 2:
            raise _odd("every line holds a language and as many numbers as the first", cells, number)
    return found


def _of_table(file: Path) -> Vectors:
    """`langs`, `feats` and `data` [languages, features, sources]; of several sources the mean of those that know."""
    try:
        with np.load(file, allow_pickle=False) as table:
            languages, features, data = (table[name] for name in ("langs", "feats", "data"))
    except (KeyError, ValueError) as error:
        what = f"this is no table of lang2vec, with arrays langs, feats and data: {error}"
        raise RunError("These distances can't be read.", [Problem(what, "distances:syntax_knn")]) from None
    syntax = [place for place, name in enumerate(features) if str(name).startswith(SYNTAX)]
    values = data[:, syntax].astype(np.float64)
    there = np.isfinite(values) & (values >= 0)
    means = np.where(there, values, 0.0).sum(-1) / np.maximum(1, there.sum(-1))
    return dict(zip(map(str, languages), means, strict=True))


def _code(language: str, known: Mapping[str, Any]) -> str:
    """The code under which the tables have a language."""
    standard = STANDARD.get(language, language)
    return standard if standard in known else language


def _rows(file: Path) -> list[tuple[int, list[str]]]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        problem = Problem("this is neither UTF-8 text nor a table of lang2vec", "distances")
        raise RunError("These distances can't be read.", [problem]) from None
    return [(number, line.split("\t")) for number, line in enumerate(lines, 1) if line.strip()]


def _numbers(cells: Sequence[str], number: int) -> list[float]:
    try:
        return [float(cell) for cell in cells]
    except ValueError:
        raise _odd("after the language stand numbers", cells, number) from None


def _odd(wanted: str, cells: Sequence[str], number: int) -> RunError:
    what = f"{wanted}, and this one is `{' '.join(cells)[:60]}`"
    return RunError("These distances can't be read.", [Problem(what, f"distances, line {number}")])

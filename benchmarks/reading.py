"""What reading with all its checks costs, beside a loop that only cuts the same lines: seconds, and memory at its peak.

    python benchmarks/reading.py            files made here
    python benchmarks/reading.py FOLDER     and every file of labels in a folder of one's own

Seconds of this process. The loop checks nothing, keeps words and tags, and must find as many of both.
"""

from __future__ import annotations

import gzip
import random
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from xlt_core.catalog import load_catalog, load_object
from xlt_core.data.folders import Folder
from xlt_core.data.read import reader
from xlt_core.data.readers.labels import Told, settled
from xlt_core.data.readers.source import Source
from xlt_core.data.sets import DataSet
from xlt_core.slots.reading import LabelReader
from xlt_core.slots.tasks import NER, POS, Task

SENTENCES, WORDS = 20_000, 20
Corpus = list[tuple[list[str], list[str]]]


def corpus(tags: tuple[str, ...]) -> Iterator[list[tuple[str, str]]]:
    draw = random.Random(0)
    words = ["".join(draw.choices("abcdefghijklmnoprstuvwyzéđșñ", k=draw.randint(1, 9))) for _ in range(20_000)]
    for _ in range(SENTENCES):
        yield list(zip(draw.choices(words, k=WORDS), draw.choices(tags, k=WORDS), strict=True))


def columns(file: Path) -> None:
    rows = ("".join(f"{word} {tag}\n" for word, tag in row) for row in corpus(("O", "O", "O", "B-PER", "B-LOC")))
    file.write_text("\n".join(rows), encoding="utf-8")


def conllu(file: Path) -> None:
    line = "{n}\t{word}\t{word}\t{tag}\t_\tNumber=Sing\t0\troot\t_\t_\n"
    rows = (
        "".join(line.format(n=n, word=word, tag=tag) for n, (word, tag) in enumerate(row, 1))
        for row in corpus(("NOUN", "VERB", "DET"))
    )
    file.write_bytes(gzip.compress("\n".join(rows).encode("utf-8"), 6))


def bare(file: Path, word: int, tag: int, sign: str) -> Corpus:
    """Lines cut, and nothing else."""
    found: Corpus = []
    words: list[str] = []
    tags: list[str] = []
    unpacked = gzip.open if file.suffix == ".gz" else open
    with unpacked(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line == "\n":
                found.append((words, tags))
                words, tags = [], []
            else:
                cells = line.rstrip("\n").split(sign)
                words.append(cells[word])
                tags.append(cells[tag])
    return [*found, (words, tags)]


def whole(file: Path, task: Task, told: Mapping[str, Any]) -> list[Any]:
    options, work = reader(load_catalog(), told)
    assert isinstance(options, LabelReader)
    source = Source(file, ("eng",), "train", task)
    rows = settled(source, work(source, options), options, Told())
    source.findings.refuse(file)
    return rows


def measured(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What it gives, its seconds, and the megabytes that it holds at its peak; in two goes, for tracing is slow."""
    started = time.process_time()
    given = work()
    seconds = time.process_time() - started
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return given, seconds, peak / 1e6


def compare(name: str, file: Path, task: Task, told: Mapping[str, Any], word: int, tag: int, sign: str) -> None:
    load_catalog()
    plain, its, room = measured(lambda: bare(file, word, tag, sign))
    rows, ours, ours_room = measured(lambda: whole(file, task, told))
    assert [(list(row.words), list(row.tags)) for row in rows] == plain
    lines = SENTENCES * (WORDS + 1)
    print(
        f"{name}: {lines / ours:,.0f} lines/s, {ours / its:.1f}x the time of cutting alone; "
        f"{ours_room:.0f} MB at its peak, {ours_room / room:.1f}x"
    )


def of_ones_own(folder: Path) -> None:
    """All labels in a folder, one file after another."""
    catalog = load_catalog()
    sets = [load_object(entry.card.declares) for entry in catalog.all("data")]
    within = Folder(str(folder), folder, [one for one in sets if isinstance(one, DataSet)])
    if within.known is None or not within.known.gives.startswith("labels:"):
        raise SystemExit(f"{folder} is no folder of a known data set with labels: xlt data list")
    task: Task = load_object(catalog.get("task", within.known.gives.partition(":")[2]).card.declares)
    held = [found for found in within.found if found.layout.kind == "labels" and found.languages]
    started = time.process_time()
    count = sum(len(whole(one.file, task, within.reading(one, one.languages[0].code))) for one in held)
    seconds = time.process_time() - started
    print(f"{within.name}: {len(held)} files, {count:,} examples, {seconds:.1f} s, {count / seconds:,.0f} examples/s")


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        plain, packed = Path(place) / "train.txt", Path(place) / "train.conllu.gz"
        columns(plain)
        conllu(packed)
        compare("columns", plain, NER, {"use": "columns"}, 0, 1, " ")
        compare("CoNLL-U, packed", packed, POS, {"use": "conllu"}, 1, 3, "\t")
    for folder in sys.argv[1:]:
        of_ones_own(Path(folder))


if __name__ == "__main__":
    main()

"""Data sets on the hub, through `datasets` and its cache."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xlt_core.data.records import EXAMPLES, Tagged, write_tagged
from xlt_core.data.sets import WIKIANN, hub_code
from xlt_core.errors import Problem, RefusedError, UnavailableError
from xlt_core.graph.job import Job

SPLITS = {"train": "train", "dev": "validation", "test": "test"}


def prepared(location: str) -> bool:
    """Whether the part of a data set that a location names is in the cache of `datasets`."""
    from datasets import config

    repository, code = _parts(location)
    folder = config.HF_DATASETS_CACHE / repository.replace("/", "___")
    return any(folder.glob(f"{hub_code(code)}/*/*"))


def read_hub(job: Job, rest: str) -> None:
    """Bring one language's split into the store."""
    repository, code = _parts(f"hub:{rest}")
    name, *of = job.fact
    if name != "labels" or repository != WIKIANN.hub:
        problem = Problem(f"not built yet: reading {name} of {repository}", "--data", "--data FOLDER of your own files")
        raise RefusedError("This run can be planned, and not yet be done.", [problem])
    split = _load(repository, hub_code(code), SPLITS[of[2]], str(job.stage.options["revision"]))
    write_tagged(job.out / EXAMPLES, _tagged(split, of[1], of[2]))


def _load(repository: str, name: str, split: str, revision: str) -> Any:
    from datasets import load_dataset

    try:
        return load_dataset(repository, name, split=split, revision=revision)
    except (OSError, ValueError, ConnectionError) as error:
        problem = Problem(f"{repository} ({name}, {split}): {error}", "--data", "--data FOLDER with files of your own")
        raise UnavailableError("A data set can't be had.", [problem]) from error


def _tagged(rows: Any, language: str, split: str) -> Iterator[Tagged]:
    names = rows.features["ner_tags"].feature.names
    for number, row in enumerate(rows):
        tags = tuple(names[tag] for tag in row["ner_tags"])
        yield Tagged(f"{split}-{number}", language, tuple(row["tokens"]), tags)


def _parts(location: str) -> tuple[str, str]:
    repository, _, code = location.removeprefix("hub:").rpartition("/")
    return repository, code

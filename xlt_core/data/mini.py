"""The mini world as a source of data: labels, texts, pairs, translations and word links. What it is asked about
must be its own sentences: it knows no others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from xlt_core.data.records import EXAMPLES, LINKS, OTHER, PAIRS, TEXT, Tagged, read_tagged, write_tagged
from xlt_core.errors import Problem, RunError
from xlt_core.graph.job import Job
from xlt_core.mini.bitext import Noise, aligned, dictionary, meaning_of, translate
from xlt_core.mini.borrowing import written
from xlt_core.mini.inference import pairs
from xlt_core.mini.meaning import Meaning, Split, meanings
from xlt_core.mini.said import topic_of
from xlt_core.mini.world import say

SIZES: Mapping[Split, int] = {"train": 600, "dev": 200, "test": 300, "text": 2000}
CAME_FROM = "came_from.jsonl"
"""Of every word of a translation the word of the faultless one that it stands for, a line a sentence."""


def read(job: Job) -> None:
    """The work of a data stage: labels, text, sentence pairs or a dictionary."""
    name, *of = job.fact
    if name == "labels":
        task, language, split = of
        write_tagged(job.out / EXAMPLES, examples(task, language, split))  # type: ignore[arg-type]
    elif name == "text":
        lines = [written(meaning, of[0])[0] for meaning in islice(meanings("text"), SIZES["text"])]
        (job.out / TEXT).write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:
        source, target = of[0].split("-")[:2]
        found = _pairs(of[0].split("-")) if name == "parallel" else dictionary(source, target)
        text = "".join("\t".join(row) + "\n" for row in found)
        (job.out / (PAIRS if name == "parallel" else OTHER)).write_text(text, encoding="utf-8")


def _pairs(languages: list[str]) -> Iterator[tuple[str, ...]]:
    """Sentences that no backbone was pretrained on and no label was learnt from: of "dev", drawn anew."""
    for meaning in islice(meanings("dev", seed=1), SIZES["text"]):
        yield tuple(say(meaning, language).text for language in languages)


def examples(task: str, language: str, split: Split) -> Iterator[Tagged]:
    """The labelled examples of a task; row n is the same in every language."""
    if task == "nli":
        for pair in pairs(language, split, SIZES[split]):
            yield Tagged(pair.id, language, pair.premise.words, (pair.answer,), pair.hypothesis.words)
        return
    fits: Mapping[str, Callable[[Meaning], bool]] = {
        "topic": lambda meaning: topic_of(meaning) is not None,
        "roles": lambda meaning: "do" in meaning.slots,
        # What guests say, and sentences about food that say nothing of how it was.
        "absa": lambda meaning: "aspect" in meaning.slots or topic_of(meaning) == "food",
    }
    drawn = (meaning for meaning in meanings(split) if task not in fits or fits[task](meaning))
    for meaning in islice(drawn, SIZES[split]):
        row = say(meaning, language)
        tags = {
            "ner": row.ner,
            "pos": row.upos,
            "absa": row.labels.aspects,
            "topic": (row.labels.topic or "",),
            "roles": tuple(role if role == "O" else f"I-{role}" for role in row.labels.roles),
        }[task]
        marked, upos = (row.labels.predicate, row.upos) if task == "roles" else (None, ())
        yield Tagged(row.id, language, row.words, tags, marked=marked, upos=upos)


# bitext


def translation(job: Job) -> None:
    """The work of the translator `mini`: the examples in the other language, with the faults that were asked for."""
    source, target = job.stage.languages
    noise = Noise(*(float(job.stage.options[kind]) for kind in ("dropped", "moved", "wrong")))
    came_from = []
    rows = []
    for row, meaning in _meant(job, source):
        said = translate(meaning, source, target, noise, job.stage.seed or 0)
        rows.append(Tagged(row.id, target, said.words, ()))
        came_from.append(said.came_from)
    write_tagged(job.out / EXAMPLES, rows)
    (job.out / CAME_FROM).write_text("".join(f"{json.dumps(own)}\n" for own in came_from), encoding="utf-8")


def alignment(job: Job) -> None:
    """The work of the aligner `mini`: gold links, a share of them left out where that was asked for."""
    source, target = job.stage.languages
    (folder,) = job.inputs_named("artefact translation").values()
    if not (folder / CAME_FROM).is_file():
        problem = Problem("it links only the mini world's own translations", job.stage.id, "--set translation=mini")
        raise RunError("The mini world can't align these.", [problem])
    came_from = (folder / CAME_FROM).read_text(encoding="utf-8").splitlines()
    missing, seed = float(job.stage.options["missing"]), job.stage.seed or 0
    with (job.out / LINKS).open("w", encoding="utf-8") as out:
        for row, places in zip(read_tagged(folder / EXAMPLES), came_from, strict=True):
            found = aligned(meaning_of(row.id), source, target, tuple(json.loads(places)), missing, seed)
            out.write(" ".join(f"{one}-{other}" for one, other in found) + "\n")


def _meant(job: Job, source: str) -> Iterator[tuple[Tagged, Meaning]]:
    (folder,) = job.inputs_named("labels ").values()
    for row in read_tagged(folder / EXAMPLES):
        try:
            yield row, meaning_of(row.id)
        except KeyError:
            what = f"the example {row.id} of {source} is no sentence of the mini world"
            fix = "--data mini, or a translator for any text: xlt list translation"
            raise RunError("The mini world can't translate this.", [Problem(what, job.stage.id, fix)]) from None

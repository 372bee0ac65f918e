"""Zero-shot transfer from English on real data: parts of speech, names, topics, inference, retrieval.

    python benchmarks/results_data.py --data ../shared/data                      a table in docs/results.md
    python benchmarks/results_data.py --data DIR --backbone FOLDER --budget 2Mtokens --seeds 3

Every run is an ordinary run of `zero_shot` with the same budget of training, kept in --out; what is finished is taken
from the store. A run with a part that isn't built yet is left out, and the table says so.
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlt_core import load, plan, run
from xlt_core.languages import language

PAGE = Path(__file__).parent.parent / "docs" / "results.md"
BEGIN, END = "<!-- results-data -->", "<!-- /results-data -->"


@dataclass(frozen=True, slots=True)
class Asked:
    """One task: the folders in which its labels lie, the first that has a language counting, and who is scored."""

    task: str
    folders: tuple[str, ...]
    targets: tuple[str, ...]
    drop: tuple[str, ...] = ()
    """Slots that the task does without: nothing is trained to find translations."""


RUNS = (
    Asked(
        "pos",
        (
            "ud/UD_English-GUM", "ud/UD_French-Sequoia", "ud/UD_Italian-ParTUT", "ud/UD_Russian-GSD",
            "ud/UD_Turkish-IMST", "ud/UD_Vietnamese-VTB", "ud/UD_Chinese-GSDSimp", "ud/UD_Tamil-TTB",
            "ud/UD_Hebrew-HTB", "ud/UD_Amharic-ATT", "ud/UD_Maltese-MUDT", "pos/masakhapos",
        ),
        ("fra", "ita", "rus", "tur", "vie", "zho", "tam", "heb", "amh", "mlt", "hau", "swh", "yor"),
    ),
    Asked(
        "ner",
        (
            "ner/wikigold", "ner/uner/UNER_English-EWT", "ner/uner/UNER_Chinese-GSDSIMP", "ner/uner/UNER_Tagalog-TRG",
            "ner/masakhaner2", "ner/masakhaner1/amh", "ner/turku",
        ),
        ("hau", "swh", "yor", "amh", "zho", "tgl", "fin"),
    ),
    Asked(
        "topic",
        ("sib200",),
        (
            "amh", "ell", "fin", "fra", "heb", "hin", "jpn", "khm", "kor", "rus", "swh", "tam", "tha", "tur", "vie",
            "zho",
        ),
    ),
    Asked(
        "nli",
        ("nli/sick", "nli/myxnli", "nli/kornli", "nli/americasnli"),
        ("swh", "urd", "mya", "kor", "quy", "grn"),
    ),
    Asked(
        "retrieval",
        ("tatoeba",),
        ("amh", "ell", "fra", "hin", "khm", "rus", "swh", "tur", "vie", "zho"),
        drop=("training",),
    ),
)  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data", type=Path, required=True, help="the folder with the data sets' folders")
    asked.add_argument("--backbone", default="mini")
    asked.add_argument("--budget", default="500ktokens", help="of each run's training")
    asked.add_argument("--seeds", default="1")
    asked.add_argument("--out", type=Path, default=Path("runs/results-data"))
    asked.add_argument("--tasks", default=",".join(one.task for one in RUNS))
    asked.add_argument("--page", type=Path, default=PAGE, help="where the table goes")
    given = asked.parse_args()
    started = time.monotonic()
    parts = [section(one, given) for one in RUNS if one.task in given.tasks.split(",")]
    head = (
        f"`python benchmarks/results_data.py --backbone {given.backbone} --budget {given.budget} "
        f"--seeds {given.seeds}`: every run is trained on English for {given.budget} and scored on the test sets."
    )
    put(given.page, "\n\n".join([head, *parts]))
    print(f"{given.page}: {(time.monotonic() - started) / 60:.1f} minutes in all")


def section(asked: Asked, given: argparse.Namespace) -> str:
    """A task's table, from a run that is done now or lies there already."""
    flags: dict[str, Any] = {
        "method": "zero_shot", "backbone": given.backbone, "task": asked.task, "sources": "eng",
        "targets": ",".join(asked.targets), "data": ",".join(str(given.data / folder) for folder in asked.folders),
        "budget": given.budget, "seeds": given.seeds, "drop": list(asked.drop),
    }  # fmt: skip
    title = f"### {asked.task}\n\nFrom {', '.join(f'`{folder}`' for folder in asked.folders)}.\n\n"
    unbuilt = plan(**flags).unbuilt()
    if unbuilt:
        return f"{title}Not run: {', '.join(unbuilt)} isn't built yet."
    folder = given.out / asked.task
    made = load(str(folder)) if (folder / "scores.json").is_file() else run(**flags, out=str(folder))
    return title + rows(made.scores["scores"])


def rows(scores: list[dict[str, Any]]) -> str:
    """A row a target and measure: mean over seeds, their spread, and how many examples there are."""
    held: dict[tuple[str, str], list[float]] = {}
    examples: dict[str, int] = {}
    for row in scores:
        held.setdefault((row["target"], row["headline"]), []).append(row["values"][row["headline"]])
        examples[row["target"]] = row["examples"]
    lines = ["| target | measure | score | examples |", "| --- | --- | --- | --- |"]
    for (target, measure), values in held.items():
        spread = f" ± {statistics.stdev(values):.1f}" if len(values) > 1 else ""
        score = f"{statistics.fmean(values):.1f}{spread}"
        lines.append(f"| {target}, {language(target).name} | {measure} | {score} | {examples[target]:,} |")
    return "\n".join(lines)


def put(page: Path, text: str) -> None:
    """The text between its marks in a page; at the page's end where it has none yet."""
    old = page.read_text(encoding="utf-8") if page.is_file() else "# Results\n"
    new = f"{BEGIN}\n## Zero-shot transfer on real data\n\n{text}\n{END}"
    between = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    whole = between.sub(lambda _: new, old) if between.search(old) else f"{old.rstrip()}\n\n{new}\n"
    page.write_text(whole, encoding="utf-8")


if __name__ == "__main__":
    main()

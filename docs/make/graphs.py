"""Draws the graphs of docs/architecture.md from the plans themselves: `python docs/make/graphs.py [--check]`.

Stages of one part for languages of one role are drawn as one box.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from xlt_core import plan
from xlt_core.graph.stages import Plan, Stage

PAGE = Path(__file__).parent.parent / "architecture.md"
MARK = "## The graphs\n"
XLM_R = {"backbone": "xlm-roberta-base"}
DRAWN: list[tuple[str, str, dict[str, Any]]] = [
    ("zero_shot", "--backbone xlm-roberta-base --targets amh", {**XLM_R, "targets": "amh"}),
    ("madx", "--backbone xlm-roberta-base --targets amh,khm", {**XLM_R, "targets": "amh,khm"}),
    ("unibridge", "--backbone xlm-roberta-base --targets amh,khm", {**XLM_R, "targets": "amh,khm"}),
    ("phonexl", "--resource dictionary:zho-vie=FILE", {"resources": ["dictionary:zho-vie"], "seeds": 1}),
    ("translit_ppa", "--seeds 1", {"seeds": 1}),
    ("translit_ppa", "--preset retrieval", {"preset": "retrieval", "seeds": 1}),
    (
        "mtlws",
        "--resource translation:eng-spa=FILE …",
        {"resources": ["translation:eng-spa", "translation:eng-deu", "translation:eng-nld"]},
    ),
    ("phoneme_gap", "--preset correlation --seeds 2", {"preset": "correlation", "seeds": 2}),
]
Box = tuple[str, str, str]


def main() -> int:
    written = PAGE.read_text(encoding="utf-8")
    page = written.partition(MARK)[0] + "\n".join([HEAD, *(section(*drawn) for drawn in DRAWN)])
    if "--check" in sys.argv[1:]:
        fresh = written == page
        print("" if fresh else f"{PAGE.name} has stale graphs: run `make docs`", end="" if fresh else "\n")
        return 0 if fresh else 1
    PAGE.write_text(page, encoding="utf-8")
    return 0


HEAD = f"""{MARK}
Drawn from the plans, by `make docs`. A box holds all stages of one part for the languages of one role; an arrow
says that what it points to reads what it comes from.
"""


def section(method: str, flags: str, asked: dict[str, Any]) -> str:
    made = made_plan(method, asked)
    return f"### {method}\n\n`xlt plan --method {method} {flags}`\n\n```mermaid\n{drawing(made)}\n```\n"


def made_plan(method: str, asked: dict[str, Any]) -> Plan:
    """The plan, its resources standing in files that exist."""
    with tempfile.TemporaryDirectory() as folder:
        resources = {key: os.path.join(folder, key.replace(":", "-")) for key in asked.get("resources", ())}
        for file in resources.values():
            Path(file).write_text("", encoding="utf-8")
        return plan(method=method, **{**asked, "resources": resources or None})


def drawing(made: Plan) -> str:
    boxes: dict[Box, list[Stage]] = {}
    of: dict[str, Box] = {}
    for stage in made:
        box = box_of(stage)
        boxes.setdefault(box, []).append(stage)
        of[stage.id] = box
    names = {box: f"s{number}" for number, box in enumerate(boxes)}
    lines = ["flowchart LR"]
    lines += [f'  {names[box]}["{label(box, stages)}"]' for box, stages in boxes.items()]
    arrows = {(of[early], box): None for box, stages in boxes.items() for s in stages for early in s.after}
    lines += [f"  {names[early]} --> {names[late]}" for early, late in arrows if early != late]
    return "\n".join(lines)


def box_of(stage: Stage) -> Box:
    return (stage.verb, stage.part, stage.role if stage.slot in ("adaptation", "data") else "")


def label(box: Box, stages: list[Stage]) -> str:
    verb, part, _ = box
    languages = list(dict.fromkeys(code for stage in stages for code in stage.languages))
    told = ", ".join(languages) if len(languages) <= 5 else f"{len(languages)} languages"
    name = verb.removeprefix("score:") if verb.startswith("score:") else f"{verb} · {part}"
    return "<br>".join(text for text in (name, told) if text)


if __name__ == "__main__":
    sys.exit(main())

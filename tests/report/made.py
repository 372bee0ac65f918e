"""Run folders as `xlt run` leaves them, without a run."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xlt_core.engine.score import measure_spans
from xlt_core.report.folder import answers_name
from xlt_core.yaml12 import dump

Sentence = tuple[str, ...]
GOLD: Sentence = ("B-PER", "O", "B-LOC", "O")


def said(right: float, seed: int, sentences: int = 60) -> list[Sentence]:
    """Answers of which so many are right."""
    draw = random.Random(seed)
    return [tuple(tag if draw.random() < right else "B-ORG" for tag in GOLD) for _ in range(sentences)]


def a_run(
    path: str, right: Mapping[str, Sequence[float]], seeds: Sequence[int] = (1, 2, 3), draw: int = 0, **config: Any
) -> Path:
    """A run's folder as `xlt run` leaves it: of each target how much is right, seed by seed."""
    config = {
        "method": "zero_shot@1", "preset": "mini", "backbone": "mini", "task": "ner", "sources": ["eng"],
        "targets": list(right), "protocol": "zero_shot", "seeds": list(seeds), "adaptation_seeds": [1],
        "training": [{"use": "finetune", "epochs": 3.0, "steps": None}], **config,
    }  # fmt: skip
    folder = Path(path)
    (folder / "predictions").mkdir(parents=True)
    stages, rows = [], []
    for target, shares in right.items():
        words = config.pop(f"words_{target}", f"{target} word")
        for seed, share in zip(seeds, shares, strict=True):
            stage = f"predict({target}, ner)#{seed}"
            answers = said(share, 100 * seed + draw)
            lines = [
                "\n".join(f"{words}{n}\t{g}\t{p}" for n, (g, p) in enumerate(zip(GOLD, a, strict=True)))
                for a in answers
            ]
            file = folder / "predictions" / answers_name(stage)
            file.write_text("\n\n".join(lines) + "\n\n", encoding="utf-8")
            stages.append(
                {"slot": "evaluation", "part": "span_f1", "after": [stage], "options": {"decoding": "lenient"}}
            )
            values = measure_spans([GOLD] * len(answers), answers)
            rows.append(
                {"evaluator": "span_f1", "target": target, "by": None, "seed": seed, "adaptation_seed": 1,
                 "headline": "span_f1", "values": values, "examples": len(answers)}
            )  # fmt: skip
    (folder / "run.yaml").write_text(dump(config), encoding="utf-8")
    write(folder / "plan.json", {"stages": stages})
    kept = {key: config[key] for key in ("method", "task", "backbone", "sources", "targets", "protocol", "seeds")}
    write(folder / "scores.json", {**kept, "selection": ["task_dev"], "scores": rows, "stages": []})
    return folder


def write(file: Path, data: dict[str, Any]) -> None:
    file.write_text(json.dumps(data), encoding="utf-8")


def changed(file: Path, change: Any) -> None:
    data = json.loads(file.read_text(encoding="utf-8"))
    change(data)
    write(file, data)


def two_runs() -> tuple[Path, Path]:
    """Alike for Vietnamese, the second far better for Swahili."""
    one = a_run("one", {"vie": (0.6, 0.62, 0.58), "swh": (0.5, 0.52, 0.48)})
    return one, a_run("two", {"vie": (0.6, 0.6, 0.6), "swh": (0.9, 0.91, 0.89)}, draw=7)

"""Draw the mini world's zero-shot matrix as an image: python docs/make/heatmap.py [--check]

The numbers are those of `python -m xlt_core.mini.ground --sources all --out docs/mini_ground.json`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
NUMBERS, IMAGE = HERE / "mini_ground.json", HERE / "images" / "mini_zero_shot.svg"
CELL, LEFT, TOP = 38, 56, 62


def colour(score: float) -> str:
    """White at 0, dark blue at 100."""
    share = max(0.0, min(1.0, score / 100))
    light, dark = (255, 255, 255), (12, 60, 120)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(light, dark, strict=True))


def drawing(rows: Mapping[str, Mapping[str, float]], title: str) -> str:
    """A square for each pair: the row's language was learnt from, the column's was tested."""
    languages = list(next(iter(rows.values())))
    width, height = LEFT + CELL * len(languages) + 10, TOP + CELL * len(rows) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="10" y="20" font-weight="bold">{title}</text>',
    ]
    for column, name in enumerate(languages):
        parts.append(f'<text x="{LEFT + CELL * (column + 0.5)}" y="{TOP - 8}" text-anchor="middle">{name}</text>')
    for row, (source, scores) in enumerate(rows.items()):
        top = TOP + CELL * row
        parts.append(f'<text x="{LEFT - 8}" y="{top + CELL / 2 + 5}" text-anchor="end">{source}</text>')
        for column, name in enumerate(languages):
            left, score = LEFT + CELL * column, scores[name]
            ink = "white" if score > 55 else "black"
            parts.append(f'<rect x="{left}" y="{top}" width="{CELL - 1}" height="{CELL - 1}" fill="{colour(score)}"/>')
            parts.append(
                f'<text x="{left + CELL / 2}" y="{top + CELL / 2 + 5}" text-anchor="middle" fill="{ink}">'
                f"{score:.0f}</text>"
            )
    return "\n".join([*parts, "</svg>"]) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the image isn't fresh")
    check = parser.parse_args().check
    numbers = json.loads(NUMBERS.read_text(encoding="utf-8"))
    made = drawing(numbers["pretrained"]["span_f1"], "Names learnt in one language (row), found in another: span F1")
    if check:
        fresh = IMAGE.is_file() and IMAGE.read_text(encoding="utf-8") == made
        print("" if fresh else f"{IMAGE} is not fresh: python docs/make/heatmap.py", end="" if fresh else "\n")
        return 0 if fresh else 1
    IMAGE.parent.mkdir(exist_ok=True)
    IMAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

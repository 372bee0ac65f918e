"""Tables and plots of measured results, out of docs/results/*.json: python docs/make/results.py [--check]

A page says where a table goes, `<!-- results FILE.TABLE -->` before it and `<!-- end of results -->` behind it; the
plot lies in docs/images/results/. What runs write is `python benchmarks/results.py FILE`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RESULTS, IMAGES = ROOT / "docs" / "results", ROOT / "docs" / "images" / "results"
PLACE = re.compile(r"(<!-- results (\w+)\.(\w+) -->\n).*?(<!-- end of results -->)", re.DOTALL)
WIDTH, LEFT, STEP, TOP, LETTER = 640, 190, 30, 44, 8


@dataclass(frozen=True, slots=True)
class Table:
    """Scores by row, language and seed."""

    title: str
    command: str
    measure: str
    runs: list[dict[str, Any]]

    @property
    def rows(self) -> list[str]:
        return list(dict.fromkeys(run["row"] for run in self.runs))

    @property
    def languages(self) -> list[str]:
        return list(dict.fromkeys(name for run in self.runs for name in run["languages"]))

    def values(self, row: str, language: str) -> list[float]:
        """A score for each seed."""
        told = [run["languages"].get(language) for run in self.runs if run["row"] == row]
        return [own[self.measure or own["headline"]] for own in told if own]

    def means(self, row: str) -> list[float]:
        """For each seed the mean over languages."""
        told = [run["languages"].values() for run in self.runs if run["row"] == row]
        return [fmean(own[self.measure or own["headline"]] for own in languages) for languages in told]

    @property
    def seeds(self) -> str:
        counts = sorted({len(self.means(row)) for row in self.rows})
        return "one seed" if counts == [1] else f"{'–'.join(map(str, counts))} seeds"


def tables() -> dict[str, Table]:
    """All that is measured, by FILE.TABLE."""
    found = {}
    for file in sorted(RESULTS.glob("*.json")):
        told = json.loads(file.read_text(encoding="utf-8"))
        for name, own in told["tables"].items():
            found[f"{file.stem}.{name}"] = Table(own["title"], told["command"], own["measure"], own["runs"])
    return found


def spread(values: list[float]) -> str:
    """Mean ± standard deviation.

    >>> spread([1.0, 2.0]), spread([3.0]), spread([])
    ('1.5 ± 0.7', '3.0', '–')
    """
    if not values:
        return "–"
    return f"{fmean(values):.1f}" + (f" ± {stdev(values):.1f}" if len(values) > 1 else "")


def text(name: str, table: Table, images: str) -> str:
    """The table as Markdown, what is more of downwards, and under it how it was made."""
    rows, languages = table.rows, table.languages
    if len(rows) == 1:
        (row,) = rows
        examples = {language: run["languages"][language]["examples"] for run in table.runs for language in languages}
        body = [["target", row, "examples"], ["---"] * 3]
        body += [[own, spread(table.values(row, own)), f"{examples[own]:,}"] for own in languages]
        body += [["mean", spread(table.means(row)), ""]] if len(languages) > 1 else []
    else:
        body = [["", *languages, *(["mean"] if len(languages) > 1 else [])]]
        body.append(["---"] * len(body[0]))
        for row in rows:
            mean = [spread(table.means(row))] if len(languages) > 1 else []
            body.append([row, *(spread(table.values(row, own)) for own in languages), *mean])
    lines = ["| " + " | ".join(cells) + " |" for cells in body]
    measured = table.measure or next(iter(table.runs[0]["languages"].values()))["headline"]
    several = any(len(table.means(row)) > 1 for row in rows)
    how = f"{table.seeds}, mean ± standard deviation over seeds" if several else table.seeds
    told = f"{table.title}: {measured}, {how} (`{table.command}`)."
    image = f"![{table.title}]({images}/{name}.svg)"
    return "\n".join([told, "", *lines, "", image, ""])


def drawing(table: Table) -> str:
    """A bar a row for the mean over languages and seeds, a dot a seed."""
    rows = table.rows if len(table.rows) > 1 else table.languages
    of = table.means if len(table.rows) > 1 else (lambda own: table.values(table.rows[0], own))
    width, height = max(WIDTH, 20 + LETTER * len(table.title)), TOP + STEP * len(rows) + 30

    def at(score: float) -> float:
        return LEFT + (width - LEFT - 60) * score / 100

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="10" y="20" font-weight="bold">{table.title}</text>',
    ]
    for tick in range(0, 101, 20):
        parts.append(f'<line x1="{at(tick)}" y1="{TOP - 8}" x2="{at(tick)}" y2="{height - 26}" stroke="#ddd"/>')
        parts.append(f'<text x="{at(tick)}" y="{height - 10}" text-anchor="middle" fill="#666">{tick}</text>')
    for number, row in enumerate(rows):
        middle, values = TOP + STEP * number + STEP / 2 - 6, of(row)
        parts.append(f'<text x="{LEFT - 8}" y="{middle + 5}" text-anchor="end">{row}</text>')
        wide = at(fmean(values)) - LEFT
        parts.append(
            f'<rect x="{LEFT}" y="{middle - 8}" width="{wide:.1f}" height="16" fill="#0c3c78" opacity="0.75"/>'
        )
        dots = "".join(f'<circle cx="{at(v):.1f}" cy="{middle}" r="3" fill="#d9822b" stroke="white"/>' for v in values)
        edge = max(at(fmean(values)), *map(at, values)) + 8
        parts += [dots, f'<text x="{edge:.1f}" y="{middle + 5}">{fmean(values):.1f}</text>']
    return "\n".join([*parts, "</svg>"]) + "\n"


def made() -> Iterator[tuple[Path, str]]:
    """All files that follow from the results, as they should be."""
    known = tables()
    for name, table in known.items():
        yield IMAGES / f"{name}.svg", drawing(table)
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        old = page.read_text(encoding="utf-8")
        images = os.path.relpath(IMAGES, page.parent)
        missing = [f"{one}.{other}" for _, one, other, _ in PLACE.findall(old) if f"{one}.{other}" not in known]
        if missing:
            raise SystemExit(f"{page}: there are no results {missing[0]}; docs/results has {', '.join(known)}")

        def filled(found: re.Match[str], images: str = images) -> str:
            name = f"{found[2]}.{found[3]}"
            return f"{found[1]}{text(name, known[name], images)}{found[4]}"

        if PLACE.search(old):
            yield page, PLACE.sub(filled, old)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when something isn't fresh")
    check, stale = parser.parse_args().check, []
    for file, content in made():
        if file.is_file() and file.read_text(encoding="utf-8") == content:
            continue
        stale.append(file)
        if not check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
    if check and stale:
        print(f"{', '.join(str(file.relative_to(ROOT)) for file in stale)}: not fresh; python docs/make/results.py")
    return int(bool(check and stale))


if __name__ == "__main__":
    sys.exit(main())

"""A comparison as a person reads it, as CSV and as LaTeX."""

from __future__ import annotations

import csv
import io
from typing import Any

from xlt_core.report.compare import SIGNIFICANT, Cell, Comparison, Row
from xlt_core.report.runs import plus_minus
from xlt_core.report.statistics import mean_std
from xlt_core.report.tables import table

MARKS = {1: " ▲", -1: " ▼", 0: ""}
LATEX_MARKS = {1: r"^{\uparrow}", -1: r"^{\downarrow}", 0: ""}
SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
           **{sign: f"\\{sign}" for sign in "&%$#_{}"}}  # fmt: skip


def as_text(made: Comparison) -> str:
    """A row a run; what all runs share stands above, what the marks mean below."""
    shared, apart = _facts(made)
    head = " · ".join([shared["task"], made.metric, *(shared[key] for key in ("method", "backbone") if key in shared)])
    gaps = any(row.mean is not None and row.mean.gaps for row in made.rows)
    heads = ["run", *apart, *made.columns, "mean", *(["gap"] if gaps else [])]
    rows = [
        [
            row.title, *_facts_of(row, apart), *(_cell(row.cells.get(target)) for target in made.columns),
            _cell(row.mean), *([_gap(row)] if gaps else []),
        ]
        for row in made.rows
    ]  # fmt: skip
    below = [*_legend(made, gaps), *(f"note: {note}" for note in made.notes)]
    return "\n\n".join([head, table(rows, heads), "\n".join(below)])


def _facts(made: Comparison) -> tuple[dict[str, str], list[str]]:
    """What every run has in common, and the names of what has a column of its own."""
    told = [_about(row) for row in made.rows]
    always = ("method", "budget", "seeds")
    apart = [key for key in told[0] if key in always or len({one[key] for one in told}) > 1]
    return {key: value for key, value in told[0].items() if key not in apart}, apart


def _about(row: Row) -> dict[str, str]:
    config = row.run.config
    return {
        "task": str(config.get("task") or "no task"), "method": str(config.get("method")),
        "preset": str(config.get("preset") or "-"), "backbone": str(config.get("backbone")),
        "protocol": str(config.get("protocol")), "budget": row.run.budget,
        "seeds": _seeds(row),
    }  # fmt: skip


def _seeds(row: Row) -> str:
    """`1, 2, 3`, and how often the languages were adapted to: once, anew for each seed, or by seeds of its own."""
    adaptations = {adaptation for adaptation, _ in row.replicas}
    seeds = list(dict.fromkeys(seed for _, seed in row.replicas))
    told = ", ".join(map(str, seeds))
    if len(adaptations) == 1:
        return told
    anew = len(row.replicas) == len(seeds) == len(adaptations)
    return f"{told}, adapted anew" if anew else f"{told} × {len(adaptations)} adaptations"


def _facts_of(row: Row, keys: list[str]) -> list[str]:
    told = _about(row)
    return [told[key] for key in keys]


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "-"
    return plus_minus(*mean_std(list(cell.values.values()))) + MARKS[cell.tested.mark if cell.tested else 0]


def _gap(row: Row) -> str:
    return plus_minus(*mean_std(list(row.mean.gaps.values()))) if row.mean is not None and row.mean.gaps else "-"


def _legend(made: Comparison, gaps: bool) -> list[str]:
    told = []
    if any(len(row.replicas) > 1 for row in made.rows):
        told.append("mean ± sample standard deviation (n - 1) over seeds")
    tested = [sum(cell.tested is not None for cell in row.cells.values()) for row in made.rows]
    if any(tested):
        told.append(_tested(made, max(tested)))
    if gaps:
        told.append("gap: the source languages' score minus the targets', where a run scored its source")
    return told


def _tested(made: Comparison, languages: int) -> str:
    p = f"p < {SIGNIFICANT:g}".replace("0.", ".")
    correction = f"; Holm's correction over {languages} languages, none on the mean" if languages > 1 else ""
    return (
        f"▲ above, ▼ below {made.rows[0].title}, {p}: paired bootstrap over sentences and seeds, "
        f"{made.draws} draws{correction}"
    )


def as_csv(made: Comparison) -> str:
    """A line for each run and language, and one for the mean."""
    heads = [
        "run", "method", "preset", "backbone", "protocol", "budget", "seeds", "metric", "target", "sentences",
        "mean", "std", "gap", "against", "difference", "low", "high", "p", "p_holm",
    ]  # fmt: skip
    out = io.StringIO()
    writer = csv.DictWriter(out, heads, lineterminator="\n")
    writer.writeheader()
    for row in made.rows:
        about = {key: value for key, value in _about(row).items() if key in heads}
        for target, cell in [*row.cells.items(), *([("mean", row.mean)] if row.mean else [])]:
            writer.writerow({"run": row.title, **about, "metric": made.metric, "target": target, **_flat(cell, made)})
    return out.getvalue().rstrip("\n")


def _flat(cell: Cell, made: Comparison) -> dict[str, Any]:
    told = cell.as_data()
    flat = {key: told.get(key) for key in ("mean", "std", "sentences")}
    if "gap" in told:
        flat["gap"] = told["gap"]["mean"]
    if "difference" in told:
        found = told["difference"]
        flat |= {"against": made.rows[0].title, "difference": found["value"]}
        flat |= {key: found[key] for key in ("low", "high", "p", "p_holm")}
    return flat


def as_latex(made: Comparison) -> str:
    """A tabular for `booktabs`; what the marks mean, and the notes, as comments."""
    gaps = any(row.mean is not None and row.mean.gaps for row in made.rows)
    _, apart = _facts(made)
    heads = [escaped(text) for text in ["run", *apart, *made.columns, "mean", *(["gap"] if gaps else [])]]
    rows = [
        [
            *map(escaped, [row.title, *_facts_of(row, apart)]),
            *(_latex_cell(cell) for cell in [*(row.cells.get(target) for target in made.columns), row.mean]),
            *([_gap(row).replace("±", r"$\pm$")] if gaps else []),
        ]
        for row in made.rows
    ]
    legend = [line.replace("▲", "up:").replace("▼", "down:") for line in _legend(made, gaps)]
    comments = [f"% {made.metric}", *(f"% {line}" for line in [*legend, *made.notes])]
    columns = "l" * (1 + len(apart)) + "r" * (len(heads) - 1 - len(apart))
    body = [" & ".join(row) + r" \\" for row in rows]
    return "\n".join(
        [*comments, rf"\begin{{tabular}}{{{columns}}}", r"\toprule", " & ".join(heads) + r" \\", r"\midrule", *body,
         r"\bottomrule", r"\end{tabular}"]
    )  # fmt: skip


def _latex_cell(cell: Cell | None) -> str:
    if cell is None:
        return "--"
    mean, std = mean_std(list(cell.values.values()))
    spread = rf" \pm {std:.1f}" if std is not None else ""
    return f"${mean:.1f}{spread}{LATEX_MARKS[cell.tested.mark if cell.tested else 0]}$"


def escaped(text: str) -> str:
    r"""Plain text for LaTeX.

    >>> escaped("zero_shot 100%")
    'zero\\_shot 100\\%'
    """
    return "".join(SPECIAL.get(letter, letter) for letter in text).replace("×", r"$\times$")

"""The data doctor's report, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator

from xlt_core.data.check.check import Report
from xlt_core.data.check.findings import gathered
from xlt_core.report.tables import table

SHOWN = 3
"""Findings of each check that are shown without being asked for."""


def check_text(report: Report, all_of_them: bool) -> str:
    """The files, then the findings check by check, errors first."""
    return "\n".join([_files(report), *_findings(report, all_of_them), "", _summary(report)])


def _files(report: Report) -> str:
    tokens = any("fertility" in told for told in report.files)
    heads = ["file", "holds", "language", "split", "sentences", "words", "script"]
    rows = []
    for told in report.files:
        scripts = told["scripts"]
        total = sum(scripts.values())
        some = [f"{name} {100 * count / total:.0f}%" for name, count in scripts.items() if count * 100 >= total]
        row = [
            told["file"], told["holds"], "-".join(told["languages"]), told["split"], f"{told['sentences']:,}",
            f"{told['words']:,}",
        ]  # fmt: skip
        if tokens:
            row += [_number(told["fertility"], "{:.2f}"), _number(told["unknown"], "{:.2%}"), f"{told['longest']:,}"]
        rows.append([*row, ", ".join(some[:3])])
    if tokens:
        heads[6:6] = ["pieces/word", "unknown", "longest"]
    return table(rows, heads, indent="")


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)


def _findings(report: Report, all_of_them: bool) -> Iterator[str]:
    for (level, check), own in gathered(report.found).items():
        yield f"\n{level}: {check} ({len(own):,})"
        shown = own if all_of_them else own[:SHOWN]
        for one in shown:
            yield f"  {one.where}: {one.what}" + (f"\n     Try: {one.fix}" if one.fix else "")
        if len(own) > len(shown):
            yield f"  and {len(own) - len(shown):,} more: --all shows them"


def _summary(report: Report) -> str:
    warnings = len(report.found) - report.errors
    if not report.found:
        return f"{len(report.files)} files, nothing is off"
    return f"{len(report.files)} files, {_many(report.errors, 'error')}, {_many(warnings, 'warning')}"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' if count != 1 else ''}"

"""A plan as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xlt_core.graph.ledger import Expected, Ledger
from xlt_core.graph.stages import Plan, Stage
from xlt_core.graph.store import Store
from xlt_core.report.tables import duration, table

MOST = 3


def describe_plan(plan: Plan, store: Store) -> str:
    """What was assumed, the stages with what each waits for, the views that training encodes, downloads."""
    run = plan.run
    languages = f"{', '.join(run['sources'])} → {', '.join(run['targets'])}"
    head = f"{run['method']} · {run.get('task', 'no task')} · {run['backbone']} · {languages} · {run['protocol']}"
    parts = [head]
    if plan.assumed:
        parts.append("assumed: " + "; ".join(plan.assumed))
    numbers = {stage.id: n for n, stage in enumerate(plan, 1)}
    waiting = [stage for stage in plan if not store.has(stage.key)]
    expected = Ledger.of(store.root).expect(plan)
    rows = []
    for stage in plan:
        state = "to do" if stage in waiting else "in store"
        if stage in waiting and stage.id in expected:
            state += f", ~{duration(expected[stage.id].seconds)}"
        rows.append([str(numbers[stage.id]), stage.id, stage.part, state, _after(stage, numbers)])
    parts.append(table(rows, ["", "stage", "part", "", "after"], indent=""))
    parts.append(_expected(waiting, expected))
    views = _views(plan)
    if views:
        parts.append(f"a training step encodes\n{views}")
    if plan.notes:
        parts.append("\n".join(f"note: {note}" for note in plan.notes))
    parts.append(_downloads(plan))
    unbuilt = plan.unbuilt()
    if unbuilt:
        parts.append(f"not built yet: {', '.join(unbuilt)}. `xlt run` refuses this plan.")
    return "\n\n".join(part for part in parts if part)


def describe_study(plans: Mapping[str, Plan], differs: Mapping[str, str], store: Store) -> str:
    """What each variant does that no variant before it does; the rest they share."""
    known: set[str] = set()
    rows = []
    for name, plan in plans.items():
        own = [stage for stage in plan if stage.key not in known]
        known |= {stage.key for stage in plan}
        waiting = sum(not store.has(stage.key) for stage in own)
        rows.append([name, str(len(plan.stages)), str(len(own)), str(waiting), differs[name]])
    head = table(rows, ["variant", "stages", "of its own", "to do", "differs by"], indent="")
    unbuilt = dict.fromkeys(name for plan in plans.values() for name in plan.unbuilt())
    refused = f"\n\nnot built yet: {', '.join(unbuilt)}. `xlt run` refuses this study." if unbuilt else ""
    return f"{head}\n\n{len(plans)} runs; {len(known)} stages in all, each done once{refused}"


def _expected(waiting: Sequence[Stage], expected: Mapping[str, Expected]) -> str:
    """What is still to do will take so long, as far as stages like these were done here before."""
    known = [expected[stage.id] for stage in waiting if stage.id in expected]
    if not known:
        return ""
    seconds, peak = sum(one.seconds for one in known), max(one.peak_mb for one in known)
    some = f" for {len(known)} of the {len(waiting)} stages to do" if len(known) < len(waiting) else ""
    guess = "" if all(one.alike for one in known) else ", some of which had other options"
    return f"expected{some}: {duration(seconds)}, at most {peak / 1000:.1f} GB, by past stages like them{guess}"


def _after(stage: Stage, numbers: dict[str, int]) -> str:
    earlier = sorted(numbers[name] for name in stage.after)
    if len(earlier) <= 2 * MOST:
        return " ".join(map(str, earlier))
    return " ".join(map(str, earlier[:MOST])) + f" … {earlier[-1]} ({len(earlier)})"


def _views(plan: Plan) -> str:
    """Stages that encode the same are told together."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for stage in plan:
        if stage.views:
            alike.setdefault(stage.views, []).append(stage.id)
    lines = []
    for views, stages in alike.items():
        names = ", ".join(stages[:MOST]) + (f" and {len(stages) - MOST} more" if len(stages) > MOST else "")
        lines.append(f"  {len(views)} view{'s' if len(views) > 1 else ''} in {names}")
        lines += [f"    {view}" for view in views]
    return "\n".join(lines)


def _downloads(plan: Plan) -> str:
    if not plan.downloads:
        return f"{len(plan.stages)} stages; nothing to download"
    total = sum(download.megabytes for download in plan.downloads)
    rows = [
        [f"{d.megabytes:g} MB", d.what, d.location.removeprefix("hub:") + (" (gated)" if d.gated else "")]
        for d in plan.downloads
    ]
    return f"{len(plan.stages)} stages; about {total:g} MB to have on disk\n{table(rows)}"

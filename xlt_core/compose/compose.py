"""`compose(config)` gives the plan of a run, or raises with everything that keeps it from being one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from xlt_core.compose.line import Line
from xlt_core.compose.linker import Linker
from xlt_core.compose.providers import Providers
from xlt_core.compose.unroll import Unroller
from xlt_core.config.resolve import RunConfig
from xlt_core.errors import Problem, RefusedError, UnavailableError
from xlt_core.facts import Fact
from xlt_core.graph.stages import Download, Plan, Stage


def compose(config: RunConfig) -> Plan:
    """Unroll a configuration; all refusals come at once, and nothing has been read or written."""
    _check_files(config)
    unroller = Unroller(config)
    unroller.unroll()
    return _planned(config, unroller.linker)


def compose_facts(config: RunConfig, facts: Iterable[Fact], asker: str) -> Plan:
    """The plan of what gives these facts, and of nothing else: no training, no scores.

    Its stages are those of a run with the same choices, so the one finds in the store what the other made.
    """
    _check_files(config)
    providers = Providers(Line(config), lambda language: None)
    providers.linker.seed = config.settings.seeds[0]
    for fact in facts:
        providers.linker.find(fact, asker)
    return _planned(config, providers.linker)


def _planned(config: RunConfig, linker: Linker) -> Plan:
    problems = [problem.settled() for problem in linker.problems]
    if problems:
        plural = "s" if len(problems) != 1 else ""
        headline = f"This run cannot be composed ({len(problems)} problem{plural}); nothing was read or written."
        raise RefusedError(headline, problems)
    stages = _trainings_last(linker.stages.values())
    return Plan(
        stages,
        (*config.assumed, *_data_assumed(stages)),
        tuple(linker.notes),
        tuple(_downloads(config, stages)),
        config.as_data(),
    )


def _trainings_last(stages: Iterable[Stage]) -> tuple[Stage, ...]:
    """What comes from outside is brought in first, and all that reads nothing trained is done before any training: a
    damaged file, or too little text for a tokenizer, must not wait for a week of it."""
    waiting: set[str] = set()
    stages = list(stages)
    for stage in stages:  # each stands behind all that it reads
        if stage.slot in ("adaptation", "training") or waiting.intersection(stage.after):
            waiting.add(stage.id)
    return tuple(sorted(stages, key=lambda stage: (stage.id in waiting, bool(stage.after))))


def _check_files(config: RunConfig) -> None:
    missing = [(key, file) for key, file in config.settings.resources.items() if not Path(file).is_file()]
    if missing:
        problems = [Problem(f"there is no file {file}", f"--resource {key}") for key, file in missing]
        raise UnavailableError("A resource can't be found.", problems)


def _data_assumed(stages: tuple[Stage, ...]) -> list[str]:
    """Which data set was taken for what: the user may not have said."""
    found: dict[str, list[str]] = {}
    for stage in stages:
        if stage.offer is not None:
            found.setdefault(stage.offer.source, []).append(stage.verb)
    return [f"{'/'.join(dict.fromkeys(verbs))} from {source}" for source, verbs in found.items()]


def _downloads(config: RunConfig, stages: tuple[Stage, ...]) -> list[Download]:
    backbone = config.backbone
    downloads = []
    if not backbone.local:
        what = f"backbone {backbone.name}"
        downloads.append(Download(what, f"hub:{backbone.location}", backbone.revision, backbone.megabytes))
    for stage in stages:
        offer = stage.offer
        if offer is not None and offer.remote and not any(d.location == offer.location for d in downloads):
            what = f"{stage.verb} of {', '.join(stage.languages)} from {offer.source}"
            downloads.append(Download(what, offer.location, offer.revision, offer.megabytes, offer.gated))
    return downloads

"""What a stage minimises, as the plan wrote it down: its losses, and what each reads of a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from xlt_core.engine.loop import Term
from xlt_core.example import example_site
from xlt_core.facts import Hidden, Layer, Logits, View, split_facts
from xlt_core.graph.job import Job
from xlt_core.slots.base import Options
from xlt_core.slots.losses import Loss


def stage_options(job: Job, slot: str) -> Options:
    """The options of the part that the stage drives, without what the composer wrote beside them."""
    from xlt_core.config.parts import options_class

    data = {k: v for k, v in job.stage.options.items() if k not in ("losses", "budget", "precision", "shots")}
    return options_class(job.catalog.get(slot, job.stage.part)).model_validate(data)


def terms_of(job: Job) -> list[Term]:
    """The losses of the stage, each with its work."""
    terms = []
    for name, data in job.stage.options["losses"].items():
        options, work = job.part("loss", data["use"], data)
        assert isinstance(options, Loss)
        terms.append(Term(name, options, work))
    return terms


def wanted_views(job: Job, terms: Sequence[Term]) -> Mapping[View, frozenset[Layer]]:
    """The views that the losses read, with the layers that are read of each."""
    at = replace(example_site("loss", ""), languages=job.stage.languages)
    found: dict[View, set[Layer]] = {}
    for term in terms:
        for fact in split_facts(term.options.needs(at))[1]:
            view = fact if isinstance(fact, View) else fact.view
            layers = found.setdefault(view, set())
            if isinstance(fact, Hidden):
                layers.add(fact.layer)
            elif isinstance(fact, View | Logits):
                layers.add("last")
    return {view: frozenset(layers) for view, layers in found.items()}

"""What a stage minimises, as the plan wrote it down: its losses, and what each reads of a step and owns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import torch
from safetensors.torch import save_file

from xlt_core.catalog import load_object
from xlt_core.engine.batching import generator
from xlt_core.engine.feed import Change
from xlt_core.engine.net import Net
from xlt_core.engine.update import LossWork, Term
from xlt_core.errors import Problem, RunError
from xlt_core.example import example_site
from xlt_core.facts import Hidden, Layer, Logits, Transform, View, split_facts
from xlt_core.graph.job import Job
from xlt_core.slots.base import Options
from xlt_core.slots.losses import Loss


@dataclass(frozen=True, slots=True)
class Making:
    """What a loss with weights of its own may go by when they are made."""

    width: int
    """Of hidden states."""
    languages: tuple[str, ...]
    """What the stage learns from."""
    draw: torch.Generator
    """What its first weights are drawn with."""
    pieces: int = 0
    """Of the vocabulary that reads the stage's text."""
    head: Mapping[str, torch.Tensor] = field(default_factory=dict)
    """What the model's own head does to states before they meet the output matrix, by name; empty where it has none."""


def stage_options(job: Job, slot: str) -> Options:
    """The options of the part that the stage drives, without what the composer wrote beside them."""
    from xlt_core.config.parts import options_class

    data = {k: v for k, v in job.stage.options.items() if k not in ("losses", "precision", "shots")}
    return options_class(job.catalog.get(slot, job.stage.part)).model_validate(data)


def terms_of(job: Job, net: Net) -> list[Term]:
    """The losses of the stage, each with its work. What they own is made here, and trained with the net."""
    terms = []
    for name, data in job.stage.options["losses"].items():
        options, work = job.part("loss", data["use"], data)
        assert isinstance(options, Loss)
        if options.reads_unchanged:
            _refuse_unknown_ids(name, job, net)
        if isinstance(work, type) and issubclass(work, torch.nn.Module):
            draw = generator(job.stage.seed, "loss", name)
            owner = work(options, _making(net, job, draw))
            _refuse_undeclared(name, options, owner, job)
            net.owned[_key(name)] = owner
            terms.append(Term(name, options, lambda ctx, _, owner=owner: owner(ctx)))  # type: ignore[misc]
        else:
            terms.append(Term(name, options, cast(LossWork, work)))
    return terms


def _refuse_unknown_ids(name: str, job: Job, net: Net) -> None:
    """The body as it came looks ids up in its own table."""
    rows = len(net.backbone.words.weight)
    sizes = {language: len(net.tokenizer_of(language)) for language in job.stage.languages}
    if large := {language: size for language, size in sizes.items() if size > rows}:
        told = ", ".join(f"{size} of {language}" for language, size in large.items())
        what = (
            f"the loss {name} looks pieces up in the backbone's own table, which has {rows} rows, and there are {told}"
        )
        fix = f"a smaller vocabulary, or --drop {job.stage.slot}.losses.{name}"
        raise RunError("Training can't begin.", [Problem(what, job.stage.id, fix)])


def _making(net: Net, job: Job, draw: torch.Generator) -> Making:
    language = job.stage.languages[0]
    head = {name: weight.detach() for name, weight in net.mlm_head(language).items()} if net.backbone.has_head else {}
    return Making(net.backbone.width, job.stage.languages, draw, len(net.tokenizer_of(language)), head)


def _key(name: str) -> str:
    return name.replace(".", ":")  # a module's name holds no dots


def _refuse_undeclared(name: str, options: Loss, owner: torch.nn.Module, job: Job) -> None:
    """A plan says what is trained: a loss can't own more, or less."""
    at = replace(example_site("loss", name), languages=job.stage.languages)
    declared = {part.name for part in options.owns(at)}
    found = {weight.split(".")[0] for weight, _ in owner.named_parameters()}
    if declared != found:
        what = (
            f"it declares {', '.join(sorted(declared)) or 'no weights'}, and has {', '.join(sorted(found)) or 'none'}"
        )
        fix = "let `owns` of its options name what its module holds"
        raise RunError(f"The loss {name} can't be made.", [Problem(what, name, fix)])


def save_owned(net: Net, folder: Path) -> None:
    """The weights of each loss that has some: `loss-NAME.safetensors`."""
    for key, owner in net.owned.items():
        weights = {name: weight.detach().contiguous() for name, weight in owner.named_parameters()}
        save_file(weights, folder / f"loss-{key.replace(':', '.')}.safetensors")


def changes_of(job: Job, net: Net, terms: Sequence[Term], views: Iterable[View]) -> dict[Transform, Change]:
    """What the transforms of the views do, other than masking: each as the loss that asks for it has it made."""
    makers = {name: place for term in terms for name, place in term.options.transforms.items()}
    asked = dict.fromkeys(step for view in views for step in view.transforms if step.name != "mask")
    return {step: load_object(makers[step.name])(step, job, net) for step in asked}


def group_of(terms: Sequence[Term]) -> int | None:
    """How many examples stand together, where some loss compares them."""
    sizes = {term.name: size for term in terms if (size := term.options.group()) is not None}
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{name} of {size}" for name, size in sizes.items())
        problem = Problem(f"losses compare groups of different sizes: {told}", fix="give them one size")
        raise RunError("Training can't begin.", [problem])
    return next(iter(sizes.values()), None)


def wanted_views(job: Job, terms: Sequence[Term]) -> Mapping[View, frozenset[Layer]]:
    """The views that the losses read, with the layers that are read of each."""
    at = example_site("loss", "")
    reads = tuple((language, fact) for language in job.stage.languages for _, fact in at.reads)
    at = replace(at, languages=job.stage.languages, reads=reads)
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

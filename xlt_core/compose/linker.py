"""Making stages: what a part needs is looked for, made by whoever can, or reported as missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from xlt_core.compose.keys import ingredients, key_of
from xlt_core.compose.line import Line, State
from xlt_core.config.lineup import Chosen
from xlt_core.errors import Problem, near
from xlt_core.facts import NAMES, AnyFact, Fact, Parts, split_facts
from xlt_core.graph.stages import Stage
from xlt_core.site import Site
from xlt_core.slots.base import Options


@dataclass
class Space:
    """The facts that exist for one seed, on top of those that exist for all."""

    parent: Space | None = None
    facts: dict[str, Stage] = field(default_factory=dict)
    tag: str = ""

    def find(self, fact: str) -> Stage | None:
        return self.facts.get(fact) or (self.parent.find(fact) if self.parent else None)


@dataclass
class Draft:
    """A stage before its needs are linked."""

    verb: str
    part: str
    slot: str
    needs: Iterable[AnyFact]
    gives: Iterable[Fact]
    place: str
    options: dict[str, Any] = field(default_factory=dict)
    version: int = 1
    work: str | None = None
    draws: bool = False
    title: str = ""
    site: Site | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    after: Sequence[Stage] = ()
    libraries: tuple[str, ...] = ()
    """Libraries whose versions reach the result, beside those that its parts name."""
    askers: dict[str, str] = field(default_factory=dict)
    """Who needs a fact, where that isn't the stage's own part: a loss, a selector."""


class Linker:
    """The stages made so far, and the problems met."""

    def __init__(self, line: Line, provide: Callable[[Fact, str], Stage | None]) -> None:
        self.line, self.provide = line, provide
        self.stages: dict[str, Stage] = {}
        self.ids: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.space = Space()
        self.seed: int | None = None
        self.unmet: set[str] = set()
        self.stale: dict[tuple[str, str], dict[str, list[str]]] = {}
        self._making: list[str] = []
        self.instead: list[str] = []
        """What the parts whose stages are being made say of doing without."""

    def refuse(self, problem: Problem) -> None:
        for place, known in enumerate(self.problems):
            if known == problem:
                return
            if known.joins(problem):
                self.problems[place] = replace(known, of=tuple(dict.fromkeys((*known.of, *problem.of))))
                return
        self.problems.append(problem)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def of_part(
        self, chosen: Chosen, site: Site, verb: str, place: str, beside: Mapping[str, Any] | None = None, **more: Any
    ) -> Stage:
        """The stage of a part at a site, its abilities and its own reasons checked.

        `beside` is what its work must know beside its options: it is part of the stage's key.
        """
        options = chosen.options
        self.check_part(chosen.title, options, site, chosen.path)
        unbuilt = [f"{chosen.name}: {choice}" for choice in options.unbuilt(site)] if chosen.entry.built else []
        if unbuilt:
            extra = more.get("extra", {})
            more["extra"] = {**extra, "details": {**extra.get("details", {}), "unbuilt": unbuilt}}
        draft = Draft(
            verb, chosen.name, chosen.entry.slot, options.needs(site), options.gives(site), place,
            options={**options.model_dump(mode="json", by_alias=True), **(beside or {})}, version=options.version,
            draws=options.draws, title=chosen.title, site=site, **{"work": chosen.entry.card.work, **more},
        )  # fmt: skip
        self.instead.append(options.instead)
        stage = self.make(draft)
        self.instead.pop()
        return stage

    def check_part(self, title: str, options: Options, site: Site, path: str) -> None:
        lacking = [ability for ability in options.abilities(site) if ability not in self.line.backbone.abilities]
        for ability in lacking:
            what = f"{title} needs a backbone with {_ABILITY[ability]}, and {self.line.backbone.name} has none"
            self.refuse(Problem(what, fix=f"--drop {path}, or --backbone with another model"))
        for problem in options.refusals(site):
            self.refuse(replace(problem, what=f"{title}: {problem.what}"))

    def make(self, draft: Draft) -> Stage:
        """Link a draft; the same work under the same seed is one stage, however often it is asked for."""
        needs = list(dict.fromkeys(split_facts(draft.needs)[0]))
        named = list(draft.gives)
        gives = [str(fact) for fact in named]
        self._making.extend(gives)
        askers = [(fact, draft.askers.get(str(fact), draft.title)) for fact in needs]
        sources = [(fact, self.find(fact, asker)) for fact, asker in askers if self._check_name(asker, fact)]
        del self._making[len(self._making) - len(gives) :]
        inputs = {stage.id: stage for _, stage in sources if stage is not None}
        inputs.update({stage.id: stage for stage in draft.after})
        for given in named:
            self._check_name(draft.title, given)
        seed = self.seed if draft.draws else None
        made = ingredients(self.line, draft, named, {name: stage.key for name, stage in inputs.items()}, seed)
        key = key_of(made)
        if key in self.stages:
            stage = self.stages[key]
        else:
            site = draft.site
            stage = Stage(
                self._id(draft, key, needs), draft.verb, draft.part, draft.slot, site.languages if site else (),
                tuple(map(str, needs)), tuple(gives), tuple(inputs), draft.options, key, draft.work,
                role=site.role if site else "", channel=site.channel if site else "text", seed=seed,
                **{**draft.extra, "details": {**draft.extra.get("details", {}), **_about_key(made)}},
            )  # fmt: skip
            self.stages[key] = stage
        for fact in gives:
            other = self.space.facts.get(fact)
            if other is not None and other.key != key:
                what = f"both {other.part} and {draft.part} give {{of}}"
                self.refuse(Problem(what, fix="--drop one of the two", of=(fact,)))
            self.space.facts[fact] = stage
        return stage

    def _id(self, draft: Draft, key: str, needs: Iterable[Fact]) -> str:
        tag = self.space.tag if draft.draws or self._seeded(needs) else ""
        name = f"{draft.verb}({draft.place})" + tag
        number = 2
        while self.ids.get(name, key) != key:
            name = f"{draft.verb}({draft.place})" + tag + f".{number}"
            number += 1
        self.ids[name] = key
        return name

    def _seeded(self, needs: Iterable[Fact]) -> bool:
        """Whether something that a stage reads depends on this seed."""
        found = [self.space.find(str(fact)) for fact in needs]
        return any(stage is not None and "#" in stage.id for stage in found)

    def find(self, fact: Fact, asker: str) -> Stage | None:
        """The stage that gives a fact, made now if need be."""
        text = str(fact)
        known = self.space.find(text)
        if known is not None:
            return known
        if text in self.unmet:
            return None
        if text in self._making:
            self.refuse(Problem(f"{asker} needs {fact}, which in the end is made from itself"))
            return None
        stage = self.provide(fact, asker)
        if stage is None:
            self.unmet.add(text)
        return stage

    def _check_name(self, title: str, fact: Fact) -> bool:
        """Whether a fact's name is the core's own or carries a plugin's; else that is refused."""
        name = fact.name.split("/")[0].split(":")[0]
        known = NAMES.get(fact.kind, {})
        if name in known or "." in name:
            return True
        close = near(name, known)
        hint = f"; did you mean `{close[0]}`?" if close else ""
        what = f"{title} speaks of {fact}, and no {fact.kind} is called `{name}`{hint}"
        self.refuse(Problem(what, fix=f"a plugin's own facts carry its name: `plugin.{name}`"))
        return False

    def check_built_on(self, needs: Iterable[Fact], body: Parts, state: State) -> None:
        """Remember language parts that were trained in another body than the one they would stand in."""
        for fact in needs:
            if isinstance(fact, Parts) and fact.scope.startswith("language:"):
                bodies = state.built_on.get(fact, set())
                if bodies and str(body) not in bodies:
                    was = sorted(bodies)[0].removeprefix("parts ").partition("@")[0]
                    found = self.stale.setdefault((was, body.name), {"language": [], "part": []})
                    found["language"].append(fact.scope.partition(":")[2])
                    found["part"].append(fact.name)

    def refuse_stale(self) -> None:
        """One problem for each body that was replaced under parts that had been built on it."""
        for (was, now), found in self.stale.items():
            parts, languages = (", ".join(dict.fromkeys(found[key])) for key in ("part", "language"))
            makers = [stage for stage in self.stages.values() if f"parts {now}@" in " ".join(stage.gives)]
            maker = f"{makers[0].slot} `{makers[0].part}`" if makers else "a later stage"
            what = f"{maker} replaces `{was}` by `{now}`, and {parts} of {languages} were built on `{was}`"
            fix = f"put it before what gives {found['part'][0]}, or let it leave the body as it is"
            if makers and makers[0].slot == "training":
                fix = "--set training.train=task_adapter"
            self.refuse(Problem(what, fix=fix))


def _about_key(made: Mapping[str, Any]) -> dict[str, Any]:
    """What a key was made from, as far as its stage's own fields don't say it."""
    unsaid = ("version", "place", "libraries", "sources", "beside", "task")
    once = {} if made["repeatable"] else {"repeatable": False}
    return {"key_from": {name: made[name] for name in unsaid if made.get(name)}, **once}


_ABILITY = {
    "vocabulary": "a vocabulary of its own",
    "mlm": "a masked-language head",
    "causal": "a next-token head",
    "denoising": "a denoising decoder",
    "language_codes": "codes of languages in its sequences",
    "inputs_embeds": "open input embeddings",
}

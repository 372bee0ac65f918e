"""Whether what a stage's losses read is there: views, units, layers, streams, roles, abilities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xlt_core.catalog import Entry, load_object
from xlt_core.compose.line import Line
from xlt_core.config.lineup import Chosen, ScheduleFor
from xlt_core.errors import Problem, did_you_mean, either
from xlt_core.facts import Embeddings, Hidden, States, StepFact, View, split_facts, view_of
from xlt_core.site import Site
from xlt_core.slots.losses import Loss
from xlt_core.slots.representation import Representation

UNITS = {"subword": "sub-words", "character": "characters", "phoneme": "phonemes", "word": "words"}


def read_views(losses: Iterable[Chosen], site: Site) -> tuple[View, ...]:
    """The distinct views that the losses read: what one training step encodes."""
    found: list[View] = []
    for loss in losses:
        found += [view_of(fact) for fact in split_facts(loss.options.needs(site))[1]]
    return tuple(dict.fromkeys(found))


def check_losses(line: Line, title: str, schedule: ScheduleFor, site: Site, path: str) -> Iterator[Problem]:
    """Everything that keeps a schedule's losses from standing on it."""
    if not schedule.losses:
        yield Problem(f"{title} has no loss to minimise", fix=f"--add {path}.losses.mlm=1.0")
    for loss in schedule.losses:
        options = loss.options
        assert isinstance(options, Loss)
        drop = f"--drop {loss.path}"
        if options.role not in schedule.options.takes:
            takes = either(sorted(schedule.options.takes))
            yield Problem(f"{loss.title} has the role {options.role}, and {title} drives only {takes}", fix=drop)
        if not options.streams & schedule.options.feeds:
            stands, feeds = (" or ".join(sorted(s)) for s in (options.streams, schedule.options.feeds))
            yield Problem(f"{loss.title} stands on {stands} examples, and {title} feeds only {feeds} ones", fix=drop)
        for fact in split_facts(options.needs(site))[1]:
            yield from _check_fact(line, loss, fact, drop)


def check_known_states(title: str, schedule: ScheduleFor, site: Site, path: str) -> Iterator[Problem]:
    """Whether what another model said of texts is known of the examples that the losses stand on."""
    trains_body = any(part.name.split("/")[0] == "body" for part in schedule.options.trains(site))
    read, apart = {fact for _, fact in site.reads}, schedule.options.joins_texts
    for loss in schedule.losses:
        options, drop = loss.options, f"--drop {loss.path}"
        assert isinstance(options, Loss)
        states = [fact for fact in split_facts(options.needs(site))[0] if isinstance(fact, States)]
        if apart and any(fact.corpus in read for fact in states):
            what = f"{loss.title} reads what was kept of each text, and {title} joins texts and cuts them anew"
            yield Problem(what, fix=f"--set {path}.{apart}, or {drop}")
        if options.reads_unchanged and trains_body:
            yield Problem(f"{loss.title} reads the body as it came, and {title} trains it", fix=drop)


def _check_fact(line: Line, loss: Chosen, fact: StepFact, drop: str) -> Iterator[Problem]:
    channel = view_of(fact).channel
    plan = line.view(channel)
    if plan is None:
        made = list(line.lineup.representation)
        what = f"{loss.title} reads view `{channel}`, and nothing chosen makes it{did_you_mean(channel, made)}"
        fix = f"--set representation.{channel}=subword"
        if channel not in line.lineup.rewriting:
            known = ", ".join(line.config.catalog.names("rewriting"))
            fix += f" --set rewriting.{channel}=NAME (one of {known})"
        yield Problem(what, fix=f"{fix}, or {drop}")
        return
    wanted = None if isinstance(fact, View) else fact.unit
    if wanted is not None and plan.unit != wanted:
        maker = line.lineup.representation[channel].name
        what = f"{loss.title} reads {UNITS[wanted]}, but `{maker}` makes view `{channel}` of {UNITS[plan.unit]}"
        makers = [entry.name for entry in line.config.catalog.all("representation") if _unit(entry) == wanted]
        name = makers[0] if wanted == "subword" else f"NAME (one of {', '.join(makers)})"
        yield Problem(what, fix=f"--set representation.{channel}={name}, or {drop}")
    if isinstance(fact, Hidden) and isinstance(fact.layer, int) and fact.layer > line.backbone.layers:
        what = f"{loss.title} reads layer {fact.layer}, and {line.backbone.name} has {line.backbone.layers}"
        yield Problem(what, fix=f"--set {loss.path}.layer={line.backbone.layers * 2 // 3}")
    if isinstance(fact, Embeddings) and fact.stream not in plan.streams:
        has = ", ".join(plan.streams)
        yield Problem(f"{loss.title} reads stream `{fact.stream}` of view `{channel}`, which sums {has}", fix=drop)


def check_representation(line: Line) -> Iterator[Problem]:
    """Whether the backbone can read what the representations make, and joined channels fit together."""
    for channel, chosen in line.lineup.representation.items():
        options = chosen.options
        assert isinstance(options, Representation)
        if options.reads != line.backbone.reads and channel == "text":
            what = f"{chosen.title} reads {options.reads}s, and {line.backbone.name} was trained on "
            fit = [entry.name for entry in line.config.catalog.all("backbone") if _reads(entry) == options.reads]
            fix = f"--backbone {fit[0]}" if fit else "--set representation=subword"
            yield Problem(what + f"{line.backbone.reads}s", fix=fix)
        plan = line.view(channel)
        for joined in plan.joins if plan else ():
            other = line.view(joined)
            if channel in line.joined((joined,)):
                what = f"{chosen.title} makes view `{channel}` by joining it with others: it would read itself"
                yield Problem(what, fix=f"--set representation.NAME={chosen.name} with a name of its own for the pair")
                break
            if other is None:
                what = f"{chosen.title} joins view `{joined}`, and nothing chosen makes it"
                yield Problem(what, fix=f"--set representation.{joined}=subword")
            elif other.unit != "subword":
                maker = line.lineup.representation[joined].name
                what = f"{chosen.title} joins sub-words, but `{maker}` makes view `{joined}` of {UNITS[other.unit]}"
                yield Problem(what, fix=f"--set representation.{joined}=subword")


def _reads(entry: Entry) -> str:
    return str(load_object(entry.card.declares).reads)


def _unit(entry: Entry) -> str:
    return str(load_object(entry.card.declares).unit)


def check_joined_tokenizers(line: Line, channels: Iterable[str], languages: Iterable[str]) -> Iterator[Problem]:
    """A view that joins channels needs one tokenizer that reads them all."""
    for channel in channels:
        plan = line.view(channel)
        if plan is None or not plan.joins:
            continue
        for language in languages:
            readers = {str(line.tokenizer(language, stream)) for stream in line.streams(plan.joins)}
            if len(readers) > 1:
                maker = line.lineup.vocabulary[line.role_of(language), "text"]
                what = (
                    f"view `{channel}` joins {' and '.join(plan.joins)} in one sequence, and no one tokenizer "
                    f"reads both for {{of}}: {maker.title} makes one for {'+'.join(_serves(line, language))} only"
                )
                fix = f"--set vocabulary.{line.role_of(language)}.views=[{','.join(plan.joins)}]"
                yield Problem(what, fix=f"{fix}, or --drop representation.{channel}", of=(language,))


def _serves(line: Line, language: str) -> tuple[str, ...]:
    return line.tokenizer(language, "text").of[1:]

"""Who can make a fact that nobody has made yet: data sets, rewriters, vocabularies, frozen models, bitext."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from xlt_core.compose.line import BACKBONE_TOKENIZER, BODY, Line, describe_views
from xlt_core.compose.linker import Draft, Linker
from xlt_core.compose.sources import File, Sources, reader_of
from xlt_core.config.lineup import Chosen
from xlt_core.data.fingerprint import fingerprint
from xlt_core.errors import Problem
from xlt_core.facts import Artefact, Fact, Labels, Resource, Rewritten, States
from xlt_core.graph.stages import Offer, Stage
from xlt_core.languages import language as language_named
from xlt_core.site import Site, TaskModel
from xlt_core.slots.bitext import Bitext
from xlt_core.slots.reading import Reader

REWRITE = "xlt_core.rewriting.stage:rewrite"
"""The work of every rewriter's stages; its card's own makes the tool that is run there."""


class Providers:
    """One method for each name of fact that can be made on demand."""

    def __init__(self, line: Line, trained_for: Callable[[str], TaskModel | None]) -> None:
        self.line, self.trained_for = line, trained_for
        self.linker = Linker(line, self.provide)
        self.data = self._data_sources()

    def provide(self, fact: Fact, asker: str) -> Stage | None:
        if fact in (BODY, BACKBONE_TOKENIZER):
            return self._backbone()
        if isinstance(fact, States):
            return self._states(fact, asker)
        if isinstance(fact, Rewritten):
            return self._rewritten(fact, asker)
        if isinstance(fact, Labels):
            return self._labels(fact, asker)
        if isinstance(fact, Resource):
            return self._offered(fact, asker)
        makers = {
            "tokenizer": self._tokenizer,
            "embedding": self._embedding,
            "samples": self._samples,
            "translation": self._translation,
            "alignment": self._alignment,
        }
        maker = makers.get(fact.name) if isinstance(fact, Artefact) else None
        if maker is not None:
            return maker(fact, asker)
        self._missing(fact, asker)
        return None

    # what comes from outside

    def _data_sources(self) -> Sources:
        config = self.line.config
        named = config.settings.data or ("mini" if config.backbone.family == "mini" else None)
        usual = list(config.task.data) if config.task else []
        return Sources(config.catalog, named, usual, config.settings.test_data)

    def _offered(self, fact: Fact, asker: str) -> Stage | None:
        given = self.line.config.settings.resources.get(":".join((fact.name, *fact.of)))
        if given is not None:
            return self._data_stage(fact, Offer("--resource", f"file:{given}"))
        chosen = self._reader(fact.name)
        offer = self.data.offer(fact, chosen.name if chosen is not None else "")
        if isinstance(offer, Offer):
            return self._data_stage(fact, offer)
        if offer is not None:
            self.linker.refuse(offer)
        else:
            self._missing(fact, asker)
        return None

    def _data_stage(self, fact: Fact, offer: Offer) -> Stage:
        languages = tuple(fact.of[1:2] if isinstance(fact, Labels) else fact.of[0].split("-"))
        place = ", ".join(fact.of) if not isinstance(fact, Labels) else ", ".join((fact.of[1], fact.of[0], fact.of[2]))
        content = "".join(fingerprint(file) for file in (offer.location, *offer.beside))
        options: dict[str, Any] = {"location": offer.location, "revision": offer.revision, "content": content}
        work: str | None = "xlt_core.data.read:read"
        if offer.location.startswith("file:"):
            file = File(fact.name, languages, self.line.task if isinstance(fact, Labels) else None)
            name, reading, reads = reader_of(self.line.config.catalog, file, offer, self._reader(fact.name))
            options["reader"] = {"use": name, **reading.model_dump(mode="json", by_alias=True)}
            options |= {"beside": list(offer.beside)} if offer.beside else {}
            if isinstance(fact, Labels) and fact.of[2] == "test":
                options["keep"] = True  # answers are written into it
            work = work if reads is not None else None
        site = Site(self.line, "data", self.line.role_of(languages[0]), languages)
        return self.linker.make(
            Draft(fact.name, offer.source, "data", (), (fact,), place, options, work=work,
                  title=f"data {offer.source}", site=site, extra={"offer": offer})
        )  # fmt: skip

    def _reader(self, kind: str) -> Chosen | None:
        """The reader chosen for a kind of file."""
        chosen = self.line.lineup.reading.get(kind)
        if chosen is None:
            return None
        assert isinstance(chosen.options, Reader)
        if kind not in chosen.options.reads:
            what = f"{chosen.title} reads {', '.join(chosen.options.reads)}, and not {kind}"
            self.linker.refuse(Problem(what, fix=f"--drop {chosen.path}"))
        return chosen

    def _labels(self, fact: Labels, asker: str) -> Stage | None:
        """Labels come from data; a target's training labels only by projection or an open protocol."""
        _, language, split = fact.of
        line, settings = self.line, self.line.config.settings
        open_ = language in line.sources or split == "test" or settings.protocol in ("supervised", "few_shot")
        if open_:
            return self._offered(fact, asker)
        if line.lineup.projection is not None and split == "train":
            if settings.protocol != "translate_train":
                what = f"{asker} learns from labels projected to {language}, and the run says `{settings.protocol}`"
                self.linker.refuse(Problem(what, fix="--protocol translate_train"))
            return self._pair_stage(line.lineup.projection, "project", (line.sources[0], language))
        what = f"{asker} needs {split} labels of {{of}}, and `{settings.protocol}` keeps a target's labels for its test"
        slots = ("translation", "alignment", "projection")
        first = {slot: (line.config.catalog.names(slot) or ["NAME"])[0] for slot in slots}
        fix = "--protocol translate_train " + " ".join(f"--set {slot}={name}" for slot, name in first.items())
        self.linker.refuse(Problem(what, fix=f"{fix}, or --protocol supervised", of=(language,)))
        return None

    # what parts of the line-up make

    def _backbone(self) -> Stage:
        backbone = self.line.backbone
        content = fingerprint(backbone.location)
        options = {"location": backbone.location, "revision": backbone.revision, "content": content}
        return self.linker.make(
            Draft("backbone", backbone.name, "backbone", (), (BODY, BACKBONE_TOKENIZER), backbone.name, options,
                  work="xlt_core.model.load:fetch", title=f"backbone {backbone.name}",
                  libraries=("tokenizers", "transformers"))
        )  # fmt: skip

    def _tokenizer(self, fact: Fact, asker: str) -> Stage | None:
        return self._by_name(fact, asker, "tokenizer")

    def _embedding(self, fact: Fact, asker: str) -> Stage | None:
        codes = "language_codes" in self.line.backbone.abilities
        return self._by_name(fact, asker, "embedding", {"codes_of": [*self.line.sources]} if codes else None)

    def _by_name(self, fact: Fact, asker: str, verb: str, beside: Mapping[str, Any] | None = None) -> Stage | None:
        """The stage of a tokenizer or of rows, by the name that the line-up gave to it."""
        if str(fact) not in self.line.makers:
            self._missing(fact, asker)
            return None
        chosen, site = self.line.makers[str(fact)]
        return self.linker.of_part(chosen, site, verb, _place(fact), beside)

    def _rewritten(self, fact: Rewritten, asker: str) -> Stage | None:
        language, channel = fact.language, fact.channel
        chosen = self.line.lineup.rewriting.get(channel)
        if chosen is None:
            if f"rewriting.{channel}" not in self.linker.unmet:
                known = ", ".join(self.line.config.catalog.names("rewriting"))
                what = f"{asker} reads channel `{channel}`, and nothing chosen rewrites text into it"
                self.linker.refuse(Problem(what, fix=f"--set rewriting.{channel}=NAME (one of {known})"))
            self.linker.unmet.add(f"rewriting.{channel}")
            return None
        site = Site(self.line, "rewriting", self.line.role_of(language), (language,), channel, corpus=fact.corpus)
        before = self.line.rewritten.setdefault((language, channel), [])
        before += [fact.corpus] if fact.corpus not in before else []
        corpus = ":".join((fact.corpus.name, *fact.corpus.of))
        work = REWRITE if chosen.entry.card.work else None
        return self.linker.of_part(chosen, site, "rewrite", f"{language}, {channel}, {corpus}", work=work)

    def _samples(self, fact: Fact, asker: str) -> Stage | None:
        language, words = fact.of[0], int(fact.of[1].removesuffix("w"))
        most = int(fact.of[2].removeprefix("at most ")) if len(fact.of) > 2 else None
        site = Site(self.line, "data", self.line.role_of(language), (language,))
        place = ", ".join((language, f"{words} words", *fact.of[2:]))
        return self.linker.make(
            Draft("samples", "samples", "data", (site.text(),), (fact,), place, {"words": words, "most": most},
                  work="xlt_core.data.samples:cut", title=asker, site=site)
        )  # fmt: skip

    def _translation(self, fact: Fact, asker: str) -> Stage | None:
        return self._pair_stage(self.line.lineup.translation, "translate", fact.of[0].split("-"), asker, fact)

    def _alignment(self, fact: Fact, asker: str) -> Stage | None:
        return self._pair_stage(self.line.lineup.alignment, "align", fact.of[0].split("-"), asker, fact)

    def _pair_stage(
        self, chosen: Chosen | None, verb: str, pair: Sequence[str], asker: str = "", fact: Fact | None = None
    ) -> Stage | None:
        if chosen is None:
            assert fact is not None
            known = ", ".join(self.line.config.catalog.names(fact.name))
            what = f"{asker} needs {fact}, and the slot {fact.name} is empty"
            self.linker.refuse(Problem(what, fix=f"--set {fact.name}=NAME (one of {known})"))
            return None
        languages = tuple(pair)
        site = Site(self.line, chosen.entry.slot, self.line.role_of(languages[-1]), languages)
        assert isinstance(chosen.options, Bitext)
        outside = {location: fingerprint(location) for location in chosen.options.outside()}
        return self.linker.of_part(chosen, site, verb, "-".join(languages), {"outside": outside} if outside else None)

    def _states(self, fact: States, asker: str) -> Stage | None:
        """A model that doesn't train reads each example once, unmasked; who needs it reads the result."""
        line, language = self.line, fact.language
        site = Site(line, "encoding", line.role_of(language), (language,), channels=(fact.channel,))
        model = self.trained_for(language) if fact.model == "trained" else None
        if fact.model == "frozen":
            standing: tuple[Fact, ...] = (BODY, BACKBONE_TOKENIZER)
        elif model is not None:
            standing = (model.body, *model.parts, *line.language_parts(language), *site.reading(language))
        else:
            standing = (*site.standing_on(language), *site.reading(language))
        rewritten = () if fact.model == "frozen" else self.rewritten_for((fact.channel,), [(language, fact.corpus)])
        corpus = ":".join((fact.corpus.name, *fact.corpus.of))
        options = {
            "model": fact.model, "key": model.key if model else "", "layer": fact.layer, "pooling": fact.pooling,
            "channel": fact.channel, "corpus": corpus, "most": fact.most,
        }  # fmt: skip
        place = ", ".join((language, fact.model, corpus, *([f"first {fact.most}"] if fact.most else [])))
        unbuilt = [f"states of the view `{fact.channel}`"] if fact.channel != "text" else []
        details = {**describe_views(line, (fact.channel,)), **({"unbuilt": unbuilt} if unbuilt else {})}
        return self.linker.make(
            Draft("encode", "states", "frozen", (*standing, *rewritten, fact.corpus), (fact,), place, options,
                  work="xlt_core.engine.states:encode", title=asker, site=site, extra={"details": details})
        )  # fmt: skip

    def rewritten_for(self, channels: Iterable[str], corpora: Iterable[tuple[str, Fact]]) -> tuple[Fact, ...]:
        """What the representations of these channels need of these languages' corpora."""
        corpora = list(corpora)
        facts: list[Fact] = []
        for channel in self.line.joined(tuple(channels)):
            chosen = self.line.lineup.representation[channel]
            for language, corpus in corpora:
                role = self.line.role_of(language)
                site = Site(self.line, "representation", role, (language,), channel, corpus=corpus)
                facts += [fact for fact in chosen.options.needs(site) if isinstance(fact, Fact)]
        return tuple(dict.fromkeys(facts))

    # what nobody can make

    def _missing(self, fact: Fact, asker: str) -> None:
        if isinstance(fact, Labels):
            task, language, split = fact.of
            name = f"{language} ({language_named(language).name})"
            what = (
                f"{asker} needs {split} labels of {{of}} for {task}, and {self._sets()} has none{self.data.lacks(fact)}"
            )
            without = "--set training.select.keep=last" if split == "dev" else "leave the language out"
            fix = f"--data FOLDER with LANGUAGE/{split}.tsv in it, or {without}"
            self.linker.refuse(Problem(what, fix=fix, of=(name,)))
            return
        elif isinstance(fact, Resource):
            key = ":".join((fact.name, *fact.of))
            what = f"{asker} needs {fact}, and no data set known here has it{self.data.lacks(fact)}"
            others = [f"or {fix}" for fix in dict.fromkeys(self.linker.instead) if fix]
            self.linker.refuse(Problem(what, fix=", ".join((f"--resource {key}=FILE", *others))))
            return
        elif fact.kind == "parts":
            what, fix = f"{asker} needs {{of}}, and no stage before it trains one", "xlt list adaptation"
        else:
            what, fix = f"{asker} needs {{of}}, and no part chosen gives it", "xlt list"
        self.linker.refuse(Problem(what, fix=fix, of=(str(fact),)))

    def _sets(self) -> str:
        return " or ".join(dict.fromkeys(self.data.labels_from)) or "no data set"


def _place(fact: Fact) -> str:
    owner, channel = fact.of[0], fact.of[1]
    return owner if channel == "text" else f"{owner}, {channel}"

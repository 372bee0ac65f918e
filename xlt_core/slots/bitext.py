"""How do labels cross over? A translation, word links, and a rule that carries spans along them."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from xlt_core.errors import Problem
from xlt_core.facts import AnyFact, Artefact, Fact, Labels, Resource
from xlt_core.site import Site
from xlt_core.slots.base import Options


class Bitext(Options):
    """Base of the three. Such a part works on one (source, target): `at.languages`."""

    def pair(self, at: Site) -> str:
        return "-".join(at.languages)

    def translation(self, at: Site) -> Artefact:
        return Artefact("translation", self.pair(at), at.task.name)

    def alignment(self, at: Site) -> Artefact:
        return Artefact("alignment", self.pair(at), at.task.name)

    def outside(self) -> Iterable[str]:
        """Locations that its work reads beside its facts (`folder:models/nllb`); their content is part of its key."""
        return ()

    def refusals(self, at: Site) -> Iterable[Problem]:
        if at.task.unit in ("pair", "none"):
            what = f"it works on sentences with labels of their own, and `{at.task.name}` has none"
            yield Problem(what, fix="--drop projection, or another task")


class Translator(Bitext):
    """Base of translators of labelled training sentences; the source's words are never re-cut."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield Labels(at.task.name, at.languages[0], "train")

    def gives(self, at: Site) -> Iterable[Fact]:
        yield self.translation(at)


class TranslationFile(Translator):
    """Translations that were made before: `--resource translation:eng-fra=FILE`."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield from super().needs(at)
        yield Resource("translation", self.pair(at))


class MiniTranslator(Translator):
    """The mini world's own translations, with faults of a known kind at a known rate."""

    draws = True

    dropped: float = Field(0.0, ge=0, lt=1)
    """Share of words that are left out."""
    moved: float = Field(0.0, ge=0, lt=1)
    """Share of words that stand up to four places off."""
    wrong: float = Field(0.0, ge=0, lt=1)
    """Share of words that are another word of the same part of speech."""


class Aligner(Bitext):
    """Base of word aligners."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield Labels(at.task.name, at.languages[0], "train")
        yield self.translation(at)

    def gives(self, at: Site) -> Iterable[Fact]:
        yield self.alignment(at)


class AlignmentFile(Aligner):
    """Word links that were made before, in Pharaoh's format: `--resource alignment:eng-fra=FILE`."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield from super().needs(at)
        yield Resource("alignment", self.pair(at))


class MiniAligner(Aligner):
    """Gold word links between a sentence of the mini world and its translation by `mini`."""

    draws = True

    missing: float = Field(0.0, ge=0, lt=1)
    """Share of links that are left out."""


class AlignmentIdentity(Aligner):
    """The nth word is the nth word: for tests, and for texts in two scripts."""


class AlignmentFromTranslator(Aligner):
    """The links that the translator left, where it knows which word became which."""


class Projector(Bitext):
    """Base of projectors. What they give are labels like any other."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield Labels(at.task.name, at.languages[0], "train")
        yield self.translation(at)
        yield self.alignment(at)

    def gives(self, at: Site) -> Iterable[Fact]:
        yield Labels(at.task.name, at.languages[1], "train")

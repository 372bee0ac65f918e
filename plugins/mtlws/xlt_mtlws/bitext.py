"""How do labels cross over? Translation, word links, projection."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import Field

from xlt_core.errors import Problem
from xlt_core.facts import AnyFact, Resource
from xlt_core.languages import language
from xlt_core.site import Site
from xlt_core.slots.bitext import Aligner, Projector, Translator

WITHOUT_SPACES = ("Hans", "Hant", "Hani", "Jpan", "Khmr", "Laoo", "Mymr", "Thai", "Tibt")
"""Scripts in which words aren't parted by spaces."""

Symmetrise = Literal["grow-diag-final-and", "grow-diag-final", "grow-diag", "intersect", "union", "reverse"]
Cut = Literal["punctuation", "spaces", "characters"]


class Seq2Seq(Translator):
    """A pretrained translation model (NLLB, M2M100, Opus-MT), sentence by sentence; each is translated once."""

    libraries = ("tokenizers", "transformers")

    model: str = "facebook/nllb-200-distilled-600M"
    """Its hub name or folder; weights in safetensors."""
    revision: str = "main"
    """Its version on the hub."""
    beams: int = Field(4, ge=1)
    """Width of the beam."""
    batch_tokens: int = Field(4096, ge=1)
    """Pieces that are translated together: speed and memory."""
    cut: Cut = "punctuation"
    """Where a translation is cut into words: around punctuation marks and at spaces, or at spaces alone; or, where a
    language is written without spaces, into characters."""

    def outside(self) -> Iterable[str]:
        if Path(self.model).is_dir():
            yield f"folder:{self.model}"

    def refusals(self, at: Site) -> Iterable[Problem]:
        yield from super().refusals(at)
        target = language(at.languages[-1])
        if target.script in WITHOUT_SPACES and self.cut != "characters":
            what = f"{target.name} is written without spaces, so a translation can't be cut into words there"
            yield Problem(what, fix="--set translation.cut=characters, or a file cut by a tool: --set translation=file")


class WordByWord(Translator):
    """The first translation of each word, or run of words, in a dictionary: `--resource dictionary:eng-fra=FILE`."""

    unknown: Literal["keep", "drop"] = "keep"
    """What becomes of a word that isn't in it; names mostly aren't."""

    def needs(self, at: Site) -> Iterable[AnyFact]:
        yield from super().needs(at)
        yield Resource("dictionary", self.pair(at))


class DiagonalIbm2(Aligner):
    """The fast_align model, in both directions, made symmetric."""

    symmetrise: Symmetrise = "grow-diag-final-and"
    """How the two directions become one set of links."""
    tension: Literal["auto", "compat", "exact", "fixed"] = "auto"
    """How strongly links keep to the diagonal; `auto` is fixed below 1,000 pairs, else as the public tool does."""
    passes: int = Field(5, ge=2)
    """Training passes, the last of which only reads off the links."""
    null: float = Field(0.08, gt=0, lt=1)
    """Probability of a word without a partner."""
    prior: float = Field(0.01, ge=0)
    """Dirichlet prior of the translation table; 0 is a plain share of the counts."""


class Eflomal(Aligner):
    """Eflomal's samples, in both directions, made symmetric; it doesn't repeat to the bit."""

    libraries = ("eflomal",)
    repeatable = False

    symmetrise: Symmetrise = "grow-diag-final-and"
    """How the two directions become one set of links."""


class SimAlign(Aligner):
    """Links between words whose states are most alike."""

    libraries = ("simalign", "transformers")

    model: str = "bert-base-multilingual-cased"
    """The encoder's hub name or folder."""
    revision: str = "main"
    """Its version on the hub."""
    layer: int = Field(8, ge=0)
    """Whose states are compared."""
    match: Literal["inter", "itermax", "mwmf"] = "itermax"
    """Links that are best from both sides, those and a second round, or the best matching as a whole."""

    def outside(self) -> Iterable[str]:
        if Path(self.model).is_dir():
            yield f"folder:{self.model}"


class SpanToSpan(Projector):
    """A span's image runs from the first to the last of its words' partners, and is tagged afresh (equation 2)."""

    lost: Literal["drop_sentence", "drop_span"] = "drop_sentence"
    """What happens where no word of a span has a partner."""
    overlap: Literal["narrowest", "source_order", "overwrite", "drop_sentence"] = "narrowest"
    """What happens where two images overlap."""
    max_width: tuple[float, float] | None = None
    """Widest image, a·width + b, beyond which it counts as lost."""
    roles: Literal["head", "range"] = "head"
    """A role's image: its most-linked word, or the whole range."""

    def refusals(self, at: Site) -> Iterable[Problem]:
        yield from super().refusals(at)
        if at.task.unit == "word":
            what = f"it carries spans over, and the labels of `{at.task.name}` are of single words"
            yield Problem(what, fix="--set projection=mtlws.word_to_word")


class WordToWord(Projector):
    """Each target word takes the tag of a word it is linked to, as it stands."""

    repair: Literal["none", "regenerate"] = "none"
    """Whether tags that no scheme allows are mended."""

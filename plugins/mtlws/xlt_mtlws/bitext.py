"""How do labels cross over? Translation, word links, projection."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from xlt_core.slots.bitext import Aligner, Projector, Translator

Symmetrise = Literal["grow-diag-final-and", "grow-diag-final", "grow-diag", "intersect", "union", "reverse"]


class Seq2Seq(Translator):
    """A pretrained translation model, sentence by sentence."""

    model: str = "facebook/nllb-200-distilled-600M"
    """Its hub name or folder."""
    beams: int = Field(4, ge=1)
    """Width of the beam."""


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
    prior: float = Field(0.01, gt=0)
    """Dirichlet prior of the translation table."""


class Eflomal(Aligner):
    """Eflomal's samples, in both directions, made symmetric; it doesn't repeat to the bit."""

    draws = True

    symmetrise: Symmetrise = "grow-diag-final-and"
    """How the two directions become one set of links."""


class SimAlign(Aligner):
    """Links between words whose states are most alike."""

    model: str = "bert-base-multilingual-cased"
    """The encoder."""
    layer: int = Field(8, ge=0)
    """Whose states are compared."""


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


class WordToWord(Projector):
    """Each target word takes the tag of a word it is linked to, as it stands."""

    repairs: ClassVar[bool] = True

    repair: Literal["none", "regenerate"] = "none"
    """Whether tags that no scheme allows are mended."""

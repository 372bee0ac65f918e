"""What every part declares: its options, and what it needs and gives as a function of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from xlt_core.errors import Problem
from xlt_core.facts import AnyFact, Fact
from xlt_core.site import Site

Ability = Literal["vocabulary", "mlm", "causal", "denoising", "language_codes", "inputs_embeds"]
"""What a backbone may be able to do; a part that needs one names it."""


class Options(BaseModel):
    """Base of every part's options: unknown keys are refused, and nothing changes once set.

    >>> class Anchored(Options):
    ...     weight: float = 1.0
    ...     def needs(self, at): yield at.body
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    version: ClassVar[int] = 1
    """Raised when the same options give other results: it is part of a result's key."""
    draws: ClassVar[bool] = False
    """Whether the seed reaches the result."""
    libraries: ClassVar[tuple[str, ...]] = ()
    """Distributions whose version reaches the result (`("tokenizers",)`): it is part of a result's key."""
    instead: ClassVar[str] = ""
    """What to type where what it needs from outside can't be had: `--set inference=uniform`."""
    repeatable: ClassVar[bool] = True
    """Whether the same work gives the same again. A service on the net can't promise: its first result is kept."""

    @classmethod
    def repeats(cls, options: Mapping[str, Any]) -> bool:
        """`repeatable`, where that hangs on the options: threads that race, say."""
        return cls.repeatable

    def needs(self, at: Site) -> Iterable[AnyFact]:
        """The facts without which this part can't do its work at this site."""
        return ()

    def gives(self, at: Site) -> Iterable[Fact]:
        """The facts that exist once it has done its work."""
        return ()

    def abilities(self, at: Site) -> Iterable[Ability]:
        """What the backbone must be able to do."""
        return ()

    def unbuilt(self, at: Site) -> Iterable[str]:
        """Choices among the options that can be planned and that its work can't do yet."""
        return ()

    def refusals(self, at: Site) -> Iterable[Problem]:
        """Reasons of its own not to stand here, beyond a missing fact."""
        return ()

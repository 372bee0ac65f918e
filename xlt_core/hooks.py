"""The whole contract between the core and a plugin, on one page.

A plugin is a module, named under the entry-point group ``xlt``, that says which contract it is
written for and registers *cards*: names, one-line summaries and import strings, nothing heavier::

    from xlt_core.hooks import Card, hookimpl
    XLT_API = 1

    @hookimpl
    def xlt_losses():
        yield Card("acme.calm", "Keeps hidden states small.", "acme.options:Calm", work="acme.calm:calm")

Importing it must cost nothing: options (pydantic) and work (torch) are imported by their strings, when
a run has chosen the part.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pluggy

API = 1
"""The version of this page. A plugin states its own as ``XLT_API``; another number is refused."""

GROUP = "xlt"
"""The entry-point group under which plugins are found."""

hookspec = pluggy.HookspecMarker("xlt")
hookimpl = pluggy.HookimplMarker("xlt")


@dataclass(frozen=True, slots=True)
class Card:
    """What a plugin says of one part before anything of it is imported.

    `declares` names the tier with facts and options (``module:Name``; for a method the recipe,
    ``package:methods/name@1.yaml``). `work` names what does the computing; without it the part can be
    planned, and a run refuses it as not built yet.
    """

    name: str
    summary: str
    declares: str
    work: str | None = None
    slot: str = ""
    cite: str = ""


SLOTS_OF_HOOK: dict[str, tuple[str, ...]] = {
    "xlt_representations": ("representation",),
    "xlt_rewriters": ("rewriting",),
    "xlt_initialisers": ("vocabulary", "embedding"),
    "xlt_schedules": ("adaptation", "training"),
    "xlt_losses": ("loss",),
    "xlt_combiners": ("inference",),
    "xlt_evaluators": ("evaluation",),
    "xlt_bitext": ("translation", "alignment", "projection"),
    "xlt_data": ("data", "task", "reading"),
    "xlt_backbones": ("backbone",),
    "xlt_methods": ("method",),
}
"""Which slots a hook's cards may fill. Where there are several, the card's `slot` says which."""


@hookspec
def xlt_representations() -> Iterable[Card]:  # type: ignore[empty-body]
    """What does the model read? Views of a text: sub-words, characters, words of several streams."""


@hookspec
def xlt_rewriters() -> Iterable[Card]:  # type: ignore[empty-body]
    """What second form of the text is there? Text to text of one language: Latin, IPA, segments."""


@hookspec
def xlt_initialisers() -> Iterable[Card]:  # type: ignore[empty-body]
    """Which tokens does a language get, and where does a new token's vector start?"""


@hookspec
def xlt_schedules() -> Iterable[Card]:  # type: ignore[empty-body]
    """How does the model learn a language without labels, and how does it learn the task?"""


@hookspec
def xlt_losses() -> Iterable[Card]:  # type: ignore[empty-body]
    """What is minimised?"""


@hookspec
def xlt_combiners() -> Iterable[Card]:  # type: ignore[empty-body]
    """Which trained parts answer for a target, in what mix?"""


@hookspec
def xlt_evaluators() -> Iterable[Card]:  # type: ignore[empty-body]
    """What is measured?"""


@hookspec
def xlt_bitext() -> Iterable[Card]:  # type: ignore[empty-body]
    """How do labels cross over? Translators, word aligners, projectors."""


@hookspec
def xlt_data() -> Iterable[Card]:  # type: ignore[empty-body]
    """Where do labels and texts come from, how are files read, and which tasks are there?"""


@hookspec
def xlt_backbones() -> Iterable[Card]:  # type: ignore[empty-body]
    """Which pretrained models can be adapted?"""


@hookspec
def xlt_methods() -> Iterable[Card]:  # type: ignore[empty-body]
    """Which line-ups have a name? Each is a versioned recipe file."""

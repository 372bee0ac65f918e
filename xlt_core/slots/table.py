"""The slots of a recipe, in the order in which a run fills them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xlt_core.site import Role

ROLES: tuple[Role, ...] = ("source", "target", "adapt")


@dataclass(frozen=True, slots=True)
class Slot:
    """What a recipe may say of a slot, and what it says by default.

    A slot may be split by role, then by channel; a `many` slot holds parts in order.
    """

    name: str
    question: str
    default: Any = None
    roles: bool = False
    channels: bool = False
    many: bool = False


SLOTS: dict[str, Slot] = {
    slot.name: slot
    for slot in (
        Slot("reading", "how is a file read?", {"labels": "auto"}, channels=True),
        Slot("rewriting", "what second form of the text is there?", channels=True),
        Slot("representation", "what does the model read?", {"text": "subword"}, channels=True),
        Slot("vocabulary", "which tokens does a language (and channel) get?", roles=True, channels=True),
        Slot("embedding", "where does a new token's vector start?", roles=True, channels=True),
        Slot("adaptation", "how does the model learn a language without labels?", many=True),
        Slot("translation", "who translates the labelled sentences?"),
        Slot("alignment", "which word became which?"),
        Slot("projection", "how do labels cross over?"),
        Slot("training", "how does it learn the task?", many=True),
        Slot("inference", "which trained parts answer for a target, in what mix?", "single"),
        Slot("evaluation", "what is measured?", ["task"], many=True),
    )
}
SCHEDULES = ("adaptation", "training")
"""The slots whose parts drive losses, `losses: {NAME: WEIGHT}`, each a part of its own."""

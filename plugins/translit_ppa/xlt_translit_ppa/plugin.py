"""translit-PPA: what it registers."""

from __future__ import annotations

from collections.abc import Iterable

from xlt_core.hooks import Card, hookimpl

XLT_API = 1
CITE = "Xhelili, Liu and Schütze 2024, Breaking the script barrier (EMNLP)"


@hookimpl
def xlt_representations() -> Iterable[Card]:
    yield Card(
        "translit_ppa.pairs",
        "A text and its Latin form in one sequence.",
        "xlt_translit_ppa.representation:Pairs",
        cite=CITE,
    )


@hookimpl
def xlt_rewriters() -> Iterable[Card]:
    yield Card(
        "translit_ppa.uroman",
        "Latin letters for any script.",
        "xlt_translit_ppa.romanisation:Uroman",
        work="xlt_translit_ppa.romanisation:tool",
        cite="Hermjakob, May and Knight 2018, uroman",
    )


@hookimpl
def xlt_schedules() -> Iterable[Card]:
    yield Card(
        "translit_ppa.posttrain",
        "Trains the whole model further on a group of languages together.",
        "xlt_translit_ppa.posttraining:Posttrain",
        slot="adaptation",
        cite=CITE,
    )


@hookimpl
def xlt_losses() -> Iterable[Card]:
    at = "xlt_translit_ppa.losses"
    yield Card("translit_ppa.seq", "A sentence's two scripts find each other in the batch.", f"{at}:Seq", cite=CITE)
    yield Card("translit_ppa.tlm", "Masked pieces of the joined pair.", f"{at}:Tlm", cite=CITE)


@hookimpl
def xlt_methods() -> Iterable[Card]:
    yield Card(
        "translit_ppa@1",
        "Post-train on texts and their transliterations, then fine-tune per source.",
        "xlt_translit_ppa:methods/translit_ppa@1.yaml",
        cite=CITE,
    )

"""Phoneme gap: what it registers."""

from __future__ import annotations

from collections.abc import Iterable

from xlt_core.hooks import Card, hookimpl

XLT_API = 1
CITE = "Jung et al. 2024, Mitigating the linguistic gap with phonemic representations"


@hookimpl
def xlt_representations() -> Iterable[Card]:
    yield Card(
        "phoneme_gap.phonemes",
        "IPA segments, word by word, for models that read phonemes.",
        "xlt_phoneme_gap.representation:Phonemes",
        cite=CITE,
    )


@hookimpl
def xlt_evaluators() -> Iterable[Card]:
    at = "xlt_phoneme_gap.gaps"
    yield Card("phoneme_gap.rpd", "Relative difference of scores, pair by pair.", f"{at}:Rpd", cite=CITE)
    yield Card("phoneme_gap.cka", "Alignment of two languages' sentence vectors.", f"{at}:Cka", cite=CITE)
    yield Card("phoneme_gap.sinkhorn", "Transport between two languages' answers.", f"{at}:Sinkhorn", cite=CITE)
    yield Card("phoneme_gap.proxy_a", "How well a linear classifier tells two languages apart.", f"{at}:ProxyA")
    yield Card("phoneme_gap.pictures", "Heatmaps, t-SNE and bars.", f"{at}:Pictures")
    yield Card("phoneme_gap.correlation", "Which gap goes with which, over runs.", f"{at}:Correlation", cite=CITE)


@hookimpl
def xlt_methods() -> Iterable[Card]:
    yield Card(
        "phoneme_gap@1",
        "Train and score each language on phonemes, and measure the gaps.",
        "xlt_phoneme_gap:methods/phoneme_gap@1.yaml",
        cite=CITE,
    )

"""UniBridge: what it registers."""

from __future__ import annotations

from collections.abc import Iterable

from xlt_core.hooks import Card, hookimpl

XLT_API = 1
CITE = "Pham, Le and Luu 2024, UniBridge (ACL)"


@hookimpl
def xlt_initialisers() -> Iterable[Card]:
    yield Card(
        "unibridge.alp_search",
        "Unigram tokenizer whose size is where the average log-probability stops rising.",
        "xlt_unibridge.vocabulary:AlpSearch",
        "xlt_unibridge.search:search",
        slot="vocabulary",
        cite=CITE,
    )
    yield Card(
        "unibridge.aligned",
        "Overlap copied, mutual neighbours copied, the rest sparse mixtures.",
        "xlt_unibridge.embedding:Aligned",
        "xlt_unibridge.initialise:aligned",
        slot="embedding",
        cite=CITE,
    )
    yield Card(
        "unibridge.focus",
        "Overlap copied, the rest sparse mixtures of it.",
        "xlt_unibridge.embedding:Focus",
        "xlt_unibridge.initialise:focus",
        slot="embedding",
        cite="Dobler and de Melo 2023, FOCUS",
    )


@hookimpl
def xlt_schedules() -> Iterable[Card]:
    yield Card(
        "unibridge.language_adapters",
        "A language's adapters, head and new embeddings, the body frozen.",
        "xlt_unibridge.adapters:LanguageAdapters",
        "xlt_unibridge.adaptation:language_adapters",
        slot="adaptation",
        cite=CITE,
    )


@hookimpl
def xlt_losses() -> Iterable[Card]:
    yield Card(
        "unibridge.kl",
        "Stays near the frozen model's sentence states.",
        "xlt_unibridge.anchor:Kl",
        "xlt_unibridge.divergence:kl",
        cite=CITE,
    )


@hookimpl
def xlt_combiners() -> Iterable[Card]:
    yield Card(
        "unibridge.harmony",
        "Mixes sources by how near their states of parallel sentences are.",
        "xlt_unibridge.inference:Harmony",
        "xlt_unibridge.weights:harmony",
        cite=CITE,
    )


@hookimpl
def xlt_methods() -> Iterable[Card]:
    yield Card(
        "unibridge@1",
        "New vocabularies, aligned embeddings, anchored adapters, many sources.",
        "xlt_unibridge:methods/unibridge@1.yaml",
        cite=CITE,
    )

"""MTL-WS: what it registers."""

from __future__ import annotations

from collections.abc import Iterable

from xlt_core.hooks import Card, hookimpl

XLT_API = 1
CITE = "Li et al. 2020, Unsupervised cross-lingual adaptation for sequence tagging"


@hookimpl
def xlt_bitext() -> Iterable[Card]:
    at = "xlt_mtlws.bitext"
    yield Card("mtlws.seq2seq", "Translates with a pretrained model.", f"{at}:Seq2Seq", slot="translation")
    yield Card("mtlws.diagonal_ibm2", "IBM model 2 near the diagonal.", f"{at}:DiagonalIbm2", slot="alignment")
    yield Card("mtlws.eflomal", "Eflomal, sampled alignments (GPL, an extra).", f"{at}:Eflomal", slot="alignment")
    yield Card("mtlws.simalign", "Links by an encoder's states.", f"{at}:SimAlign", slot="alignment")
    yield Card(
        "mtlws.span_to_span",
        "A span's image is the hull of its words'.",
        f"{at}:SpanToSpan",
        slot="projection",
        cite=CITE,
    )
    yield Card(
        "mtlws.word_to_word",
        "Each word's tag is copied along its links.",
        f"{at}:WordToWord",
        slot="projection",
        cite=CITE,
    )


@hookimpl
def xlt_data() -> Iterable[Card]:
    at = "xlt_mtlws.readers"
    yield Card("mtlws.conll_columns", "CoNLL-2002 and 2003 columns.", f"{at}:ConllColumns", slot="reading")
    yield Card("mtlws.semeval16_xml", "Aspects of SemEval 2016.", f"{at}:Semeval16Xml", slot="reading")
    yield Card("mtlws.universal_propositions", "Semantic roles.", f"{at}:UniversalPropositions", slot="reading")
    yield Card("mtlws.json_lines", "Tokens, spans and links as JSON.", f"{at}:JsonLines", slot="reading")


@hookimpl
def xlt_schedules() -> Iterable[Card]:
    yield Card(
        "mtlws.warm_start",
        "Copies learn a language each; the shared weights step towards their mean.",
        "xlt_mtlws.warm_up:WarmStart",
        slot="training",
        cite=CITE,
    )


@hookimpl
def xlt_methods() -> Iterable[Card]:
    yield Card(
        "mtlws@1", "Translate, project labels, warm up, then adapt.", "xlt_mtlws:methods/mtlws@1.yaml", cite=CITE
    )

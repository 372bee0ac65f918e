"""MTL-WS: what it registers."""

from __future__ import annotations

from collections.abc import Iterable

from xlt_core.hooks import Card, hookimpl

XLT_API = 1
CITE = "Li et al. 2020, Unsupervised cross-lingual adaptation for sequence tagging"


@hookimpl
def xlt_bitext() -> Iterable[Card]:
    at, trans, align = "xlt_mtlws.bitext", "translation", "alignment"
    models, words = "xlt_mtlws.translating:seq2seq", "xlt_mtlws.word_by_word:word_by_word"
    yield Card("mtlws.seq2seq", "Translates with a pretrained model.", f"{at}:Seq2Seq", models, trans)
    yield Card("mtlws.word_by_word", "Translates through a dictionary.", f"{at}:WordByWord", words, trans)
    for name, declared, title, work in (
        ("diagonal_ibm2", "DiagonalIbm2", "IBM model 2 near the diagonal.", "aligning:diagonal_ibm2"),
        ("eflomal", "Eflomal", "Eflomal, sampled alignments (GPL, an extra).", "eflomal_links:eflomal_links"),
        ("simalign", "SimAlign", "Links by an encoder's states (an extra).", "simalign_links:simalign_links"),
    ):
        yield Card(f"mtlws.{name}", title, f"{at}:{declared}", f"xlt_mtlws.{work}", align)
    for name, declared, title in (
        ("span_to_span", "SpanToSpan", "A span's image is the hull of its words'."),
        ("word_to_word", "WordToWord", "Each word's tag is copied along its links."),
    ):
        yield Card(f"mtlws.{name}", title, f"{at}:{declared}", f"xlt_mtlws.projecting:{name}", "projection", CITE)


@hookimpl
def xlt_data() -> Iterable[Card]:
    at, work = "xlt_mtlws.readers", "xlt_core.data.readers"
    for name, declared, reads, summary in (
        ("conll_columns", "ConllColumns", "columns:columns", "CoNLL-2002 and 2003 columns."),
        ("semeval16_xml", "Semeval16Xml", "opinions:opinions_xml", "Aspects of SemEval 2016."),
        ("universal_propositions", "UniversalPropositions", "conllu:propositions", "Semantic roles."),
    ):
        yield Card(f"mtlws.{name}", summary, f"{at}:{declared}", f"{work}.{reads}", "reading")
    yield Card("mtlws.json_lines", "Tokens, spans and links as JSON.", f"{at}:JsonLines", slot="reading")


@hookimpl
def xlt_schedules() -> Iterable[Card]:
    yield Card(
        "mtlws.warm_start",
        "Copies learn a language each; the shared weights step towards their mean.",
        "xlt_mtlws.warm_up:WarmStart",
        "xlt_mtlws.warming:warm",
        slot="training",
        cite=CITE,
    )


@hookimpl
def xlt_methods() -> Iterable[Card]:
    yield Card(
        "mtlws@1", "Translate, project labels, warm up, then adapt.", "xlt_mtlws:methods/mtlws@1.yaml", cite=CITE
    )

"""The core's own cards, registered through the same hooks as any plugin's."""

from __future__ import annotations

from collections.abc import Iterable

from xlt_core.hooks import Card, hookimpl

XLT_API = 1


@hookimpl
def xlt_representations() -> Iterable[Card]:
    at = "xlt_core.slots.representation"
    work = "xlt_core.data.encode:SubwordReader"
    yield Card("subword", "Sub-word pieces of the channel's tokenizer.", f"{at}:Subword", work=work)
    yield Card("character", "Unicode characters, for backbones trained on them.", f"{at}:Character", work=work)
    words = "xlt_core.data.encode:WordReader"
    yield Card("words", "Words: pieces averaged before the encoder.", f"{at}:Words", work=words)


@hookimpl
def xlt_rewriters() -> Iterable[Card]:
    at = "xlt_core.slots.rewriting"
    here = "xlt_core.rewriting"
    yield Card("identity", "The text itself, as a control.", f"{at}:Identity", f"{here}.plain:identity")
    yield Card("blank", "Nothing for every word, as a control.", f"{at}:Blank", f"{here}.plain:blank")
    yield Card("lookup", "Forms from a file of your own.", f"{at}:Lookup", f"{here}.plain:lookup")
    yield Card("mini_ipa", "The mini world's words as they sound.", f"{at}:MiniIpa", f"{here}.mini:ipa")
    yield Card("mini_latin", "The mini world's words in Latin.", f"{at}:MiniLatin", f"{here}.mini:latin")
    yield Card("epitran", "IPA by Epitran's rules (xlt-core[ipa]).", f"{at}:Epitran", f"{here}.epitran:tool")


@hookimpl
def xlt_initialisers() -> Iterable[Card]:
    at = "xlt_core.slots.vocabulary"
    yield Card("keep", "The backbone's own tokenizer.", f"{at}:Keep", "xlt_core.model.load:fetch", slot="vocabulary")
    fixed = "xlt_core.model.unigram:fixed_size"
    yield Card("fixed_size", "A unigram tokenizer of a given size.", f"{at}:FixedSize", fixed, "vocabulary")
    more = "xlt_core.model.extended:extend"
    yield Card("extend", "The backbone's pieces, and more of the language's.", f"{at}:Extend", more, "vocabulary")
    at, rows = "xlt_core.slots.embedding", "xlt_core.engine.first_rows"
    yield Card("random", "Every new vector drawn at random.", f"{at}:Random", f"{rows}:random", "embedding")
    yield Card("mean", "New vectors are the mean of the known.", f"{at}:Mean", f"{rows}:mean", "embedding")
    copied = f"{rows}:copy_overlap"
    yield Card("copy_overlap", "Known pieces copied, others drawn.", f"{at}:CopyOverlap", copied, "embedding")


@hookimpl
def xlt_schedules() -> Iterable[Card]:
    at = "xlt_core.slots.schedule"
    train = "xlt_core.engine.train:train"
    cite = "Pfeiffer et al. 2020, MAD-X"
    adapt = "xlt_core.engine.adapt:madx"
    yield Card("madx", "Language adapters by masked-language modelling.", f"{at}:Madx", adapt, "adaptation", cite)
    joint = "xlt_core.engine.joint:pretrain"
    yield Card("pretrain", "The whole body, on many languages together.", f"{at}:Pretrain", joint, "adaptation")
    yield Card("finetune", "Learn the task on the sources' labels.", f"{at}:Finetune", train, slot="training")
    yield Card("target_only", "Learn it on each target's labels alone.", f"{at}:TargetOnly", train, slot="training")
    yield Card("bilingual", "Learn it on the sources' and one target's.", f"{at}:Bilingual", train, slot="training")
    yield Card("multilingual", "Learn it on all labels together.", f"{at}:Multilingual", train, slot="training")


@hookimpl
def xlt_losses() -> Iterable[Card]:
    at = "xlt_core.slots.losses"
    yield Card("task", "The task's own loss.", f"{at}:TaskLoss", work="xlt_core.engine.losses:task")
    yield Card("mlm", "Masked-language modelling.", f"{at}:Mlm", work="xlt_core.engine.losses:mlm")
    yield Card("causal_lm", "Next-token prediction.", f"{at}:CausalLm", work="xlt_core.engine.losses:causal_lm")
    denoising = "xlt_core.engine.losses:denoising"
    yield Card("denoising", "The original sequence from the masked one.", f"{at}:Denoising", work=denoising)


@hookimpl
def xlt_combiners() -> Iterable[Card]:
    at = "xlt_core.slots.inference"
    here = "xlt_core.engine.predict:predict"
    yield Card("single", "One task model answers.", f"{at}:Single", work=here)
    yield Card("own", "The model trained for the target answers.", f"{at}:Own", work=here)
    yield Card("each", "Every task model answers apart.", f"{at}:Each", work=here)
    weigh = "xlt_core.engine.weigh"
    yield Card("uniform", "All task models count alike.", f"{at}:Uniform", work=f"{weigh}:uniform")
    yield Card("file", "Weights from a file.", f"{at}:File", work=f"{weigh}:file")
    typology = "xlt_core.engine.typology:lang2vec"
    yield Card("lang2vec", "Weights from typological similarity.", f"{at}:Lang2vec", work=typology)


@hookimpl
def xlt_evaluators() -> Iterable[Card]:
    at = "xlt_core.slots.evaluation"
    here = "xlt_core.engine.score"
    yield Card("task", "The task's own measures.", f"{at}:TaskMetrics", work=f"{here}:span_f1")
    yield Card("span_f1", "F1 of spans, both ends and label right.", f"{at}:SpanF1", work=f"{here}:span_f1")
    yield Card("seqeval_f1", "Micro F1 as seqeval gives it.", f"{at}:SeqevalF1", work=f"{here}:seqeval_f1")
    macro = f"{here}:entity_f1_macro"
    yield Card("entity_f1_macro", "F1 of spans of each type, averaged.", f"{at}:EntityF1Macro", work=macro)
    pieces = "xlt_core.engine.score_pieces"
    sub = f"{pieces}:subtoken_f1"
    yield Card("subtoken_f1", "F1 of spans of pieces, every piece counted.", f"{at}:SubtokenF1", work=sub)
    units = f"{pieces}:unit_macro_f1"
    yield Card("unit_macro_f1", "F1 of each tag over units, averaged.", f"{at}:UnitMacroF1", work=units)
    yield Card("accuracy", "Share of units labelled right.", f"{at}:Accuracy", work=f"{here}:accuracy")
    yield Card("macro_f1", "F1 of each label, averaged.", f"{at}:MacroF1", work=f"{here}:macro_f1")
    found = "xlt_core.engine.retrieval:retrieval"
    yield Card("retrieval", "Share of translations found among the nearest.", f"{at}:Retrieval", work=found)


@hookimpl
def xlt_bitext() -> Iterable[Card]:
    at = "xlt_core.slots.bitext"
    given = "xlt_core.bitext.given"
    file = f"{given}:translation_file"
    yield Card("file", "Translations made before.", f"{at}:TranslationFile", file, "translation")
    for name, declared, title in (
        ("pharaoh_file", "AlignmentFile", "Word links made before."),
        ("identity", "AlignmentIdentity", "The nth word is the nth word."),
        ("from_translator", "AlignmentFromTranslator", "The links that the translator left."),
    ):
        yield Card(name, title, f"{at}:{declared}", f"{given}:{name}", "alignment")
    mini = "xlt_core.data.mini"
    for slot, declared, title in (
        ("translation", "MiniTranslator", "The mini world's own translations."),
        ("alignment", "MiniAligner", "The mini world's gold links."),
    ):
        yield Card("mini", title, f"{at}:{declared}", f"{mini}:{slot}", slot)


@hookimpl
def xlt_data() -> Iterable[Card]:
    at = "xlt_core.slots.tasks"
    for name, title in (
        ("ner", "Named entities."),
        ("pos", "Parts of speech (UPOS)."),
        ("roles", "Semantic roles of a marked predicate."),
        ("absa", "Aspects and their polarity."),
        ("topic", "The topic of a sentence."),
        ("nli", "Whether one sentence follows from another."),
        ("retrieval", "Find a sentence's translation."),
    ):
        yield Card(name, title, f"{at}:{name.upper()}", slot="task")
    yield from _readers()
    at = "xlt_core.data.sets"
    for name, declared, summary in (
        ("mini", "MINI", "The mini world: labels, texts and translations made by rule."),
        ("wikiann", "WIKIANN", "Named entities of 170 Wikipedias."),
        ("universal_dependencies", "UD", "Parts of speech."),
        ("xnli", "XNLI", "Inference in fifteen languages."),
        ("americas_nli", "AMERICAS_NLI", "Inference in ten languages of the Americas."),
        ("sib200", "SIB200", "Topics in 205 languages and scripts."),
        ("universal_propositions", "PROPOSITIONS", "Semantic roles."),
        ("semeval16", "SEMEVAL16", "Aspects in restaurant reviews."),
        ("wikipedia", "WIKIPEDIA", "Monolingual text."),
        ("tatoeba", "TATOEBA", "Sentence pairs."),
        ("flores_plus", "FLORES", "Sentence pairs in 200 languages (gated)."),
    ):
        yield Card(name, summary, f"{at}:{declared}", slot="data")
    at = "xlt_core.data.known"
    for name, summary in (
        ("masakhaner", "Named entities in news of ten African languages."),
        ("masakhaner2", "Named entities in news of twenty African languages."),
        ("uner", "Named entities on treebanks."),
        ("wikigold", "Named entities of English Wikipedia."),
        ("turku_ner", "Named entities in Finnish."),
        ("conll", "Named entities of the shared tasks of 2002 and 2003."),
        ("masakhapos", "Parts of speech in news of twenty African languages."),
        ("multibooked", "Opinions on hotels."),
        ("norec_fine", "Opinions in Norwegian reviews."),
        ("tsa-md", "Opinions on named targets in English reviews."),
        ("myxnli", "XNLI in Burmese, English, Swahili and Urdu."),
        ("kornli", "XNLI in Korean."),
        ("sick", "Inference on captions in English."),
        ("ocnli", "Inference in Chinese."),
        ("taxi1500", "Topics of Bible verses in 1,500 languages."),
        ("nllb_seed", "Wikipedia sentences in languages of little text."),
        ("tico19", "Sentences on health in 36 languages."),
        ("mafand", "News in African languages and English or French."),
        ("flores_v1", "The first FLORES sets: Khmer, Sinhala, Nepali, Pashto."),
        ("muse", "Dictionaries of 110 languages."),
        ("gatitos", "A dictionary of 4,000 English entries in 170 languages."),
        ("tico19_terms", "Dictionaries of health terms."),
    ):
        yield Card(name, summary, f"{at}:{name.upper().replace('-', '_')}", slot="data")


def _readers() -> Iterable[Card]:
    at = "xlt_core.slots.reading"
    here = "xlt_core.data.readers"
    for name, declared, work, summary in (
        ("auto", "Auto", "sniff:auto", "Whatever reader fits the file."),
        ("two_columns", "TwoColumns", "columns:two_columns", "A word, a tab and a tag a line."),
        ("columns", "Columns", "columns:columns", "Columns of the CoNLL shared tasks, and the like."),
        ("prefixed", "Prefixed", "columns:prefixed", "WikiANN's files: `en:word`, a tab, a tag."),
        ("conllu", "Conllu", "conllu:conllu", "CoNLL-U, for its parts of speech."),
        ("propositions", "Propositions", "conllu:propositions", "CoNLL-U with semantic roles."),
        ("opinions", "Opinions", "opinions:opinions", "JSON texts with opinions on targets."),
        ("opinions_xml", "OpinionsXml", "opinions:opinions_xml", "SemEval's XML of aspects."),
        ("table", "Table", "classes:classes", "A labelled sentence or pair a row."),
        ("lines", "Lines", "plain:lines", "A line as it stands."),
        ("sides", "Sides", "plain:sides", "Files whose nth lines belong together."),
        ("pairs", "Pairs", "plain:pairs", "A table with a language a column."),
        ("by_id", "ById", "plain:by_id", "Tables whose rows a number joins."),
        ("through", "Through", "plain:through", "Two dictionaries joined by a third language."),
        ("pharaoh", "Pharaoh", "plain:pharaoh", "Word links, 0-0 1-2 a line."),
    ):
        yield Card(name, summary, f"{at}:{declared}", f"{here}.{work}", "reading")


@hookimpl
def xlt_backbones() -> Iterable[Card]:
    at = "xlt_core.slots.backbones"
    for name, declared, summary in (
        ("mini", "MINI", "A small multilingual encoder inside the package."),
        ("xlm-roberta-base", "XLM_R", "XLM-R, 100 languages."),
        ("bert-base-multilingual-cased", "MBERT", "mBERT, 104 languages."),
        ("glot500-base", "GLOT500", "Glot500-m, 511 languages."),
        ("mbart-large-50", "MBART", "mBART, 50 languages, encoder and decoder."),
        ("mGPT", "MGPT", "mGPT, 61 languages, causal."),
        ("canine-c", "CANINE_C", "CANINE, characters, autoregressive loss."),
        ("canine-s", "CANINE_S", "CANINE, characters, sub-word loss."),
        ("xphonebert-base", "XPHONEBERT", "XPhoneBERT, phonemes of 100 languages."),
        ("mini:char", "MINI_CHAR", "The mini world read as characters."),
        ("mini:phoneme", "MINI_PHONEME", "The mini world read as phonemes."),
    ):
        yield Card(name, summary, f"{at}:{declared}")


@hookimpl
def xlt_methods() -> Iterable[Card]:
    yield Card("zero_shot@1", "Fine-tune on the sources, answer for the targets.", "xlt_core:methods/zero_shot@1.yaml")
    yield Card("pretrain@1", "Train the whole body on texts and translations.", "xlt_core:methods/pretrain@1.yaml")
    yield Card(
        "madx@1",
        "Language adapters, one task adapter, swapped at inference.",
        "xlt_core:methods/madx@1.yaml",
        cite="Pfeiffer et al. 2020, MAD-X",
    )
    yield Card(
        "extend@1",
        "The backbone's pieces and a language's own, the whole model trained on its text.",
        "xlt_core:methods/extend@1.yaml",
        cite="Wang et al. 2020, Extending Multilingual BERT to Low-Resource Languages",
    )

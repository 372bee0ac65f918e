"""Languages by ISO 639-3, given in any of the forms in which data sets and people write them.

>>> language("am-Ethi").code, language("Amharic").code, language("zho_Hant").script
('amh', 'amh', 'Hant')

The table (`languages.tsv`, made by `docs/make/languages.py`) is read on the first look-up, not on import.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache

# Codes that no language bears today, and only one can be meant by:
# ISO 639-2's bibliographic ones, and those that ISO 639-1 gave up.
_FORMER = {
    "alb": "sqi", "arm": "hye", "baq": "eus", "bur": "mya", "chi": "zho", "cze": "ces", "dut": "nld",
    "fre": "fra", "geo": "kat", "ger": "deu", "gre": "ell", "ice": "isl", "mac": "mkd", "mao": "mri",
    "may": "msa", "per": "fas", "rum": "ron", "slo": "slk", "tib": "bod", "wel": "cym",
    "iw": "heb", "ji": "yid", "jw": "jav", "mo": "ron", "sh": "hbs",
}  # fmt: skip

# What is typed for a language without being its code: a country's code, mostly. Suggested, never assumed.
_MEANT = {
    "al": "sqi", "ao": "por", "at": "deu", "au": "eng", "bd": "ben", "bh": "bho mai", "bt": "dzo",
    "by": "bel", "cl": "spa", "cn": "zho", "cz": "ces", "dk": "dan", "eg": "arz ara", "er": "tir",
    "gb": "eng", "ge": "kat", "gh": "aka ewe", "gr": "ell", "hk": "yue zho", "il": "heb", "in": "ind hin",
    "iq": "ara ckb", "ir": "fas", "jo": "ara", "jp": "jpn", "ke": "swa", "kh": "khm", "kp": "kor",
    "kz": "kaz", "lk": "sin tam", "ma": "ary ara", "md": "ron", "me": "cnr", "mm": "mya", "mv": "div",
    "mx": "spa nah", "mz": "por", "np": "nep", "nz": "eng mri", "pe": "spa que", "pg": "tpi", "ph": "fil tgl",
    "pk": "urd", "py": "grn spa", "rs": "srp", "sy": "ara", "tj": "tgk", "tm": "tuk", "tz": "swa",
    "ua": "ukr", "us": "eng", "vn": "vie", "ye": "ara", "ber": "zgh kab", "bih": "bho mai", "jap": "jpn",
    "mol": "ron", "scc": "srp", "scr": "hrv",
}  # fmt: skip

# Where a country alone says that the script is not the language's usual one (after CLDR's likely subtags).
_SCRIPT_THERE = {
    "aze-IR": "Arab", "cmn-HK": "Hant", "cmn-MO": "Hant", "cmn-TW": "Hant", "hak-TW": "Hant",
    "kaz-CN": "Arab", "kir-CN": "Arab", "mon-CN": "Mong", "nan-TW": "Hant", "pan-PK": "Arab",
    "snd-IN": "Deva", "srp-ME": "Latn", "uig-KZ": "Cyrl", "uzb-AF": "Arab", "yue-CN": "Hans",
    "zho-HK": "Hant", "zho-MO": "Hant", "zho-TW": "Hant",
}  # fmt: skip

# The scripts of ISO 15924 that are no language's usual one in the table.
_OTHER_SCRIPTS = (
    "Adlm Afak Aran Bhks Blis Brai Bugi Buhd Cirt Cpmn Cyrs Diak Dogr Dsrt Dupl Egyd Egyh Elba Gara Geok "
    "Glag Gukh Hanb Hano Hatr Hira Hmng Hrkt Hung Inds Jamo Jurc Kawi Khoj Kpel Krai Kthi Limb Loma Mahj "
    "Maka Maya Mend Mero Moon Mult Nagm Nand Nbat Nkgb Nshu Onao Osma Palm Perm Phag Phlp Phlv Roro Sara "
    "Shaw Shrd Sidd Sind Sogo Sund Sylo Syre Syrj Syrn Teng Tglg Tirh Todr Tutg Visp Vith Wara Wole Yezi "
    "Zanb Zxxx Zyyy"
)


@dataclass(frozen=True, slots=True)
class Language:
    """A language, or a macrolanguage, in a script; `iso1` and `macro` are empty where it has none."""

    code: str
    name: str
    script: str
    iso1: str
    macro: str


class UnknownLanguage(ValueError):
    """No language goes by the text `given`; `near` are the codes of those that may have been meant."""

    def __init__(self, given: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(given, near)
        self.given = given
        self.near = near

    def __str__(self) -> str:
        said = [f"`{code}` ({_language(code).name})" for code in self.near]
        head = f"no language known here goes by `{self.given}`"
        return f"{head}; did you mean {' or '.join(said)}?" if said else head


@lru_cache(maxsize=4096)
def language(text: str) -> Language:
    """The language that `text` names, by a code, a tag or its English name.

    A script that the text gives stands in place of the usual one. Two or three letters are always a code:
    `kr` is Kanuri, and no name is as short.

    >>> language("sw").code, language("zh-Hans-CN").code, language("khmer").code
    ('swa', 'zho', 'khm')
    """
    head, *rest = text.strip().replace("_", "-").split("-")
    code = _code(head)
    found = _tagged(code, rest) if code else None
    if found is None and (named := _by_name().get(_plain(text)) or _by_name().get(_bare(text))):
        found = _language(named)
    if found is None:
        raise UnknownLanguage(text, _near(text))
    return found


def codes(texts: Iterable[str]) -> tuple[str, ...]:
    """The ISO 639-3 code of each text, in order: `codes(["am", "Thai"]) == ("amh", "tha")`."""
    return tuple(language(text).code for text in texts)


@cache
def all_languages() -> tuple[Language, ...]:
    """Every language of the table, by code."""
    return tuple(_language(code) for code in _rows())


def same_language(a: str, b: str) -> bool:
    """Whether two texts name one language, or one of them the macrolanguage of the other.

    Two members of a macrolanguage differ, so this is no equivalence: `arb` and `arz` are each the same as
    `ara`, and not as each other. Scripts are not compared.

    >>> same_language("swh", "sw"), same_language("arb", "arz")
    (True, False)
    """
    one, two = language(a), language(b)
    return one.code == two.code or one.macro == two.code or one.code == two.macro


def to_iso1(code: str) -> str | None:
    """The two-letter code of a language, or else of its macrolanguage: `to_iso1("pes") == "fa"`."""
    known = language(code)
    if known.iso1 or not known.macro:
        return known.iso1 or None
    return _language(known.macro).iso1 or None


# --- The table ------------------------------------------------------------------------------------


@cache
def _rows() -> dict[str, str]:
    """The table's lines by code; a line is cut only when its language is asked for."""
    from importlib.resources import files  # Costs more than the rest of this module's import.

    text = files("xlt_core").joinpath("languages.tsv").read_text(encoding="utf-8")
    return {line[:3]: line for line in text.split("\n") if line and line[0] != "#"}


def _cells(code: str) -> list[str]:
    """The six cells of a row: code, iso1, script, macro, name, other names."""
    cells = _rows()[code].split("\t")
    return cells + [""] * (6 - len(cells))  # The file leaves out trailing tabs.


@cache
def _language(code: str) -> Language:
    code, iso1, script, macro, name, _ = _cells(code)
    return Language(code, name, script, iso1, macro)


@cache
def _by_iso1() -> dict[str, str]:
    """`am` -> `amh`."""
    return {line[4:6]: code for code, line in _rows().items() if line[4] != "\t"}


@cache
def _scripts() -> frozenset[str]:
    return frozenset(_OTHER_SCRIPTS.split()) | {line.split("\t", 3)[2] for line in _rows().values()}


@cache
def _by_name() -> dict[str, str]:
    """Folded names to codes.

    Where two languages share one, a reference name goes before another name, and a language with a two-letter
    code or a macrolanguage before its namesakes: `Swahili` is `swa`, not `swh`.
    """
    rows = [_cells(code) for code in _rows()]
    wholes = {row[3] for row in rows}
    rows.sort(key=lambda row: (not row[1], row[0] not in wholes))
    reference = [(row[4], row[0]) for row in rows]
    other = [(name, row[0]) for row in rows for name in (row[4].split(" (")[0], *row[5].split(";"))]
    names: dict[str, str] = {}
    for name, code in (*reference, *other):
        names.setdefault(_plain(name), code)
    for name, code in (*reference, *other):  # Only then without accents: `Aché` is not `Ache`.
        if not name.isascii():
            names.setdefault(_bare(name), code)
    return {name: code for name, code in names.items() if len(name) > 3}


def _plain(name: str) -> str:
    """A name without case, and with one space wherever its words are parted.

    >>> _plain("Central_Aymara")
    'central aymara'
    """
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())


def _bare(name: str) -> str:
    """A plain name without accents: `Guaraní` -> `guarani`."""
    if name.isascii():
        return _plain(name)
    from unicodedata import combining, normalize

    return _plain("".join(sign for sign in normalize("NFKD", name) if not combining(sign)))


# --- Codes and tags -------------------------------------------------------------------------------


def _code(text: str) -> str | None:
    """The ISO 639-3 code that two or three letters stand for."""
    text = text.lower()
    if text in _rows():
        return text
    return _by_iso1().get(text) or _FORMER.get(text)


def _tagged(code: str, rest: list[str]) -> Language | None:
    """The language with what follows it in a tag: member, script, region; None where anything else does."""
    left = list(rest)
    if left and (member := left[0].lower()) in _rows() and _language(member).macro == code:
        code, left = member, left[1:]  # `zh-yue` is `yue`.
    script = left.pop(0).title() if left and left[0].title() in _scripts() else ""
    region = left.pop(0).upper() if left and _is_region(left[0]) else ""
    if left:
        return None  # No tag, but perhaps a name: `War-Jaintia`.
    script = script or _SCRIPT_THERE.get(f"{code}-{region}", "")
    return replace(_language(code), script=script) if script else _language(code)


def _is_region(text: str) -> bool:
    return (len(text) == 2 and text.isalpha()) or (len(text) == 3 and text.isdigit())


# --- Near misses ----------------------------------------------------------------------------------


def _near(text: str, most: int = 3) -> tuple[str, ...]:
    """The codes that `text` may have meant, best first."""
    head = text.strip().replace("_", "-").split("-")[0].lower()
    if sure := _MEANT.get(head):
        return tuple(sure.split())[:most]
    if right := _code(head):
        return (right,)  # It is what follows the language that is off.
    scores: dict[str, float] = {}
    for code, score in (*_near_codes(head), *_near_names(_bare(text))):
        # Who mistypes a language means one of the better known ones more often than not.
        scores[code] = max(scores.get(code, 0.0), score + 0.1 * bool(_language(code).iso1))
    return tuple(sorted(scores, key=lambda code: (-scores[code], code))[:most])


def _near_codes(text: str) -> Iterator[tuple[str, float]]:
    """Codes one slip of the finger away, with how likely that slip is."""
    if not 2 <= len(text) <= 4 or not text.isalpha():
        return
    for slip in _slips(text):
        swapped = sorted(slip) == sorted(text)
        # Few slips spare no first letter, and allowing them would bring in half of all codes.
        if (swapped or slip[0] == text[0]) and (code := _code(slip)):
            yield code, 0.85 if swapped else 0.8


def _slips(text: str) -> set[str]:
    """All texts one letter left out, put in, changed or swapped away."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    cuts = [(text[:at], text[at:]) for at in range(len(text) + 1)]
    out = {left + right[1:] for left, right in cuts if right}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    changed = {left + new + right[1:] for left, right in cuts if right for new in letters}
    put_in = {left + new + right for left, right in cuts for new in letters}
    return (out | swapped | changed | put_in) - {text, ""}


def _near_names(text: str) -> Iterator[tuple[str, float]]:
    """Names that begin with the text or are spelt like it, with how like they are."""
    from difflib import SequenceMatcher

    if len(text) < 3:
        return
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(text)  # The one that difflib keeps its counts of.
    for name, code in _by_name().items():
        if name.startswith(text):
            yield code, 0.75 + 0.2 * len(text) / len(name)
        elif abs(len(name) - len(text)) <= 3:
            matcher.set_seq1(name)
            if matcher.quick_ratio() >= 0.75 and (ratio := matcher.ratio()) >= 0.75:
                yield code, ratio

"""What a translation model calls its languages."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xlt_core.languages import UnknownLanguage, language, same_language

MEANT = {"ara": "arb", "aze": "azj", "fas": "pes", "kon": "kon", "kur": "kmr", "msa": "zsm", "nor": "nob"}
"""The member of a macrolanguage that is meant where a model knows several."""


def nllb_code(code: str, known: Iterable[str]) -> str | None:
    """`eng_Latn`: ISO 639-3 and the script; of a macrolanguage the member that the model knows.

    >>> nllb_code("swa", ["swh_Latn", "eng_Latn"]), nllb_code("ara", ["arz_Arab", "arb_Arab"])
    ('swh_Latn', 'arb_Arab')
    """
    script = language(code).script
    named = {name: name.partition("_")[0] for name in known if name.endswith(f"_{script}")}
    for wanted in (language(code).code, MEANT.get(language(code).code)):
        if wanted in named.values():
            return f"{wanted}_{script}"
    return _only(name for name, own in named.items() if _same(code, own))


def short_code(code: str, known: Iterable[str]) -> str | None:
    """`en`, or three letters where there are no two; `cmn_Hans` and the like where a model tells scripts apart.

    >>> short_code("amh", ["am", "fr"]), short_code("ast", ["ast", "fr"]), short_code("khm", ["fr"])
    ('am', 'ast', None)
    """
    names = list(known)
    own, script = language(code), language(code).script
    for wanted in (own.iso1, own.code, f"{own.code}_{script}", f"{MEANT.get(own.code)}_{script}"):
        if wanted and wanted in names:
            return wanted
    plain = [name for name in names if "_" not in name or name.endswith(f"_{script}")]
    return _only(name for name in plain if _same(code, name.partition("_")[0]))


def _only(names: Iterable[str]) -> str | None:
    found = list(names)
    return found[0] if len(found) == 1 else None


def _same(code: str, other: str) -> bool:
    try:
        return re.fullmatch("[a-z]{2,3}", other) is not None and same_language(code, other)
    except UnknownLanguage:
        return False

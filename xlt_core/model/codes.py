"""Tokens by which a model is told the language of a text: mBART's `en_XX`, one in every sequence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from xlt_core.languages import UnknownLanguage, language, same_language

CODE = re.compile(r"[a-z]{2,3}_[A-Z]{2}")


def is_code(token: str) -> bool:
    """Whether a token is a language and a country, or `XX` for none.

    >>> is_code("en_XX"), is_code("<mask>")
    (True, False)
    """
    return CODE.fullmatch(token) is not None


def codes_of(tokenizer: Any) -> dict[str, str]:
    """The codes of a tokenizer by the language that each is of; none in most tokenizers.

    >>> codes_of(mbart)["khm"]                           # doctest: +SKIP
    'km_KH'
    """
    found: dict[str, str] = {}
    for token in filter(is_code, getattr(tokenizer, "all_special_tokens", ())):
        try:
            found.setdefault(language(token).code, token)
        except UnknownLanguage:
            continue
    return found


def code_of(codes: Mapping[str, str], spoken: str) -> str | None:
    """The code for a language, or for one that it belongs to; None where there is none.

    >>> codes = {"eng": "en_XX", "pus": "ps_AF"}
    >>> code_of(codes, "pbt"), code_of(codes, "amh")
    ('ps_AF', None)
    """
    if spoken in codes:
        return codes[spoken]
    return next((code for of, code in codes.items() if same_language(of, spoken)), None)


def new_code(spoken: str) -> str:
    """What the code of a language is called that a tokenizer has none for.

    >>> new_code("amh")
    'amh_XX'
    """
    return f"{spoken}_XX"


def first_codes(own: Any, theirs: Any, sources: Sequence[str]) -> dict[int, list[int]]:
    """The ids of a tokenizer's codes that another has not, each with the ids there whose mean it starts as.

    Those are the codes of the sources; of all languages, where no source has one.
    """
    known = codes_of(theirs)
    of_sources = [code for code in (code_of(known, source) for source in sources) if code is not None]
    ids = [theirs.convert_tokens_to_ids(code) for code in dict.fromkeys(of_sources or known.values())]
    new = [code for code in codes_of(own).values() if code not in known.values()]
    return {own.convert_tokens_to_ids(code): ids for code in new if ids}

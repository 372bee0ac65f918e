"""Which pieces of two vocabularies are the same, whatever marks their tokenizers write."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal

from xlt_core.model.codes import is_code

Key = tuple[bool | str, str]
"""Whether a piece begins a word, and its letters; or the role of a control token, a language's code, and nothing."""
Match = Literal["exact", "casefold"]
ROLES = {
    "cls_token": "begin", "bos_token": "begin", "sep_token": "end", "eos_token": "end", "pad_token": "pad",
    "unk_token": "unknown", "mask_token": "mask",
}  # fmt: skip


def keys(tokenizer: Any) -> dict[int, Key]:
    """A key for each id that has one.

    Bytes that are no letter have none, nor have control tokens without a role that other tokenizers know; the codes of
    languages have one.

    >>> keys(xlm_r)[250001], keys(m_bert)[10111]         # doctest: +SKIP
    (('mask', ''), (False, 'ing'))
    """
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    special = dict(_special(tokenizer))
    found: dict[int, Key] = {}
    for piece, number in tokenizer.get_vocab().items():
        if number in special:
            if special[number]:
                found[number] = (special[number], "")
        elif (key := _key(piece, _kind(state))) is not None:
            found[number] = key
    return dict(sorted(found.items()))


def _special(tokenizer: Any) -> Iterator[tuple[int, str]]:
    """Control tokens with their roles; a language's code is a role of its own, and others have none, ""."""
    for token in tokenizer.all_special_tokens:
        yield tokenizer.convert_tokens_to_ids(token), token if is_code(token) else ""
    for name, role in ROLES.items():
        if getattr(tokenizer, name, None) is not None:
            yield tokenizer.convert_tokens_to_ids(getattr(tokenizer, name)), role


def _kind(state: Mapping[str, Any]) -> str:
    if state["model"]["type"] == "WordPiece":
        return "continued"
    return "bytes" if '"ByteLevel"' in json.dumps([state["pre_tokenizer"], state["decoder"]]) else "marked"


def _key(piece: str, kind: str) -> Key | None:
    if kind == "continued":
        return (not piece.startswith("##"), piece.removeprefix("##") if len(piece) > 2 else piece)
    if kind == "marked":
        return (piece.startswith("▁"), piece.removeprefix("▁"))
    try:
        text = bytes(_bytes()[letter] for letter in piece).decode("utf-8")
    except (UnicodeDecodeError, KeyError):
        return None
    return (text.startswith(" "), text.removeprefix(" "))


@cache
def _bytes() -> dict[str, int]:
    """The letters in which byte-level tokenizers write bytes."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {**{chr(byte): byte for byte in plain}, **{chr(256 + n): byte for n, byte in enumerate(others)}}


def overlap(target: Any, source: Any, match: Match = "exact", symbols: bool = True) -> dict[int, int]:
    """Ids of a target tokenizer's pieces that a source tokenizer has too, with the ids there; the lowest, of several.

    WordPiece writes marks and Chinese characters as if they began words, so with such a source `symbols` are the
    same wherever they stand. `casefold` looks for a piece's small letters where the piece itself isn't there. A
    tokenizer that has all that the source has under the same ids, and more, has all of it from there.
    """
    own, theirs = target.get_vocab(), source.get_vocab()
    if len(own) > len(theirs) and theirs.items() <= own.items():
        return {number: number for number in sorted(theirs.values())}
    anywhere = symbols and _kind(json.loads(source.backend_tokenizer.to_str())) == "continued"
    there: dict[Key, int] = {}
    folded: dict[Key, int] = {}
    for number, key in keys(source).items():
        for known, wanted in ((there, _loose(key, anywhere)), (folded, _loose(_folded(key), anywhere))):
            known.setdefault(wanted, number)
    found: dict[int, int] = {}
    for number, key in keys(target).items():
        same = there.get(_loose(key, anywhere))
        if same is None and match == "casefold":
            same = folded.get(_loose(_folded(key), anywhere))
        if same is not None:
            found[number] = same
    return found


def bare_marks(tokenizer: Any) -> frozenset[int]:
    """Pieces that only say that a word begins: one stands before each word that is unknown.

    >>> bare_marks(xlm_r)                                # doctest: +SKIP
    frozenset({6})
    """
    found = {tokenizer.convert_tokens_to_ids(mark) for mark in ("▁", "Ġ")}
    return frozenset(found - {tokenizer.unk_token_id, None})


def _folded(key: Key) -> Key:
    return (key[0], key[1].casefold())


def _loose(key: Key, anywhere: bool) -> Key:
    """The key of a symbol says nothing of where it stands."""
    return (False, key[1]) if anywhere and isinstance(key[0], bool) and is_symbol(key[1]) else key


def is_symbol(surface: str) -> bool:
    """Whether a piece is nothing but marks or digits, or one Chinese character.

    >>> [is_symbol(piece) for piece in (",", "12", "语", "语言", "a", "")]
    [True, True, True, False, False, False]
    """
    if len(surface) == 1 and "CJK" in unicodedata.name(surface, ""):
        return True
    return bool(surface) and all(unicodedata.category(letter)[0] in "PSN" for letter in surface)

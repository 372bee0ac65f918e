"""Texts as a tokenizer cuts them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from xlt_core.model.overlap import bare_marks, keys

CHUNK = 256
"""Texts that are cut at once."""
HALF = 0.5
"""Share of unknown pieces above which a tokenizer doesn't serve a text."""


def pieces_of(tokenizer: Any) -> tuple[str, ...]:
    """The pieces by their ids; "" where an id has none."""
    by_id = {n: piece for piece, n in tokenizer.get_vocab().items()}
    return tuple(by_id.get(n, "") for n in range(max(by_id) + 1))


def stripped(tokenizer: Any) -> list[str]:
    """The pieces without their marks, as the released code looks them up: ` the` for `▁the`, `x` for `##x`."""
    blank = "" if type(tokenizer.backend_tokenizer.model).__name__ == "WordPiece" else " "
    known = keys(tokenizer)
    text = {n: (blank if begins else "") + surface for n, (begins, surface) in known.items() if begins in (True, False)}
    return [text.get(n, piece) for n, piece in enumerate(pieces_of(tokenizer))]


def cut(tokenizer: Any, texts: Iterable[str]) -> Iterator[list[int]]:
    """The ids of each text's pieces, without the tokens that frame it."""
    backend, waiting = tokenizer.backend_tokenizer, iter(texts)
    while chunk := list(islice(waiting, CHUNK)):
        yield from (encoding.ids for encoding in backend.encode_batch_fast(chunk, add_special_tokens=False))


def unknown_share(tokenizer: Any, words: Mapping[str, int]) -> float:
    """The share of a text's pieces that a tokenizer knows nothing of; the text as its words with their number."""
    marks = bare_marks(tokenizer)
    unknown = total = 0
    for ids, count in zip(cut(tokenizer, words), words.values(), strict=True):
        unknown += count * ids.count(tokenizer.unk_token_id)
        total += count * sum(piece not in marks for piece in ids)
    return unknown / max(1, total)


def told_unknown(share: float, language: str) -> str | None:
    """What to tell of a text that the backbone's tokenizer can't read; None where it can.

    >>> told_unknown(0.02, "amh")
    """
    if share <= HALF:
        return None
    return (
        f"{share:.0%} of the pieces of {language} are unknown to the backbone's tokenizer: the frozen model reads "
        "nothing there that would tell sentences apart, and a loss that keeps near its states is worth nothing "
        "(--drop adaptation.target.losses.unibridge.kl)"
    )

"""Tokenizers: more symbols, a fingerprint of how one reads, and own pieces in the layout of a backbone."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2s
from importlib.resources import files
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast, __version__

from xlt_core.model.codes import code_of, codes_of, is_code, new_code

ROLES = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
CONTROL = {"<unk>", "<s>", "</s>", "<pad>"}
STANDINS = [chr(start + n) for start in (0xE000, 0x10600) for n in range(0x137)]
"""Private characters, and for tokenizers that drop those Linear A, which nobody can read."""


class TokenizerChanged(ValueError):
    """A tokenizer gives other ids than it did, so what was trained with it would read nonsense."""


@dataclass(frozen=True, slots=True)
class Extended:
    """A tokenizer with more symbols. Its new ids are the highest, so new rows go to a table's end."""

    tokenizer: Any
    known: Mapping[str, tuple[int, ...]]
    """Symbols that were pieces before."""
    new: Mapping[str, tuple[int, ...]]
    """Symbols that became pieces. WordPiece has two of a symbol, to begin a word and inside; one may be old."""


def add_symbols(tokenizer: Any, symbols: Iterable[str]) -> Extended:
    """A copy of a fast tokenizer with these symbols as pieces; text without the new ones is read as before.

    They join the tokenizer's model, where pieces compete. transformers' `add_tokens` would cut every word at
    them, and an ordinary letter's word, too. A byte-level tokenizer has no such place: it does cut words at
    new symbols, so it takes none that ordinary words are made of.

    >>> add_symbols(tokenizer, ["a", "ɸ"]).new  # doctest: +SKIP
    {'ɸ': (250002,)}
    """
    wanted = sorted(dict.fromkeys(symbols), key=len)
    if bad := [symbol for symbol in wanted if not symbol or re.search(r"\s", symbol)]:
        raise ValueError(f"a symbol is one or more characters without blanks, not {', '.join(map(repr, bad))}")
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    if state["model"]["type"] == "BPE":
        return _cut_at(tokenizer, wanted)
    prefix = state["model"].get("continuing_subword_prefix")
    reach = {symbol: _protected(state, tokenizer, symbol) for symbol in wanted}
    forms = {symbol: [piece, prefix + piece] if prefix else [piece] for symbol, piece in reach.items()}
    before = tokenizer.get_vocab()
    _append(state, tokenizer, [form for pieces in forms.values() for form in pieces if form not in before])
    made = plain_fast(Tokenizer.from_str(json.dumps(state)), settings_of(tokenizer))
    after = made.get_vocab()
    ids = {symbol: tuple(after[form] for form in pieces) for symbol, pieces in forms.items()}
    known = {symbol: ids[symbol] for symbol, pieces in forms.items() if all(form in before for form in pieces)}
    new = {symbol: ids[symbol] for symbol in wanted if symbol not in known}
    if lost := [s for s in new if not set(ids[s]) & set(made(s, add_special_tokens=False)["input_ids"])]:
        raise ValueError(f"this tokenizer cuts {', '.join(lost)} before it looks for pieces; they can't become any")
    return Extended(made, known, new)


def _protected(state: dict[str, Any], tokenizer: Any, symbol: str) -> str:
    """The symbol as the model meets it: where the normaliser would spoil it (ʰ → h), as a stand-in."""
    normaliser = tokenizer.backend_tokenizer.normalizer
    normal = normaliser.normalize_str(symbol).removeprefix("▁") if normaliser else symbol
    alike = (symbol, unicodedata.normalize("NFC", symbol), unicodedata.normalize("NFD", symbol), *STANDINS)
    if normal in alike:
        return str(normal)
    steps = [state["normalizer"]] if state["normalizer"]["type"] != "Sequence" else state["normalizer"]["normalizers"]
    taken = {step["content"] for step in steps if step["type"] == "Replace"}
    standin = next(c for c in STANDINS if c not in taken and normaliser.normalize_str(c).removeprefix("▁") == c)
    # symbols come shortest first, each before those there: ʰ takes nothing from tʰ
    steps = [{"type": "Replace", "pattern": {"String": symbol}, "content": standin}, *steps]
    state["normalizer"] = {"type": "Sequence", "normalizers": steps}
    back = {"type": "Replace", "pattern": {"String": standin}, "content": symbol}
    state["decoder"] = {"type": "Sequence", "decoders": [back, *filter(None, [state["decoder"]])]}
    return standin


def _append(state: dict[str, Any], tokenizer: Any, forms: Sequence[str]) -> None:
    """Give pieces the ids after the last one."""
    vocabulary = state["model"]["vocab"]
    if isinstance(vocabulary, dict):
        vocabulary.update({form: len(tokenizer) + n for n, form in enumerate(forms)})
        return
    scores = dict(map(tuple, vocabulary))
    lowest = min(scores.values())
    # tokens that were added behind the pieces have ids here as well
    vocabulary += [[tokenizer.convert_ids_to_tokens(n), 0.0] for n in range(len(vocabulary), len(tokenizer))]
    for form in forms:
        parts = tokenizer.backend_tokenizer.model.tokenize(form)
        # Just better than its parts, so it wins over them and changes little else; never a new worst score,
        # since unknown characters are scored from that.
        vocabulary.append([form, max(lowest, sum(scores.get(part.value, lowest - 10) for part in parts) + 1e-3)])


def _cut_at(tokenizer: Any, symbols: Sequence[str]) -> Extended:
    """New symbols of a byte-level tokenizer: text is cut at them first."""
    backend = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    ids = {symbol: tuple(backend.encode(symbol, add_special_tokens=False).ids) for symbol in symbols}
    known = {symbol: found for symbol, found in ids.items() if len(found) == 1}
    if plain := [symbol for symbol in symbols if symbol not in known and symbol.isascii()]:
        raise ValueError(f"{', '.join(plain)} would cut ordinary words: this tokenizer can't take them")
    backend.add_tokens([AddedToken(symbol, normalized=False) for symbol in symbols if symbol not in known])
    made = plain_fast(backend, settings_of(tokenizer))
    new = {symbol: (made.convert_tokens_to_ids(symbol),) for symbol in symbols if symbol not in known}
    return Extended(made, known, new)


def settings_of(tokenizer: Any) -> dict[str, Any]:
    """What a fast tokenizer is told beside its backend: its limits, and the tokens of each role."""
    names = ("model_max_length", "model_input_names", "padding_side", "truncation_side", "extra_special_tokens")
    roles = {role: str(getattr(tokenizer, role)) for role in ROLES if getattr(tokenizer, role, None)}
    return {**{name: getattr(tokenizer, name) for name in names}, **roles}


def plain_fast(backend: Tokenizer, settings: Mapping[str, Any]) -> Any:
    """The plain class, which is loaded as it was saved: a model's own class makes parts of itself anew."""
    backend.no_padding()
    backend.no_truncation()
    return PreTrainedTokenizerFast(tokenizer_object=backend, **settings)


def probe() -> dict[str, str]:
    """Fixed lines in many scripts, by name."""
    text = files("xlt_core.model").joinpath("probe.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in text.rstrip("\n").split("\n"))
    return {name: re.sub(r"\\u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), line) for name, line in pairs}


def fingerprint(tokenizer: Any) -> dict[str, str]:
    """Short digests of the ids of every line of the probe, of the special tokens, and of all (`whole`)."""
    digests = {name: _digest(_reading(tokenizer, text)) for name, text in probe().items()}
    roles = {role: tokenizer.convert_tokens_to_ids(getattr(tokenizer, role, None) or []) for role in ROLES}
    pair = dict(tokenizer("a", "a", return_token_type_ids=True))
    digests["special tokens"] = _digest([len(tokenizer), roles, pair["input_ids"], pair["token_type_ids"]])
    return {"whole": _digest(digests), **digests}


def check(tokenizer: Any, expected: Mapping[str, str]) -> None:
    """Raise if a tokenizer doesn't read as it did when this fingerprint was taken, and say where."""
    now, lines = fingerprint(tokenizer), probe()
    off = [name for name, digest in expected.items() if name != "whole" and now.get(name, digest) != digest]
    if off:
        example = f", as in {lines[off[0]][:40]!r}" if off[0] in lines else ""
        raise TokenizerChanged(
            f"the tokenizer reads {', '.join(off)} otherwise than it did ({len(off)} of {len(expected) - 1}{example}). "
            f"A model trained with it would read nonsense. This is transformers {__version__}: try the one of then."
        )


def _reading(tokenizer: Any, text: str) -> list[list[int]]:
    """The ids of a text, and of the same as a list of words where the tokenizer takes one."""
    runs = getattr(tokenizer.backend_tokenizer.pre_tokenizer, "add_prefix_space", True)
    words = tokenizer(text.split(), is_split_into_words=True)["input_ids"] if runs else []
    return [tokenizer(text)["input_ids"], words]


def _digest(value: Any) -> str:
    return blake2s(json.dumps(value, sort_keys=True).encode(), digest_size=5).hexdigest()


@dataclass(frozen=True, slots=True)
class Layout:
    """The control tokens and templates by which an own tokenizer serves a backbone."""

    front: tuple[str, ...]
    """Tokens of ids 0, 1, 2, ..."""
    end: tuple[str, ...]
    """Tokens after all pieces: the mask, languages."""
    single: tuple[str, ...]
    pair: tuple[str, ...]
    """As `<s>:0`, `$A:0`, `</s>:0`; the number is the segment."""
    settings: Mapping[str, Any]


def layout(tokenizer: Any, spoken: str = "") -> Layout:
    """The layout of a backbone's tokenizer; for one language, where it writes a text's language into each sequence.

    >>> layout(xlm_r).front, layout(xlm_r).single        # doctest: +SKIP
    (('<s>', '<pad>', '</s>', '<unk>'), ('<s>:0', '$A:0', '</s>:0'))
    """
    settings = settings_of(tokenizer)
    mask, pad = settings.get("mask_token"), settings.get("pad_token")
    roles = {settings[role] for role in ROLES if role in settings} - {mask}
    front = sorted(roles, key=tokenizer.convert_tokens_to_ids)
    if pad and tokenizer.pad_token_id != front.index(pad):
        if tokenizer.pad_token_id >= len(front):
            raise ValueError(
                f"{pad} has the id {tokenizer.pad_token_id} and must keep it; {len(front)} tokens stand in front"
            )
        front.remove(pad)
        front.insert(tokenizer.pad_token_id, pad)
    end = sorted({*tokenizer.all_special_tokens} - roles, key=tokenizer.convert_tokens_to_ids)
    single, pair = (tuple(_template(tokenizer, texts)) for texts in (("a",), ("a", "a")))
    made = Layout(tuple(front), tuple(end), single, pair, settings)
    return _of_language(made, codes_of(tokenizer), spoken) if spoken else made


def _of_language(shape: Layout, codes: Mapping[str, str], spoken: str) -> Layout:
    """The layout with this language's code and no other; a new one where there is none."""
    if not any(is_code(part.rpartition(":")[0]) for part in shape.single):
        return shape
    own = code_of(codes, spoken) or new_code(spoken)
    end = (own, *(token for token in shape.end if not is_code(token)))
    single, pair = (_speaking(template, own) for template in (shape.single, shape.pair))
    return Layout(shape.front, end, single, pair, {**shape.settings, "extra_special_tokens": [own]})


def _speaking(template: Iterable[str], code: str) -> tuple[str, ...]:
    """A template with another language's code."""
    parts = (part.rpartition(":") for part in template)
    return tuple(f"{code if is_code(token) else token}:{segment}" for token, _, segment in parts)


def speaking(tokenizer: Any, spoken: str) -> Any:
    """A tokenizer that writes the code of this language into each sequence, where the tokenizer writes codes and has
    this language's; else the tokenizer as it is.

    >>> speaking(mbart, "rus")("a").tokens()             # doctest: +SKIP
    ['ru_RU', '▁a', '</s>']
    """
    codes = codes_of(tokenizer)
    own = code_of(codes, spoken) if codes else None
    if own is None:
        return tokenizer
    templates = [tuple(_template(tokenizer, texts)) for texts in (("a",), ("a", "a"))]
    single, pair = (_speaking(template, own) for template in templates)
    if [single, pair] == templates:
        return tokenizer
    backend = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    tokens = dict.fromkeys(part.rpartition(":")[0] for part in (*single, *pair))
    ids = [(token, tokenizer.convert_tokens_to_ids(token)) for token in tokens if token[0] != "$"]
    backend.post_processor = processors.TemplateProcessing(list(single), list(pair), ids)
    return plain_fast(backend, settings_of(tokenizer))


def _template(tokenizer: Any, texts: Sequence[str]) -> Iterator[str]:
    coded = tokenizer(*texts, return_token_type_ids=True)
    last = None
    for token, text, segment in zip(coded.tokens(), coded.sequence_ids(0), coded["token_type_ids"], strict=True):
        if text is None or text != last:
            yield f"{token if text is None else '$' + 'AB'[text]}:{segment}"
        last = text


def tokenizer_from_pieces(
    pieces: Iterable[tuple[str, float]], like: Layout | Any, charsmap: bytes | None = None, compose: bool = False
) -> Any:
    """A fast tokenizer of a sentencepiece unigram model's pieces and scores, in the layout of a backbone.

    It cuts as sentencepiece does, but for two things. Of two cuts that are exactly as good (www: w ww, ww w) it
    may take the other. Where the map composes a letter and a mark, the library drops further marks (ẹ́ in three
    characters); `compose` turns text into NFC first, which suits pieces that were learnt from NFC text.

    >>> tokenizer_from_pieces([("▁a", -1.5), ("b", -2.0)], like=backbone.tokenizer)  # doctest: +SKIP
    """
    shape = like if isinstance(like, Layout) else layout(like)
    special = {*shape.front, *shape.end}
    inner = [(piece, score) for piece, score in pieces if piece not in CONTROL | special]
    rows = [*((token, 0.0) for token in shape.front), *inner, *((token, 0.0) for token in shape.end)]
    unknown = shape.front.index(shape.settings.get("unk_token", shape.front[-1]))
    made = Tokenizer(models.Unigram(rows, unk_id=unknown))
    mapped = [normalizers.Precompiled(charsmap)] if charsmap else []
    trimmed = [normalizers.Replace(Regex("^ +| +$"), ""), normalizers.Replace(Regex(" {2,}"), " ")]
    made.normalizer = normalizers.Sequence([*([normalizers.NFC()] if compose else []), *mapped, *trimmed])
    made.pre_tokenizer = pre_tokenizers.Metaspace("▁", "always")
    made.decoder = decoders.Metaspace("▁", "always")
    made.add_special_tokens([AddedToken(token, special=True) for token in (*shape.front, *shape.end)])
    ids = [(token, made.token_to_id(token)) for token in special]
    made.post_processor = processors.TemplateProcessing(list(shape.single), list(shape.pair), ids)
    return plain_fast(made, shape.settings)

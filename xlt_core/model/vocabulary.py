"""The vocabulary in a backbone: word vectors and all that is tied to them, replaced, extended and put back.

Rows are exchanged by pointing the model's modules at other tensors. No module is replaced, so hooks, scales
and ties stay what they were, and going back is exact and free.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from xlt_core.errors import did_you_mean
from xlt_core.model.architecture import at_path
from xlt_core.model.backbone import BackboneModel, NoSuchAbility

BACKBONE = "backbone"
BIASES = ("bias", "decoder_bias")
Given = Tensor | None
Places = Mapping[str, Sequence[tuple[nn.Module, str]]]


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Rows that a model can read and predict with, and the tokenizer whose ids count them."""

    tables: Mapping[str, Tensor]
    """`words`, and where the model has them `output` (not tied to words), `bias`, `decoder_bias` (not tied to bias)."""
    settings: Mapping[str, Any]
    """What the model's configuration says of it: its size, and ids of special tokens."""
    tokenizer: Any = None

    @property
    def size(self) -> int:
        return len(self.tables["words"])

    @property
    def bias(self) -> Tensor | None:
        """What is added to each piece's score, one number a piece; None where nothing is."""
        # of two biases the model adds only the decoder's; the other is a leftover of untying
        bias = self.tables.get("decoder_bias", self.tables.get("bias"))
        return None if bias is None else bias.reshape(-1)

    def parameters(self) -> list[nn.Parameter]:
        """What an optimiser may train of it."""
        return [table for table in self.tables.values() if isinstance(table, nn.Parameter)]


def current(model: BackboneModel) -> Vocabulary:
    """The vocabulary that is in place, by reference."""
    return Vocabulary(_tables(model), _told(model), model.tokenizer)


def made(
    model: BackboneModel, vectors: Tensor, bias: Given = None, tokenizer: Any = None, output: Given = None
) -> Vocabulary:
    """A vocabulary for a model from copies of rows, not put in yet. A missing bias is zeros."""
    now = current(model)
    rows = _complete(now, vectors, bias, output)
    return _framed(model, now, {name: _like(table, rows[name]) for name, table in now.tables.items()}, tokenizer)


def replace(
    model: BackboneModel, vectors: Tensor, bias: Given = None, tokenizer: Any = None, output: Given = None
) -> Vocabulary:
    """Other rows in the place of all, and their tokenizer, if any. Returns what was there.

    >>> before = replace(model, vectors, bias, tokenizer)  # doctest: +SKIP
    >>> restore(model, before)                             # doctest: +SKIP
    """
    return restore(model, made(model, vectors, bias, tokenizer, output))


def extend(
    model: BackboneModel, vectors: Tensor, bias: Given = None, tokenizer: Any = None, output: Given = None
) -> Vocabulary:
    """Rows added at the end; the tokenizer stays unless another is given. Returns what was there."""
    now = current(model)
    added = _complete(now, vectors, bias, output)
    rows = {name: _like(table, added[name]).detach() for name, table in now.tables.items()}
    end = {name: -1 if name in BIASES else 0 for name in rows}
    tables = {name: _like(old, torch.cat([old.detach(), rows[name]], end[name])) for name, old in now.tables.items()}
    return restore(model, _framed(model, now, tables, tokenizer or now.tokenizer))


def restore(model: BackboneModel, vocabulary: Vocabulary) -> Vocabulary:
    """Put a vocabulary in, bit for bit as it is. Returns what was there."""
    return _put(model, vocabulary, _places(model))


def _put(model: BackboneModel, vocabulary: Vocabulary, places: Places) -> Vocabulary:
    now = Vocabulary({name: getattr(*found[0]) for name, found in places.items()}, _told(model), model.tokenizer)
    _check(now, vocabulary)
    for name, table in now.tables.items():
        new = vocabulary.tables[name]
        new.data = new.data.to(table.device)  # nothing happens unless the model moved; an optimiser may hold `new`
        for module, attribute in places[name]:
            _point(module, attribute, new)
    for setting, value in vocabulary.settings.items():
        setattr(model.config, setting, value)
    model.tokenizer = vocabulary.tokenizer
    return now


class Vocabularies:
    """Several vocabularies of one model, of which one is in place; switching copies nothing, and looks for nothing:
    the model keeps its modules while they are held.

    >>> held.keep("amh:text", made(model, vectors, bias, tokenizer))                  # doctest: +SKIP
    >>> with held.reading("amh:text"): states = model.states(ids, attention)  # doctest: +SKIP
    """

    def __init__(self, model: BackboneModel) -> None:
        self.model = model
        self._places = _places(model)
        self._kept: dict[str, Vocabulary] = {BACKBONE: current(model)}

    def __getitem__(self, name: str) -> Vocabulary:
        if name not in self._kept:
            raise KeyError(f"no vocabulary `{name}` is held{did_you_mean(name, self._kept)}")
        return self._kept[name]

    @property
    def now(self) -> str | None:
        """The name of the vocabulary in place; None of one that isn't held."""
        words = self.model.words.weight
        return next((name for name, held in self._kept.items() if held.tables["words"] is words), None)

    def keep(self, name: str, vocabulary: Vocabulary) -> None:
        """Hold one more; a name is given once."""
        if name in self._kept:
            raise ValueError(f"a vocabulary `{name}` is held already")
        _check(current(self.model), vocabulary)
        self._kept[name] = vocabulary

    def put(self, name: str) -> None:
        """Read and predict with this one from now on."""
        _put(self.model, self[name], self._places)

    @contextmanager
    def reading(self, name: str) -> Iterator[Vocabulary]:
        """Read with this one for a while, then with the one before."""
        before = _put(self.model, self[name], self._places)
        try:
            yield self[name]
        finally:
            _put(self.model, before, self._places)


def save(vocabulary: Vocabulary, file: Path) -> None:
    """The rows as a safetensors file; the tokenizer is saved by itself."""
    save_file({name: table.detach().cpu().contiguous() for name, table in vocabulary.tables.items()}, file)


def read(model: BackboneModel, file: Path, tokenizer: Any = None) -> Vocabulary:
    """A saved vocabulary, made for a model of the kind that it was saved from and not put in yet."""
    now = current(model)
    tables = {name: _like(now.tables.get(name, rows), rows) for name, rows in load_file(file).items()}
    return _framed(model, now, tables, tokenizer)


def _tables(model: BackboneModel) -> dict[str, Tensor]:
    """Every tensor of the model that has a row or a number for each piece, each once."""
    tables: dict[str, Tensor] = {"words": model.words.weight}
    if any(getattr(part, "embed_tokens", model.words).weight is not tables["words"] for part in model.base.modules()):
        raise NoSuchAbility("this model's encoder and decoder have tables of their own; only a shared one can change")
    if not model.has_head:
        return tables
    decoder = at_path(model.model, model.architecture.decoder)
    if decoder.weight is not tables["words"]:
        tables["output"] = decoder.weight
    if model.architecture.bias:
        tables["bias"] = at_path(model.model, model.architecture.bias)
    if decoder.bias is not None and decoder.bias is not tables.get("bias"):
        tables["decoder_bias"] = decoder.bias
    return tables


def _complete(now: Vocabulary, vectors: Tensor, bias: Tensor | None, output: Tensor | None) -> dict[str, Tensor]:
    """Rows for every table; those that can't be made up are asked for."""
    if "output" in now.tables and output is None:
        raise NoSuchAbility("this model's output matrix isn't tied to its word vectors: give its rows too, as `output`")
    if "output" not in now.tables and output is not None:
        raise NoSuchAbility("this model has no output matrix but its word vectors: leave `output` out")
    if bias is not None and now.bias is None:
        raise NoSuchAbility("this model adds no bias to the pieces' scores: leave `bias` out")
    # both biases, where there are two, so that it is the same whichever of them is read
    numbers = torch.zeros(len(vectors)) if bias is None else bias
    return {"words": vectors, "output": vectors if output is None else output, **dict.fromkeys(BIASES, numbers)}


def _like(table: Tensor, rows: Tensor) -> Tensor:
    """A copy of rows that is to another table as one of its own: its kind, place, precision, and whether it trains."""
    if table.ndim != rows.ndim:  # mBART's bias is [1, pieces]
        rows = rows.reshape(*table.shape[:-1], -1)
    copy = rows.detach().to(table.device, table.dtype, copy=True).contiguous()
    return nn.Parameter(copy, table.requires_grad) if isinstance(table, nn.Parameter) else copy


def _framed(model: BackboneModel, now: Vocabulary, tables: Mapping[str, Tensor], tokenizer: Any) -> Vocabulary:
    """The vocabulary of these tables, with the settings that go with them, seen to fit the model."""
    settings = {**now.settings, "vocab_size": len(tables["words"])}
    for name in ("bos_token_id", "eos_token_id") if tokenizer is not None else ():
        settings[name] = now.settings[name] if now.settings[name] is None else getattr(tokenizer, name)
    new = Vocabulary(tables, settings, tokenizer)
    _check(now, new)
    return _check_tokenizer(model, new)


def _check(now: Vocabulary, new: Vocabulary) -> None:
    """Refuse rows that the model couldn't read."""
    if set(new.tables) != set(now.tables):
        raise ValueError(f"this model needs {', '.join(now.tables)}; the vocabulary has {', '.join(new.tables)}")
    for name, table in now.tables.items():
        rows = new.tables[name]
        wanted = [*table.shape[:-1], new.size] if name in BIASES else [new.size, *table.shape[1:]]
        if list(rows.shape) != wanted or rows.dtype != table.dtype:
            raise ValueError(
                f"{name}: this model needs {table.dtype} {wanted}, and got {rows.dtype} {list(rows.shape)}"
            )


def _check_tokenizer(model: BackboneModel, new: Vocabulary) -> Vocabulary:
    """Refuse what the model would read wrongly."""
    pad, tokenizer = model.words.padding_idx, new.tokenizer
    if pad is not None and new.size <= pad:
        raise ValueError(f"padding is id {pad} to this model, and there are {new.size} rows")
    if tokenizer is None or tokenizer is model.tokenizer:
        return new
    if why := unfit(model, tokenizer):
        raise ValueError(why)
    if (highest := max(tokenizer.get_vocab().values())) >= new.size:
        raise ValueError(f"the tokenizer's ids go up to {highest}, and there are {new.size} rows")
    return new


def unfit(model: BackboneModel, tokenizer: Any) -> str:
    """Why a tokenizer can't serve a model, whatever rows its pieces have; nothing where it can."""
    pad = model.words.padding_idx
    if pad is not None and tokenizer.pad_token_id != pad:
        why = " and its positions are counted from it" if model.architecture.positions_from_pad else ""
        return f"padding is id {pad} to this model{why}; to the tokenizer it is {tokenizer.pad_token_id}"
    missing = set(getattr(model.tokenizer, "special_tokens_map", ())) - set(tokenizer.special_tokens_map)
    return f"the tokenizer has no {', '.join(sorted(missing))}, as the backbone's own has" if missing else ""


def _told(model: BackboneModel) -> dict[str, Any]:
    """What the configuration says of the vocabulary in place."""
    return {name: getattr(model.config, name, None) for name in ("vocab_size", "bos_token_id", "eos_token_id")}


def _places(model: BackboneModel) -> Places:
    """Where each table stands: several modules may have one between them."""
    names = {id(table): name for name, table in _tables(model).items()}
    found: dict[str, list[tuple[nn.Module, str]]] = {name: [] for name in names.values()}
    for module in model.model.modules():
        for attribute, tensor in (*module.named_parameters("", False, False), *module.named_buffers("", False, False)):
            if id(tensor) in names:
                found[names[id(tensor)]].append((module, attribute))
    return found


def _point(module: nn.Module, attribute: str, new: Tensor) -> None:
    """Let another tensor stand in a module's place, and correct the module's own count of rows."""
    setattr(module, attribute, new)
    # transformers reads the counts when it ties weights again, and fits the bias to them
    if attribute == "weight" and isinstance(module, nn.Embedding):
        module.num_embeddings = len(new)
    elif attribute == "weight" and isinstance(module, nn.Linear):
        module.out_features = len(new)

"""A model of letters that reads words as spelling, phonemes and language: small enough to be looked through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from transformers import BertConfig, BertForMaskedLM

from xlt_core.data.encode import Piece
from xlt_core.data.records import Tagged
from xlt_core.data.streams import StreamReader
from xlt_core.engine.batching import generator
from xlt_core.engine.channels import LanguageVectors, Reading
from xlt_core.engine.context import Context
from xlt_core.engine.feed import Change, Feed
from xlt_core.engine.net import Net
from xlt_core.engine.terms import Making
from xlt_core.facts import Transform, View
from xlt_core.model.backbone import BackboneModel

WIDTH = 16
LABELS = ("A", "B", "C", "D")


class Letters:
    """`[CLS] a b [SEP]`: every letter is a piece, of every script."""

    pad_token_id, unk_token_id, mask_token_id, cls_token_id, sep_token_id = 0, 1, 2, 3, 4
    all_special_ids = (0, 1, 2, 3, 4)

    def __init__(self, letters: str = "abcdefghijklmnopqrstuvwxyz") -> None:
        self.ids = {letter: 5 + n for n, letter in enumerate(letters)}

    def __len__(self) -> int:
        return 5 + len(self.ids)

    def __call__(self, rows: Sequence[Any], is_split_into_words: bool = False, add_special_tokens: bool = True) -> Any:
        return Coded([self._one(row, add_special_tokens) for row in rows])

    def _one(self, words: Sequence[str], special: bool) -> tuple[list[int], list[int | None]]:
        ids = [self.ids.get(letter, 1) for word in words for letter in word]
        owners: list[int | None] = [n for n, word in enumerate(words) for _ in word]
        return ([3, *ids, 4], [None, *owners, None]) if special else (ids, owners)


class Coded(dict[str, Any]):
    def __init__(self, rows: Sequence[tuple[list[int], list[int | None]]]) -> None:
        super().__init__(input_ids=[ids for ids, _ in rows])
        self.owners = [owners for _, owners in rows]

    def word_ids(self, row: int) -> list[int | None]:
        return self.owners[row]


def net(
    *,
    phonemes: bool = True,
    languages: bool = True,
    width: int = WIDTH,
    layers: int = 1,
    heads: int = 2,
    tokenizer: Letters | None = None,
    seed: int = 0,
) -> Net:
    """No dropout."""
    torch.manual_seed(seed)
    letters = tokenizer or Letters()
    config = BertConfig(
        vocab_size=len(letters), hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads,
        intermediate_size=2 * width, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    made = Net(BackboneModel(BertForMaskedLM(config), letters))
    made.add_head(LABELS, seed)
    made.reading_as = Reading(("phonemes",) if phonemes else (), "auto" if languages else "")
    if phonemes:
        made.tables.rows["shared:phonemes"] = torch.nn.Parameter(0.1 * torch.randn(len(letters), width))
    if languages:
        made.language_ids = LanguageVectors.drawn(width, ["vie"], ["zho"], "auto", seed)
    return made


def row(words: str, sounds: str, tags: str = "", name: str = "0", language: str = "zho") -> Tagged:
    """`row("ab c", "xy z", "A B")`."""
    said = (("phonemes", tuple(sounds.split())),)
    return Tagged(name, language, tuple(words.split()), tuple(tags.split()) or ("A",) * len(words.split()), forms=said)


def pieces(net: Net, rows: Sequence[Tagged], length: int = 128) -> list[Piece]:
    """The stretches of rows, labelled."""
    besides = {channel: net.tokenizer_of("zho", channel) for channel in net.channels}
    reader = StreamReader(net.tokenizer_of("zho"), besides, length)
    return reader.stretches(rows, {label: n for n, label in enumerate(LABELS)})


def contexts(
    net: Net,
    rows: Sequence[Tagged],
    *views: View,
    seed: int = 1,
    changes: Mapping[Transform, Change] | None = None,
    tokens: int = 8192,
    group: int | None = None,
) -> list[Context]:
    """What losses read of these rows in one step."""
    wanted = {view: frozenset({"last"}) for view in views or (View(),)}
    feed = Feed(net, wanted, seed, torch.device("cpu"), tokens, group, changes=changes)  # type: ignore[arg-type]
    return feed(pieces(net, rows), 1)


def making(net: Net) -> Making:
    head = {name: weight.detach() for name, weight in net.mlm_head("zho").items()}
    return Making(net.backbone.width, ("zho",), generator("making"), len(net.tokenizer_of("zho")), head)

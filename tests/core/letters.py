"""What tests of the engine share: a tokenizer of letters, a small tagger, a corpus of letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from transformers import XLMRobertaConfig, XLMRobertaForMaskedLM

from xlt_core.data.records import Tagged
from xlt_core.engine.batching import generator
from xlt_core.engine.feed import Feed
from xlt_core.engine.net import Net
from xlt_core.facts import Layer, View
from xlt_core.model.backbone import BackboneModel
from xlt_core.model.heads import HeadSpec

LABELS = ("O", "B-PER", "I-PER")
NUMBERS = {label: n for n, label in enumerate(LABELS)}
ALL: frozenset[Layer] = frozenset({1, 2, "last"})


class Letters:
    """A tokenizer of letters, as transformers' fast ones answer: `<s> a b </s>`, unknown for nothing."""

    pad_token_id, unk_token_id, mask_token_id = 1, 3, 29
    all_special_ids = (0, 1, 2, 3, 29)

    def __len__(self) -> int:
        return 30

    def __call__(
        self,
        rows: list[Any],
        pairs: list[Any] | None = None,
        is_split_into_words: bool = False,
        add_special_tokens: bool = True,
    ) -> Any:
        coded = [self._one(row if is_split_into_words else row.split(), add_special_tokens) for row in rows]
        if pairs:
            coded = [([*a[0], *b[0]], [*a[1], *b[1]]) for a, b in zip(coded, coded, strict=True)]
        return _Coded([ids for ids, _ in coded], [owners for _, owners in coded])

    def _one(self, words: list[str], special: bool) -> tuple[list[int], list[int | None]]:
        ids = [4 + ord(letter) % 20 for word in words for letter in word]
        owners: list[int | None] = [n for n, word in enumerate(words) for _ in word]
        return ([0, *ids, 2], [None, *owners, None]) if special else (ids, owners)


class _Coded(dict[str, Any]):
    def __init__(self, ids: list[list[int]], owners: list[list[int | None]]) -> None:
        super().__init__(input_ids=ids)
        self.owners = owners

    def word_ids(self, row: int) -> list[int | None]:
        return self.owners[row]


def tagger(seed: int = 1, **spec: Any) -> Net:
    torch.manual_seed(seed)
    config = XLMRobertaConfig(
        vocab_size=30, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=40, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, pad_token_id=1,
    )  # fmt: skip
    net = Net(BackboneModel(XLMRobertaForMaskedLM(config), Letters()))
    net.add_head(HeadSpec(LABELS, **spec), seed)
    return net


def corpus(lengths: Sequence[int]) -> list[Tagged]:
    draw = generator("corpus")
    rows = []
    for n, length in enumerate(lengths):
        words = tuple("abcdefgh"[: 1 + int(torch.randint(5, (1,), generator=draw))] for _ in range(length))
        tags = tuple(LABELS[int(torch.randint(3, (1,), generator=draw))] for _ in range(length))
        rows.append(Tagged(str(n), "eng", words, tags))
    return rows


def feed(model: Net, tokens: int = 8192, **views: Any) -> Feed:
    return Feed(model, {View(): frozenset({"last"})}, 1, torch.device("cpu"), tokens)


def with_side(row: Tagged) -> Tagged:
    return replace(row, marked=len(row.words) // 2, upos=tuple("NOUN" if tag == "O" else "VERB" for tag in row.tags))

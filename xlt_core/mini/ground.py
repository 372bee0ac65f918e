"""Does transfer work here? python -m xlt_core.mini.ground [--folder DIR]

Names are learnt from English sentences alone and found in every language, once from the pretrained
backbone and once from the same architecture with random weights; span F1 for both.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedTokenizerBase, XLMRobertaModel

from xlt_core.mini import LANGUAGES
from xlt_core.mini.world import Sentence, sentences

BACKBONE = Path(__file__).parent / "backbone"
TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG")
IGNORED = -100


@dataclass(frozen=True, slots=True)
class Settings:
    sentences: int = 600
    epochs: int = 10
    batch: int = 16
    rate: float = 5e-4
    seed: int = 0


class Tagger(torch.nn.Module):
    """The encoder and one linear layer on the first piece of each word."""

    def __init__(self, folder: Path, pretrained: bool) -> None:
        super().__init__()
        config = AutoConfig.from_pretrained(folder)
        if pretrained:
            self.encoder = AutoModel.from_pretrained(folder, add_pooling_layer=False)
        else:
            self.encoder = XLMRobertaModel(config, add_pooling_layer=False)
        self.head = torch.nn.Linear(config.hidden_size, len(TAGS))

    def forward(self, ids: torch.Tensor, attention: torch.Tensor) -> torch.Tensor:
        hidden = self.encoder(input_ids=ids, attention_mask=attention).last_hidden_state
        logits: torch.Tensor = self.head(hidden)
        return logits


Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def encode(rows: Sequence[Sentence], tokenizer: PreTrainedTokenizerBase) -> Batch:
    """Ids, attention and the tag of each word's first piece."""
    coded = tokenizer([list(row.words) for row in rows], is_split_into_words=True, padding=True, return_tensors="pt")
    tags = torch.full(coded["input_ids"].shape, IGNORED)
    for at, row in enumerate(rows):
        before = None
        for place, word in enumerate(coded.word_ids(at)):
            if word is not None and word != before:
                tags[at, place] = TAGS.index(row.ner[word])
            before = word
    return coded["input_ids"], coded["attention_mask"], tags


def train(tagger: Tagger, rows: Sequence[Sentence], tokenizer: PreTrainedTokenizerBase, how: Settings) -> None:
    optimizer = torch.optim.AdamW(tagger.parameters(), lr=how.rate)
    order = list(rows)
    steps = how.epochs * -(-len(rows) // how.batch)
    decay = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    rng = Random(f"ground {how.seed}")
    for _ in range(how.epochs):
        rng.shuffle(order)
        for start in range(0, len(order), how.batch):
            ids, attention, tags = encode(order[start : start + how.batch], tokenizer)
            logits = tagger(ids, attention)
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), tags.flatten(), ignore_index=IGNORED)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            decay.step()


def spans(tags: Sequence[str]) -> set[tuple[int, int, str]]:
    """The entities of an IOB2 sequence; an I- that continues nothing opens an entity."""
    found: set[tuple[int, int, str]] = set()
    start, label = 0, ""
    for at, tag in enumerate([*tags, "O"]):
        if label and tag != f"I-{label}":
            found.add((start, at, label))
            label = ""
        if tag != "O" and not label:
            start, label = at, tag[2:]
    return found


@torch.no_grad()
def span_f1(tagger: Tagger, rows: Sequence[Sentence], tokenizer: PreTrainedTokenizerBase) -> float:
    right = said = true = 0
    for start in range(0, len(rows), 64):
        part = rows[start : start + 64]
        ids, attention, tags = encode(part, tokenizer)
        best = tagger(ids, attention).argmax(-1)
        for at, row in enumerate(part):
            guess = spans([TAGS[tag] for tag in best[at][tags[at] != IGNORED]])
            gold = spans(row.ner)
            right, said, true = right + len(guess & gold), said + len(guess), true + len(gold)
    return 100 * 2 * right / max(said + true, 1)


def measure(folder: Path, pretrained: bool, how: Settings, test: int = 400) -> dict[str, float]:
    """Span F1 on the test sentences of every language, learnt from English."""
    torch.manual_seed(how.seed)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tagger = Tagger(folder, pretrained)
    train(tagger, sentences("eng", "train", how.sentences), tokenizer, how)
    tagger.eval()
    return {name: span_f1(tagger, sentences(name, "test", test), tokenizer) for name in LANGUAGES}


def main() -> None:
    parser = argparse.ArgumentParser(description="Zero-shot transfer of name finding in the mini world.")
    parser.add_argument("--folder", type=Path, default=BACKBONE)
    parser.add_argument("--epochs", type=int, default=Settings().epochs)
    parser.add_argument("--rate", type=float, default=Settings().rate)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(1)
    how = Settings(epochs=given.epochs, rate=given.rate, seed=given.seed)
    print(how)
    for name, pretrained in (("pretrained", True), ("random", False)):
        scores = measure(given.folder, pretrained, how)
        print(f"{name:10s}  " + "  ".join(f"{language} {score:5.1f}" for language, score in scores.items()))


if __name__ == "__main__":
    main()

"""Does transfer work here? python -m xlt_core.mini.ground [--sources eng,zho] [--out FILE.json]

Names are learnt from the sentences of one language alone and found in every seen language, once from the
pretrained backbone and once from the same architecture with random weights (span F1). And the translation of a
sentence is looked for among others by the nearness of mean states, without any training (share found first).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

import torch
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedTokenizerBase, XLMRobertaModel

from xlt_core.mini import SEEN
from xlt_core.mini.world import Sentence, sentences

BACKBONE = Path(__file__).parent / "backbones" / "subword"
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


def transfer(folder: Path, source: str, pretrained: bool, how: Settings, test: int = 300) -> dict[str, float]:
    """Span F1 on the test sentences of every seen language, learnt from one."""
    torch.manual_seed(how.seed)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tagger = Tagger(folder, pretrained)
    train(tagger, sentences(source, "train", how.sentences), tokenizer, how)
    tagger.eval()
    return {name: span_f1(tagger, sentences(name, "test", test), tokenizer) for name in SEEN}


@torch.no_grad()
def retrieval(folder: Path, pretrained: bool, layer: int = 2, test: int = 300) -> dict[str, dict[str, float]]:
    """Share of test sentences (per cent) whose nearest sentence of another language is their translation.

    Mean states of a layer, less the mean of the language, by cosine.
    """
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    encoder = Tagger(folder, pretrained).eval().encoder
    vectors = {}
    for name in SEEN:
        pooled = []
        for start in range(0, test, 64):
            texts = [row.text for row in sentences(name, "test", test)[start : start + 64]]
            coded = tokenizer(texts, padding=True, return_tensors="pt")
            states = encoder(**coded, output_hidden_states=True).hidden_states[layer]
            kept = coded["attention_mask"].unsqueeze(-1)
            pooled.append((states * kept).sum(1) / kept.sum(1))
        whole = torch.cat(pooled)
        vectors[name] = torch.nn.functional.normalize(whole - whole.mean(0), dim=1)
    right = torch.arange(test)
    return {
        one: {
            two: 100 * float(((vectors[one] @ vectors[two].T).argmax(1) == right).float().mean())
            for two in SEEN
            if two != one
        }
        for one in SEEN
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Zero-shot transfer and retrieval in the mini world.")
    parser.add_argument("--folder", type=Path, default=BACKBONE)
    parser.add_argument(
        "--sources", default="eng", help="languages to learn from, each alone; `all` for every seen one"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--layer", type=int, default=2, help="whose states are compared in retrieval")
    parser.add_argument("--out", type=Path, help="write the numbers as JSON")
    given = parser.parse_args()
    torch.set_num_threads(1)
    how = Settings(seed=given.seed)
    sources = SEEN if given.sources == "all" else tuple(given.sources.split(","))
    found: dict[str, object] = {"settings": asdict(how)}
    for name, pretrained in (("pretrained", True), ("random", False)):
        rows = {}
        for source in sources if pretrained else sources[:1]:
            rows[source] = transfer(given.folder, source, pretrained, how)
            print(
                f"{name:10s} {source}  " + "  ".join(f"{to} {f1:5.1f}" for to, f1 in rows[source].items()), flush=True
            )
        pairs = retrieval(given.folder, pretrained, given.layer)
        print(f"{name:10s} retrieval from eng  " + "  ".join(f"{to} {top:5.1f}" for to, top in pairs["eng"].items()))
        found[name] = {"span_f1": rows, "retrieval": pairs}
    if given.out:
        given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _line(scores: dict[str, float]) -> str:
    return "  ".join(f"{name} {score:5.1f}" for name, score in scores.items())


if __name__ == "__main__":
    main()

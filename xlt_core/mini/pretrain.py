"""Pretrain a small backbone: python -m xlt_core.mini.pretrain --kind subword --out DIR [--steps N | --minutes N]

Masked language modelling (MLM) over single sentences, and over pairs of translations (TLM), of the split
"text" alone, without labels, in the languages of `SEEN`. TLM is there because MLM by itself does not make so
small a model cross-lingual; the model has therefore seen parallel text, and whatever is measured with it should
say so. The same seed, number of steps and threads give the same weights on the same build of PyTorch.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import torch
from tokenizers import Tokenizer
from transformers import XLMRobertaConfig, XLMRobertaForMaskedLM

from xlt_core.mini import SEEN
from xlt_core.mini.pieces import MASK, character_tokenizer, save_tokenizer, train_tokenizer
from xlt_core.mini.sound import sound_of
from xlt_core.mini.world import Sentence, sentences

PAD = 1
IGNORED = -100


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what comes out."""

    kind: str = "subword"
    steps: int = 11_000
    minutes: float | None = None
    rows: int = 64
    meanings: int = 12_000
    pieces: int = 8000
    longest: int = 128
    layers: int = 4
    width: int = 128
    pairs: float = 0.75
    masked: float = 0.25
    rate: float = 1.5e-3
    warmup: float = 0.06
    seed: int = 0
    languages: tuple[str, ...] = SEEN


RECIPES: Mapping[str, Recipe] = {
    "subword": Recipe(),
    "char": Recipe("char", steps=4500, rows=32, longest=192),
    "phoneme": Recipe("phoneme", steps=4500, rows=32, longest=192),
}
"""What each backbone reads, and how it was made."""


def small_config(pieces: int, longest: int, layers: int, width: int) -> XLMRobertaConfig:
    return XLMRobertaConfig(
        vocab_size=pieces,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=4,
        intermediate_size=4 * width,
        max_position_embeddings=longest + 2,
        type_vocab_size=1,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        bos_token_id=0,
        pad_token_id=PAD,
        eos_token_id=2,
        tie_word_embeddings=True,
    )


def forms(kind: str, language: str) -> Callable[[Sentence], tuple[str, list[str]]]:
    """What a backbone of this kind reads of a sentence: the line as written, and its words."""
    if kind != "phoneme":
        return lambda row: (row.text, list(row.words))
    sound = sound_of(language)

    def spoken(row: Sentence) -> tuple[str, list[str]]:
        sounds = [sound.ipa(word) for word in row.words]
        return " ".join(sounds), sounds

    return spoken


class Text:
    """The training sentences as piece ids, each in two guises: as written, and word by word.

    A tagger feeds the model words one by one, which can give other pieces than running text does.
    """

    def __init__(self, worlds: Sequence[Sequence[tuple[str, list[str]]]], tokenizer: Tokenizer, longest: int) -> None:
        def bare(encodings: Sequence[object]) -> list[list[int]]:
            return [encoding.ids[1:-1] for encoding in encodings]  # type: ignore[attr-defined]

        self.longest = longest
        self.written = [bare(tokenizer.encode_batch([text for text, _ in world])) for world in worlds]
        self.by_word = [
            bare(tokenizer.encode_batch([words for _, words in world], is_pretokenized=True)) for world in worlds
        ]

    def row(self, rng: Random, pairs: float) -> list[int]:
        """<s> a </s>, or <s> a </s></s> b </s> where b says the same in another language."""
        languages = len(self.written)
        guise = self.written if rng.random() < 0.5 else self.by_word
        at = int(rng.random() * len(guise[0]))
        first = int(rng.random() * languages)
        if rng.random() >= pairs or languages == 1:
            return [0, *guise[first][at], 2][: self.longest]
        second = (first + 1 + int(rng.random() * (languages - 1))) % languages
        return [0, *guise[first][at], 2, 2, *guise[second][at], 2][: self.longest]

    def batches(self, rng: Random, pairs: float, size: int) -> Iterator[list[list[int]]]:
        """Rows of like length together, in an order that length does not decide."""
        while True:
            drawn = sorted((self.row(rng, pairs) for _ in range(8 * size)), key=len)
            cut = [drawn[start : start + size] for start in range(0, len(drawn), size)]
            while cut:
                yield cut.pop(int(rng.random() * len(cut)))


def masked_batch(
    rows: Sequence[Sequence[int]], share: float, pieces: int, draw: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Input ids and targets; of the pieces to guess 80% are masked, 10% swapped and 10% left."""
    longest = max(len(row) for row in rows)
    ids = torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in rows])
    guess = (torch.rand(ids.shape, generator=draw) < share) & (ids > 3)
    targets = ids.masked_fill(~guess, IGNORED)
    fate = torch.rand(ids.shape, generator=draw)
    other = torch.randint(4, pieces - 1, ids.shape, generator=draw)
    ids = torch.where(guess & (fate < 0.8), torch.full_like(ids, pieces - 1), ids)
    ids = torch.where(guess & (fate >= 0.9), other, ids)
    return ids, targets


def masked_loss(model: XLMRobertaForMaskedLM, ids: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Cross-entropy at the guessed places only: logits for all places would cost more than the encoder."""
    hidden = model.roberta(input_ids=ids, attention_mask=(ids != PAD).long()).last_hidden_state
    places = targets != IGNORED
    return torch.nn.functional.cross_entropy(model.lm_head(hidden[places]), targets[places])


def _sinusoids(places: int, width: int) -> torch.Tensor:
    angles = torch.arange(places)[:, None] / 10_000 ** (torch.arange(0, width, 2) / width)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).reshape(places, width)


def read_world(recipe: Recipe) -> tuple[Text, Tokenizer]:
    worlds = []
    for language in recipe.languages:
        form = forms(recipe.kind, language)
        worlds.append([form(row) for row in sentences(language, "text", recipe.meanings, recipe.seed)])
    lines = [" ".join(words) for world in worlds for _, words in world]
    subword = recipe.kind == "subword"
    tokenizer = train_tokenizer(lines, recipe.pieces) if subword else character_tokenizer(lines)
    return Text(worlds, tokenizer, recipe.longest), tokenizer


def pretrain(recipe: Recipe) -> tuple[XLMRobertaForMaskedLM, Tokenizer]:
    torch.manual_seed(recipe.seed)
    torch.use_deterministic_algorithms(True)
    text, tokenizer = read_world(recipe)
    pieces = tokenizer.get_vocab_size()
    assert tokenizer.token_to_id(MASK) == pieces - 1

    model = XLMRobertaForMaskedLM(small_config(pieces, recipe.longest, recipe.layers, recipe.width))
    with torch.no_grad():
        # Ordered positions from the start: a small model spends long learning them otherwise.
        places = model.roberta.embeddings.position_embeddings.weight
        places.copy_(_sinusoids(*places.shape) * 0.03)
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.rate, betas=(0.9, 0.98), weight_decay=0.01)
    batches = text.batches(Random(f"pretrain rows {recipe.seed}"), recipe.pairs, recipe.rows)
    draw = torch.Generator().manual_seed(recipe.seed)
    began = time.monotonic()
    running, tokens = 0.0, 0
    for step in range(10**9):
        spent = (time.monotonic() - began) / 60
        done = step / recipe.steps if recipe.minutes is None else spent / recipe.minutes
        if done >= 1:
            break
        rate = recipe.rate * min(done / recipe.warmup + 1e-3, (1 - done) / (1 - recipe.warmup))
        for group in optimizer.param_groups:
            group["lr"] = rate
        rows = next(batches)
        loss = masked_loss(model, *masked_batch(rows, recipe.masked, pieces, draw))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        tokens += sum(map(len, rows))
        running = loss.item() if step == 0 else 0.98 * running + 0.02 * loss.item()
        if step % 100 == 0:
            seconds = time.monotonic() - began
            print(f"step {step:6d}  {seconds:6.0f} s  {tokens / 1e6:6.2f} M tokens  loss {running:.3f}", flush=True)
    model.eval()
    return model, tokenizer


def save(model: XLMRobertaForMaskedLM, tokenizer: Tokenizer, folder: Path) -> None:
    """Half-precision weights; the configuration asks for them to be read as float32."""
    folder.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)
    model.float()
    model.config.dtype = torch.float32
    model.config.save_pretrained(folder)
    save_tokenizer(tokenizer, folder, model.config.max_position_embeddings - 2)


def main() -> None:
    parser = argparse.ArgumentParser(description="Pretrain a small backbone of the mini world.")
    parser.add_argument("--kind", choices=list(RECIPES), default="subword")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--minutes", type=float, help="train by the clock instead: not repeatable")
    parser.add_argument("--meanings", type=int)
    parser.add_argument("--seed", type=int)
    given = vars(parser.parse_args())
    torch.set_num_threads(1)
    chosen = {name: value for name, value in given.items() if name not in ("kind", "out") and value is not None}
    model, tokenizer = pretrain(replace(RECIPES[given["kind"]], **chosen))
    save(model, tokenizer, given["out"])


if __name__ == "__main__":
    main()

"""Pretrain the small backbone: python -m xlt_core.mini.pretrain --out DIR [--steps N | --minutes N]

Masked language modelling (MLM) over single sentences, and over pairs of translations (TLM), of the split
"text" alone, without labels. TLM is there because MLM by itself does not make so small a model
cross-lingual; the model has therefore seen parallel text, and whatever is measured with it should say so.
The same seed and the same number of steps give the same weights on the same build of PyTorch.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch
from tokenizers import Tokenizer
from transformers import XLMRobertaConfig, XLMRobertaForMaskedLM

from xlt_core.mini.pieces import MASK, save_tokenizer, train_tokenizer
from xlt_core.mini.world import LANGUAGES, Sentence, sentences

PAD = 1
LONGEST = 128
IGNORED = -100


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what comes out."""

    steps: int = 4500
    minutes: float | None = None
    rows: int = 64
    meanings: int = 12_000
    pieces: int = 3800
    layers: int = 3
    width: int = 128
    pairs: float = 0.75
    masked: float = 0.25
    rate: float = 1.5e-3
    warmup: float = 0.06
    seed: int = 0


def small_config(pieces: int, layers: int = 3, width: int = 128) -> XLMRobertaConfig:
    return XLMRobertaConfig(
        vocab_size=pieces,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=4,
        intermediate_size=4 * width,
        max_position_embeddings=LONGEST + 2,
        type_vocab_size=1,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        bos_token_id=0,
        pad_token_id=PAD,
        eos_token_id=2,
        tie_word_embeddings=True,
    )


class Text:
    """The training sentences as piece ids, each in two guises: as written, and word by word.

    A tagger feeds the model words one by one, which can give other pieces than running text does.
    """

    def __init__(self, worlds: Sequence[Sequence[Sentence]], tokenizer: Tokenizer) -> None:
        def bare(encodings: Sequence[object]) -> list[list[int]]:
            return [encoding.ids[1:-1] for encoding in encodings]  # type: ignore[attr-defined]

        self.written = [bare(tokenizer.encode_batch([s.text for s in world])) for world in worlds]
        self.by_word = [
            bare(tokenizer.encode_batch([list(s.words) for s in world], is_pretokenized=True)) for world in worlds
        ]

    def row(self, rng: Random, pairs: float) -> list[int]:
        """<s> a </s>, or <s> a </s></s> b </s> where b says the same in another language."""
        languages = len(self.written)
        guise = self.written if rng.random() < 0.5 else self.by_word
        at = int(rng.random() * len(guise[0]))
        first = int(rng.random() * languages)
        if rng.random() >= pairs:
            return [0, *guise[first][at], 2][:LONGEST]
        second = (first + 1 + int(rng.random() * (languages - 1))) % languages
        return [0, *guise[first][at], 2, 2, *guise[second][at], 2][:LONGEST]


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


def pretrain(recipe: Recipe) -> tuple[XLMRobertaForMaskedLM, Tokenizer]:
    torch.manual_seed(recipe.seed)
    torch.use_deterministic_algorithms(True)
    worlds = [sentences(language, "text", recipe.meanings, recipe.seed) for language in LANGUAGES]
    lines = [" ".join(s.words) for world in worlds for s in world]
    tokenizer = train_tokenizer(lines, recipe.pieces)
    pieces = tokenizer.get_vocab_size()
    assert tokenizer.token_to_id(MASK) == pieces - 1
    text = Text(worlds, tokenizer)

    model = XLMRobertaForMaskedLM(small_config(pieces, recipe.layers, recipe.width))
    with torch.no_grad():
        # Ordered positions from the start: a small model spends long learning them otherwise.
        places = model.roberta.embeddings.position_embeddings.weight
        places.copy_(_sinusoids(*places.shape) * 0.03)
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.rate, betas=(0.9, 0.98), weight_decay=0.01)
    rng = Random(f"pretrain rows {recipe.seed}")
    draw = torch.Generator().manual_seed(recipe.seed)
    began = time.monotonic()
    running = 0.0
    for step in range(10**9):
        spent = (time.monotonic() - began) / 60
        done = step / recipe.steps if recipe.minutes is None else spent / recipe.minutes
        if done >= 1:
            break
        rate = recipe.rate * min(done / recipe.warmup + 1e-3, (1 - done) / (1 - recipe.warmup))
        for group in optimizer.param_groups:
            group["lr"] = rate
        rows = [text.row(rng, recipe.pairs) for _ in range(recipe.rows)]
        loss = masked_loss(model, *masked_batch(rows, recipe.masked, pieces, draw))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        running = loss.item() if step == 0 else 0.98 * running + 0.02 * loss.item()
        if step % 100 == 0:
            print(f"step {step:6d}  {time.monotonic() - began:6.0f} s  loss {running:.3f}", flush=True)
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
    save_tokenizer(tokenizer, folder, LONGEST)


def main() -> None:
    parser = argparse.ArgumentParser(description="Pretrain the small backbone of the mini world.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=Recipe().steps)
    parser.add_argument("--minutes", type=float, help="train by the clock instead: not repeatable")
    parser.add_argument("--meanings", type=int, default=Recipe().meanings)
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    given = parser.parse_args()
    torch.set_num_threads(1)
    recipe = Recipe(steps=given.steps, minutes=given.minutes, meanings=given.meanings, seed=given.seed)
    model, tokenizer = pretrain(recipe)
    save(model, tokenizer, given.out)


if __name__ == "__main__":
    main()
